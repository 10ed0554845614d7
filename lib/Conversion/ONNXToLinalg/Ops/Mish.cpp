//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mish: x * tanh(log(1 + exp(x))).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value mishBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::MulFOp::create(b, args[0], math::TanhOp::create(b, softplusOf(b, args[0])));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMish() {
  static const OpConversion table[] = {elementwiseOp<mishBody, Allow::Float>("Mish", 18)};
  return table;
}
} // namespace mlir::onnx
