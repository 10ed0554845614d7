//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where: elementwise choice between two tensors with broadcasting.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferWhere(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 3, 3)) || failed(checkElementType(ctx, 0, Allow::Bool)) ||
      failed(checkElementType(ctx, 1, Allow::Any)) || failed(checkElementType(ctx, 2, Allow::Any)))
    return failure();
  if (ctx.elementType(1) != ctx.elementType(2))
    return ctx.fail("inputs 1 and 2 have different element types; insert a Cast");
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(ctx, {ctx.shape(0), ctx.shape(1), ctx.shape(2)});
  if (failed(shape))
    return failure();
  results.push_back(RankedTensorType::get(*shape, ctx.elementType(1)));
  return success();
}

static Value where(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::SelectOp::create(b, args[0], args[1], args[2]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfWhere() {
  static const OpConversion table[] = {
      {"", "Where", 9, 0, inferWhere, convertElementwise<where>, foldElementwise<where>}};
  return table;
}
} // namespace mlir::onnx
