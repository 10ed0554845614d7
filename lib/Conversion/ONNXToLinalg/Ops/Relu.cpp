//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Relu: max(x, 0); a NaN stays.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value reluBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return maxOf(b, args[0], scalar(b, args[0].getType(), 0), /*isUnsigned=*/false);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfRelu() {
  static const OpConversion table[] = {elementwiseOp<reluBody, Allow::Number>("Relu", 6)};
  return table;
}
} // namespace mlir::onnx
