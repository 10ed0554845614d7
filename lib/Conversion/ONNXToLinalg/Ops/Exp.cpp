//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exp: exponential.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value expBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::ExpOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfExp() {
  static const OpConversion table[] = {elementwiseOp<expBody, Allow::Float>("Exp", 6)};
  return table;
}
} // namespace mlir::onnx
