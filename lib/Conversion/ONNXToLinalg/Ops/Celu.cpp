//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Celu: x for x >= 0, alpha * (exp(x / alpha) - 1) below.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value celuBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value alpha = scalar(b, type, ctx.floatAttr("alpha", 1.0f));
  Value curve = arith::MulFOp::create(b, math::ExpM1Op::create(b, arith::DivFOp::create(b, args[0], alpha)), alpha);
  Value keep = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, args[0], scalar(b, type, 0.0));
  return arith::SelectOp::create(b, keep, args[0], curve);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfCelu() {
  static const OpConversion table[] = {elementwiseOp<celuBody, Allow::Float>("Celu", 12)};
  return table;
}
} // namespace mlir::onnx
