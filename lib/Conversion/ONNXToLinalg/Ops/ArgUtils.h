//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ArgMax and ArgMin: where the extreme element along one axis is.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_ARGUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_ARGUTILS_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"

namespace mlir::onnx {

/// Result: i64, the input's shape without `axis` (or 1 there, if keepdims).
LogicalResult inferArg(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results);
/// The first (or with select_last_index the last) of equal extremes. A NaN is never one, unless it comes first.
LogicalResult convertArg(NodeContext &ctx, RankedTensorType type, bool isMax, SmallVectorImpl<Value> &results);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_ARGUTILS_H
