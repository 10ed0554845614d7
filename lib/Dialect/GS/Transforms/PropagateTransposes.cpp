//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses the orientation of every matrix between the layers, so that as little as possible is transposed.
//
// gs.matmul wants its activation as K x N, networks are written with N x K. Between two layers lie elementwise ops,
// reductions and reshapes that work on either. MatrixNetwork chooses; here the IR is rewritten op by op, and the
// transposes that became inverse to each other fold.
//
//===----------------------------------------------------------------------===//
#include "MatrixNetwork.h"
#include "UnitDims.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cstring>

namespace mlir::gs {
#define GEN_PASS_DEF_PROPAGATETRANSPOSES
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

static constexpr int64_t swapped[] = {1, 0};

namespace {

/// Rewrites ops, in program order, so that they read and produce transposed matrices.
class Rewriter {
public:
  explicit Rewriter(MLIRContext *context) : rewriter(context) {}

  void rewrite(Operation *op) {
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
      rewriteExpand(expand);
    else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
      rewriteCollapse(collapse);
    else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
      rewriteSlice(slice);
    else
      rewriteGeneric(cast<linalg::GenericOp>(op));
  }

private:
  /// The transpose of a matrix: what it was transposed from, a constant, or a transposition next to its definition.
  Value transposed(Value value) {
    if (linalg::TransposeOp transpose = matrixTranspose(value))
      return transpose.getInput();
    Value &known = copies[value];
    if (known)
      return known;
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointAfterValue(value);
    if (ElementsAttr constant = constantBehind(value))
      if (ElementsAttr elements = transposeConstant(constant, cast<RankedTensorType>(value.getType())))
        return known = arith::ConstantOp::create(rewriter, value.getLoc(), cast<TypedAttr>(elements));
    return known = createTranspose(rewriter, value.getLoc(), value, swapped);
  }

  /// The transpose of a constant seen as a matrix of `type`; null if its bytes cannot be read.
  static ElementsAttr transposeConstant(ElementsAttr elements, RankedTensorType type) {
    int64_t rows = type.getDimSize(0), cols = type.getDimSize(1), bytes = getElementBytes(type.getElementType());
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> data = bytes ? getRawData(elements, storage) : FailureOr<ArrayRef<char>>(failure());
    if (failed(data))
      return {};
    std::vector<char> out(data->size());
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c)
        std::memcpy(out.data() + (c * rows + r) * bytes, data->data() + (r * cols + c) * bytes, bytes);
    return makeElements(RankedTensorType::get({cols, rows}, type.getElementType()), std::move(out));
  }

  /// Replaces a matrix by the transpose of `value`.
  void replaceByTranspose(Operation *op, Value value) {
    rewriter.replaceOp(op, createTranspose(rewriter, op->getLoc(), value, swapped));
  }

  void rewriteGeneric(linalg::GenericOp op) {
    // The loops are swapped together with the matrices, so that the inner loop stays contiguous.
    SmallVector<AffineExpr> loops{rewriter.getAffineDimExpr(1), rewriter.getAffineDimExpr(0)};
    SmallVector<AffineMap> maps;
    SmallVector<Value> inputs;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      SmallVector<AffineExpr> exprs(map.getResults());
      if (isMatrix(operand.get().getType()))
        std::swap(exprs[0], exprs[1]);
      for (AffineExpr &expr : exprs)
        expr = expr.replaceDims(loops);
      maps.push_back(AffineMap::get(2, 0, exprs, op.getContext()));
      if (!op.isDpsInit(&operand))
        inputs.push_back(isMatrix(operand.get().getType()) ? transposed(operand.get()) : operand.get());
    }
    rewriter.setInsertionPoint(op);
    Value init = op.getDpsInits()[0];
    bool matrix = isMatrix(init.getType());
    if (matrix) {
      auto type = cast<RankedTensorType>(init.getType());
      auto fill = init.getDefiningOp<linalg::FillOp>();
      init = tensor::EmptyOp::create(rewriter, op.getLoc(), {type.getDimSize(1), type.getDimSize(0)},
                                     type.getElementType());
      if (fill)
        init = linalg::FillOp::create(rewriter, op.getLoc(), fill.getInputs(), ValueRange{init})->getResult(0);
    }
    SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
    std::swap(iterators[0], iterators[1]);
    auto generic = linalg::GenericOp::create(rewriter, op.getLoc(), TypeRange{init.getType()}, inputs, ValueRange{init},
                                             maps, iterators);
    generic->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.inlineRegionBefore(op.getRegion(), generic.getRegion(), generic.getRegion().begin());
    if (matrix)
      replaceByTranspose(op, generic->getResult(0));
    else
      rewriter.replaceOp(op, generic->getResults());
  }

  void rewriteSlice(tensor::ExtractSliceOp op) {
    auto reversed = [](ArrayRef<OpFoldResult> values) { return SmallVector<OpFoldResult>(llvm::reverse(values)); };
    Value source = transposed(op.getSource());
    rewriter.setInsertionPoint(op);
    replaceByTranspose(op,
                       tensor::ExtractSliceOp::create(rewriter, op.getLoc(), source, reversed(op.getMixedOffsets()),
                                                      reversed(op.getMixedSizes()), reversed(op.getMixedStrides())));
  }

  void rewriteExpand(tensor::ExpandShapeOp op) {
    SmallVector<linalg::TransposeOp> permutations = permutationsAfter(op);
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    Value source = transposed(op.getSrc());
    rewriter.setInsertionPoint(op);
    SmallVector<int64_t> order = secondGroupFirst(groups);
    SmallVector<int64_t> shape =
        llvm::map_to_vector(order, [&](int64_t d) { return op.getResultType().getDimSize(d); });
    Value value = tensor::ExpandShapeOp::create(rewriter, op.getLoc(),
                                                RankedTensorType::get(shape, op.getResultType().getElementType()),
                                                source, consecutiveGroups(groups[1].size(), groups[0].size()));
    for (linalg::TransposeOp permutation : permutations) {
      SmallVector<int64_t> perm = permAfterExpand(groups, permutation.getPermutation());
      rewriter.setInsertionPoint(permutation);
      rewriter.replaceOp(permutation,
                         llvm::is_sorted(perm) ? value : createTranspose(rewriter, permutation.getLoc(), value, perm));
    }
    rewriter.eraseOp(op);
  }

  void rewriteCollapse(tensor::CollapseShapeOp op) {
    linalg::TransposeOp permutation = permutationBefore(op);
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    rewriter.setInsertionPoint(op);
    SmallVector<int64_t> perm = permBeforeCollapse(groups, permutation.getPermutation());
    Value value = permutation.getInput();
    if (!llvm::is_sorted(perm))
      value = createTranspose(rewriter, permutation.getLoc(), value, perm);
    value = tensor::CollapseShapeOp::create(rewriter, op.getLoc(), value,
                                            consecutiveGroups(groups[1].size(), groups[0].size()));
    replaceByTranspose(op, value);
    rewriter.eraseOp(permutation);
  }

  static SmallVector<ReassociationIndices> consecutiveGroups(int64_t first, int64_t second) {
    return {llvm::to_vector(llvm::seq<int64_t>(first)), llvm::to_vector(llvm::seq<int64_t>(first, first + second))};
  }

  IRRewriter rewriter;
  llvm::DenseMap<Value, Value> copies;
};

struct PropagateTransposes : gs::impl::PropagateTransposesBase<PropagateTransposes> {
  using PropagateTransposesBase::PropagateTransposesBase;

  void runOnOperation() override {
    int64_t before = countTransposes();
    if (failed(dropUnits()))
      return signalPassFailure();
    mergeEqualViews();
    Rewriter rewriter(&getContext());
    for (Operation *op : chooseTransposed(getOperation()))
      rewriter.rewrite(op);
    if (failed(simplify()))
      return signalPassFailure();
    mergeEqualViews();
    numRemoved += std::max<int64_t>(0, before - countTransposes());
  }

  int64_t countTransposes() {
    int64_t count = 0;
    getOperation()->walk([&](linalg::TransposeOp) { ++count; });
    return count;
  }

  /// Keeps one of several equal reshapes or transpositions of a value: readers of an activation (query, key and value)
  /// each brought their own. General CSE would merge the places they write to as well.
  void mergeEqualViews() {
    SmallVector<Operation *> dead;
    getOperation()->walk([&](Operation *op) {
      if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, linalg::TransposeOp>(op) || op->getNumResults() != 1)
        return;
      for (Operation *other : op->getOperand(0).getUsers()) {
        if (other->getName() != op->getName() || other->getBlock() != op->getBlock() || !other->isBeforeInBlock(op) ||
            other->getOperand(0) != op->getOperand(0) || other->getResultTypes() != op->getResultTypes() ||
            other->getAttrDictionary() != op->getAttrDictionary() || other->use_empty())
          continue;
        op->replaceAllUsesWith(other);
        dead.push_back(op);
        return;
      }
    });
    for (Operation *op : llvm::reverse(dead))
      op->erase();
  }

  LogicalResult simplify() {
    RewritePatternSet patterns(&getContext());
    populateDropUnitDimsPatterns(patterns);
    linalg::TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    // Elementwise ops between two reshapes of a matrix ([2, 128, 768] seen as [256, 768]) work on the matrix.
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns, [](OpOperand *operand) {
      if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(operand->getOwner()))
        return isMatrix(collapse.getResultType());
      auto expand = operand->get().getDefiningOp<tensor::ExpandShapeOp>();
      return expand && isMatrix(expand.getSrcType());
    });
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  /// Removes unit dimensions from ops on matrices; one op may expose the next.
  LogicalResult dropUnits() {
    do {
      if (failed(simplify()))
        return failure();
    } while (dropUnitLoops(getOperation()));
    return success();
  }
};

} // namespace
