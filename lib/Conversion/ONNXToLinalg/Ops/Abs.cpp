//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Abs: magnitude; the smallest integer, which has none, stays.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value absBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return math::AbsFOp::create(b, args[0]);
  if (isUnsigned(ctx))
    return args[0];
  Value negative = arith::SubIOp::create(b, scalar(b, args[0].getType(), 0), args[0]);
  return arith::MaxSIOp::create(b, args[0], negative);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfAbs() {
  static const OpConversion table[] = {elementwiseOp<absBody, Allow::Number>("Abs", 6)};
  return table;
}
} // namespace mlir::onnx
