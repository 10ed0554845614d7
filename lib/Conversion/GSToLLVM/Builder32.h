//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short names for the arithmetic that math functions are made of.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOLLVM_BUILDER32_H
#define GS_LIB_CONVERSION_GSTOLLVM_BUILDER32_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::gs {

/// Arithmetic on values of one type, f32 or a vector of it.
class Builder32 {
public:
  Builder32(Location loc, PatternRewriter &rewriter, Type type) : b(loc, rewriter), type(type) {
    bits = b.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      bits = vector.clone(bits);
  }

  Value constant(float value) { return splat(type, b.getF32FloatAttr(value)); }
  Value constant(int32_t value) { return splat(bits, b.getI32IntegerAttr(value)); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value fma(Value x, Value y, Value z) { return math::FmaOp::create(b, x, y, z); }
  Value abs(Value x) { return math::AbsFOp::create(b, x); }
  Value copySign(Value x, Value sign) { return math::CopySignOp::create(b, x, sign); }
  Value toBits(Value x) { return arith::BitcastOp::create(b, bits, x); }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, type, x); }
  Value addBits(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value shiftLeft(Value x, int32_t count) { return arith::ShLIOp::create(b, x, constant(count)); }
  /// `yes` where x compares with y, else `no`.
  Value select(arith::CmpFPredicate predicate, Value x, Value y, Value yes, Value no) {
    return arith::SelectOp::create(b, arith::CmpFOp::create(b, predicate, x, y), yes, no);
  }
  /// x, at most / at least `bound`; NaN stays.
  Value atMost(Value x, float bound) {
    Value limit = constant(bound);
    return select(arith::CmpFPredicate::OLT, limit, x, limit, x);
  }
  Value atLeast(Value x, float bound) {
    Value limit = constant(bound);
    return select(arith::CmpFPredicate::OGT, limit, x, limit, x);
  }
  /// sum of c[i] * x^i
  Value polynomial(Value x, ArrayRef<float> c) {
    Value sum = constant(c.back());
    for (float coefficient : llvm::reverse(c.drop_back()))
      sum = fma(sum, x, constant(coefficient));
    return sum;
  }

protected:
  ImplicitLocOpBuilder b;
  Type type, bits;

private:
  Value splat(Type t, TypedAttr value) {
    if (auto vector = dyn_cast<VectorType>(t))
      return arith::ConstantOp::create(b, DenseElementsAttr::get(vector, ArrayRef<Attribute>(value)));
    return arith::ConstantOp::create(b, value);
  }
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOLLVM_BUILDER32_H
