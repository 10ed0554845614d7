//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: contractions with a constant weight to the gs dialect.
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"
#include "Weights.h"
#include "gs/Conversion/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTLINALGTOGS
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

using Convert = LogicalResult (*)(linalg::LinalgOp, RewriterBase &, Refusal);

struct ContractionPattern : OpInterfaceRewritePattern<linalg::LinalgOp> {
  ContractionPattern(MLIRContext *context, Convert convert, Pass::Statistic &count)
      : OpInterfaceRewritePattern(context), convert(convert), count(count) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op, PatternRewriter &rewriter) const override {
    auto refuse = [&](const Twine &reason) { return rewriter.notifyMatchFailure(op, reason); };
    if (failed(convert(op, rewriter, refuse)))
      return failure();
    ++count;
    return success();
  }

  Convert convert;
  Pass::Statistic &count;
};

struct LinalgToGS : gs::impl::ConvertLinalgToGSBase<LinalgToGS> {
  using ConvertLinalgToGSBase::ConvertLinalgToGSBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ContractionPattern>(&getContext(), convertMatmul, numMatmuls);
    patterns.add<ContractionPattern>(&getContext(), convertConvolution, numConvolutions);
    patterns.add<ContractionPattern>(&getContext(), convertPool, numPools);
    populateFoldPadPatterns(patterns);
    populateFoldPoolPadPatterns(patterns);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    if (failed(reportPatternsLeft()))
      signalPassFailure();
  }

  /// A weight with a pattern that stays in linalg would silently become dense in bufferization.
  LogicalResult reportPatternsLeft() {
    bool left = false;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (llvm::none_of(op->getOperands(), hasPattern))
        return;
      std::string why = "no gs op expresses it";
      auto remember = [&](const Twine &reason) {
        why = reason.str();
        return failure();
      };
      // Both conversions have refused the op; ask the one that fits its shape for the reason.
      IRRewriter rewriter(op);
      bool isConvolution = op.getNumDpsInputs() == 2 && !op.getIndexingMapsArray()[0].isProjectedPermutation();
      if (succeeded(isConvolution ? convertConvolution(op, rewriter, remember) : convertMatmul(op, rewriter, remember)))
        return;
      left = true;
      op.emitOpError("has an operand with a sparsity pattern but cannot become a gs op: ") << why;
    });
    return failure(left);
  }
};

} // namespace
