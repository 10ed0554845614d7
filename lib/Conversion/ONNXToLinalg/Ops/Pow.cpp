//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pow: elementwise power with broadcasting; the result has the type of the base.
// Integers are computed in f64 and rounded towards zero. Small constant exponents
// become multiplications.
//
//===----------------------------------------------------------------------===//
#include "CastUtils.h"
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferPow(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 2, 2)) || failed(checkElementType(ctx, 0, Allow::Number)) ||
      failed(checkElementType(ctx, 1, Allow::Number)))
    return failure();
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(ctx, {ctx.shape(0), ctx.shape(1)});
  if (failed(shape))
    return failure();
  results.push_back(RankedTensorType::get(*shape, ctx.elementType(0)));
  return success();
}

static std::optional<double> constantExponent(Value exponent) {
  if (FloatAttr f; matchPattern(exponent, m_Constant(&f)))
    return f.getValueAsDouble();
  if (IntegerAttr i; matchPattern(exponent, m_Constant(&i)))
    return static_cast<double>(i.getValue().getSExtValue());
  return std::nullopt;
}

static Value multiply(ImplicitLocOpBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::MulFOp::create(b, x, y);
  return arith::MulIOp::create(b, x, y);
}

static Value powBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  bool isFloat = isa<FloatType>(type);
  if (std::optional<double> exponent = constantExponent(args[1])) {
    if (*exponent == 1.0)
      return args[0];
    if (*exponent == 2.0 || *exponent == 3.0) {
      Value square = multiply(b, args[0], args[0]);
      return *exponent == 2.0 ? square : multiply(b, square, args[0]);
    }
    if (isFloat && *exponent == -1.0)
      return arith::DivFOp::create(b, scalar(b, type, 1.0), args[0]);
    if (isFloat && *exponent == 0.5) {
      // Unlike sqrt: pow(-0, 0.5) is +0 and pow(-inf, 0.5) is +inf.
      Value infinity = highest(b, type, /*isUnsigned=*/false);
      Value isNegativeInfinity =
          arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, args[0], arith::NegFOp::create(b, infinity));
      Value root = math::SqrtOp::create(b, arith::AddFOp::create(b, args[0], scalar(b, type, 0.0)));
      return arith::SelectOp::create(b, isNegativeInfinity, infinity, root);
    }
  }
  Type compute = isFloat ? type : Type(b.getF64Type());
  Value base = castScalar(b, args[0], compute, isUnsigned(ctx, 0), /*toUnsigned=*/false);
  Value exponent = castScalar(b, args[1], compute, isUnsigned(ctx, 1), /*toUnsigned=*/false);
  Value power = math::PowFOp::create(b, base, exponent);
  return castScalar(b, power, type, /*fromUnsigned=*/false, isUnsigned(ctx, 0));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfPow() {
  static const OpConversion table[] = {
      {"", "Pow", 7, 0, inferPow, convertElementwise<powBody>, foldElementwise<powBody>}};
  return table;
}
} // namespace mlir::onnx
