//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channels of activations: where they run, which are one, which are needed.
//
//===----------------------------------------------------------------------===//
#include "ChannelGraph.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include <cmath>
#include <cstring>
#include <map>

using namespace mlir;
using namespace mlir::gs;

/// Constants and uninitialised tensors have no channels of their own: every user may have another part of them.
static bool isFree(Value value) {
  return matchPattern(value, m_Constant()) || value.getDefiningOp<tensor::EmptyOp>() != nullptr;
}

static bool isActivation(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && !type.getEncoding() && type.getRank() > 0 && !isFree(value);
}

ChannelGraph::ChannelGraph(FunctionOpInterface function, bool encoded) : function(function), encoded(encoded) {
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op != function)
      allOps.push_back(op);
  });
  findContractions();
  findAxes();
  number();
  connect();
}

ChannelGraph::Contraction *ChannelGraph::contraction(Operation *op) {
  auto it = contractions.find(op);
  return it == contractions.end() ? nullptr : it->second.get();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

static bool areZero(ArrayRef<float> weights) {
  return llvm::all_of(weights, [](float w) { return w == 0; });
}

bool ChannelGraph::Contraction::isZero(int64_t r, int64_t channel) const { return areZero(at(r, channel)); }

bool ChannelGraph::Contraction::rowIsZero(int64_t r) const { return areZero(row(r)); }

int64_t ChannelGraph::Contraction::sharedRows() const {
  auto shares = [&](int64_t height) {
    for (int64_t row = 0; row < rows; ++row) {
      ArrayRef<float> first = this->row(row / height * height), own = this->row(row);
      for (auto [a, b] : llvm::zip(first, own))
        if ((a != 0) != (b != 0))
          return false;
    }
    return true;
  };
  // Where all rows keep the same columns, what is left does so, too, whichever rows go.
  if (shares(rows))
    return 1;
  // Halving, a group that does not share tells nothing of its halves; doubling, it tells that no larger one shares.
  int64_t height = 1;
  while (height < 16 && rows % (2 * height) == 0 && shares(2 * height))
    height *= 2;
  return height;
}

float ChannelGraph::Contraction::rowSum(int64_t r) const {
  double sum = 0;
  for (float w : row(r))
    sum += w;
  return static_cast<float>(sum);
}

bool ChannelGraph::Contraction::columnIsFinite(int64_t channel) const {
  auto areFinite = [](ArrayRef<float> weights) {
    return llvm::all_of(weights, [](float w) { return std::isfinite(w); });
  };
  if (depthwise)
    return areFinite(at(channel, 0));
  for (int64_t r = 0; r < rows; ++r)
    if (!areFinite(at(r, channel)))
      return false;
  return true;
}

void ChannelGraph::Contraction::takeColumn(int64_t channel, float value, std::vector<float> &delta) {
  for (int64_t r = 0; r < rows; ++r) {
    if (isZero(r, channel))
      continue;
    if (!weightChanged()) {
      changed = weight.vec();
      weight = changed;
    }
    double sum = 0;
    for (float &w : MutableArrayRef<float>(changed).slice((r * channels + channel) * locations, locations)) {
      sum += w;
      w = 0;
    }
    delta[r] += static_cast<float>(sum * value);
  }
}

static Value makeConstant(OpBuilder &b, Location loc, RankedTensorType type, ArrayRef<float> values) {
  const char *raw = reinterpret_cast<const char *>(values.data());
  return arith::ConstantOp::create(
      b, loc, cast<TypedAttr>(makeElements(type, std::vector<char>(raw, raw + values.size() * sizeof(float)))));
}

/// The elements of an f32 constant; `storage` may hold them.
static FailureOr<ArrayRef<float>> readFloats(Value value, std::vector<char> &storage) {
  ElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.getElementType().isF32())
    return failure();
  FailureOr<ArrayRef<char>> raw = getRawData(elements, storage);
  if (failed(raw) || reinterpret_cast<uintptr_t>(raw->data()) % alignof(float))
    return failure();
  return ArrayRef<float>(reinterpret_cast<const float *>(raw->data()), raw->size() / sizeof(float));
}

void ChannelGraph::Contraction::addToBias(ArrayRef<float> delta) {
  OpBuilder b(op);
  Region &region = op->getRegion(0);
  Type f32 = b.getF32Type();
  Location loc = op->getLoc();
  if (region.empty()) {
    Block *block = b.createBlock(&region, region.end(), {f32}, {loc});
    YieldOp::create(b, loc, block->getArgument(0));
    b.setInsertionPoint(op);
  }
  Block &block = region.front();
  auto type = RankedTensorType::get({rows}, f32);
  Value sum = block.getArgument(0);
  // sum + bias with a constant bias takes both.
  if (sum.hasOneUse())
    if (auto add = dyn_cast<arith::AddFOp>(*sum.user_begin())) {
      auto other = dyn_cast<BlockArgument>(add.getLhs() == sum ? add.getRhs() : add.getLhs());
      if (other && other != sum && other.getOwner() == &block && other.hasOneUse()) {
        OpOperand &operand = op->getOpOperand(1 + other.getArgNumber());
        std::vector<char> storage;
        FailureOr<ArrayRef<float>> bias = readFloats(operand.get(), storage);
        if (operand.get().getType() == type && succeeded(bias)) {
          std::vector<float> both = bias->vec();
          for (auto [value, more] : llvm::zip_equal(both, delta))
            value += more;
          operand.set(makeConstant(b, loc, type, both));
          return;
        }
      }
    }
  MutableOperandRange operands =
      isa<ConvOp>(op) ? cast<ConvOp>(op).getEpilogueOperandsMutable() : cast<MatmulOp>(op).getEpilogueOperandsMutable();
  operands.append(makeConstant(b, loc, type, delta));
  Value bias = block.addArgument(f32, loc);
  b.setInsertionPointToStart(&block);
  auto add = arith::AddFOp::create(b, loc, sum, bias);
  sum.replaceAllUsesExcept(add, add);
}

void ChannelGraph::findContractions() {
  for (Operation *op : allOps) {
    if (!isa<MatmulOp, ConvOp>(op) || op->getNumResults() != 1 || op->hasAttr("strategy"))
      continue;
    if (isa<ConvOp>(op) && cast<ConvOp>(op).getPlane())
      continue;
    auto type = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
    if (!type || (type.getEncoding() && !encoded) || !type.hasStaticShape() || type.getNumElements() == 0 ||
        !cast<RankedTensorType>(op->getResult(0).getType()).hasStaticShape())
      continue;
    auto c = std::make_unique<Contraction>();
    c->op = op;
    c->rows = type.getDimSize(0);
    c->channels = type.getDimSize(1);
    c->locations = type.getNumElements() / (c->rows * c->channels);
    c->rowAxis = 1;
    if (auto conv = dyn_cast<ConvOp>(op)) {
      c->depthwise = isDepthwise(conv) && static_cast<int64_t>(conv.getGroups()) == c->rows;
      if (conv.getGroups() != 1 && !c->depthwise)
        continue;
    } else {
      c->rowAxis = cast<RankedTensorType>(op->getResult(0).getType()).getRank() - 2;
    }
    // A row operand that is no constant would have to be cut, too.
    bool fixed = llvm::all_of(c->epilogueOperands(), [&](Value operand) {
      return cast<RankedTensorType>(operand.getType()).getRank() != 1 || isFree(operand);
    });
    if (!fixed)
      continue;
    if (encoded) {
      if (!op->getOperand(0).getDefiningOp<gs::ConstantOp>() && !matchPattern(op->getOperand(0), m_Constant()))
        continue;
    } else {
      FailureOr<ArrayRef<float>> weight = readFloats(op->getOperand(0), c->storage);
      if (failed(weight))
        continue;
      c->weight = *weight;
    }
    contractions[op] = std::move(c);
  }
}

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

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
  if (auto fill = dyn_cast<linalg::FillOp>(op); fill && isFree(fill.getDpsInits()[0])) {
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
  if (!isFree(init) && !(fill && init.hasOneUse()))
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

//===----------------------------------------------------------------------===//
// Need
//===----------------------------------------------------------------------===//

void ChannelGraph::connect() {
  classes.grow(numNodes);
  for (Operation *op : allOps) {
    // Values on which the op and the graph do not agree keep all their channels.
    SmallVector<Value> values(op->getOperands());
    values.append(op->result_begin(), op->result_end());
    for (Value value : values) {
      if (!isNode(value))
        continue;
      std::optional<Related> related = relate(op, value, axes.lookup(value));
      if (!related) {
        pinned.insert(value);
        continue;
      }
      for (auto [other, at] : *related)
        if (!isNode(other) || axes.lookup(other) != at) {
          pinned.insert(value);
          pinned.insert(other);
        }
    }
    forEachPair(op, [&](Value a, int64_t i, Value b, int64_t j) { classes.join(node(a, i), node(b, j)); });
  }
  classes.compress();
}

void ChannelGraph::findDead() {
  live.assign(classes.getNumClasses(), false);
  for (Value value : pinned)
    if (isNode(value))
      for (int64_t i = 0; i < channels(value); ++i)
        live[classes[node(value, i)]] = true;
  SmallVector<Contraction *> open;
  for (auto &[op, c] : contractions)
    open.push_back(c.get());
  // Rows that share columns are packed and computed together: a part of such a group is worth less than the group.
  std::map<Contraction *, int64_t> heights;
  for (Contraction *c : open)
    heights[c] = isNode(c->result()) && !c->depthwise ? c->sharedRows() : 1;
  auto spread = [&] {
    std::map<Contraction *, std::vector<bool>> visited;
    for (bool changed = true; changed;) {
      changed = false;
      for (Contraction *c : open) {
        if (c->depthwise || !isNode(c->input()))
          continue;
        if (int64_t height = heights[c]; height > 1)
          for (int64_t row = 0; row < c->rows; ++row)
            if (live[classes[node(c->result(), row)]])
              for (int64_t other = row / height * height, end = std::min(c->rows, other + height); other < end; ++other)
                if (auto part = classes[node(c->result(), other)]; !live[part])
                  live[part] = changed = true;
        std::vector<bool> &done = visited[c];
        done.resize(c->rows, false);
        SmallVector<int64_t> wanted;
        for (int64_t channel = 0; channel < c->channels; ++channel)
          if (!live[classes[node(c->input(), channel)]])
            wanted.push_back(channel);
        for (int64_t row = 0; row < c->rows && !wanted.empty(); ++row) {
          if (done[row] || (isNode(c->result()) && !live[classes[node(c->result(), row)]]))
            continue;
          done[row] = true;
          llvm::erase_if(wanted, [&](int64_t channel) {
            if (c->isZero(row, channel))
              return false;
            live[classes[node(c->input(), channel)]] = true;
            return changed = true;
          });
        }
      }
    }
  };
  spread();
  // A tensor keeps one channel at least.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto [value, first] : base)
      if (channels(value) > 0 && keptOf(value).empty())
        live[classes[first]] = changed = true;
    spread();
  }
}

SmallVector<int64_t> ChannelGraph::keptOf(Value value) const {
  SmallVector<int64_t> kept;
  for (int64_t i = 0; i < channels(value); ++i)
    if (live[classes[node(value, i)]])
      kept.push_back(i);
  return kept;
}
