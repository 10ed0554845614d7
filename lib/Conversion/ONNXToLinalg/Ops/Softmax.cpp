//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Softmax.
//
//===----------------------------------------------------------------------===//
#include "SoftmaxUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult convertSoftmax(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  return lowerSoftmax(ctx, /*logarithm=*/false, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSoftmax() {
  static const OpConversion table[] = {{"", "Softmax", 1, 0, inferSoftmax, convertSoftmax, nullptr}};
  return table;
}
} // namespace mlir::onnx
