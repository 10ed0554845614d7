//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// exp, erf and tanh of f32 scalars and vectors without branches, tables or calls.
//
// Coefficients are minimax fits in the relative error (least squares, reweighted until the largest error is least),
// rounded to f32.
//
//===----------------------------------------------------------------------===//
#include "MathPolynomials.h"
#include "Builder32.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include <cmath>
#include <limits>

using namespace mlir;
using mlir::gs::Builder32;

namespace {

/// x = n ln 2 + r with |r| <= ln 2 / 2, and (e^r - 1 - r) / r^2.
struct Reduced {
  Value r, tail;
  Value exponent; ///< the bits of an exponent field of n: n << 23
};

} // namespace

/// For |x| of at most 128.
static Reduced reduce(Builder32 &m, Value x) {
  // Adding 1.5 * 2^23 rounds to an integer, whose low bits stand in the mantissa.
  Value magic = m.constant(12582912.0f);
  Value shifted = m.fma(x, m.constant(1.44269502f), magic);
  Value n = m.sub(shifted, magic);
  // ln 2 in two parts, the first of which has few bits, so that n times it is exact.
  Value r = m.fma(n, m.constant(-0.693359375f), x);
  r = m.fma(n, m.constant(0.000212194442f), r);
  Value tail = m.polynomial(r, {0.49999994f, 0.166665152f, 0.041668456f, 0.00836941879f, 0.00138131436f});
  return {r, tail, m.shiftLeft(m.toBits(shifted), 23)};
}

static Value exponential(Builder32 &m, Value x) {
  Reduced e = reduce(m, x);
  Value one = m.constant(1.0f);
  Value power = m.fma(m.fma(e.tail, e.r, one), e.r, one);
  Value result = m.fromBits(m.addBits(m.toBits(power), e.exponent));
  // Outside of [ln 2^-126, ln of the largest number] the exponent field has overflowed.
  result = m.select(arith::CmpFPredicate::OLT, x, m.constant(-87.3365402f), m.constant(0.0f), result);
  Value beyond = m.add(x, m.constant(std::numeric_limits<float>::infinity())); // NaN stays
  return m.select(arith::CmpFPredicate::UGT, x, m.constant(88.7228317f), beyond, result);
}

/// (e^2|x| - 1) / (e^2|x| + 1), through e^z - 1 so that small numbers keep their digits.
static Value hyperbolicTangent(Builder32 &m, Value x) {
  Value z = m.abs(x);
  z = m.atMost(m.add(z, z), 18.1f); // where the result is 1
  Reduced e = reduce(m, z);
  Value scale = m.fromBits(m.addBits(e.exponent, m.constant(int32_t(0x3f800000)))); // 2^n
  Value minusOne = m.fma(m.mul(e.tail, e.r), e.r, e.r);                             // e^r - 1
  minusOne = m.fma(minusOne, scale, m.sub(scale, m.constant(1.0f)));                // e^z - 1
  return m.copySign(m.div(minusOne, m.add(minusOne, m.constant(2.0f))), x);
}

/// x times a polynomial in x^2, one for the whole range: neither division nor a second function of which one is thrown
/// away. The polynomial's variable is moved to [-1, 1], which keeps rounding errors small.
static Value errorFunction(Builder32 &m, Value x) {
  constexpr float limit = 3.92f; // erf rounds to 1 from here
  Value bounded = m.atMost(m.atLeast(x, -limit), limit);
  Value t = m.fma(m.mul(bounded, bounded), m.constant(0.130154103f), m.constant(-1.0f));
  Value factor =
      m.polynomial(t, {0.360736817f, -0.180108622f, 0.134084553f, -0.109179229f, 0.0905969739f, -0.0740198195f,
                       0.058395993f, -0.0434368588f, 0.0296975747f, -0.0199950356f, 0.0142099392f, -0.00766051607f,
                       0.00191998109f, -0.00139454857f, 0.00209875568f, -0.000843924645f});
  return m.atMost(m.atLeast(m.mul(factor, bounded), -1.0f), 1.0f);
}

namespace {

template <typename Op, Value (*expand)(Builder32 &, Value)> struct Expand : OpRewritePattern<Op> {
  // Before upstream's approximations, which know these functions, too.
  explicit Expand(MLIRContext *context) : OpRewritePattern<Op>(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32() || (isa<VectorType>(type) && cast<VectorType>(type).isScalable()))
      return rewriter.notifyMatchFailure(op, "not of f32");
    Builder32 m(op.getLoc(), rewriter, type);
    rewriter.replaceOp(op, expand(m, op.getOperand()));
    return success();
  }
};

/// erf(x / c) as erf(x * (1 / c)): exporters write GELU with a division by the square root of two. The argument may
/// differ in its last bit, which erf does not enlarge.
struct ErfOfQuotient : OpRewritePattern<math::ErfOp> {
  explicit ErfOfQuotient(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/4) {}

  LogicalResult matchAndRewrite(math::ErfOp op, PatternRewriter &rewriter) const override {
    auto quotient = op.getOperand().getDefiningOp<arith::DivFOp>();
    APFloat divisor(0.0f);
    if (!quotient || !getElementTypeOrSelf(op.getType()).isF32() ||
        !matchPattern(quotient.getRhs(), m_ConstantFloat(&divisor)))
      return rewriter.notifyMatchFailure(op, "its operand is no quotient by a constant");
    float value = divisor.convertToFloat();
    if (!(std::abs(value) > 1e-30f && std::abs(value) < 1e30f))
      return rewriter.notifyMatchFailure(op, "the divisor has no normal inverse");
    Builder32 m(op.getLoc(), rewriter, op.getType());
    Value argument = m.mul(quotient.getLhs(), m.constant(1.0f / value));
    rewriter.modifyOpInPlace(op, [&] { op.getOperandMutable().assign(argument); });
    return success();
  }
};

} // namespace

void mlir::gs::populateMathPolynomials(RewritePatternSet &patterns) {
  patterns.add<Expand<math::ExpOp, exponential>, Expand<math::ErfOp, errorFunction>,
               Expand<math::TanhOp, hyperbolicTangent>, ErfOfQuotient>(patterns.getContext());
}
