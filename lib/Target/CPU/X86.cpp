//===- X86.cpp - Records of x86-64 processors -----------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Code is always generated for a published baseline (x86-64-v3, x86-64-v4) plus
// named features, never for "the processor": a processor's own feature list
// would let the back end emit instructions that the start-up check of the
// runtime does not know. The processor enters as the scheduling model only.
//
//===----------------------------------------------------------------------===//

#include "gs/Target/TargetSpec.h"

namespace mlir::gs {

// `-prefer-256-bit`: LLVM's server tunings split 512-bit vectors otherwise.
static constexpr const char *kAVX512Features = "+avx512vnni,+avx512vbmi,+avx512bf16,-prefer-256-bit";
static constexpr const char *kLinux = "x86_64-unknown-linux-gnu";

TargetSpec makeX86_64V3() {
  TargetSpec t;
  t.name = "x86-64-v3";
  t.basis = "any processor with AVX2 and FMA; estimate: a 256-bit core with two FMA pipes and two load ports";
  t.triple = kLinux;
  t.cpu = "x86-64-v3";
  t.tuneCpu = "haswell";
  t.vectorBits = 256;
  t.vectorRegisters = 16;
  t.clockGHz = 3.0;
  t.fmaPerCycle = 2;
  t.fmaMemoryPerCycle = 1.8;
  t.fmaBroadcastPerCycle = 1.0; // No embedded broadcast in AVX2: a broadcast load and an FMA.
  t.permutesPerCycle = 1;
  t.loadsPerCycle = 2;
  t.misalignedLoadsPerCycle = 1.4; // Every second 4-byte shifted ymm load splits a line.
  t.broadcastsPerCycle = 2;
  t.storesPerCycle = 1;
  // uops.info: vmaskmovps stores once per cycle on Intel's processors; it takes 11 cycles on Zen 4 (measured).
  t.maskedStoreCycles = 4;
  t.gatherCyclesL1 = 8;
  t.gatherCyclesL2 = 12;
  t.gatherCyclesL3 = 18;
  t.l2Bytes = 512 << 10;
  t.l3Bytes = 8 << 20;
  t.l1BytesPerCycle = 60;
  t.l2BytesPerCycle = 30;
  t.l3BytesPerCycle = 12;
  t.dramBytesPerCycle = 5;
  return t;
}

TargetSpec makeX86_64V4() {
  TargetSpec t;
  t.name = "x86-64-v4";
  t.basis = "any processor with AVX-512 F/BW/CD/DQ/VL; estimate: one 512-bit FMA per cycle, 1 MB of L2";
  t.triple = kLinux;
  t.cpu = "x86-64-v4";
  t.tuneCpu = "skylake-avx512";
  t.features = "-prefer-256-bit";
  t.vectorBits = 512;
  t.vectorRegisters = 32;
  t.clockGHz = 2.8;
  t.fmaPerCycle = 1;
  t.fmaMemoryPerCycle = 1;
  t.fmaBroadcastPerCycle = 1;
  t.permutesPerCycle = 1;
  t.loadsPerCycle = 1.5;
  t.misalignedLoadsPerCycle = 0.8;
  t.broadcastsPerCycle = 2;
  t.storesPerCycle = 0.8;
  t.maskedStoreCycles = 1.25;
  t.gatherCyclesL1 = 12;
  t.gatherCyclesL2 = 20;
  t.gatherCyclesL3 = 30;
  t.l2Bytes = 1 << 20;
  t.l3Bytes = 16 << 20;
  t.l1BytesPerCycle = 90;
  t.l2BytesPerCycle = 40;
  t.l3BytesPerCycle = 12;
  t.dramBytesPerCycle = 5;
  return t;
}

TargetSpec makeEmeraldRapids() {
  TargetSpec t;
  t.name = "emerald-rapids";
  t.basis = "Intel family 6 model 207, two virtual CPUs of a KVM guest, measured November 2026";
  t.triple = kLinux;
  t.cpu = "x86-64-v4";
  t.tuneCpu = "emeraldrapids";
  t.features = kAVX512Features;
  t.vectorBits = 512;
  t.vectorRegisters = 32;
  t.clockGHz = 2.99;
  t.fmaPerCycle = 1.95;
  t.fmaMemoryPerCycle = 1.7;
  t.fmaBroadcastPerCycle = 1.87;
  t.dotInt8PerCycle = 1.95;
  t.dotBf16PerCycle = 0.45;
  t.permutesPerCycle = 1;
  t.loadsPerCycle = 2;
  t.misalignedLoadsPerCycle = 0.875;
  t.broadcastsPerCycle = 3;
  t.storesPerCycle = 1;
  // Not measured: uops.info has one masked store per cycle on Intel's processors, of one micro-operation more.
  t.narrowStoresPerCycle = 1;
  t.maskedStoreCycles = 1;
  t.gatherCyclesL1 = 8.3;
  t.gatherCyclesL2 = 18.4;
  t.gatherCyclesL3 = 23.9;
  t.l1Bytes = 48 << 10;
  t.l1CodeBytes = 32 << 10;
  t.l2Bytes = 2 << 20;
  t.l3Bytes = int64_t(260) << 20;
  t.l1BytesPerCycle = 127;
  t.l2BytesPerCycle = 48;
  t.l3BytesPerCycle = 10;
  t.dramBytesPerCycle = 5.7;
  t.l2StoreBytesPerCycle = 15;
  t.l3StoreBytesPerCycle = 9;
  t.dramStoreBytesPerCycle = 2.7;
  t.codeL2BytesPerCycle = 12.7;
  t.codeL3BytesPerCycle = 3.2;
  t.cores = 2;
  return t;
}

TargetSpec makeGraniteRapids() {
  TargetSpec t = makeEmeraldRapids();
  t.name = "granite-rapids";
  t.basis = "Intel family 6 with 64 KB of code and 2 MB of L2 per core, two virtual CPUs of a KVM guest, measured "
            "November 2026; code fetch as on emerald-rapids";
  t.tuneCpu = "graniterapids";
  t.clockGHz = 3.9;
  t.fmaPerCycle = 1.88;
  t.fmaMemoryPerCycle = 1.29;
  t.fmaBroadcastPerCycle = 1.62;
  t.dotInt8PerCycle = 1.82;
  t.dotBf16PerCycle = 0.466;
  t.loadsPerCycle = 2;
  t.misalignedLoadsPerCycle = 0.873;
  t.gatherCyclesL1 = 8.8;
  t.gatherCyclesL2 = 22.6;
  t.gatherCyclesL3 = 117;
  t.l1CodeBytes = 64 << 10;
  t.l3Bytes = int64_t(480) << 20;
  t.l1BytesPerCycle = 110;
  t.l2BytesPerCycle = 51;
  t.l3BytesPerCycle = 7.7;
  t.dramBytesPerCycle = 4;
  t.l2StoreBytesPerCycle = 15.9;
  t.l3StoreBytesPerCycle = 7;
  t.dramStoreBytesPerCycle = 2.4;
  return t;
}

TargetSpec makeZen4() {
  TargetSpec t;
  t.name = "zen4";
  t.basis =
      "AMD family 25 model 17, two virtual CPUs of a KVM guest, measured November 2026; code fetch is an estimate";
  t.triple = kLinux;
  t.cpu = "x86-64-v4";
  t.tuneCpu = "znver4";
  t.features = kAVX512Features;
  // 512-bit operations run on 256-bit data paths: half of Intel's FMA rate, and a memory operand per FMA is free.
  t.vectorBits = 512;
  t.vectorRegisters = 32;
  t.clockGHz = 3.69;
  t.fmaPerCycle = 1.0;
  t.fmaMemoryPerCycle = 0.9;
  t.fmaBroadcastPerCycle = 1.0;
  t.dotInt8PerCycle = 1.0;
  t.dotBf16PerCycle = 1.0;
  t.permutesPerCycle = 1.0;
  t.loadsPerCycle = 0.87;
  t.misalignedLoadsPerCycle = 0.57;
  t.broadcastsPerCycle = 1.0;
  t.storesPerCycle = 0.45;
  t.narrowStoresPerCycle = 1.1;
  t.maskedStoreCycles = 1.85; // As long as a plain one of a whole vector, twice as long as one of a half.
  t.gatherCyclesL1 = 22;
  t.gatherCyclesL2 = 33;
  t.gatherCyclesL3 = 40;
  t.l1Bytes = 32 << 10;
  t.l1CodeBytes = 32 << 10;
  t.l2Bytes = 1 << 20;
  t.l3Bytes = 32 << 20;
  t.l1BytesPerCycle = 60;
  t.l2BytesPerCycle = 32;
  t.l3BytesPerCycle = 24;
  t.dramBytesPerCycle = 6.2;
  t.l2StoreBytesPerCycle = 32;
  t.l3StoreBytesPerCycle = 27;
  t.dramStoreBytesPerCycle = 5.3;
  t.codeL2BytesPerCycle = 16;
  t.codeL3BytesPerCycle = 8;
  t.cores = 2;
  return t;
}

} // namespace mlir::gs
