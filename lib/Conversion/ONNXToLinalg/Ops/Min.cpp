//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Min: elementwise smallest of any number of inputs with broadcasting. A NaN wins.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value minBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Value result = args[0];
  for (Value arg : args.drop_front())
    result = minOf(b, result, arg, isUnsigned(ctx));
  return result;
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMin() {
  static const OpConversion table[] = {elementwiseOp<minBody, Allow::Number, 0>("Min", 6)};
  return table;
}
} // namespace mlir::onnx
