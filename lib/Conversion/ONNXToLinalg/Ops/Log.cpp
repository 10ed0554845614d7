//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Log: natural logarithm.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value logBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::LogOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLog() {
  static const OpConversion table[] = {elementwiseOp<logBody, Allow::Float>("Log", 6)};
  return table;
}
} // namespace mlir::onnx
