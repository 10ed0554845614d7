//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sqrt: square root; NaN for x < 0.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value sqrtBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::SqrtOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSqrt() {
  static const OpConversion table[] = {elementwiseOp<sqrtBody, Allow::Float>("Sqrt", 6)};
  return table;
}
} // namespace mlir::onnx
