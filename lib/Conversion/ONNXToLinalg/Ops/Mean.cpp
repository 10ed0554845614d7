//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mean: elementwise arithmetic mean of any number of inputs with broadcasting.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value meanBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Value result = args[0];
  for (Value arg : args.drop_front())
    result = arith::AddFOp::create(b, result, arg);
  return arith::DivFOp::create(b, result, scalar(b, result.getType(), static_cast<double>(args.size())));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMean() {
  static const OpConversion table[] = {elementwiseOp<meanBody, Allow::Float, 0>("Mean", 6)};
  return table;
}
} // namespace mlir::onnx
