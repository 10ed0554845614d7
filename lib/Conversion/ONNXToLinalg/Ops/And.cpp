//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// And: elementwise logical and with broadcasting.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value logicalAnd(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::AndIOp::create(b, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfAnd() {
  static const OpConversion table[] = {elementwiseOp<logicalAnd, Allow::Bool, 2>("And", 7)};
  return table;
}
} // namespace mlir::onnx
