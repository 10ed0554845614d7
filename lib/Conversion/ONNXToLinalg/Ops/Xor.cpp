//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Xor: elementwise logical xor with broadcasting.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value logicalXor(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::XOrIOp::create(b, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfXor() {
  static const OpConversion table[] = {elementwiseOp<logicalXor, Allow::Bool, 2>("Xor", 7)};
  return table;
}
} // namespace mlir::onnx
