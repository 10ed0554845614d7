//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX GlobalLpPool: the p-norm of each plane.
//
//===----------------------------------------------------------------------===//
#include "LpUtils.h"
#include "PoolUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult convertGlobalLpPool(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                         SmallVectorImpl<Value> &results) {
  FailureOr<int64_t> p = readNormOrder(ctx);
  if (failed(p))
    return failure();
  results.push_back(reducePlanes(
      ctx, types[0], Reduction::Sum,
      [&](OpBuilder &b, Location loc, ValueRange args) { return powerOf(b, loc, args[0], *p); },
      [&](OpBuilder &b, Location loc, ValueRange args) { return rootOf(b, loc, args[0], *p); }));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGlobalLpPool() {
  static const OpConversion table[] = {{"", "GlobalLpPool", 2, 0, inferGlobalPool, convertGlobalLpPool, nullptr}};
  return table;
}
} // namespace mlir::onnx
