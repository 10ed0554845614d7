//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GreaterOrEqual: elementwise x >= y with broadcasting; false if one is NaN.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value greaterOrEqualBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, args[0], args[1]);
  auto predicate = isUnsigned(ctx) ? arith::CmpIPredicate::uge : arith::CmpIPredicate::sge;
  return arith::CmpIOp::create(b, predicate, args[0], args[1]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGreaterOrEqual() {
  static const OpConversion table[] = {
      elementwiseOp<greaterOrEqualBody, Allow::Number, 2, /*toBool=*/true>("GreaterOrEqual", 12)};
  return table;
}
} // namespace mlir::onnx
