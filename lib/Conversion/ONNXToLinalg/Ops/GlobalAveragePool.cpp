//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX GlobalAveragePool: the mean of each plane.
//
//===----------------------------------------------------------------------===//
#include "PoolUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult convertGlobalAveragePool(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                              SmallVectorImpl<Value> &results) {
  double count = 1;
  for (int64_t extent : ctx.shape(0).drop_front(2))
    count *= extent;
  results.push_back(
      reducePlanes(ctx, types[0], Reduction::Sum, {}, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value scale = floatConstant(b, loc, args[0].getType(), 1.0 / count);
        return arith::MulFOp::create(b, loc, args[0], scale);
      }));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGlobalAveragePool() {
  static const OpConversion table[] = {
      {"", "GlobalAveragePool", 1, 0, inferGlobalPool, convertGlobalAveragePool, nullptr}};
  return table;
}
} // namespace mlir::onnx
