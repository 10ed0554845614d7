//===- ProbeX86.h - Loops whose speed is a fact --------------- -*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each probe is a loop of one kind of instruction, written in assembly so that
// nothing is optimised away or added.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_CPU_PROBEX86_H
#define GS_LIB_TARGET_CPU_PROBEX86_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace mlir::gs {

/// A loop that runs `operationsPerIteration` of the instructions in question `iterations` times. `memory` is 64-byte
/// aligned, at least 4 KB, and may be written to.
struct Probe {
  void (*run)(char *memory, long iterations);
  double operationsPerIteration;
  unsigned requiredFeatures; ///< GSRT_CPU_* bits.
};

/// The probes of one vector width. A null `run` means that the width has no such instruction.
struct VectorProbes {
  Probe fma, fmaLatency, fmaMemory, fmaBroadcast, dotInt8, dotBf16, permute, load, misalignedLoad, broadcast, store,
      narrowStore, maskedStore;
  /// Loads / stores 512 bytes per iteration from / to consecutive addresses.
  Probe stream, streamStore;
  /// Gathers f32 vectors from `table` at `indices` (count is a multiple of 16); operations are counted by the caller.
  void (*gather)(const float *table, const int32_t *indices, long count);
};

/// The probes for vectors of 256 or 512 bits.
const VectorProbes &getVectorProbes(unsigned vectorBits);

/// A chain of dependent integer multiplications, each of 3 cycles: what turns time into cycles.
Probe getClockProbe();

} // namespace mlir::gs

#endif // GS_LIB_TARGET_CPU_PROBEX86_H
