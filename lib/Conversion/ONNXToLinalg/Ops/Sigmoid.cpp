//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sigmoid: 1 / (1 + exp(-x)).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value sigmoidBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Value one = scalar(b, args[0].getType(), 1.0);
  Value decay = math::ExpOp::create(b, arith::NegFOp::create(b, args[0]));
  return arith::DivFOp::create(b, one, arith::AddFOp::create(b, one, decay));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSigmoid() {
  static const OpConversion table[] = {elementwiseOp<sigmoidBody, Allow::Float>("Sigmoid", 6)};
  return table;
}
} // namespace mlir::onnx
