//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes dead channels out of tensors, weights and constants.
//
//===----------------------------------------------------------------------===//
#include "ChannelGraph.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace mlir::gs;

/// Row-major data of a tensor of this shape with only some indices of one dimension.
static std::vector<char> takeIndices(ArrayRef<char> raw, ArrayRef<int64_t> shape, size_t bytes, int64_t axis,
                                     ArrayRef<int64_t> kept) {
  int64_t outer = 1, inner = static_cast<int64_t>(bytes);
  for (int64_t d = 0; d < axis; ++d)
    outer *= shape[d];
  for (int64_t extent : shape.drop_front(axis + 1))
    inner *= extent;
  std::vector<char> result(outer * kept.size() * inner);
  char *to = result.data();
  for (int64_t i = 0; i < outer; ++i)
    for (int64_t index : kept) {
      std::memcpy(to, raw.data() + (i * shape[axis] + index) * inner, inner);
      to += inner;
    }
  return result;
}

static RankedTensorType withExtent(RankedTensorType type, int64_t axis, int64_t extent) {
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = extent;
  return RankedTensorType::get(shape, type.getElementType());
}

/// A constant of which only some indices of one dimension remain; other constants and empty tensors likewise.
static void cutOperand(OpOperand &operand, int64_t axis, ArrayRef<int64_t> kept) {
  if (cast<RankedTensorType>(operand.get().getType()).getDimSize(axis) != static_cast<int64_t>(kept.size()))
    ChannelGraph::takeOfOperand(operand, axis, kept);
}

void ChannelGraph::takeOfOperand(OpOperand &operand, int64_t axis, ArrayRef<int64_t> kept) {
  auto type = cast<RankedTensorType>(operand.get().getType());
  OpBuilder b(operand.getOwner());
  Location loc = operand.get().getLoc();
  RankedTensorType smaller = withExtent(type, axis, kept.size());
  ElementsAttr elements;
  if (!matchPattern(operand.get(), m_Constant(&elements))) {
    operand.set(tensor::EmptyOp::create(b, loc, smaller, ValueRange()));
    return;
  }
  if (auto splat = dyn_cast<SplatElementsAttr>(elements)) {
    operand.set(arith::ConstantOp::create(b, loc, cast<TypedAttr>(splat.resizeSplat(smaller))));
    return;
  }
  std::vector<char> storage;
  FailureOr<ArrayRef<char>> raw = getRawData(elements, storage);
  if (failed(raw)) {
    // An element type without whole bytes: the values one by one.
    SmallVector<Attribute> values(elements.getValues<Attribute>().begin(), elements.getValues<Attribute>().end());
    std::vector<char> numbers(values.size() * sizeof(uint32_t));
    for (size_t i = 0; i < values.size(); ++i) {
      auto number = static_cast<uint32_t>(i);
      std::memcpy(numbers.data() + i * sizeof number, &number, sizeof number);
    }
    std::vector<char> cut = takeIndices(numbers, type.getShape(), sizeof(uint32_t), axis, kept);
    SmallVector<Attribute> remaining;
    for (size_t i = 0; i < cut.size(); i += sizeof(uint32_t)) {
      uint32_t number;
      std::memcpy(&number, cut.data() + i, sizeof number);
      remaining.push_back(values[number]);
    }
    operand.set(arith::ConstantOp::create(b, loc, cast<TypedAttr>(DenseElementsAttr::get(smaller, remaining))));
    return;
  }
  size_t bytes = raw->size() / type.getNumElements();
  operand.set(arith::ConstantOp::create(
      b, loc, cast<TypedAttr>(makeElements(smaller, takeIndices(*raw, type.getShape(), bytes, axis, kept)))));
}

void ChannelGraph::shrinkContraction(Contraction &c, Removed &removed) {
  auto everything = [](int64_t n) { return llvm::to_vector(llvm::seq<int64_t>(0, n)); };
  SmallVector<int64_t> rows = isNode(c.result()) ? keptOf(c.result()) : everything(c.rows);
  SmallVector<int64_t> channels = !c.depthwise && isNode(c.input()) ? keptOf(c.input()) : everything(c.channels);
  auto newRows = static_cast<int64_t>(rows.size()), newChannels = static_cast<int64_t>(channels.size());
  if (newRows == c.rows && newChannels == c.channels && !c.weightChanged())
    return;
  OpBuilder b(c.op);
  Value old = c.op->getOperand(0);
  auto type = withExtent(withExtent(cast<RankedTensorType>(old.getType()), 0, newRows), 1, newChannels);
  std::vector<char> values(newRows * newChannels * c.locations * sizeof(float));
  char *to = values.data();
  for (int64_t row : rows)
    for (int64_t channel : channels) {
      std::memcpy(to, c.at(row, channel).data(), c.locations * sizeof(float));
      to += c.locations * sizeof(float);
    }
  auto constant = arith::ConstantOp::create(b, old.getLoc(), cast<TypedAttr>(makeElements(type, std::move(values))));
  // The mask of a sparse initialiser goes with its weight.
  if (auto mask = old.getDefiningOp()->getAttrOfType<DenseElementsAttr>("onnx.mask")) {
    SmallVector<bool> bits(mask.getValues<bool>()), cut;
    for (int64_t row : rows)
      for (int64_t channel : channels)
        for (int64_t i = 0; i < c.locations; ++i)
          // What moved into a bias is no weight any more.
          cut.push_back(bits[(row * c.channels + channel) * c.locations + i] &&
                        !(c.weightChanged() && c.isZero(row, channel)));
    constant->setDiscardableAttr("onnx.mask",
                                 DenseElementsAttr::get(RankedTensorType::get(type.getShape(), b.getI1Type()), cut));
  }
  c.op->setOperand(0, constant);
  if (newRows != c.rows) {
    for (OpOperand &operand : c.op->getOpOperands().drop_front(2)) {
      int64_t rank = cast<RankedTensorType>(operand.get().getType()).getRank();
      if (rank > 0 && !isNode(operand.get()))
        cutOperand(operand, rank == 1 ? 0 : c.rowAxis, rows);
    }
    if (c.depthwise)
      cast<ConvOp>(c.op).setGroups(newRows);
  }
  removed.rows += c.rows - newRows;
  removed.columns += c.depthwise ? 0 : (c.channels - newChannels) * c.locations;
  removed.weights += (c.rows * c.channels - newRows * newChannels) * c.locations;
  c.op->setAttr("gs.removed",
                b.getDictionaryAttr({b.getNamedAttr("rows", b.getI64IntegerAttr(c.rows - newRows)),
                                     b.getNamedAttr("channels", b.getI64IntegerAttr(c.channels - newChannels))}));
}

void ChannelGraph::shrinkOther(Operation *op) {
  Value result = op->getNumResults() == 1 ? op->getResult(0) : Value();
  if (!result)
    return;
  if (auto extract = dyn_cast<tensor::ExtractSliceOp>(op)) {
    if (!isNode(result) || !isNode(extract.getSource()))
      return;
    int64_t axis = axes.lookup(result);
    SmallVector<int64_t> offsets(extract.getStaticOffsets()), sizes(extract.getStaticSizes());
    offsets[axis] = llvm::count_if(keptOf(extract.getSource()), [&](int64_t i) { return i < offsets[axis]; });
    sizes[axis] = static_cast<int64_t>(keptOf(result).size());
    extract.setStaticOffsets(offsets);
    extract.setStaticSizes(sizes);
    return;
  }
  if (!isNode(result))
    return;
  int64_t axis = axes.lookup(result);
  SmallVector<int64_t> kept = keptOf(result);
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    SmallVector<int64_t> offsets(insert.getStaticOffsets()), sizes(insert.getStaticSizes()), part;
    for (int64_t i : kept)
      if (i >= offsets[axis] && i < offsets[axis] + sizes[axis])
        part.push_back(i - offsets[axis]);
    if (!isNode(insert.getSource()))
      cutOperand(insert.getSourceMutable(), axis, part);
    if (!isNode(insert.getDest()))
      cutOperand(insert.getDestMutable(), axis, kept);
    offsets[axis] = llvm::count_if(kept, [&](int64_t i) { return i < offsets[axis]; });
    sizes[axis] = static_cast<int64_t>(part.size());
    insert.setStaticOffsets(offsets);
    insert.setStaticSizes(sizes);
  } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    SmallVector<int64_t> shape(expand.getStaticOutputShape());
    shape[axis] = static_cast<int64_t>(kept.size());
    expand.setStaticOutputShape(shape);
  } else if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    for (OpOperand &operand : generic->getOpOperands())
      if (std::optional<int64_t> at = axisIn(generic, operand); at && !isNode(operand.get()))
        cutOperand(operand, *at, kept);
  } else if (isa<PoolOp, linalg::TransposeOp, linalg::FillOp>(op)) {
    cutOperand(op->getOpOperand(op->getNumOperands() - 1), axis, kept);
  }
}

ChannelGraph::Removed ChannelGraph::shrink() {
  Removed removed;
  for (auto &[op, c] : contractions)
    shrinkContraction(*c, removed);
  for (Operation *op : allOps)
    if (!contraction(op))
      shrinkOther(op);
  // Types last: until here they tell the channels that there were.
  SmallVector<std::pair<Value, RankedTensorType>> types;
  for (auto [value, first] : base)
    types.push_back({value, withExtent(cast<RankedTensorType>(value.getType()), axes.lookup(value),
                                       static_cast<int64_t>(keptOf(value).size()))});
  for (auto [value, type] : types)
    if (value.getType() != type)
      value.setType(type);
  for (Operation *op : llvm::reverse(allOps))
    if (isa<arith::ConstantOp, tensor::EmptyOp>(op) && op->use_empty())
      op->erase();
  return removed;
}
