//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Transposes before and after products of activations become the way in which the product reads and writes.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gs {
#define GEN_PASS_DEF_FOLDTRANSPOSES
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

static bool isProduct(linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() && !op.hasDynamicShape() && op.getNumDpsInputs() == 2 &&
         linalg::isaContractionOpInterface(op);
}

namespace {

/// A named product (batch_matmul, ...) as a generic op, whose maps can say any order of dimensions.
struct Generalize : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op, PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp>(op.getOperation()) || !isProduct(op))
      return rewriter.notifyMatchFailure(op, "not a named product on static tensors");
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

/// Dimension d of a transposed value is dimension perm[d] of its source.
struct FoldIntoReader : OpRewritePattern<linalg::GenericOp> {
  FoldIntoReader(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &rewriter) const override {
    if (!isProduct(op))
      return rewriter.notifyMatchFailure(op, "not a product");
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto transpose = operand->get().getDefiningOp<linalg::TransposeOp>();
      if (!transpose)
        continue;
      AffineMap map = op.getMatchingIndexingMap(operand);
      SmallVector<AffineExpr> exprs(map.getNumResults());
      for (auto [d, source] : llvm::enumerate(transpose.getPermutation()))
        exprs[source] = map.getResult(d);
      SmallVector<AffineMap> maps = op.getIndexingMapsArray();
      maps[operand->getOperandNumber()] = AffineMap::get(map.getNumDims(), 0, exprs, op.getContext());
      rewriter.modifyOpInPlace(op, [&] {
        op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
        operand->set(transpose.getInput());
      });
      ++count;
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is transposed");
  }

  Pass::Statistic &count;
};

struct FoldIntoProducer : OpRewritePattern<linalg::TransposeOp> {
  FoldIntoProducer(MLIRContext *context, Pass::Statistic &count) : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(linalg::TransposeOp transpose, PatternRewriter &rewriter) const override {
    auto product = transpose.getInput().getDefiningOp<linalg::GenericOp>();
    if (!product || !product->hasOneUse() || !isProduct(product))
      return rewriter.notifyMatchFailure(transpose, "does not follow a product of its own");
    auto fill = product.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
    if (!fill)
      return rewriter.notifyMatchFailure(transpose, "the product adds to something");
    AffineMap map = product.getMatchingIndexingMap(product.getDpsInitOperand(0));
    SmallVector<AffineMap> maps = product.getIndexingMapsArray();
    SmallVector<AffineExpr> exprs =
        llvm::map_to_vector(transpose.getPermutation(), [&](int64_t d) { return map.getResult(d); });
    maps.back() = AffineMap::get(map.getNumDims(), 0, exprs, map.getContext());
    rewriter.setInsertionPoint(product);
    Location loc = product.getLoc();
    auto type = cast<RankedTensorType>(transpose->getResult(0).getType());
    Value init = tensor::EmptyOp::create(rewriter, loc, type.getShape(), type.getElementType());
    init = linalg::FillOp::create(rewriter, loc, fill.getInputs(), ValueRange{init})->getResult(0);
    auto transposed = linalg::GenericOp::create(rewriter, loc, TypeRange{type}, product.getDpsInputs(),
                                                ValueRange{init}, maps, product.getIteratorTypesArray());
    transposed->setDiscardableAttrs(product->getDiscardableAttrDictionary());
    rewriter.inlineRegionBefore(product.getRegion(), transposed.getRegion(), transposed.getRegion().begin());
    rewriter.replaceOp(transpose, transposed->getResults());
    rewriter.eraseOp(product);
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

class FoldTransposes : public gs::impl::FoldTransposesBase<FoldTransposes> {
public:
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Generalize>(&getContext());
    patterns.add<FoldIntoReader, FoldIntoProducer>(&getContext(), numFolded);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
