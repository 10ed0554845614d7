//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// erf of one vector of f32 by a short polynomial whose coefficients depend on the lane: they lie in registers of 16
// entries, from which an instruction takes one for each lane.
//
// Coefficients are minimax fits in the relative error (least squares, reweighted until the largest error is least),
// rounded to f32 one after the other, the rest fitted again each time.
//
//===----------------------------------------------------------------------===//
#include "MathPolynomials.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;

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
/// Vector operations that take the ports of multiply-adds: of the table's way, and of the polynomial for all numbers.
static constexpr double tableMultiplyAdds = 5, polynomialMultiplyAdds = 18;

bool mlir::gs::prefersTables(const TargetSpec &spec) {
  if (!llvm::Triple(spec.triple).isX86() || spec.lanes() != entries)
    return false;
  return tableMultiplyAdds / spec.fmaPerCycle + coefficients / spec.permutesPerCycle <
         polynomialMultiplyAdds / spec.fmaPerCycle;
}

namespace {

struct ErfByTable : OpRewritePattern<math::ErfOp> {
  // Before the polynomial, after a division was turned into a multiplication.
  explicit ErfByTable(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/3) {}

  LogicalResult matchAndRewrite(math::ErfOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || !type.getElementType().isF32() || type.getShape() != ArrayRef<int64_t>(entries) || type.isScalable())
      return rewriter.notifyMatchFailure(op, "not one vector of 16 f32");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto constant = [&](ArrayRef<float> values) -> Value {
      return arith::ConstantOp::create(b, DenseElementsAttr::get(type, values));
    };
    Value limit = constant(3.874f); // in the last entry; erf rounds to 1 from 3.92
    Value x = op.getOperand(), z = math::AbsFOp::create(b, x);
    // A NaN stays.
    Value isBeyond = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, limit, z);
    z = arith::SelectOp::create(b, isBeyond, limit, z);
    // Adding 1.5 * 2^21 rounds to a multiple of 1/4, whose number stands in the lowest bits. The instruction that picks
    // coefficients reads no others.
    Value magic = constant(3145728.0f);
    Value shifted = arith::AddFOp::create(b, z, magic);
    Value r = arith::SubFOp::create(b, z, arith::SubFOp::create(b, shifted, magic));
    Value places = arith::BitcastOp::create(b, type.clone(b.getI32Type()), shifted);
    auto pick = [&](ArrayRef<float> values) {
      return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr("llvm.x86.avx512.permvar.sf.512"),
                                           ValueRange{constant(values), places})
          .getResult(0);
    };
    Value sum = pick(table[coefficients - 1]);
    for (int i = coefficients - 2; i >= 0; --i)
      sum = math::FmaOp::create(b, sum, r, pick(table[i]));
    rewriter.replaceOpWithNewOp<math::CopySignOp>(op, sum, x);
    return success();
  }
};

} // namespace

void mlir::gs::populateMathTables(RewritePatternSet &patterns) { patterns.add<ErfByTable>(patterns.getContext()); }
