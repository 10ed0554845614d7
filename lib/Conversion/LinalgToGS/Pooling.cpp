//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channel-first pools to gs.pool.
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"
#include "Weights.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;

/// Kernels reduce a line of windows in L1; one window must fit there.
constexpr int64_t maxSpan = 1 << 14;

/// What the body of a reduction does with its result (the last argument) and the element (the first).
static std::optional<PoolKind> kindOf(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  if (!llvm::hasNItems(body->begin(), body->end(), 2))
    return std::nullopt;
  Operation &inner = body->front();
  Value element = body->getArgument(0), result = body->getArguments().back();
  auto reads = [&](Value a, Value b) {
    return inner.getNumOperands() == 2 && inner.getOperand(0) == a && inner.getOperand(1) == b;
  };
  if ((!reads(element, result) && !reads(result, element)) || body->getTerminator()->getNumOperands() != 1 ||
      body->getTerminator()->getOperand(0) != inner.getResult(0))
    return std::nullopt;
  if (isa<arith::MaximumFOp>(inner))
    return PoolKind::Max;
  return isa<arith::AddFOp>(inner) ? std::optional(PoolKind::Sum) : std::nullopt;
}

static bool isIdentity(PoolKind kind, Value value) {
  FloatAttr number;
  if (!value || !matchPattern(value, m_Constant(&number)))
    return false;
  return kind == PoolKind::Sum ? number.getValue().isZero()
                               : number.getValue().isInfinity() && number.getValue().isNegative();
}

LogicalResult gs::convertPool(linalg::LinalgOp op, RewriterBase &rewriter, Refusal refuse) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || op->getNumResults() != 1)
    return refuse("not a pool: needs an input, a window and a result");
  std::optional<PoolKind> kind = kindOf(op);
  if (!kind)
    return refuse("not a sum or a maximum");
  Value input = op.getDpsInputs()[0], init = op.getDpsInits()[0];
  auto inputType = dyn_cast<RankedTensorType>(input.getType()), initType = dyn_cast<RankedTensorType>(init.getType());
  if (!inputType || !initType || !inputType.hasStaticShape() || !initType.hasStaticShape() || hasPattern(input))
    return refuse("needs dense tensors of static shape");
  if (!initType.getElementType().isF32() || inputType.getElementType() != initType.getElementType())
    return refuse("the elements are not f32");
  auto fill = init.getDefiningOp<linalg::FillOp>();
  if (!fill || !isIdentity(*kind, fill.getInputs()[0]))
    return refuse("the result does not start from the identity of the reduction");

  auto maps = op.getIndexingMapsArray();
  AffineMap in = maps[0], window = maps[1], out = maps[2];
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  unsigned rank = inputType.getRank(), spatial = rank - 2;
  if (llvm::is_contained(extents, 0) || rank < 3 || rank > 5 || out.getNumResults() != rank ||
      window.getNumResults() != spatial || op.getNumLoops() != 2 + 2 * spatial || !out.isProjectedPermutation() ||
      !window.isProjectedPermutation())
    return refuse("not windows over one to three spatial dimensions");
  for (unsigned d = 0; d < 2; ++d)
    if (!isa<AffineDimExpr>(in.getResult(d)) || in.getResult(d) != out.getResult(d))
      return refuse("batch and channels do not stand in front");
  SmallVector<int64_t> kernel, strides, dilations, pads(spatial, 0);
  for (unsigned d = 0; d < spatial; ++d) {
    SmallVector<std::pair<unsigned, int64_t>> terms;
    if (!splitSum(in.getResult(2 + d), terms) || terms.size() != 2)
      return refuse("a position in the input is not output * stride + tap * dilation");
    if (window.isFunctionOfDim(terms[0].first))
      std::swap(terms[0], terms[1]);
    auto [position, stride] = terms[0];
    auto [tap, dilation] = terms[1];
    if (out.getResult(2 + d) != rewriter.getAffineDimExpr(position) || !window.isFunctionOfDim(tap) || stride < 1 ||
        dilation < 1)
      return refuse("a position in the input is not output * stride + tap * dilation");
    kernel.push_back(extents[tap]);
    strides.push_back(stride);
    dilations.push_back(dilation);
  }
  if ((kernel.back() - 1) * dilations.back() >= maxSpan && initType.getShape().back() > 1)
    return refuse("a window is too wide to be reduced in the first-level cache");
  Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(), initType.getShape(), initType.getElementType());
  auto pool = gs::PoolOp::create(rewriter, op.getLoc(), TypeRange{empty.getType()}, *kind, input, empty, kernel,
                                 strides, dilations, pads);
  rewriter.replaceOp(op, pool.getResults());
  return success();
}

namespace {

/// tensor.pad of the identity in front of gs.pool: positions outside of the input do not count anyway.
struct FoldPoolPad : OpRewritePattern<gs::PoolOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(gs::PoolOp pool, PatternRewriter &rewriter) const override {
    auto pad = pool.getInput().getDefiningOp<tensor::PadOp>();
    if (!pad || pad.getNofold() || !pad.getSourceType().hasStaticShape())
      return rewriter.notifyMatchFailure(pool, "input is not padded");
    if (!isIdentity(pool.getKind(), pad.getConstantPaddingValue()))
      return rewriter.notifyMatchFailure(pool, "padding is not the identity of the reduction");
    std::optional<SmallVector<int64_t>> low = getConstantIntValues(pad.getMixedLowPad());
    std::optional<SmallVector<int64_t>> high = getConstantIntValues(pad.getMixedHighPad());
    auto negative = [](int64_t p) { return p < 0; };
    if (!low || !high || llvm::any_of(*low, negative) || llvm::any_of(*high, negative))
      return rewriter.notifyMatchFailure(pool, "padding is not static or is negative");
    if ((*low)[0] || (*high)[0] || (*low)[1] || (*high)[1])
      return rewriter.notifyMatchFailure(pool, "batch or channels are padded");
    SmallVector<int64_t> pads(pool.getPads());
    for (auto [total, more] : llvm::zip_equal(pads, ArrayRef(*low).drop_front(2)))
      total += more;
    rewriter.modifyOpInPlace(pool, [&] {
      pool.setPads(pads);
      pool.getInputMutable().assign(pad.getSource());
    });
    return success();
  }
};

} // namespace

void gs::populateFoldPoolPadPatterns(RewritePatternSet &patterns) { patterns.add<FoldPoolPad>(patterns.getContext()); }
