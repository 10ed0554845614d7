//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softmax and LogSoftmax have everything in common but the last step.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_SOFTMAXUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_SOFTMAXUTILS_H

#include "LinalgUtils.h"

namespace mlir::onnx {

/// Before opset 13 the input counts as a matrix whose columns are all dimensions from `axis` (1) on; since then `axis`
/// (-1) is the one dimension that is normalised.
LogicalResult inferSoftmax(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results);
/// exp(x - max) / sum, or its logarithm x - max - log(sum).
LogicalResult lowerSoftmax(NodeContext &ctx, bool logarithm, SmallVectorImpl<Value> &results);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_SOFTMAXUTILS_H
