//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tanh: hyperbolic tangent.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value tanhBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::TanhOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfTanh() {
  static const OpConversion table[] = {elementwiseOp<tanhBody, Allow::Float>("Tanh", 6)};
  return table;
}
} // namespace mlir::onnx
