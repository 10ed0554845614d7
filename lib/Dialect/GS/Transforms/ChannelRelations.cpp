//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which channels of which activations are the same channel: how each op carries them on.
//
//===----------------------------------------------------------------------===//
#include "ChannelGraph.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

static bool isActivation(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && !type.getEncoding() && type.getRank() > 0 && !hasNoChannels(value);
}

void ChannelGraph::setAxis(Value value, int64_t axis) {
  if (!isActivation(value))
    return;
  auto [it, isNew] = axes.insert({value, axis});
  if (!isNew && it->second != axis)
    pinned.insert(value);
}

/// The activations that `op` ties to `value`, whose channels run along `axis`, and their axes; nullopt if the op does
/// anything else with them.
std::optional<ChannelGraph::Related> ChannelGraph::relate(Operation *op, Value value, int64_t axis) {
  Related related;
  auto all = [&](ValueRange values, int64_t at) {
    for (Value v : values)
      if (isActivation(v))
        related.push_back({v, at});
  };
  if (Contraction *c = contraction(op)) {
    int64_t inputAxis = isa<ConvOp>(op) ? 1 : c->rowAxis;
    bool fits = op->getOperands().back() != value;
    for (OpOperand &operand : op->getOpOperands())
      if (operand.get() == value)
        fits &= axis == (operand.getOperandNumber() == 1 ? inputAxis : c->rowAxis);
    if (c->result() == value)
      fits &= axis == c->rowAxis;
    if (!fits)
      return std::nullopt;
    all(c->input(), inputAxis);
    all(c->result(), c->rowAxis);
    for (Value operand : c->epilogueOperands())
      if (cast<RankedTensorType>(operand.getType()).getRank() > 1)
        all(operand, c->rowAxis);
    return related;
  }
  if (auto pool = dyn_cast<PoolOp>(op)) {
    if (axis != 1 || pool->getNumResults() != 1)
      return std::nullopt;
    all({pool.getInput(), pool->getResult(0)}, 1);
    return related;
  }
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return relateGeneric(generic, value, axis);
  if (auto fill = dyn_cast<linalg::FillOp>(op); fill && hasNoChannels(fill.getDpsInits()[0])) {
    all(fill->getResults(), axis);
    return related;
  }
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op)) {
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    bool isInput = value == transpose.getInput();
    int64_t in = isInput ? axis : permutation[axis];
    all(transpose.getInput(), in);
    all(transpose->getResults(), llvm::find(permutation, in) - permutation.begin());
    return related;
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return relateReshape(collapse.getResult(), collapse.getSrc(), collapse.getReassociationIndices(), value, axis);
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return relateReshape(expand.getSrc(), expand.getResult(), expand.getReassociationIndices(), value, axis);
  auto slice = [&](auto op, Value part, Value whole) -> std::optional<Related> {
    auto partType = cast<RankedTensorType>(part.getType()), wholeType = cast<RankedTensorType>(whole.getType());
    if (partType.getRank() != wholeType.getRank() || !partType.hasStaticShape() || !wholeType.hasStaticShape() ||
        !op.hasUnitStride() || llvm::any_of(op.getStaticOffsets(), ShapedType::isDynamic))
      return std::nullopt;
    all({part, whole}, axis);
    return related;
  };
  if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op))
    return slice(extract, extract.getResult(), extract.getSource());
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    // Along all other dimensions the source is the whole, as in a concatenation of channels.
    for (int64_t d = 0; d < insert.getSourceType().getRank(); ++d)
      if (d != axis && insert.getSourceType().getRank() == insert.getResultType().getRank() &&
          insert.getSourceType().getDimSize(d) != insert.getResultType().getDimSize(d))
        return std::nullopt;
    all(insert.getDest(), axis);
    return slice(insert, insert.getSource(), insert.getResult());
  }
  return std::nullopt;
}

/// Elementwise ops, and reductions along other dimensions: channels are a parallel loop.
std::optional<ChannelGraph::Related> ChannelGraph::relateGeneric(linalg::GenericOp op, Value value, int64_t axis) {
  if (op->getNumResults() != 1 || op.hasDynamicShape() || !op.getBody()->getOps<linalg::IndexOp>().empty())
    return std::nullopt;
  // Sums begin with a constant that was written for them.
  Value init = op.getDpsInits()[0];
  auto fill = init.getDefiningOp<linalg::FillOp>();
  if (!hasNoChannels(init) && !(fill && init.hasOneUse()))
    return std::nullopt;
  AffineMap outMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!outMap.isProjectedPermutation())
    return std::nullopt;
  std::optional<unsigned> loop;
  auto note = [&](AffineMap map) {
    auto dim = dyn_cast<AffineDimExpr>(map.getResult(axis));
    if (!dim || (loop && *loop != dim.getPosition()))
      return false;
    loop = dim.getPosition();
    return true;
  };
  if ((value == op->getResult(0) || value == init) && !note(outMap))
    return std::nullopt;
  for (OpOperand *operand : op.getDpsInputOperands())
    if (operand->get() == value && !note(op.getMatchingIndexingMap(operand)))
      return std::nullopt;
  std::optional<unsigned> outAxis = outMap.getResultPosition(getAffineDimExpr(*loop, op.getContext()));
  if (!outAxis)
    return std::nullopt;
  Related related{{op->getResult(0), *outAxis}};
  if (fill)
    related.push_back({init, *outAxis});
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    if (!map.isProjectedPermutation(/*allowZeroInResults=*/true))
      return std::nullopt;
    std::optional<unsigned> at = map.getResultPosition(getAffineDimExpr(*loop, op.getContext()));
    // What does not run along the channels is read whole by each of them.
    if (isActivation(operand->get())) {
      if (at)
        related.push_back({operand->get(), *at});
      else if (axes.contains(operand->get()))
        pinned.insert(operand->get());
    }
  }
  return related;
}

/// `small` has the collapsed dimensions. Channels are the outermost of theirs, so that one of `big` is a run in
/// `small`.
std::optional<ChannelGraph::Related>
ChannelGraph::relateReshape(Value small, Value big, ArrayRef<ReassociationIndices> groups, Value value, int64_t axis) {
  auto shape = cast<RankedTensorType>(big.getType()).getShape();
  int64_t bigAxis = axis, smallAxis = axis;
  if (value == small) {
    if (groups.empty())
      return std::nullopt;
    bigAxis = groups[axis].front();
    for (int64_t d : groups[axis])
      if (shape[bigAxis] == 1)
        bigAxis = d;
  } else {
    const auto *group =
        llvm::find_if(groups, [&](const ReassociationIndices &group) { return llvm::is_contained(group, axis); });
    if (group == groups.end())
      return std::nullopt;
    smallAxis = group - groups.begin();
    for (int64_t d : *group)
      if (d < axis && shape[d] != 1)
        return std::nullopt;
  }
  Related related;
  if (isActivation(small))
    related.push_back({small, smallAxis});
  if (isActivation(big))
    related.push_back({big, bigAxis});
  return related;
}

void ChannelGraph::findAxes() {
  for (auto &[op, c] : contractions) {
    setAxis(c->input(), isa<ConvOp>(op) ? 1 : c->rowAxis);
    setAxis(c->result(), c->rowAxis);
  }
  // The map grows while it is walked.
  for (size_t next = 0; next < axes.size(); ++next) {
    auto [value, axis] = *(axes.begin() + next);
    SmallVector<Operation *> users(value.getUsers());
    if (Operation *def = value.getDefiningOp())
      users.push_back(def);
    else
      pinned.insert(value);
    for (Operation *op : users) {
      std::optional<Related> related = relate(op, value, axis);
      if (!related) {
        pinned.insert(value);
        continue;
      }
      for (auto [other, at] : *related)
        setAxis(other, at);
    }
  }
}

void ChannelGraph::number() {
  for (auto [value, axis] : axes) {
    base[value] = numNodes;
    numNodes += cast<RankedTensorType>(value.getType()).getDimSize(axis);
  }
}

void ChannelGraph::forEachPair(Operation *op, function_ref<void(Value, int64_t, Value, int64_t)> fn) {
  auto equal = [&](Value a, Value b) {
    if (isNode(a) && isNode(b) && channels(a) == channels(b))
      for (int64_t i = 0; i < channels(a); ++i)
        fn(a, i, b, i);
  };
  if (Contraction *c = contraction(op)) {
    if (c->depthwise)
      equal(c->input(), c->result());
    for (Value operand : c->epilogueOperands())
      equal(operand, c->result());
    return;
  }
  if (isa<PoolOp, linalg::TransposeOp>(op)) {
    equal(op->getOperand(0), op->getResult(0));
    return;
  }
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    if (generic->getNumResults() == 1 && isNode(generic->getResult(0)))
      for (OpOperand &operand : generic->getOpOperands())
        if (axisIn(generic, operand))
          equal(operand.get(), generic->getResult(0));
    return;
  }
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op)) {
    Value small = op->getOperand(0), big = op->getResult(0);
    if (!isNode(small) || !isNode(big))
      return;
    if (channels(small) < channels(big))
      std::swap(small, big);
    // A channel of the tensor with fewer is a run of the other's.
    for (int64_t i = 0, run = channels(small) / channels(big); i < channels(small); ++i)
      fn(small, i, big, i / run);
    return;
  }
  auto slice = [&](auto op, Value part, Value whole) {
    int64_t offset = op.getStaticOffsets()[axes.lookup(whole)];
    for (int64_t i = 0; i < channels(part); ++i)
      fn(part, i, whole, offset + i);
  };
  if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op)) {
    if (isNode(extract.getResult()) && isNode(extract.getSource()))
      slice(extract, extract.getResult(), extract.getSource());
  } else if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    Value part = insert.getSource(), whole = insert.getResult(), dest = insert.getDest();
    if (!isNode(whole))
      return;
    if (isNode(part))
      slice(insert, part, whole);
    // What is overwritten, too: the result has the shape of the destination.
    equal(dest, whole);
  }
}

std::optional<int64_t> ChannelGraph::axisIn(linalg::GenericOp generic, OpOperand &operand) const {
  AffineMap outMap = generic.getMatchingIndexingMap(generic.getDpsInitOperand(0));
  AffineExpr loop = outMap.getResult(axes.lookup(generic->getResult(0)));
  std::optional<unsigned> at = generic.getMatchingIndexingMap(&operand).getResultPosition(loop);
  return at ? std::optional<int64_t>(*at) : std::nullopt;
}

std::optional<float> ChannelGraph::constantAt(Value value, int64_t axis, int64_t index) {
  DenseElementsAttr dense;
  if (matchPattern(value, m_Constant(&dense)) && dense.isSplat() && dense.getElementType().isF32())
    return dense.getSplatValue<float>();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  std::vector<char> storage;
  FailureOr<ArrayRef<float>> values = failure();
  if (!type || axis < 0 || type.getNumElements() != type.getDimSize(axis) ||
      failed(values = readFloats(value, storage)))
    return std::nullopt;
  return (*values)[index];
}
