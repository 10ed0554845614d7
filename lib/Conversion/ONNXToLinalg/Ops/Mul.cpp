//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mul: elementwise product with broadcasting; integers wrap around.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value mulBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::MulFOp::create(b, args[0], args[1]);
  return arith::MulIOp::create(b, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMul() {
  static const OpConversion table[] = {elementwiseOp<mulBody, Allow::Number, 2>("Mul", 7)};
  return table;
}
} // namespace mlir::onnx
