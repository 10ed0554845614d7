//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// HardSigmoid: max(0, min(1, alpha * x + beta)).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value hardSigmoidBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value scaled = arith::MulFOp::create(b, args[0], scalar(b, type, ctx.floatAttr("alpha", 0.2f)));
  return clampFloat(b, arith::AddFOp::create(b, scaled, scalar(b, type, ctx.floatAttr("beta", 0.5f))), 0.0, 1.0);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfHardSigmoid() {
  static const OpConversion table[] = {elementwiseOp<hardSigmoidBody, Allow::Float>("HardSigmoid", 6)};
  return table;
}
} // namespace mlir::onnx
