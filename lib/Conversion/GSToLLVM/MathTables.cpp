//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// erf, exp and GELU of one vector of f32 by short polynomials whose coefficients depend on the lane: they lie in
// registers of 16 entries, from which an instruction takes one for each lane.
//
// Coefficients are minimax fits in the relative error, of GELU in the absolute error (least squares, reweighted until
// the largest error is least), rounded to f32 one after the other, the rest fitted again each time.
//
//===----------------------------------------------------------------------===//
#include "Builder32.h"
#include "MathPolynomials.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "llvm/TargetParser/Triple.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::gs;

static constexpr unsigned entries = 16, coefficients = 6;

/// erf(n / 4 + r) for |r| <= 1/8 is the sum of table[i][n] * r^i. Entry 0 has no constant term, so that small numbers
/// keep their digits; entry 15 ends with exactly 1.
static constexpr float table[coefficients][entries] = {
    {0.0f, 0.276326388f, 0.520499885f, 0.711155653f, 0.842700779f, 0.92290014f, 0.966105163f, 0.986671686f,
     0.995322287f, 0.998537302f, 0.999593019f, 0.999899387f, 0.999977887f, 0.999995708f, 0.999999285f, 0.99999994f},
    {1.12837923f, 1.06001425f, 0.87878263f, 0.642931104f, 0.415107489f, 0.236521125f, 0.118930288f, 0.0527749956f,
     0.0206669867f, 0.00714231934f, 0.00217828411f, 0.000586277281f, 0.000139253054f, 2.91890265e-05f, 5.39942675e-06f,
     8.81432186e-07f},
    {-1.47385135e-05f, -0.264999002f, -0.439388424f, -0.482204527f, -0.41510123f, -0.29565984f, -0.17840606f,
     -0.0923648849f, -0.0413452275f, -0.0160793047f, -0.00543090748f, -0.00161676842f, -0.000406082778f,
     -0.000100539481f, -3.30205112e-05f, -1.77228612e-05f},
    {-0.375543982f, -0.309197575f, -0.146480381f, 0.0267741065f, 0.138371021f, 0.167533949f, 0.138752207f, 0.090157792f,
     0.0482229702f, 0.0217245333f, 0.0083500687f, 0.00276029995f, 0.00078905368f, 0.000195788467f, 4.22882986e-05f,
     7.96760014e-06f},
    {-0.0073424601f, 0.126092881f, 0.182127818f, 0.150664136f, 0.0688556731f, -0.00528873922f, -0.0436185412f,
     -0.0474098735f, -0.0337182954f, -0.0185480304f, -0.00961179473f, -0.00299617811f, -0.00180194608f, 7.18600932e-05f,
     0.000833309488f, 0.000906951202f},
    {0.141426623f, 0.0811254755f, 0.00833113492f, -0.0520862564f, -0.0690579042f, -0.0470031761f, -0.0149381608f,
     0.00650226232f, 0.0130323963f, 0.0106476657f, 0.00612733699f, 0.00277144881f, 0.00102563587f, 0.00031781639f,
     8.34915772e-05f, 1.87559272e-05f}};

/// erf((n / 2 + r) / sqrt 2) / 2 for |r| <= 1/4 is the sum of geluTable[i][n] * r^i, within 2.5e-8; from entry 12 on it
/// is 1/2.
static constexpr float geluTable[coefficients][entries] = {
    {0.0f, 0.19146244f, 0.34134474f, 0.4331928f, 0.4772499f, 0.49379033f, 0.4986501f, 0.49976736f, 0.49996832f,
     0.4999966f, 0.4999997f, 0.49999997f, 0.5f, 0.5f, 0.5f, 0.5f},
    {0.39894226f, 0.35206532f, 0.24197075f, 0.1295176f, 0.053990968f, 0.017528297f, 0.004431848f, 0.0008726827f,
     0.00013383022f, 1.5983936e-05f, 1.4867195e-06f, 1.07697595e-07f, 0.0f, 0.0f, 0.0f, 0.0f},
    {1.096353e-06f, -0.08800996f, -0.12098185f, -0.09713849f, -0.05399592f, -0.021910738f, -0.0066477605f,
     -0.0015258796f, -0.00026641204f, -3.5941885e-05f, -2.2690704e-06f, 1.0738029e-06f, 0.0f, 0.0f, 0.0f, 0.0f},
    {-0.06651006f, -0.044007193f, -2.9930457e-06f, 0.026981184f, 0.026995556f, 0.015338082f, 0.005909372f,
     0.0016362426f, 0.00033452947f, 5.1246792e-05f, 5.9424697e-06f, 5.2435576e-07f, 0.0f, 0.0f, 0.0f, 0.0f},
    {0.00014368886f, 0.019888934f, 0.019987702f, 0.0061160563f, -0.0043369317f, -0.005896305f, -0.003330836f,
     -0.0012092747f, -0.0003149296f, -5.3424465e-05f, -3.0042924e-05f, -2.2445745e-05f, 0.0f, 0.0f, 0.0f, 0.0f},
    {0.0095746135f, 0.0045488523f, -0.0039433264f, -0.005808737f, -0.0022581443f, 0.00063781993f, 0.0010989418f,
     0.00058050075f, 0.00018411042f, 3.9942104e-05f, 6.1309543e-06f, 6.926644e-07f, 0.0f, 0.0f, 0.0f, 0.0f}};

/// 2^(n / 16) is powers[n] * (1 + powerRests[n]).
static constexpr float powers[entries] = {1.0f,       1.0442737f, 1.0905077f, 1.1387886f, 1.1892071f, 1.2418578f,
                                          1.2968396f, 1.3542556f, 1.4142135f, 1.4768262f, 1.5422108f, 1.6104903f,
                                          1.6817929f, 1.7562522f, 1.8340081f, 1.9152066f};
static constexpr float powerRests[entries] = {
    0.0f,           4.628547e-08f,  -1.19921575e-08f, 4.7297824e-08f, 3.193418e-08f,
    3.6210572e-08f, -3.099072e-08f, -7.475213e-09f,   1.7114271e-08f, -3.0476834e-08f,
    5.233334e-09f,  6.1075918e-09f, -1.4719605e-08f,  -5.258795e-09f, -6.1282597e-09f,
    5.1406093e-09f};

namespace {

/// Vector operations of a function by table, and by a polynomial for all numbers, that take the ports of multiply-adds.
struct Cost {
  double multiplyAdds, permutes, polynomial;

  bool isLower(const TargetSpec &spec) const {
    return multiplyAdds / spec.fmaPerCycle + permutes / spec.permutesPerCycle < polynomial / spec.fmaPerCycle;
  }
};

} // namespace

static constexpr Cost erfCost{5, coefficients, 18}, geluCost{7, coefficients, 21}, expCost{9, 2, 12};

namespace {

/// Arithmetic on one vector.
class Lanes : public Builder32 {
public:
  using Builder32::Builder32;
  using Builder32::constant;

  Value constant(ArrayRef<float> values) {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(cast<VectorType>(type), values));
  }
  /// x times 2 to the next whole number below n.
  Value scale(Value x, Value n) {
    Value all = arith::ConstantOp::create(b, b.getI16IntegerAttr(-1));
    Value asUsual = arith::ConstantOp::create(b, b.getI32IntegerAttr(4)); // rounding
    return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr("llvm.x86.avx512.mask.scalef.ps.512"),
                                         ValueRange{x, n, x, all, asUsual})
        .getResult(0);
  }
  /// The entries of `values` whose numbers stand in the lowest bits of `places`; no others are read.
  Value pick(ArrayRef<float> values, Value places) {
    return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr("llvm.x86.avx512.permvar.sf.512"),
                                         ValueRange{constant(values), toBits(places)})
        .getResult(0);
  }
  /// The polynomial of a piece in r. `magic` is 1.5 * 2^23 times the distance of pieces: to add it rounds z to the
  /// nearest one, whose number then stands in the lowest bits.
  Value piece(Value z, float magic, const float (&table)[coefficients][entries]) {
    Value large = constant(magic), shifted = add(z, large), r = sub(z, sub(shifted, large));
    Value sum = pick(table[coefficients - 1], shifted);
    for (int i = coefficients - 2; i >= 0; --i)
      sum = fma(sum, r, pick(table[i], shifted));
    return sum;
  }
};

bool isWholeVector(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getElementType().isF32() && vector.getShape() == ArrayRef<int64_t>(entries) &&
         !vector.isScalable();
}

struct ErfByTable : OpRewritePattern<math::ErfOp> {
  // Before the polynomial, after a division was turned into a multiplication.
  explicit ErfByTable(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/3) {}

  LogicalResult matchAndRewrite(math::ErfOp op, PatternRewriter &rewriter) const override {
    if (!isWholeVector(op.getType()))
      return rewriter.notifyMatchFailure(op, "not one vector of 16 f32");
    Lanes m(op.getLoc(), rewriter, op.getType());
    Value x = op.getOperand();
    // In the last entry; erf rounds to 1 from 3.92.
    Value z = m.atMost(m.abs(x), 3.874f);
    rewriter.replaceOpWithNewOp<math::CopySignOp>(op, m.piece(z, 3145728.0f, table), x);
    return success();
  }
};

/// As the polynomial does it, but x is a multiple of ln 2 / 16 and a rest for which e^r needs three terms. What the
/// entry for the multiple lacks is added to them, so that the result has one rounding error.
struct ExpByTable : OpRewritePattern<math::ExpOp> {
  explicit ExpByTable(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/3) {}

  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    if (!isWholeVector(op.getType()))
      return rewriter.notifyMatchFailure(op, "not one vector of 16 f32");
    Lanes m(op.getLoc(), rewriter, op.getType());
    // Outside of these bounds results are zero and infinite. A NaN stays.
    Value x = m.atLeast(m.atMost(op.getOperand(), 89.0f), -104.0f);
    // Adding 1.5 * 2^19 rounds to a multiple of 1/16, whose number stands in the lowest bits.
    Value one = m.constant(1.0f), magic = m.constant(786432.0f);
    Value shifted = m.fma(x, m.constant(1.44269502f), magic), n = m.sub(shifted, magic);
    // ln 2 in two parts, the first of which has few bits, so that n times it is exact.
    Value r = m.fma(n, m.constant(-0.693359375f), x);
    r = m.fma(n, m.constant(0.000212194442f), r);
    Value rest = m.fma(m.fma(m.constant(0.16667032f), r, m.constant(0.5000162f)), r, one);
    rest = m.fma(rest, r, m.pick(powerRests, shifted));
    Value entry = m.pick(powers, shifted), power = m.fma(entry, rest, entry);
    rewriter.replaceOp(op, m.scale(power, n));
    return success();
  }
};

/// x (erf(x / sqrt 2) + 1) / 2, in whatever order the factors stand, as x / 2 + |x| h(|x|). As in the formula, -inf
/// gives NaN.
struct GeluByTable : OpRewritePattern<arith::MulFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::MulFOp op, PatternRewriter &rewriter) const override {
    if (!isWholeVector(op.getType()))
      return rewriter.notifyMatchFailure(op, "not one vector of 16 f32");
    Value x;
    for (auto [product, factor] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())})
      if (auto inner = product.getDefiningOp<arith::MulFOp>(); inner && !x)
        x = argumentOf({inner.getLhs(), inner.getRhs(), factor});
    if (!x)
      return rewriter.notifyMatchFailure(op, "no product of x, 1/2 and erf(x / sqrt 2) + 1");
    Lanes m(op.getLoc(), rewriter, op.getType());
    Value z = m.abs(x);
    Value h = m.piece(m.atMost(z, 6.0f), 6291456.0f, geluTable);
    rewriter.replaceOp(op, m.fma(z, h, m.mul(x, m.constant(0.5f))));
    return success();
  }

private:
  static bool isConstant(Value value, float wanted) {
    APFloat constant(0.0f);
    return matchPattern(value, m_ConstantFloat(&constant)) &&
           std::abs(constant.convertToFloat() - wanted) <= 1e-6f * wanted;
  }

  /// x, if `factors` are x, 1/2 and erf(x / sqrt 2) + 1.
  static Value argumentOf(std::initializer_list<Value> factors) {
    Value x;
    bool isHalved = false;
    for (Value factor : factors) {
      isHalved |= isConstant(factor, 0.5f);
      if (Value argument = argumentOfGate(factor))
        x = argument;
    }
    return isHalved && x && llvm::is_contained(factors, x) ? x : Value();
  }

  /// x, if `gate` is erf(x / sqrt 2) + 1.
  static Value argumentOfGate(Value gate) {
    auto sum = gate.getDefiningOp<arith::AddFOp>();
    if (!sum)
      return {};
    for (auto [curve, one] : {std::pair(sum.getLhs(), sum.getRhs()), std::pair(sum.getRhs(), sum.getLhs())}) {
      auto erf = curve.getDefiningOp<math::ErfOp>();
      if (!erf || !isConstant(one, 1.0f))
        continue;
      if (auto quotient = erf.getOperand().getDefiningOp<arith::DivFOp>())
        return isConstant(quotient.getRhs(), 1.41421356f) ? quotient.getLhs() : Value();
      auto product = erf.getOperand().getDefiningOp<arith::MulFOp>();
      if (product && isConstant(product.getRhs(), 0.707106781f))
        return product.getLhs();
      if (product && isConstant(product.getLhs(), 0.707106781f))
        return product.getRhs();
    }
    return {};
  }
};

} // namespace

static bool hasTables(const TargetSpec &spec) { return llvm::Triple(spec.triple).isX86() && spec.lanes() == entries; }

void mlir::gs::populateMathTables(RewritePatternSet &patterns, const TargetSpec &spec) {
  if (hasTables(spec) && erfCost.isLower(spec))
    patterns.add<ErfByTable>(patterns.getContext());
  if (hasTables(spec) && expCost.isLower(spec))
    patterns.add<ExpByTable>(patterns.getContext());
}

void mlir::gs::populateGelu(RewritePatternSet &patterns, const TargetSpec &spec) {
  if (hasTables(spec) && geluCost.isLower(spec))
    patterns.add<GeluByTable>(patterns.getContext());
}
