//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Add: elementwise sum with broadcasting; integers wrap around.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value addBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::AddFOp::create(b, args[0], args[1]);
  return arith::AddIOp::create(b, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfAdd() {
  static const OpConversion table[] = {elementwiseOp<addBody, Allow::Number, 2>("Add", 7)};
  return table;
}
} // namespace mlir::onnx
