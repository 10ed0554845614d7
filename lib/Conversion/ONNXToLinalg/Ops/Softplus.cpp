//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softplus: log(1 + exp(x)).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value softplusBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return softplusOf(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSoftplus() {
  static const OpConversion table[] = {elementwiseOp<softplusBody, Allow::Float>("Softplus", 1)};
  return table;
}
} // namespace mlir::onnx
