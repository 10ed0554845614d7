//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sin: sine.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value sinBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::SinOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSin() {
  static const OpConversion table[] = {elementwiseOp<sinBody, Allow::Float>("Sin", 7)};
  return table;
}
} // namespace mlir::onnx
