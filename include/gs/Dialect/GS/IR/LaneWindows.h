//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Storage layout `lane_windows`: any mask, rows in vector lanes, activations
// taken by permutation from two short windows that all lanes share.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_LANEWINDOWS_H
#define GS_DIALECT_GS_IR_LANEWINDOWS_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::gs {

/// Parameters of the layout. A bundle of `lanes` rows is a list of blocks of `stepsPerBlock()` steps. In a step, each
/// lane takes one weight of its row, whose activation lies in one of the two windows of `lanes` consecutive activations
/// that `windowSteps` steps share; a lane that finds none is idle.
///
///     values       [blocks][steps][lanes]                   weights, 0 in an idle lane
///     lane_indices [blocks][lanes / sharedRows]  i32        places of the steps in the windows, `placeBits()` bits
///     each,
///                                                           the first step lowest: 0 .. lanes - 1 the first window
///     indices      [blocks][steps / windowSteps][2] i16/i32 where the two windows begin in the activation
///     offsets      [bundles + 1]                 i32        running count of blocks
///     row_order    [bundles * lanes]             i32        row of each lane; only with `sortRows`, else lane by lane
///
/// The last place of the second window, 2 * lanes - 1, holds a zero instead of an activation: idle lanes multiply 0 by
/// 0, so that an infinite activation does not reach a row that does not keep it.
struct LaneWindows {
  int64_t lanes = 0;       ///< a power of two from 2 to 64
  int64_t windowSteps = 0; ///< divides stepsPerBlock()
  int64_t sharedRows = 1;  ///< so many consecutive rows keep the same columns; divides `lanes`
  bool sortRows = false;   ///< rows by number of weights, so that those of a bundle have about as many
  int64_t inputSize = 0;   ///< elements of the activation; windows lie inside

  int64_t placeBits() const { return llvm::Log2_64(2 * lanes); }
  /// Steps whose places fill one word.
  int64_t stepsPerBlock() const { return 32 / placeBits(); }
  int64_t idlePlace() const { return 2 * lanes - 1; }
  int64_t windowsPerBlock() const { return stepsPerBlock() / windowSteps; }
  int64_t streams() const { return lanes / sharedRows; }
  /// Bits of the begin of a window.
  unsigned indexBits() const { return inputSize <= 0x10000 ? 16 : 32; }
  /// Activations that the two windows of a pair read, less than a vector if there are not so many.
  int64_t firstWidth() const { return std::min(lanes, inputSize); }
  int64_t secondWidth() const { return std::min(lanes - 1, inputSize); }
};

/// Packs in this layout. `displacement` is that of each column in the activation. Fails if one does not fit 31 bits.
FailureOr<std::vector<Buffer>> packLaneWindows(const Weight &weight, const LaneWindows &form,
                                               ArrayRef<int64_t> displacement, EmitError emitError);

/// Blocks that `packLaneWindows` makes, extrapolated from at most `maxBundles` bundles.
double estimateLaneWindowBlocks(const Weight &weight, const LaneWindows &form, ArrayRef<int64_t> displacement,
                                int64_t maxBundles);

/// Checks names, shapes and contents of the buffers against the type.
LogicalResult verifyLaneWindows(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError);

/// Checks that a weight in this layout was packed with these parameters, and that its windows lie inside the input.
LogicalResult verifyLaneWindows(CompressedConstantOp weight, const LaneWindows &form, EmitError emitError);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_LANEWINDOWS_H
