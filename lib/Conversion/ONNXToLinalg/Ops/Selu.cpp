//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Selu: gamma * x for x > 0, gamma * alpha * (exp(x) - 1) below.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value seluBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value alpha = scalar(b, type, ctx.floatAttr("alpha", 1.67326319217681884765625f));
  Value gamma = scalar(b, type, ctx.floatAttr("gamma", 1.05070102214813232421875f));
  Value curve = arith::MulFOp::create(b, math::ExpM1Op::create(b, args[0]), alpha);
  Value keep = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, args[0], scalar(b, type, 0.0));
  return arith::MulFOp::create(b, gamma, arith::SelectOp::create(b, keep, args[0], curve));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSelu() {
  static const OpConversion table[] = {elementwiseOp<seluBody, Allow::Float>("Selu", 6)};
  return table;
}
} // namespace mlir::onnx
