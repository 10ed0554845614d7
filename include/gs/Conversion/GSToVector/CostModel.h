//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cycles of kernels from the facts of a target (docs/Rationale/CostModel.md).
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOVECTOR_COSTMODEL_H
#define GS_CONVERSION_GSTOVECTOR_COSTMODEL_H

#include "gs/Conversion/GSToVector/TilePlan.h"
#include "gs/Target/TargetSpec.h"

namespace mlir::gs::cost {

/// Mean cycles to load one vector out of a working set of `workingSet` bytes, spread over the cache levels.
double vectorLoadCycles(const TargetSpec &target, double workingSet);
/// Bytes per cycle streamed from the smallest cache level that holds `workingSet` bytes.
double streamBytesPerCycle(const TargetSpec &target, double workingSet);
/// Cycles to stream all of `bytes` that an earlier run has read, too: what fits a level is still there in part.
inline double streamCycles(const TargetSpec &target, double bytes) {
  return bytes / double(target.vectorBytes()) * vectorLoadCycles(target, bytes);
}

/// True if every vector of activations starts at a multiple of `lanes` elements (1x1 convolutions and matrix products
/// with such rows): such loads never split a cache line.
bool inputIsAligned(const Contraction &c, int64_t lanes);

/// Columns whose `vectors` vectors of activations stay in the first level until they are read, one column after the
/// other: equally distant ones may share few of its sets.
int64_t columnsThatStay(const Contraction &c, const TargetSpec &target, int64_t vectors);

/// Bytes of activations that all columns read with `vectors` vectors side by side: taps next to each other share them.
double activationBytes(const Contraction &c, const TargetSpec &target, int64_t vectors);

/// One step of an MR x NR register tile: `mr` broadcast weights times `nr` vectors of activations that come from a
/// working set of `inputBytes`. The slowest of arithmetic, load ports and cache bandwidth rules; a core with two
/// multiply-adds per cycle loses a cycle or so per step besides, and waits for memory operands of two lines (measured:
/// docs/Rationale/CostModel.md).
double tileStep(const TargetSpec &target, int64_t mr, int64_t nr, double inputBytes, bool aligned);

/// The same where columns are those that a mask left, for several rows. A core with two multiply-adds per cycle hides
/// half of what misaligned vectors and the lines they touch cost, if the kernel `asks` for activations ahead of time,
/// else nothing (measured: docs/Rationale/CostModel.md).
double scatteredStep(const TargetSpec &target, int64_t mr, int64_t nr, double inputBytes, bool aligned, bool asks);

/// What results whose rows stand in another order cost, for one tile: each row's number is loaded, and with one output
/// column its result stored by itself instead of in a vector.
double scatteredRows(const TargetSpec &target, const Contraction &c);

/// Everything that a layer pays besides its inner loops: stores of the output, first touch of input and weights.
double memoryFloor(const TargetSpec &target, const Contraction &c, double weightBytes);

/// Cycles to read what the epilogue adds to the whole output (a residual), the same for every kernel: multiply-adds at
/// one per cycle hide them, faster ones do not (measured: docs/Rationale/CostModel.md).
double epilogueCycles(const TargetSpec &target, const Contraction &c);

/// Cycles of the first-level cache's ports that `lines` lines of a working set take to come in from the second level:
/// one each. Multiply-adds with memory operands at one per cycle (`rate`) leave them free, faster ones do not
/// (measured: docs/Rationale/StraightLine.md).
double refill(const TargetSpec &target, double rate, double lines, double workingSet);

/// Cycles of a kernel that computes for `cycles` while the memory takes `floor`: neither hides the other one whole.
double besideMemory(double cycles, double floor);

} // namespace mlir::gs::cost

#endif // GS_CONVERSION_GSTOVECTOR_COSTMODEL_H
