//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Math functions as vectorisable polynomials.
//
//===----------------------------------------------------------------------===//
#include "MathPolynomials.h"
#include "gs/Conversion/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gs {
#define GEN_PASS_DEF_EXPANDMATH
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

namespace {

/// max(x, c) and min(x, c) for a constant c, as in activations: a comparison with c on the left, which is false for a
/// NaN in x, and a selection are one instruction on x86, while the two-sided treatment of NaN and of the sign of zero
/// takes three to five. A NaN in x stays; a zero may keep its sign.
template <typename Op, arith::CmpFPredicate beyond> struct ClampByConstant : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    Value bound = op.getRhs(), x = op.getLhs();
    APFloat constant(0.0f);
    if (!matchPattern(bound, m_ConstantFloat(&constant))) {
      std::swap(bound, x);
      if (!matchPattern(bound, m_ConstantFloat(&constant)))
        return rewriter.notifyMatchFailure(op, "no operand is a constant");
    }
    if (constant.isNaN())
      return rewriter.notifyMatchFailure(op, "the bound is NaN");
    Value isBeyond = arith::CmpFOp::create(rewriter, op.getLoc(), beyond, bound, x);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isBeyond, bound, x);
    return success();
  }
};

class ExpandMath : public gs::impl::ExpandMathBase<ExpandMath> {
public:
  using ExpandMathBase::ExpandMathBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    if (!target.empty()) {
      FailureOr<gs::TargetSpec> spec =
          gs::resolveTarget(target, [&](const Twine &message) { getOperation()->emitError() << message; });
      if (failed(spec))
        return signalPassFailure();
      RewritePatternSet gelu(&getContext());
      gs::populateGelu(gelu, *spec);
      if (failed(applyPatternsGreedily(getOperation(), std::move(gelu))))
        return signalPassFailure();
      gs::populateMathTables(patterns, *spec);
    }
    gs::populateMathPolynomials(patterns);
    populateMathPolynomialApproximationPatterns(patterns);
    // Not all of arith-expand: it takes maxima and minima apart, which LLVM vectorises (reductions too) as they are.
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    patterns.add<ClampByConstant<arith::MaximumFOp, arith::CmpFPredicate::OGT>,
                 ClampByConstant<arith::MinimumFOp, arith::CmpFPredicate::OLT>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
