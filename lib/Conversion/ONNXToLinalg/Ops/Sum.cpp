//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sum: elementwise sum of any number of inputs with broadcasting.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value sumBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Value result = args[0];
  for (Value arg : args.drop_front())
    result = arith::AddFOp::create(b, result, arg);
  return result;
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSum() {
  static const OpConversion table[] = {elementwiseOp<sumBody, Allow::Float, 0>("Sum", 6)};
  return table;
}
} // namespace mlir::onnx
