//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Erf: error function.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value erfBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::ErfOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfErf() {
  static const OpConversion table[] = {elementwiseOp<erfBody, Allow::Float>("Erf", 9)};
  return table;
}
} // namespace mlir::onnx
