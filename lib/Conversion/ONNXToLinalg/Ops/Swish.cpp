//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Swish: x / (1 + exp(-alpha * x)).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value swishBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value scaled = arith::MulFOp::create(b, args[0], scalar(b, type, -ctx.floatAttr("alpha", 1.0f)));
  Value denominator = arith::AddFOp::create(b, scalar(b, type, 1.0), math::ExpOp::create(b, scaled));
  return arith::MulFOp::create(b, args[0], arith::DivFOp::create(b, scalar(b, type, 1.0), denominator));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSwish() {
  static const OpConversion table[] = {elementwiseOp<swishBody, Allow::Float>("Swish", 24)};
  return table;
}
} // namespace mlir::onnx
