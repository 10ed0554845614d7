//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Neg: -x; integers wrap around.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value negBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::NegFOp::create(b, args[0]);
  return arith::SubIOp::create(b, scalar(b, args[0].getType(), 0), args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfNeg() {
  static const OpConversion table[] = {elementwiseOp<negBody, Allow::Number>("Neg", 6)};
  return table;
}
} // namespace mlir::onnx
