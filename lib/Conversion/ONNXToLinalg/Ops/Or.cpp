//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Or: elementwise logical or with broadcasting.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value logicalOr(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::OrIOp::create(b, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfOr() {
  static const OpConversion table[] = {elementwiseOp<logicalOr, Allow::Bool, 2>("Or", 7)};
  return table;
}
} // namespace mlir::onnx
