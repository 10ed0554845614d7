//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loop orders of linalg ops that stay linalg.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gs {
#define GEN_PASS_DEF_ORDERLOOPS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

namespace {

/// tensor.pad with a constant as a fill and a copy into a slice.
struct DecomposePad : OpRewritePattern<tensor::PadOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::PadOp pad, PatternRewriter &rewriter) const override {
    RankedTensorType type = pad.getResultType();
    Value value = pad.getConstantPaddingValue();
    if (!value || !type.hasStaticShape())
      return rewriter.notifyMatchFailure(pad, "needs a constant padding value and a static shape");
    Location loc = pad.getLoc();
    Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(), type.getElementType());
    Value filled = linalg::FillOp::create(rewriter, loc, value, empty).getResult(0);
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(rewriter, loc, pad.getSource());
    SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(pad, pad.getSource(), filled, pad.getMixedLowPad(), sizes,
                                                       strides);
    return success();
  }
};

class OrderLoops : public gs::impl::OrderLoopsBase<OrderLoops> {
public:
  void runOnOperation() override {
    Operation *root = getOperation();
    RewritePatternSet patterns(&getContext());
    patterns.add<DecomposePad>(&getContext());
    tensor::populateDecomposeTensorConcatPatterns(patterns);
    if (failed(applyPatternsGreedily(root, std::move(patterns))))
      return signalPassFailure();

    IRRewriter rewriter(&getContext());
    SmallVector<linalg::LinalgOp> ops;
    root->walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops)
      reorder(rewriter, op);
  }

private:
  void reorder(IRRewriter &rewriter, linalg::LinalgOp op) {
    if (op.getNumReductionLoops() == 0 || op.getNumDpsInits() != 1)
      return;
    AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    auto last =
        out.getNumResults() ? dyn_cast<AffineDimExpr>(out.getResult(out.getNumResults() - 1)) : AffineDimExpr(nullptr);
    unsigned loops = op.getNumLoops();
    if (!last || last.getPosition() == loops - 1)
      return;
    // Every input must be constant along that loop or contiguous in it.
    for (OpOperand *input : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(input);
      for (unsigned i = 0, e = map.getNumResults(); i < e; ++i)
        if (map.getResult(i).isFunctionOfDim(last.getPosition()) && i + 1 != e)
          return;
    }
    SmallVector<unsigned> order;
    for (unsigned d = 0; d < loops; ++d)
      if (d != last.getPosition())
        order.push_back(d);
    order.push_back(last.getPosition());
    rewriter.setInsertionPoint(op);
    linalg::GenericOp generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!generic) {
      FailureOr<linalg::GenericOp> converted = linalg::generalizeNamedOp(rewriter, op);
      if (failed(converted))
        return;
      generic = *converted;
    }
    if (succeeded(linalg::interchangeGenericOp(rewriter, generic, order)))
      ++numInterchanged;
  }
};

} // namespace
