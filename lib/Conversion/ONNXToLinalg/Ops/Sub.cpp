//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sub: elementwise difference with broadcasting; integers wrap around.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value subBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::SubFOp::create(b, args[0], args[1]);
  return arith::SubIOp::create(b, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSub() {
  static const OpConversion table[] = {elementwiseOp<subBody, Allow::Number, 2>("Sub", 7)};
  return table;
}
} // namespace mlir::onnx
