//===- AArch64.cpp - Records of AArch64 processors ------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nobody has measured these: the numbers order the choices of the cost model on
// a plausible core, and say nothing about any processor. `gsc calibrate` does
// not run on AArch64.
//
//===----------------------------------------------------------------------===//

#include "gs/Target/TargetSpec.h"

namespace mlir::gs {

static constexpr const char *kLinux = "aarch64-unknown-linux-gnu";

/// What both records assume of the core around the vector unit.
static TargetSpec makeCore() {
  TargetSpec t;
  t.triple = kLinux;
  t.cpu = "generic";
  t.vectorRegisters = 32;
  t.clockGHz = 2.6;
  t.fmaLatency = 4;
  t.l1Bytes = 64 << 10;
  t.l1CodeBytes = 64 << 10;
  t.l2Bytes = 1 << 20;
  t.l3Bytes = 16 << 20;
  t.l3BytesPerCycle = 10;
  t.dramBytesPerCycle = 4;
  return t;
}

TargetSpec makeAArch64Neon() {
  TargetSpec t = makeCore();
  t.name = "aarch64-neon";
  t.basis = "any AArch64 processor; not measured, estimate: a core with two 128-bit FMA pipes and two load ports";
  t.features = "+neon";
  t.vectorBits = 128;
  t.fmaPerCycle = 2;
  t.fmaMemoryPerCycle = 1.5;    // No memory operands: a load and an FMA.
  t.fmaBroadcastPerCycle = 1.5; // A broadcast load and an FMA.
  t.permutesPerCycle = 1;
  t.loadsPerCycle = 2;
  t.misalignedLoadsPerCycle = 1.6;
  t.broadcastsPerCycle = 2;
  t.storesPerCycle = 1;
  t.maskedStoreCycles = 3; // Lane by lane: there is no masked store.
  t.gatherCyclesL1 = 6;    // Four scalar loads into lanes: there is no gather instruction.
  t.gatherCyclesL2 = 9;
  t.gatherCyclesL3 = 15;
  t.l1BytesPerCycle = 32;
  t.l2BytesPerCycle = 20;
  return t;
}

TargetSpec makeAArch64SVE() {
  TargetSpec t = makeCore();
  t.name = "aarch64-sve";
  t.basis =
      "any AArch64 processor with SVE vectors of at least 256 bits (@128: of any length); not measured, estimate: "
      "a core with two 256-bit FMA pipes and two load ports";
  t.features = "+neon,+sve";
  t.vectorBits = 256;
  t.fmaPerCycle = 2;
  t.fmaMemoryPerCycle = 1.5;
  t.fmaBroadcastPerCycle = 1.5;
  t.permutesPerCycle = 1;
  t.loadsPerCycle = 2;
  t.misalignedLoadsPerCycle = 1.4;
  t.broadcastsPerCycle = 2;
  t.storesPerCycle = 1;
  t.gatherCyclesL1 = 8;
  t.gatherCyclesL2 = 12;
  t.gatherCyclesL3 = 18;
  t.l1BytesPerCycle = 64;
  t.l2BytesPerCycle = 32;
  return t;
}

} // namespace mlir::gs
