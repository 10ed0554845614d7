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

namespace {
struct Feature {
  llvm::StringLiteral name;
  uint32_t bit;
};
} // namespace

static constexpr Feature kFeatures[] = {
    {"sse4.2", GSRT_CPU_SSE42},
    {"popcnt", GSRT_CPU_POPCNT},
    {"avx", GSRT_CPU_AVX},
    {"avx2", GSRT_CPU_AVX2},
    {"fma", GSRT_CPU_FMA},
    {"f16c", GSRT_CPU_F16C},
    {"bmi", GSRT_CPU_BMI1},
    {"bmi2", GSRT_CPU_BMI2},
    {"lzcnt", GSRT_CPU_LZCNT},
    {"movbe", GSRT_CPU_MOVBE},
    {"avx512f", GSRT_CPU_AVX512F},
    {"avx512bw", GSRT_CPU_AVX512BW},
    {"avx512cd", GSRT_CPU_AVX512CD},
    {"avx512dq", GSRT_CPU_AVX512DQ},
    {"avx512vl", GSRT_CPU_AVX512VL},
    {"avx512vnni", GSRT_CPU_AVX512VNNI},
    {"avx512vbmi", GSRT_CPU_AVX512VBMI},
    {"avx512bf16", GSRT_CPU_AVX512BF16},
    {"avx512fp16", GSRT_CPU_AVX512FP16},
};

static constexpr uint32_t kV2 = GSRT_CPU_SSE42 | GSRT_CPU_POPCNT;
static constexpr uint32_t kV3 = kV2 | GSRT_CPU_AVX | GSRT_CPU_AVX2 | GSRT_CPU_FMA | GSRT_CPU_F16C | GSRT_CPU_BMI1 |
                                GSRT_CPU_BMI2 | GSRT_CPU_LZCNT | GSRT_CPU_MOVBE;
static constexpr uint32_t kV4 =
    kV3 | GSRT_CPU_AVX512F | GSRT_CPU_AVX512BW | GSRT_CPU_AVX512CD | GSRT_CPU_AVX512DQ | GSRT_CPU_AVX512VL;

std::optional<uint32_t> mlir::gs::baselineFeatures(llvm::StringRef cpu) {
  if (cpu == "x86-64-v2")
    return kV2;
  if (cpu == "x86-64-v3")
    return kV3;
  if (cpu == "x86-64-v4")
    return kV4;
  return std::nullopt;
}

std::optional<uint32_t> mlir::gs::featureBit(llvm::StringRef name) {
  for (const Feature &feature : kFeatures)
    if (feature.name == name)
      return feature.bit;
  return std::nullopt;
}

std::string mlir::gs::featureNames(uint32_t bits) {
  std::string names;
  for (const Feature &feature : kFeatures)
    if (feature.bit & bits)
      names += (names.empty() ? "" : ", ") + feature.name.str();
  return names;
}

std::string mlir::gs::knownFeatures() { return featureNames(~0u); }

uint32_t mlir::gs::hostFeatureBits() {
  uint32_t bits = 0;
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  for (const Feature &feature : kFeatures)
    if (host.lookup(feature.name))
      bits |= feature.bit;
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
  unsigned model = 0;
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
  // Extended family and model are added for family 15, the extended model also for family 6.
  cpu.family = (eax >> 8) & 0xf;
  cpu.model = (eax >> 4) & 0xf;
  if (cpu.family == 6 || cpu.family == 15)
    cpu.model |= ((eax >> 16) & 0xf) << 4;
  if (cpu.family == 15)
    cpu.family += (eax >> 20) & 0xff;
#endif
  return cpu;
}

/// The name of the measured record nearest to this processor; empty if none is near.
static llvm::StringRef nearestRecord(const Processor &cpu) {
  // Sapphire Rapids (143) and Emerald Rapids (207) are the same core.
  if (cpu.intel && cpu.family == 6 && (cpu.model == 207 || cpu.model == 143))
    return "emerald-rapids";
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
