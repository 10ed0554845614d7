//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integer division with a meaning for every operand.
//
//===----------------------------------------------------------------------===//
#include "IntegerUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::onnx;

namespace {
/// A divisor that never traps, and when it stands in for 0 or -1.
struct Divisor {
  Value safe, isZero, isMinusOne;
};
} // namespace

static Value constant(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
}

static Divisor guard(ImplicitLocOpBuilder &b, Value y, bool isUnsigned) {
  if (APInt known; matchPattern(y, m_ConstantInt(&known)) && !known.isZero() && (isUnsigned || !known.isAllOnes()))
    return {y, Value(), Value()};
  Type type = y.getType();
  Divisor divisor;
  divisor.isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, constant(b, type, 0));
  Value traps = divisor.isZero;
  if (!isUnsigned) {
    divisor.isMinusOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, constant(b, type, -1));
    traps = arith::OrIOp::create(b, traps, divisor.isMinusOne);
  }
  divisor.safe = arith::SelectOp::create(b, traps, constant(b, type, 1), y);
  return divisor;
}

Value onnx::divideIntegers(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  Divisor divisor = guard(b, y, isUnsigned);
  Value quotient = isUnsigned ? Value(arith::DivUIOp::create(b, x, divisor.safe))
                              : Value(arith::DivSIOp::create(b, x, divisor.safe));
  Value zero = divisor.isZero ? constant(b, x.getType(), 0) : Value();
  if (divisor.isMinusOne)
    quotient = arith::SelectOp::create(b, divisor.isMinusOne, arith::SubIOp::create(b, zero, x), quotient);
  return divisor.isZero ? Value(arith::SelectOp::create(b, divisor.isZero, zero, quotient)) : quotient;
}

Value onnx::remainderIntegers(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  // The stand-in for 0 and -1 is 1, which leaves no remainder: nothing to correct.
  Value safe = guard(b, y, isUnsigned).safe;
  return isUnsigned ? Value(arith::RemUIOp::create(b, x, safe)) : Value(arith::RemSIOp::create(b, x, safe));
}
