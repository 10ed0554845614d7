//===- HostDetect.cpp - The record that fits this machine -----------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FeatureTable.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include <sched.h>
#include <thread>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

using namespace mlir::gs;

//===----------------------------------------------------------------------===//
// Features
//===----------------------------------------------------------------------===//

uint32_t mlir::gs::hostFeatureBits() {
  uint32_t bits = 0;
#if defined(__x86_64__)
  // Names of features mean something else on other architectures.
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    if (feature.second)
      bits |= featureBit(llvm::Triple::x86_64, feature.first()).value_or(0);
#endif
  return bits;
}

bool mlir::gs::hostSupports(const TargetSpec &spec, std::string *missing) {
  uint32_t lacking = spec.requiredCpuFeatures & ~hostFeatureBits();
  if (missing)
    *missing = featureNames(lacking);
  return lacking == 0;
}

//===----------------------------------------------------------------------===//
// Processor
//===----------------------------------------------------------------------===//

namespace {
struct Processor {
  bool intel = false;
  bool amd = false;
  unsigned family = 0;
  bool fp16 = false;      ///< AVX512-FP16: Sapphire Rapids and later.
  unsigned codeBytes = 0; ///< First level of code, Intel only; 0 if not known.
};
} // namespace

static Processor readProcessor() {
  Processor cpu;
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__get_cpuid(0, &eax, &ebx, &ecx, &edx))
    return cpu;
  cpu.intel = ebx == signature_INTEL_ebx && edx == signature_INTEL_edx && ecx == signature_INTEL_ecx;
  cpu.amd = ebx == signature_AMD_ebx && edx == signature_AMD_edx && ecx == signature_AMD_ecx;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
    return cpu;
  // The extended family is added for family 15.
  cpu.family = (eax >> 8) & 0xf;
  if (cpu.family == 15)
    cpu.family += (eax >> 20) & 0xff;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
    cpu.fp16 = (edx >> 23) & 1;
  // Intel's leaf 4, one subleaf per cache: kind 1 is data, 2 code; level; line, ways and sets less one.
  for (unsigned cache = 0; cpu.intel && cache < 8 && __get_cpuid_count(4, cache, &eax, &ebx, &ecx, &edx); ++cache) {
    if ((eax & 31) == 0)
      break;
    if ((eax & 31) == 2 && ((eax >> 5) & 7) == 1)
      cpu.codeBytes = ((ebx & 0xfff) + 1) * ((ebx >> 12 & 0x3ff) + 1) * ((ebx >> 22) + 1) * (ecx + 1);
  }
#endif
  return cpu;
}

/// The name of the measured record nearest to this processor; empty if none is near.
static llvm::StringRef nearestRecord(const Processor &cpu) {
  // By what the core has, not by its model: a hypervisor may show another number. Sapphire and Emerald Rapids are the
  // same core; later ones have twice the code cache.
  if (cpu.intel && cpu.family == 6 && cpu.fp16)
    return cpu.codeBytes >= 64 << 10 ? "granite-rapids" : "emerald-rapids";
  // Every AMD core with AVX-512: Zen 4 is family 25, later ones are no slower per cycle.
  if (cpu.amd && cpu.family >= 25)
    return "zen4";
  return {};
}

/// Cores this process may run on.
static unsigned usableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return CPU_COUNT(&set);
  unsigned count = std::thread::hardware_concurrency();
  return count ? count : 1;
}

llvm::FailureOr<TargetSpec> mlir::gs::detectHostTarget(TargetErrorFn emitError) {
  std::string missing;
  llvm::StringRef nearest = nearestRecord(readProcessor());
  for (llvm::StringRef name : {nearest, llvm::StringRef("x86-64-v4"), llvm::StringRef("x86-64-v3")}) {
    const TargetSpec *record = findBuiltinTarget(name);
    if (!record || !hostSupports(*record, &missing))
      continue;
    TargetSpec spec = *record;
    spec.cores = usableCores();
    return spec;
  }
  emitError("this machine cannot run generated code: its CPU lacks " + missing +
            "; name another target to compile for another machine");
  return llvm::failure();
}
