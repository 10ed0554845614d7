//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX LpPool: the p-norm of each window.
//
//===----------------------------------------------------------------------===//
#include "LpUtils.h"
#include "PoolUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferLpPool(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Pool> pool = readPool(ctx);
  if (failed(pool))
    return failure();
  results.push_back(poolType(ctx, *pool));
  return success();
}

static LogicalResult convertLpPool(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  FailureOr<Pool> pool = readPool(ctx);
  FailureOr<int64_t> p = readNormOrder(ctx);
  if (failed(pool) || failed(p))
    return failure();
  Value sum = reduceWindows(ctx, *pool, Reduction::Sum,
                            [&](OpBuilder &b, Location loc, ValueRange args) { return powerOf(b, loc, args[0], *p); });
  results.push_back(
      elementwise(ctx.b, ctx.loc(), types[0], sum, ctx.b.getMultiDimIdentityMap(types[0].getRank()),
                  [&](OpBuilder &b, Location loc, ValueRange args) { return rootOf(b, loc, args[0], *p); }));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLpPool() {
  static const OpConversion table[] = {{"", "LpPool", 2, 0, inferLpPool, convertLpPool, nullptr}};
  return table;
}
} // namespace mlir::onnx
