//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pools: reductions of sliding windows and of whole planes.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_POOLUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_POOLUTILS_H

#include "LinalgUtils.h"
#include "Window.h"

namespace mlir::onnx {

/// Geometry of a pool over input 0 (B x C x spatial..., one to three spatial dimensions) by `kernel_shape`, `strides`,
/// `pads`, `dilations`, `auto_pad` and `ceil_mode`.
struct Pool {
  Window window;
  SmallVector<int64_t> output; ///< spatial extents
};
FailureOr<Pool> readPool(NodeContext &ctx);

/// The result type of a pool.
RankedTensorType poolType(NodeContext &ctx, const Pool &pool);

/// Reduces every window of input 0; positions outside the input do not count. `element` maps an element before it is
/// reduced. Plain sums and maxima of f32 are one linalg.generic over the padded input whose reduction loops stand
/// outside the last parallel one (linalg-to-gs turns it into gs.pool). Of others, small windows are reduced dimension
/// by dimension without padding (a 3x3 window costs 6 steps, not 9, and most of them on contiguous rows).
Value reduceWindows(NodeContext &ctx, const Pool &pool, Reduction kind, BodyBuilder element = {});

/// Result type of a pool over whole planes: spatial dimensions become 1.
LogicalResult inferGlobalPool(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results);
/// Reduces all spatial dimensions of input 0 and applies `finish` (null: nothing) to each result.
Value reducePlanes(NodeContext &ctx, RankedTensorType type, Reduction kind, BodyBuilder element, BodyBuilder finish);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_POOLUTILS_H
