//===- TargetSpec.h - The facts of a machine --------------------*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A target is a record of facts: no pass may hold a machine number of its own.
// Rates are per core and per clock cycle; a "vector" is one register of the
// full width `vectorBits`. Every number is either measured (`basis` says where)
// or an estimate that `basis` calls one.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_TARGETSPEC_H
#define GS_TARGET_TARGETSPEC_H

#include <cstdint>
#include <string>

namespace mlir::gs {

/// What a CPU target has. Built-in records are listed in Targets.def; `gsc calibrate` writes one as JSON with the
/// same field names in snake_case (`l2_bytes_per_cycle`).
struct TargetSpec {
  //===--- Identity -------------------------------------------------------===//
  std::string name;     ///< "zen4": kebab-case, unique in the registry.
  std::string basis;    ///< Where the numbers come from, for a reader ("measured on ..., estimated from ...").
  std::string triple;   ///< LLVM triple, "x86_64-unknown-linux-gnu".
  std::string cpu;      ///< ISA baseline for code generation: "x86-64-v2", "x86-64-v3" or "x86-64-v4".
  std::string tuneCpu;  ///< LLVM scheduling model ("znver4"); never adds instructions.
  std::string features; ///< LLVM features beyond `cpu`: "+avx512vnni,-prefer-256-bit".

  //===--- Vector unit ----------------------------------------------------===//
  unsigned vectorBits = 256;       ///< Width that generated code uses: 256 or 512.
  unsigned vectorRegisters = 16;   ///< Architectural vector registers of that width.
  double clockGHz = 3.0;           ///< Clock under sustained vector load.
  unsigned fmaLatency = 4;         ///< Cycles of a dependent f32 FMA.
  double fmaPerCycle = 2;          ///< f32 vector FMAs on registers.
  double fmaMemoryPerCycle = 2;    ///< f32 vector FMAs with a full-width memory operand in L1.
  double fmaBroadcastPerCycle = 2; ///< f32 vector FMAs with a broadcast scalar memory operand in L1.
  double dotInt8PerCycle = 0;      ///< u8 x s8 dot products into s32 (vpdpbusd), vectors; 0: not available.
  double dotBf16PerCycle = 0;      ///< bf16 dot products into f32 (vdpbf16ps), vectors; 0: not available.
  double permutesPerCycle = 1;     ///< Lane permutes of 32-bit elements across the vector, one or two sources.

  //===--- Loads and stores from L1 ---------------------------------------===//
  double loadsPerCycle = 2;           ///< Aligned vector loads.
  double misalignedLoadsPerCycle = 1; ///< Vector loads off by one f32 element (line splits included).
  double broadcastsPerCycle = 2;      ///< Broadcast loads of one scalar to a vector; also scalar loads.
  double storesPerCycle = 1;          ///< Aligned vector stores.
  double narrowStoresPerCycle = 1;    ///< Stores of half a vector or less.
  double maskedStoreCycles = 1;       ///< Cycles of a vector store with a mask that leaves out some lanes.
  double gatherCyclesL1 = 10;         ///< Cycles of one full-vector f32 gather, table in L1.
  double gatherCyclesL2 = 20;         ///< The same, table in L2.
  double gatherCyclesL3 = 30;         ///< The same, table in L3.

  //===--- Memory ---------------------------------------------------------===//
  int64_t l1Bytes = 32 << 10;     ///< Data cache of a core.
  int64_t l1CodeBytes = 32 << 10; ///< Instruction cache of a core.
  int64_t l2Bytes = 512 << 10;    ///< Private second level of a core.
  int64_t l3Bytes = 8 << 20;      ///< Shared last level as a core sees it.
  double l1BytesPerCycle = 64;    ///< Streaming loads, per level.
  double l2BytesPerCycle = 32;
  double l3BytesPerCycle = 12;
  double dramBytesPerCycle = 5;
  double l2StoreBytesPerCycle = 16; ///< Streaming stores (read for ownership included), per level.
  double l3StoreBytesPerCycle = 9;
  double dramStoreBytesPerCycle = 3;
  double codeL2BytesPerCycle = 12; ///< Instruction fetch of straight-line code from L2.
  double codeL3BytesPerCycle = 3;  ///< The same from L3.

  double barrierMicroseconds = 1; ///< A barrier between spinning threads that arrive together.
  unsigned cores = 1;             ///< Cores that `--threads=0` would use.

  /// GSRT_CPU_* bits that the generated code needs (gs/Runtime/gsrt.h), derived from `cpu` and `features`; the
  /// program refuses to start on a CPU without them.
  uint32_t requiredCpuFeatures = 0;

  /// Elements of `elementBits` bits in one vector register: 16 for f32 on AVX-512.
  unsigned lanes(unsigned elementBits = 32) const { return vectorBits / elementBits; }
  /// Bytes of one vector register; also the alignment that makes vector loads aligned.
  unsigned vectorBytes() const { return vectorBits / 8; }
  /// Peak of one core in f32 GFLOP/s.
  double peakGFlops() const { return 2.0 * lanes() * fmaPerCycle * clockGHz; }
  /// Microseconds of `cycles` on this machine.
  double microseconds(double cycles) const { return cycles / (clockGHz * 1e3); }
};

} // namespace mlir::gs

#endif // GS_TARGET_TARGETSPEC_H
