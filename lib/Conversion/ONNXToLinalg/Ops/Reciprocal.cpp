//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reciprocal: 1 / x.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value reciprocalBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::DivFOp::create(b, scalar(b, args[0].getType(), 1.0), args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReciprocal() {
  static const OpConversion table[] = {elementwiseOp<reciprocalBody, Allow::Float>("Reciprocal", 6)};
  return table;
}
} // namespace mlir::onnx
