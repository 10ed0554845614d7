//===- RISCV.cpp - Records of RISC-V processors ----------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nobody has measured these either: see AArch64.cpp.
//
//===----------------------------------------------------------------------===//

#include "gs/Target/TargetSpec.h"

namespace mlir::gs {

TargetSpec makeRISCV64V() {
  TargetSpec t;
  t.name = "riscv64-v";
  t.basis =
      "any RV64GC processor with V 1.0, vectors of at least 128 bits; not measured, estimate: an in-order core with "
      "one 128-bit FMA pipe and one load port";
  t.triple = "riscv64-unknown-linux-gnu";
  t.cpu = "generic-rv64";
  t.features = "+m,+a,+f,+d,+c,+v";
  t.vectorBits = 128;
  t.vectorRegisters = 32;
  t.clockGHz = 1.6;
  t.fmaLatency = 5;
  t.fmaPerCycle = 1;
  t.fmaMemoryPerCycle = 0.8;
  t.fmaBroadcastPerCycle = 1; // vfmacc.vf takes the scalar as it is.
  t.permutesPerCycle = 0.5;
  t.loadsPerCycle = 1;
  t.misalignedLoadsPerCycle = 0.8;
  t.broadcastsPerCycle = 1;
  t.storesPerCycle = 1;
  t.gatherCyclesL1 = 5;
  t.gatherCyclesL2 = 12;
  t.gatherCyclesL3 = 30;
  t.l2Bytes = 512 << 10;
  t.l3Bytes = 4 << 20;
  t.l1BytesPerCycle = 16;
  t.l2BytesPerCycle = 8;
  t.l3BytesPerCycle = 4;
  t.dramBytesPerCycle = 2;
  t.l2StoreBytesPerCycle = 8;
  t.l3StoreBytesPerCycle = 4;
  t.dramStoreBytesPerCycle = 1.5;
  t.codeL2BytesPerCycle = 4;
  t.codeL3BytesPerCycle = 2;
  return t;
}

} // namespace mlir::gs
