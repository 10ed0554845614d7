//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dimensions of extent 1: reshapes that add or remove them, and matrices that carry them.
//
//===----------------------------------------------------------------------===//
#include "UnitDims.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace mlir::gs;

SmallVector<int64_t> gs::nonUnitExtents(ArrayRef<int64_t> shape) {
  return llvm::to_vector(llvm::make_filter_range(shape, [](int64_t e) { return e != 1; }));
}

bool gs::isUnitReshape(Operation *op) {
  if (!isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return false;
  auto from = cast<RankedTensorType>(op->getOperand(0).getType()),
       to = cast<RankedTensorType>(op->getResult(0).getType());
  return from.hasStaticShape() && to.hasStaticShape() &&
         nonUnitExtents(from.getShape()) == nonUnitExtents(to.getShape());
}

Value gs::reshapeUnits(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  auto target = RankedTensorType::get(shape, type.getElementType());
  if (auto groups = getReassociationIndicesForReshape(type, target)) {
    if (type.getRank() > target.getRank())
      return tensor::CollapseShapeOp::create(b, loc, target, value, *groups);
    return tensor::ExpandShapeOp::create(b, loc, target, value, *groups);
  }
  Value squeezed = reshapeUnits(b, loc, value, nonUnitExtents(shape));
  return reshapeUnits(b, loc, squeezed, shape);
}

bool gs::isMatrix(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && tensor.getRank() == 2 && !tensor.getEncoding() &&
         tensor.getDimSize(0) > 1 && tensor.getDimSize(1) > 1;
}

bool gs::isStatic(tensor::ExtractSliceOp op) {
  return !ShapedType::isDynamicShape(op.getStaticOffsets()) && !ShapedType::isDynamicShape(op.getStaticSizes()) &&
         !ShapedType::isDynamicShape(op.getStaticStrides()) && op.getSourceType().hasStaticShape();
}

Value gs::createTranspose(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape = llvm::map_to_vector(perm, [&](int64_t p) { return type.getDimSize(p); });
  Value init = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
  return linalg::TransposeOp::create(b, loc, value, init, perm)->getResult(0);
}

namespace {

/// A transposition of a tensor with unit dimensions moves only the others.
struct DropUnitsOfTranspose : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op, PatternRewriter &rewriter) const override {
    auto from = dyn_cast<RankedTensorType>(op.getInput().getType());
    if (!from || !from.hasStaticShape() || from.getEncoding() || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "not on static tensors");
    SmallVector<int64_t> kept, position(from.getRank(), -1);
    for (auto [d, extent] : llvm::enumerate(from.getShape())) {
      if (extent == 1)
        continue;
      position[d] = kept.size();
      kept.push_back(extent);
    }
    if (static_cast<int64_t>(kept.size()) == from.getRank() || kept.empty())
      return rewriter.notifyMatchFailure(op, "no unit dimensions besides others");
    SmallVector<int64_t> perm;
    for (int64_t p : op.getPermutation())
      if (position[p] >= 0)
        perm.push_back(position[p]);
    auto to = cast<RankedTensorType>(op->getResult(0).getType());
    auto small = RankedTensorType::get(kept, from.getElementType());
    auto smallTo = RankedTensorType::get(nonUnitExtents(to.getShape()), from.getElementType());
    auto collapse = getReassociationIndicesForReshape(from, small),
         expand = getReassociationIndicesForReshape(smallTo, to);
    if (!collapse || !expand)
      return rewriter.notifyMatchFailure(op, "unit dimensions cannot be reshaped away");
    Value value = tensor::CollapseShapeOp::create(rewriter, op.getLoc(), small, op.getInput(), *collapse);
    if (!llvm::is_sorted(perm))
      value = createTranspose(rewriter, op.getLoc(), value, perm);
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(op, to, value, *expand);
    return success();
  }
};

/// A slice of a matrix seen with unit dimensions is a slice of the matrix (one product for query, key and value).
struct DropUnitsOfSlice : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op, PatternRewriter &rewriter) const override {
    auto expand = op.getSource().getDefiningOp<tensor::ExpandShapeOp>();
    if (!expand || !isMatrix(expand.getSrcType()) || !isUnitReshape(expand) || !isStatic(op) ||
        op.getSourceType().getRank() != op.getType().getRank())
      return rewriter.notifyMatchFailure(op, "not a static slice of a matrix with unit dimensions");
    SmallVector<OpFoldResult> offsets, sizes, strides;
    for (auto [d, extent] : llvm::enumerate(op.getSourceType().getShape())) {
      if (extent == 1)
        continue;
      offsets.push_back(op.getMixedOffsets()[d]);
      sizes.push_back(op.getMixedSizes()[d]);
      strides.push_back(op.getMixedStrides()[d]);
    }
    Value slice = tensor::ExtractSliceOp::create(rewriter, op.getLoc(), expand.getSrc(), offsets, sizes, strides);
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(op, op.getType(), slice, expand.getReassociationIndices());
    return success();
  }
};

} // namespace

void gs::populateDropUnitDimsPatterns(RewritePatternSet &patterns) {
  patterns.add<DropUnitsOfTranspose, DropUnitsOfSlice>(patterns.getContext());
}

static bool hasUnitsToDrop(linalg::GenericOp op) {
  if (!op.hasPureTensorSemantics() || op.hasDynamicShape() || op->getNumResults() != 1)
    return false;
  SmallVector<int64_t> loops = op.getStaticLoopRanges();
  size_t kept = nonUnitExtents(loops).size();
  if (kept == loops.size() || kept > 2 || kept == 0)
    return false;
  return llvm::any_of(op.getDpsInputs(), [](Value v) { return isUnitReshape(v.getDefiningOp()); }) ||
         llvm::any_of(op->getUsers(), isUnitReshape);
}

bool gs::dropUnitLoops(Operation *root) {
  SmallVector<linalg::GenericOp> ops;
  root->walk([&](linalg::GenericOp op) {
    if (hasUnitsToDrop(op))
      ops.push_back(op);
  });
  bool changed = false;
  for (linalg::GenericOp op : ops) {
    IRRewriter rewriter(op);
    FailureOr<linalg::DropUnitDimsResult> dropped = linalg::dropUnitDims(rewriter, op, linalg::ControlDropUnitDims());
    if (failed(dropped))
      continue;
    rewriter.replaceOp(op, dropped->replacements);
    changed = true;
  }
  return changed;
}
