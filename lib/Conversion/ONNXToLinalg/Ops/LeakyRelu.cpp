//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LeakyRelu: x for x >= 0, alpha * x below.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value leakyReluBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Value zero = scalar(b, args[0].getType(), 0.0);
  Value scaled = arith::MulFOp::create(b, args[0], scalar(b, args[0].getType(), ctx.floatAttr("alpha", 0.01f)));
  Value keep = arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, args[0], zero);
  return arith::SelectOp::create(b, keep, args[0], scaled);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLeakyRelu() {
  static const OpConversion table[] = {elementwiseOp<leakyReluBody, Allow::Float>("LeakyRelu", 6)};
  return table;
}
} // namespace mlir::onnx
