//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elu: x for x >= 0, alpha * (exp(x) - 1) below.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value eluBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value curve =
      arith::MulFOp::create(b, math::ExpM1Op::create(b, args[0]), scalar(b, type, ctx.floatAttr("alpha", 1.0f)));
  Value keep = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, args[0], scalar(b, type, 0.0));
  return arith::SelectOp::create(b, keep, args[0], curve);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfElu() {
  static const OpConversion table[] = {elementwiseOp<eluBody, Allow::Float>("Elu", 6)};
  return table;
}
} // namespace mlir::onnx
