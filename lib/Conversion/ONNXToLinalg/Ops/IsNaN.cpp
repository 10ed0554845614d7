//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// IsNaN: whether x is not a number.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value isNaNBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, args[0], args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfIsNaN() {
  static const OpConversion table[] = {elementwiseOp<isNaNBody, Allow::Float, 1, /*toBool=*/true>("IsNaN", 9)};
  return table;
}
} // namespace mlir::onnx
