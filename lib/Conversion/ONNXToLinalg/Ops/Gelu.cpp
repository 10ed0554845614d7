//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gelu: x * Phi(x), with Phi the distribution function of the normal distribution,
// by erf (approximate = "none") or by its tanh approximation.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferGelu(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  std::string approximate = ctx.stringAttr("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return ctx.fail("attribute approximate is '" + approximate + "', but must be 'none' or 'tanh'");
  return inferElementwise(ctx, results, Allow::Float, 1, /*toBool=*/false);
}

static Value geluBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value half = arith::MulFOp::create(b, args[0], scalar(b, type, 0.5));
  Value curve;
  if (ctx.stringAttr("approximate", "none") == "tanh") {
    // tanh(sqrt(2 / pi) * (x + 0.044715 x^3))
    Value square = arith::MulFOp::create(b, args[0], args[0]);
    Value factor =
        arith::AddFOp::create(b, arith::MulFOp::create(b, square, scalar(b, type, 0.044715)), scalar(b, type, 1.0));
    Value inner =
        arith::MulFOp::create(b, arith::MulFOp::create(b, args[0], scalar(b, type, 0.7978845608028654)), factor);
    curve = math::TanhOp::create(b, inner);
  } else {
    curve = math::ErfOp::create(b, arith::MulFOp::create(b, args[0], scalar(b, type, 0.7071067811865476)));
  }
  return arith::MulFOp::create(b, half, arith::AddFOp::create(b, curve, scalar(b, type, 1.0)));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGelu() {
  static const OpConversion table[] = {
      {"", "Gelu", 20, 0, inferGelu, convertElementwise<geluBody>, foldElementwise<geluBody>}};
  return table;
}
} // namespace mlir::onnx
