//===- InstructionSet.cpp - What generated code may use -------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Architectures, their published baselines and their features. A feature stands
// here only if the runtime can check it when a program starts (cpu.c).
//
//===----------------------------------------------------------------------===//

#include "FeatureTable.h"

using namespace mlir::gs;
using llvm::Triple;

namespace {
struct Feature {
  Triple::ArchType arch;
  llvm::StringLiteral name; ///< of LLVM
  uint32_t bit;             ///< 0: part of the base of that architecture under Linux
  bool named = true;        ///< false: follows from the width of vectors
};
struct Baseline {
  Triple::ArchType arch;
  llvm::StringLiteral cpu;
  uint32_t bits;
};
} // namespace

static constexpr InstructionSet kInstructionSets[] = {
    {Triple::x86_64, "x86_64-unknown-linux-gnu", "x86-64-v2, x86-64-v3 or x86-64-v4"},
    {Triple::aarch64, "aarch64-unknown-linux-gnu", "generic"},
    {Triple::riscv64, "riscv64-unknown-linux-gnu", "generic-rv64"},
};

static constexpr Feature kFeatures[] = {
    {Triple::x86_64, "sse4.2", GSRT_CPU_SSE42},
    {Triple::x86_64, "popcnt", GSRT_CPU_POPCNT},
    {Triple::x86_64, "avx", GSRT_CPU_AVX},
    {Triple::x86_64, "avx2", GSRT_CPU_AVX2},
    {Triple::x86_64, "fma", GSRT_CPU_FMA},
    {Triple::x86_64, "f16c", GSRT_CPU_F16C},
    {Triple::x86_64, "bmi", GSRT_CPU_BMI1},
    {Triple::x86_64, "bmi2", GSRT_CPU_BMI2},
    {Triple::x86_64, "lzcnt", GSRT_CPU_LZCNT},
    {Triple::x86_64, "movbe", GSRT_CPU_MOVBE},
    {Triple::x86_64, "avx512f", GSRT_CPU_AVX512F},
    {Triple::x86_64, "avx512bw", GSRT_CPU_AVX512BW},
    {Triple::x86_64, "avx512cd", GSRT_CPU_AVX512CD},
    {Triple::x86_64, "avx512dq", GSRT_CPU_AVX512DQ},
    {Triple::x86_64, "avx512vl", GSRT_CPU_AVX512VL},
    {Triple::x86_64, "avx512vnni", GSRT_CPU_AVX512VNNI},
    {Triple::x86_64, "avx512vbmi", GSRT_CPU_AVX512VBMI},
    {Triple::x86_64, "avx512bf16", GSRT_CPU_AVX512BF16},
    {Triple::x86_64, "avx512fp16", GSRT_CPU_AVX512FP16},
    {Triple::aarch64, "neon", GSRT_CPU_NEON},
    {Triple::aarch64, "sve", GSRT_CPU_SVE},
    {Triple::aarch64, "sve of 256 bits", GSRT_CPU_SVE256, false},
    {Triple::aarch64, "sve of 512 bits", GSRT_CPU_SVE512, false},
    // Linux for RISC-V is RV64GC.
    {Triple::riscv64, "m", 0},
    {Triple::riscv64, "a", 0},
    {Triple::riscv64, "f", 0},
    {Triple::riscv64, "d", 0},
    {Triple::riscv64, "c", 0},
    {Triple::riscv64, "v", GSRT_CPU_RVV},
    {Triple::riscv64, "v of 256 bits", GSRT_CPU_RVV256, false},
    {Triple::riscv64, "v of 512 bits", GSRT_CPU_RVV512, false},
};

static constexpr uint32_t kV2 = GSRT_CPU_SSE42 | GSRT_CPU_POPCNT;
static constexpr uint32_t kV3 = kV2 | GSRT_CPU_AVX | GSRT_CPU_AVX2 | GSRT_CPU_FMA | GSRT_CPU_F16C | GSRT_CPU_BMI1 |
                                GSRT_CPU_BMI2 | GSRT_CPU_LZCNT | GSRT_CPU_MOVBE;
static constexpr uint32_t kV4 =
    kV3 | GSRT_CPU_AVX512F | GSRT_CPU_AVX512BW | GSRT_CPU_AVX512CD | GSRT_CPU_AVX512DQ | GSRT_CPU_AVX512VL;

static constexpr Baseline kBaselines[] = {
    {Triple::x86_64, "x86-64-v2", kV2},
    {Triple::x86_64, "x86-64-v3", kV3},
    {Triple::x86_64, "x86-64-v4", kV4},
    {Triple::aarch64, "generic", GSRT_CPU_NEON},
    {Triple::riscv64, "generic-rv64", uint32_t(0)},
};

const InstructionSet *mlir::gs::findInstructionSet(const Triple &triple) {
  for (const InstructionSet &set : kInstructionSets)
    if (set.arch == triple.getArch() && triple.isOSLinux())
      return &set;
  return nullptr;
}

std::string mlir::gs::knownTriples() {
  std::string triples;
  for (const InstructionSet &set : kInstructionSets)
    triples += (triples.empty() ? "" : ", ") + set.triple.str();
  return triples;
}

std::optional<uint32_t> mlir::gs::baselineFeatures(Triple::ArchType arch, llvm::StringRef cpu) {
  for (const Baseline &baseline : kBaselines)
    if (baseline.arch == arch && baseline.cpu == cpu)
      return baseline.bits;
  return std::nullopt;
}

std::optional<uint32_t> mlir::gs::featureBit(Triple::ArchType arch, llvm::StringRef name) {
  for (const Feature &feature : kFeatures)
    if (feature.arch == arch && feature.named && feature.name == name)
      return feature.bit;
  return std::nullopt;
}

uint32_t mlir::gs::vectorFeatures(Triple::ArchType arch, unsigned vectorBits, uint32_t features) {
  switch (arch) {
  case Triple::aarch64:
    // Wider vectors than those of Advanced SIMD are SVE vectors of a least length.
    return vectorBits == 512   ? GSRT_CPU_SVE | GSRT_CPU_SVE256 | GSRT_CPU_SVE512
           : vectorBits == 256 ? GSRT_CPU_SVE | GSRT_CPU_SVE256
                               : (features & GSRT_CPU_SVE) | GSRT_CPU_NEON;
  case Triple::riscv64:
    return GSRT_CPU_RVV | (vectorBits >= 256 ? GSRT_CPU_RVV256 : 0) | (vectorBits >= 512 ? GSRT_CPU_RVV512 : 0);
  default:
    return vectorBits == 512 ? GSRT_CPU_AVX512F : vectorBits == 256 ? GSRT_CPU_AVX2 : 0;
  }
}

std::string mlir::gs::featureNames(uint32_t bits) {
  std::string names;
  for (const Feature &feature : kFeatures)
    if (feature.bit & bits)
      names += (names.empty() ? "" : ", ") + feature.name.str();
  return names;
}

std::string mlir::gs::knownFeatures(Triple::ArchType arch) {
  std::string names;
  for (const Feature &feature : kFeatures)
    if (feature.arch == arch && feature.named)
      names += (names.empty() ? "" : ", ") + feature.name.str();
  return names;
}
