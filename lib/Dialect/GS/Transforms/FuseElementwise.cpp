//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fusion of elementwise linalg ops where it does not repeat work.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gs {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

/// Whether `op` computes: anything but constants, casts and moving elements.
static bool computes(linalg::LinalgOp op) {
  for (Operation &inner : op.getBlock()->without_terminator())
    if (isa<arith::ArithDialect, math::MathDialect>(inner.getDialect()) &&
        !isa<arith::ConstantOp, arith::ExtFOp, arith::TruncFOp, arith::ExtSIOp, arith::ExtUIOp>(inner))
      return true;
  return false;
}

/// Whether to compute `op` again costs less than to store and load its result: a sum, difference or product or two.
static bool isCheap(linalg::LinalgOp op) {
  int64_t count = 0;
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (isa<arith::ConstantOp>(inner))
      continue;
    bool isDivision = isa<arith::DivFOp>(inner) && matchPattern(inner.getOperand(1), m_Constant());
    if (!isDivision && !isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::NegFOp>(inner))
      return false;
    ++count;
  }
  return count <= 2 && op.getNumParallelLoops() == op.getNumLoops();
}

/// A cheap producer is computed by each of its few readers, if all of them are generic ops that can take it.
static bool isWorthRepeating(OpOperand *operand) {
  auto from = operand->get().getDefiningOp<linalg::GenericOp>();
  if (!from || !isCheap(from) || llvm::range_size(from->getUses()) > 3)
    return false;
  return llvm::all_of(from->getUses(), [](OpOperand &use) {
    auto to = dyn_cast<linalg::GenericOp>(use.getOwner());
    return to && !to.isDpsInit(&use) && to.getMatchingIndexingMap(&use).isPermutation() &&
           !(to.getNumDpsInputs() == 2 && linalg::isaContractionOpInterface(to));
  });
}

/// A producer goes into its only reader, unless the reader would compute it again for every step of a loop over which
/// the operand is constant: a product of matrices reads each element many times, a row's factor serves the whole row.
static bool isWorthFusing(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  if (!producer || !producer->hasOneUse())
    return isWorthRepeating(operand);
  auto from = dyn_cast<linalg::LinalgOp>(producer);
  auto to = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  if (!from || !to) // reshapes
    return true;
  AffineMap map = to.getMatchingIndexingMap(operand);
  return map.isPermutation() || !computes(from);
}

namespace {

/// x / sqrt(v), where one v serves a whole row or column, as x * (1 / sqrt(v)): a division per v, not per x. The root
/// of a number that is not zero lies far from the smallest and the largest numbers, so that its inverse has all its
/// digits, and 0, infinity and NaN give the same as in the division. Costs at most one unit in the last place.
struct MultiplyByInverseRoot : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &rewriter) const override {
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto from = operand->get().getDefiningOp<linalg::GenericOp>();
      BlockArgument divisor = op.getMatchingBlockArgument(operand);
      if (!from || !from->hasOneUse() || from->getNumResults() != 1 || divisor.use_empty() ||
          op.getMatchingIndexingMap(operand).isPermutation())
        continue;
      Operation *yield = from.getBody()->getTerminator();
      Value root = yield->getOperand(0);
      if (!root.getDefiningOp<math::SqrtOp>() || !llvm::all_of(divisor.getUses(), [](OpOperand &use) {
            return isa<arith::DivFOp>(use.getOwner()) && use.getOperandNumber() == 1;
          }))
        continue;
      rewriter.setInsertionPoint(yield);
      Value one = arith::ConstantOp::create(rewriter, root.getLoc(), rewriter.getFloatAttr(root.getType(), 1));
      Value inverse = arith::DivFOp::create(rewriter, root.getLoc(), one, root);
      rewriter.modifyOpInPlace(yield, [&] { yield->setOperand(0, inverse); });
      for (Operation *user : llvm::make_early_inc_range(divisor.getUsers())) {
        rewriter.setInsertionPoint(user);
        rewriter.replaceOpWithNewOp<arith::MulFOp>(user, user->getOperand(0), divisor);
      }
      return success();
    }
    return rewriter.notifyMatchFailure(op, "divides by no root of a row");
  }
};

class FuseElementwise : public gs::impl::FuseElementwiseBase<FuseElementwise> {
public:
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, isWorthFusing);
    linalg::populateConstantFoldLinalgOperations(patterns, isWorthFusing);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
    patterns.add<MultiplyByInverseRoot>(context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
    GreedyRewriteConfig config;
    config.setUseTopDownTraversal();
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};

} // namespace
