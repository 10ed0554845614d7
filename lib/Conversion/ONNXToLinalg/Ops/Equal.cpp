//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Equal: elementwise x == y with broadcasting; false if one is NaN.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value equalBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, args[0], args[1]);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfEqual() {
  static const OpConversion table[] = {elementwiseOp<equalBody, Allow::Any, 2, /*toBool=*/true>("Equal", 7)};
  return table;
}
} // namespace mlir::onnx
