//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX MaxPool, without the Indices output.
//
//===----------------------------------------------------------------------===//
#include "PoolUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferMaxPool(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Pool> pool = readPool(ctx);
  if (failed(pool))
    return failure();
  RankedTensorType type = poolType(ctx, *pool);
  results.push_back(type);
  if (ctx.outputIsUsed(1))
    return ctx.fail("its output 1 (Indices) is used, but not computed; replace the MaxUnpool that reads it by Resize");
  if (ctx.hasOutput(1))
    results.push_back(RankedTensorType::get(type.getShape(), ctx.b.getI64Type()));
  return success();
}

static LogicalResult convertMaxPool(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  FailureOr<Pool> pool = readPool(ctx);
  if (failed(pool))
    return failure();
  results.push_back(reduceWindows(ctx, *pool, Reduction::Max));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMaxPool() {
  static const OpConversion table[] = {{"", "MaxPool", 1, 0, inferMaxPool, convertMaxPool, nullptr}};
  return table;
}
} // namespace mlir::onnx
