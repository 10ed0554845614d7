//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channel-first convolutions with a constant filter to gs.conv.
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"
#include "Weights.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// One spatial dimension: input position = output * stride + tap * dilation.
struct Spatial {
  unsigned output, tap;
  int64_t stride, dilation;
};

/// The loops of a convolution: result [n, (g), (f), output..], input [n, (g), (c), spatial..], filter any order of
/// g, f, c, tap.. . A depthwise convolution has g alone.
struct ConvLoops {
  unsigned batch;
  std::optional<unsigned> group, filter, channel;
  SmallVector<Spatial> spatial;
};

} // namespace

bool gs::splitSum(AffineExpr expr, SmallVectorImpl<std::pair<unsigned, int64_t>> &terms) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    terms.push_back({dim.getPosition(), 1});
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (expr.getKind() == AffineExprKind::Add)
    return splitSum(binary.getLHS(), terms) && splitSum(binary.getRHS(), terms);
  auto dim = dyn_cast<AffineDimExpr>(binary.getLHS());
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (expr.getKind() != AffineExprKind::Mul || !dim || !factor)
    return false;
  terms.push_back({dim.getPosition(), factor.getValue()});
  return true;
}

static FailureOr<ConvLoops> findLoops(linalg::LinalgOp op, Refusal refuse) {
  auto maps = op.getIndexingMapsArray();
  AffineMap input = maps[0], filter = maps[1], output = maps[2];
  if (!filter.isProjectedPermutation() || !output.isProjectedPermutation())
    return refuse("filter or result is not read dimension by dimension");
  auto inFilter = [&](unsigned d) { return filter.isFunctionOfDim(d); };
  auto inOutput = [&](unsigned d) { return output.isFunctionOfDim(d); };

  ConvLoops loops;
  unsigned leading = 0; // dimensions of the input before the spatial ones
  for (AffineExpr expr : input.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    SmallVector<std::pair<unsigned, int64_t>> terms;
    if (!dim) {
      if (!splitSum(expr, terms) || terms.size() != 2)
        return refuse("a position in the input is not output * stride + tap * dilation");
      if (inFilter(terms[0].first))
        std::swap(terms[0], terms[1]);
      auto [out, stride] = terms[0];
      auto [tap, dilation] = terms[1];
      if (!inOutput(out) || inFilter(out) || !inFilter(tap) || inOutput(tap) || stride < 1 || dilation < 1)
        return refuse("a position in the input is not output * stride + tap * dilation");
      loops.spatial.push_back({out, tap, stride, dilation});
      continue;
    }
    if (!loops.spatial.empty())
      return refuse("only channel-first layouts are converted (N C spatial); transpose the input to N C spatial");
    unsigned d = dim.getPosition();
    bool f = inFilter(d), o = inOutput(d);
    if (leading == 0 && !f && o)
      loops.batch = d;
    else if (leading > 0 && f && o && !loops.group && !loops.channel)
      loops.group = d;
    else if (leading > 0 && f && !o && !loops.channel)
      loops.channel = d;
    else
      return refuse("only channel-first layouts are converted (N C spatial); transpose the input to N C spatial");
    ++leading;
  }
  if (leading < 2 || loops.spatial.empty() || loops.spatial.size() > 3)
    return refuse("needs a batch dimension, channels, and one to three spatial dimensions");

  SmallVector<unsigned> expected{loops.batch};
  if (loops.group)
    expected.push_back(*loops.group);
  SmallVector<unsigned> found =
      llvm::map_to_vector(output.getResults(), [](AffineExpr e) { return cast<AffineDimExpr>(e).getPosition(); });
  if (found.size() == expected.size() + 1 + loops.spatial.size()) {
    loops.filter = found[expected.size()];
    expected.push_back(*loops.filter);
    if (!inFilter(*loops.filter) || input.isFunctionOfDim(*loops.filter))
      return refuse("the result has a dimension that is not an output channel");
  }
  for (const Spatial &s : loops.spatial)
    expected.push_back(s.output);
  if (found != expected || (!loops.group && (!loops.filter || !loops.channel)))
    return refuse("the result is not N O spatial in the order of the input");
  unsigned filterRank =
      loops.group.has_value() + loops.filter.has_value() + loops.channel.has_value() + loops.spatial.size();
  if (filter.getNumResults() != filterRank || op.getNumLoops() != filterRank + 1 + loops.spatial.size())
    return refuse("the filter has a dimension that is neither group, channel nor tap");
  return loops;
}

/// The filter as O x I x tap.. . Null if its bytes cannot be read.
static Value createFilter(RewriterBase &rewriter, linalg::LinalgOp op, Value filter, const ConvLoops &loops,
                          ArrayRef<int64_t> shape) {
  if (hasPattern(filter))
    return createPatternWeight(rewriter, op.getLoc(), filter);
  WeightElements elements = readWeight(filter);
  if (!elements)
    return {};
  SmallVector<unsigned> order;
  for (std::optional<unsigned> d : {loops.group, loops.filter, loops.channel})
    if (d)
      order.push_back(*d);
  for (const Spatial &s : loops.spatial)
    order.push_back(s.tap);
  AffineMap map = op.getIndexingMapsArray()[1];
  SmallVector<int64_t> perm = llvm::map_to_vector(
      order, [&](unsigned d) -> int64_t { return *map.getResultPosition(getAffineDimExpr(d, op.getContext())); });
  return createWeight(rewriter, op.getLoc(), elements.transposed(perm).reshaped(shape));
}

/// Groups for merging dimensions 1 and 2 of a tensor of `rank`.
static SmallVector<ReassociationIndices> mergeChannels(int64_t rank) {
  SmallVector<ReassociationIndices> groups{{0}, {1, 2}};
  for (int64_t d = 3; d < rank; ++d)
    groups.push_back({d});
  return groups;
}

LogicalResult gs::convertConvolution(linalg::LinalgOp op, RewriterBase &rewriter, Refusal refuse) {
  if (!isMultiplyAdd(op))
    return refuse("not a floating-point convolution of one type");
  Value input = op.getDpsInputs()[0], filter = op.getDpsInputs()[1], init = op.getDpsInits()[0];
  if (!hasPattern(filter) && !isWeight(filter))
    return refuse("the filter is not a constant");
  auto inputType = dyn_cast<RankedTensorType>(input.getType()), initType = dyn_cast<RankedTensorType>(init.getType());
  auto filterType = cast<RankedTensorType>(filter.getType());
  if (!inputType || !initType || !inputType.hasStaticShape() || !initType.hasStaticShape() ||
      !filterType.hasStaticShape())
    return refuse("needs tensors of static shape");
  Type element = initType.getElementType();
  if (!isa<FloatType>(element) || inputType.getElementType() != element || filterType.getElementType() != element)
    return refuse("needs one floating-point type for filter, activation and result");
  // Kernels are for f32. A pattern must not be lost, though: such a weight goes on and is reported by its strategy.
  if (!element.isF32() && !hasPattern(filter))
    return refuse("the elements are not f32");
  if (llvm::is_contained(op.getStaticLoopRanges(), 0))
    return refuse("a zero-sized dimension leaves nothing to compute");
  if (hasPattern(input) || hasPattern(init))
    return refuse("the activation must not carry a sparsity pattern; weights are the only sparse operand");
  FailureOr<ConvLoops> loops = findLoops(op, refuse);
  if (failed(loops))
    return failure();

  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  auto extentOf = [&](std::optional<unsigned> d) { return d ? extents[*d] : 1; };
  int64_t groups = extentOf(loops->group), outputs = groups * extentOf(loops->filter);
  SmallVector<int64_t> weightShape{outputs, extentOf(loops->channel)}, strides, dilations;
  SmallVector<int64_t> resultShape{extents[loops->batch], outputs};
  for (auto [d, s] : llvm::enumerate(loops->spatial)) {
    int64_t available = inputType.getDimSize(inputType.getRank() - loops->spatial.size() + d);
    int64_t window = (extents[s.tap] - 1) * s.dilation + 1;
    if (window > available || (available - window) / s.stride + 1 != extents[s.output])
      return refuse("the result does not cover the whole input");
    weightShape.push_back(extents[s.tap]);
    resultShape.push_back(extents[s.output]);
    strides.push_back(s.stride);
    dilations.push_back(s.dilation);
  }
  if (hasPattern(filter) && (filterType.getShape() != ArrayRef<int64_t>(weightShape) ||
                             op.getIndexingMapsArray()[1].getNumResults() != weightShape.size()))
    return refuse("a filter with a sparsity pattern must be O x (C / groups) x taps");
  Location loc = op.getLoc();
  Value weight = createFilter(rewriter, op, filter, *loops, weightShape);
  if (!weight)
    return refuse("the bytes of the constant filter cannot be read");

  bool splitInput = loops->group && loops->channel, splitResult = loops->group && loops->filter;
  if (splitInput)
    input = tensor::CollapseShapeOp::create(rewriter, loc, input, mergeChannels(inputType.getRank()));
  Value empty = tensor::EmptyOp::create(rewriter, loc, resultShape, element);
  Value result =
      gs::ConvOp::create(rewriter, loc, TypeRange{empty.getType()}, weight, input, ValueRange(), empty, strides,
                         dilations, SmallVector<int64_t>(2 * strides.size(), 0), groups, PlaneAttr(), StrategyAttr())
          ->getResult(0);
  if (splitResult)
    result = tensor::ExpandShapeOp::create(rewriter, loc, RankedTensorType::get(initType.getShape(), element), result,
                                           mergeChannels(initType.getRank()));
  rewriter.replaceOp(op, addInit(rewriter, loc, result, init));
  return success();
}

namespace {

/// tensor.pad of zeros in front of gs.conv.
struct FoldPad : OpRewritePattern<gs::ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(gs::ConvOp conv, PatternRewriter &rewriter) const override {
    auto pad = conv.getInput().getDefiningOp<tensor::PadOp>();
    if (!pad || conv.getPlane())
      return rewriter.notifyMatchFailure(conv, "input is not padded");
    Value padding = pad.getConstantPaddingValue();
    if (!padding || !matchPattern(padding, m_AnyZeroFloat()) || pad.getNofold())
      return rewriter.notifyMatchFailure(conv, "padding is not zero");
    std::optional<SmallVector<int64_t>> low = getConstantIntValues(pad.getMixedLowPad());
    std::optional<SmallVector<int64_t>> high = getConstantIntValues(pad.getMixedHighPad());
    auto negative = [](int64_t p) { return p < 0; };
    if (!low || !high || llvm::any_of(*low, negative) || llvm::any_of(*high, negative))
      return rewriter.notifyMatchFailure(conv, "padding is not static or is negative");
    if ((*low)[0] || (*high)[0] || (*low)[1] || (*high)[1])
      return rewriter.notifyMatchFailure(conv, "batch or channels are padded");
    SmallVector<int64_t> pads(conv.getPads());
    unsigned spatial = conv.getSpatialRank();
    for (unsigned d = 0; d < spatial; ++d) {
      pads[d] += (*low)[2 + d];
      pads[spatial + d] += (*high)[2 + d];
    }
    rewriter.modifyOpInPlace(conv, [&] {
      conv.setPads(pads);
      conv.getInputMutable().assign(pad.getSource());
    });
    return success();
  }
};

/// collapse_shape(pad(x)) to pad(collapse_shape(x)) where no padded dimension is merged, so that a padding written on
/// the split channels of a grouped convolution reaches the gs.conv.
struct SinkPad : OpRewritePattern<tensor::CollapseShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::CollapseShapeOp collapse, PatternRewriter &rewriter) const override {
    auto pad = collapse.getSrc().getDefiningOp<tensor::PadOp>();
    Value padding = pad ? pad.getConstantPaddingValue() : Value();
    if (!padding || pad.getNofold() || !pad->hasOneUse() || !pad.getSourceType().hasStaticShape())
      return rewriter.notifyMatchFailure(collapse, "source is not a static padding with a constant");
    if (!llvm::any_of(collapse->getUsers(), [](Operation *user) { return isa<gs::ConvOp>(user); }))
      return rewriter.notifyMatchFailure(collapse, "no gs.conv reads the padding");
    SmallVector<OpFoldResult> low, high;
    for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
      for (int64_t d : group)
        if (group.size() > 1 &&
            (!isConstantIntValue(pad.getMixedLowPad()[d], 0) || !isConstantIntValue(pad.getMixedHighPad()[d], 0)))
          return rewriter.notifyMatchFailure(collapse, "a merged dimension is padded");
      low.push_back(pad.getMixedLowPad()[group.front()]);
      high.push_back(pad.getMixedHighPad()[group.front()]);
    }
    Value source = tensor::CollapseShapeOp::create(rewriter, collapse.getLoc(), pad.getSource(),
                                                   collapse.getReassociationIndices());
    rewriter.replaceOpWithNewOp<tensor::PadOp>(collapse, collapse.getResultType(), source, low, high, padding);
    return success();
  }
};

} // namespace

void gs::populateFoldPadPatterns(RewritePatternSet &patterns) { patterns.add<FoldPad, SinkPad>(patterns.getContext()); }
