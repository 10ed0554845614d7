//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Div: elementwise quotient with broadcasting. Integers round towards zero; a
// zero divisor gives 0 (the standard leaves it open, hardware would trap).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "IntegerUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value divBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::DivFOp::create(b, args[0], args[1]);
  return divideIntegers(b, args[0], args[1], isUnsigned(ctx));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfDiv() {
  static const OpConversion table[] = {elementwiseOp<divBody, Allow::Number, 2>("Div", 7)};
  return table;
}
} // namespace mlir::onnx
