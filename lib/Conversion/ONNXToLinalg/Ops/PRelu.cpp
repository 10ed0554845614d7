//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PRelu: x for x >= 0, slope * x below; the slope broadcasts to x.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferPRelu(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(inferElementwise(ctx, results, Allow::Float, 2, /*toBool=*/false)))
    return failure();
  if (results[0].getShape() != ctx.shape(0))
    return ctx.fail("the slope of shape " + formatShape(ctx.shape(1)) + " does not broadcast to the input's shape " +
                    formatShape(ctx.shape(0)));
  return success();
}

static Value pReluBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Value zero = scalar(b, args[0].getType(), 0.0);
  Value scaled = arith::MulFOp::create(b, args[0], args[1]);
  Value keep = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, args[0], zero);
  return arith::SelectOp::create(b, keep, args[0], scaled);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfPRelu() {
  static const OpConversion table[] = {
      {"", "PRelu", 7, 0, inferPRelu, convertElementwise<pReluBody>, foldElementwise<pReluBody>}};
  return table;
}
} // namespace mlir::onnx
