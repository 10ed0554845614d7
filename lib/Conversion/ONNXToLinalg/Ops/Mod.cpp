//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mod: elementwise remainder with broadcasting. With fmod = 0 it has the sign of the divisor, with fmod = 1 that of the
// dividend. An integer zero divisor gives 0 (the standard leaves it open).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "IntegerUtils.h"

using namespace mlir;
using namespace mlir::onnx;

/// The remainder moved to the sign of the divisor, also where it is zero.
static Value floorRemainder(ImplicitLocOpBuilder &b, Value remainder, Value divisor) {
  Value zero = scalar(b, remainder.getType(), 0.0);
  Value remainderNegative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, remainder, zero);
  Value divisorNegative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, divisor, zero);
  Value differ = arith::XOrIOp::create(b, remainderNegative, divisorNegative);
  Value moved = arith::SelectOp::create(b, differ, arith::AddFOp::create(b, remainder, divisor), remainder);
  Value exact = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, remainder, zero);
  return arith::SelectOp::create(b, exact, math::CopySignOp::create(b, zero, divisor), moved);
}

static Value modBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType())) {
    Value remainder = arith::RemFOp::create(b, args[0], args[1]);
    return ctx.intAttr("fmod", 0) ? remainder : floorRemainder(b, remainder, args[1]);
  }
  Value remainder = remainderIntegers(b, args[0], args[1], isUnsigned(ctx));
  if (ctx.intAttr("fmod", 0) || isUnsigned(ctx))
    return remainder;
  // Same sign as the divisor: add it if the remainder is not zero and their signs differ.
  Value zero = scalar(b, remainder.getType(), 0);
  Value signs = arith::XOrIOp::create(b, remainder, args[1]);
  Value differ = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, signs, zero);
  Value inexact = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, remainder, zero);
  Value wrong = arith::AndIOp::create(b, differ, inexact);
  Value moved = arith::AddIOp::create(b, remainder, args[1]);
  return arith::SelectOp::create(b, wrong, moved, remainder);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMod() {
  static const OpConversion table[] = {elementwiseOp<modBody, Allow::Number, 2>("Mod", 10)};
  return table;
}
} // namespace mlir::onnx
