//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX GlobalMaxPool: the largest element of each plane.
//
//===----------------------------------------------------------------------===//
#include "PoolUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult convertGlobalMaxPool(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                          SmallVectorImpl<Value> &results) {
  results.push_back(reducePlanes(ctx, types[0], Reduction::Max, {}, {}));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGlobalMaxPool() {
  static const OpConversion table[] = {{"", "GlobalMaxPool", 1, 0, inferGlobalPool, convertGlobalMaxPool, nullptr}};
  return table;
}
} // namespace mlir::onnx
