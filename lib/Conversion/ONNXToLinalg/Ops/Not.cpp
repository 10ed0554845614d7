//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Not: elementwise logical negation.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value logicalNot(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::XOrIOp::create(b, args[0], scalar(b, args[0].getType(), 1));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfNot() {
  static const OpConversion table[] = {elementwiseOp<logicalNot, Allow::Bool>("Not", 1)};
  return table;
}
} // namespace mlir::onnx
