//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Less: elementwise x < y with broadcasting; false if one is NaN.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value lessBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, args[0], args[1]);
  auto predicate = isUnsigned(ctx) ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt;
  return arith::CmpIOp::create(b, predicate, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLess() {
  static const OpConversion table[] = {elementwiseOp<lessBody, Allow::Number, 2, /*toBool=*/true>("Less", 7)};
  return table;
}
} // namespace mlir::onnx
