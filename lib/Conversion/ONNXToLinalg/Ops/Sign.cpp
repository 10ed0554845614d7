//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sign: -1, 0 or 1; a NaN stays.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value signBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value zero = scalar(b, type, 0), one = scalar(b, type, 1);
  if (isa<FloatType>(type)) {
    Value positive = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, args[0], zero);
    Value negative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, args[0], zero);
    Value below = arith::SelectOp::create(b, negative, scalar(b, type, -1.0), args[0]);
    return arith::SelectOp::create(b, positive, one, below);
  }
  Value nonzero = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, args[0], zero);
  Value magnitude = arith::SelectOp::create(b, nonzero, one, zero);
  if (isUnsigned(ctx))
    return magnitude;
  Value negative = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, args[0], zero);
  return arith::SelectOp::create(b, negative, scalar(b, type, -1), magnitude);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSign() {
  static const OpConversion table[] = {elementwiseOp<signBody, Allow::Number>("Sign", 9)};
  return table;
}
} // namespace mlir::onnx
