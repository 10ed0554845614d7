//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Clip: min(max(x, lo), hi), bounds from attributes (before opset 11) or scalar
// inputs; hi wins if the bounds cross. A NaN stays.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferClip(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, ctx.opset() >= 11 ? 3 : 1)) ||
      failed(checkElementType(ctx, 0, ctx.opset() >= 12 ? Allow::Number : Allow::Float)))
    return failure();
  for (unsigned slot = 1; slot < ctx.numInputs(); ++slot) {
    if (!ctx.input(slot))
      continue;
    if (ctx.elementType(slot) != ctx.elementType(0))
      return ctx.fail("the bounds must have the element type of the input; insert a Cast");
    if (ctx.type(slot).getNumElements() != 1)
      return ctx.fail("a bound has shape " + formatShape(ctx.shape(slot)) + ", but must be a scalar");
  }
  results.push_back(ctx.type(0));
  return success();
}

static Value clipBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  bool byInputs = ctx.opset() >= 11;
  Value low = args.size() > 1 ? args[1] : Value(), high = args.size() > 2 ? args[2] : Value();
  if (!byInputs && ctx.hasAttr("min"))
    low = scalar(b, type, ctx.floatAttr("min", 0.0f));
  if (!byInputs && ctx.hasAttr("max"))
    high = scalar(b, type, ctx.floatAttr("max", 0.0f));
  Value result = args[0];
  if (low)
    result = maxOf(b, result, low, isUnsigned(ctx));
  if (high)
    result = minOf(b, result, high, isUnsigned(ctx));
  return result;
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfClip() {
  static const OpConversion table[] = {
      {"", "Clip", 6, 0, inferClip, convertElementwise<clipBody>, foldElementwise<clipBody>}};
  return table;
}
} // namespace mlir::onnx
