//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// HardSwish: x * max(0, min(1, x / 6 + 0.5)).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value hardSwishBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value scaled = arith::MulFOp::create(b, args[0], scalar(b, type, 1.0 / 6.0));
  Value gate = clampFloat(b, arith::AddFOp::create(b, scaled, scalar(b, type, 0.5)), 0.0, 1.0);
  return arith::MulFOp::create(b, args[0], gate);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfHardSwish() {
  static const OpConversion table[] = {elementwiseOp<hardSwishBody, Allow::Float>("HardSwish", 14)};
  return table;
}
} // namespace mlir::onnx
