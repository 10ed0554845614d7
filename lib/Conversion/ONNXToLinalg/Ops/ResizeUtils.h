//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resampling along axes: nearest and linear, by tables made at compile time.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_RESIZEUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_RESIZEUTILS_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"

namespace mlir::onnx {

/// How one dimension of size `from` becomes size `to`.
struct ResizeAxis {
  int64_t from, to;
  float scale; ///< as given (not to / from, which differs where sizes are rounded)
};

struct ResizeSpec {
  SmallVector<ResizeAxis> axes;                   ///< one per dimension
  std::string mode = "nearest";                   ///< nearest or linear
  std::string coordinates = "half_pixel";         ///< coordinate_transformation_mode
  std::string nearestMode = "round_prefer_floor"; ///< nearest_mode, or "simple": that of opset 10
};

/// Fails with a reason if the modes are unknown or not supported.
LogicalResult checkResize(NodeContext &ctx, const ResizeSpec &spec);
RankedTensorType resizedType(NodeContext &ctx, const ResizeSpec &spec);
/// Nearest: one copy (a broadcast for whole factors). Linear: one pass per axis that changes.
Value resizeTensor(NodeContext &ctx, Value value, const ResizeSpec &spec);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_RESIZEUTILS_H
