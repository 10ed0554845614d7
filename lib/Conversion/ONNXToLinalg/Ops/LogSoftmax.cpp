//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX LogSoftmax.
//
//===----------------------------------------------------------------------===//
#include "SoftmaxUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult convertLogSoftmax(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  return lowerSoftmax(ctx, /*logarithm=*/true, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLogSoftmax() {
  static const OpConversion table[] = {{"", "LogSoftmax", 1, 0, inferSoftmax, convertLogSoftmax, nullptr}};
  return table;
}
} // namespace mlir::onnx
