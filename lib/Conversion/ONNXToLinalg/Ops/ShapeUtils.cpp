//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moving elements about: reading parameters, and run-time data movement.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"
#include "../ConstantUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::onnx;

std::string onnx::formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(shape, os);
  os << ']';
  return text;
}

int64_t onnx::elementCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

//===----------------------------------------------------------------------===//
// Reading parameters
//===----------------------------------------------------------------------===//

FailureOr<int64_t> onnx::normalizeAxis(NodeContext &ctx, int64_t axis, int64_t rank, StringRef what) {
  if (axis < -rank || axis >= rank)
    return ctx.fail(what + " " + Twine(axis) + " is outside the range [" + Twine(-rank) + ", " + Twine(rank) +
                    ") of a tensor of rank " + Twine(rank));
  return axis < 0 ? axis + rank : axis;
}

FailureOr<std::optional<SmallVector<int64_t>>> onnx::attrOrInput(NodeContext &ctx, StringRef name, unsigned slot) {
  if (ctx.hasAttr(name))
    return std::optional(ctx.intsAttr(name));
  if (!ctx.input(slot))
    return std::optional<SmallVector<int64_t>>();
  FailureOr<SmallVector<int64_t>> ints = ctx.constantInts(slot, name);
  if (failed(ints))
    return failure();
  return std::optional(*ints);
}

FailureOr<std::optional<SmallVector<int64_t>>> onnx::axesOf(NodeContext &ctx, unsigned slot, int64_t rank) {
  FailureOr<std::optional<SmallVector<int64_t>>> axes = attrOrInput(ctx, "axes", slot);
  if (failed(axes) || !*axes)
    return axes;
  for (int64_t &axis : **axes) {
    FailureOr<int64_t> normal = normalizeAxis(ctx, axis, rank);
    if (failed(normal))
      return failure();
    axis = *normal;
  }
  llvm::sort(**axes);
  if (std::unique((*axes)->begin(), (*axes)->end()) != (*axes)->end())
    return ctx.fail("axes names a dimension twice");
  return axes;
}

LogicalResult onnx::checkInputCount(NodeContext &ctx, unsigned atLeast, unsigned atMost) {
  for (unsigned slot = 0; slot < atLeast; ++slot)
    if (!ctx.input(slot))
      return ctx.fail("input " + Twine(slot) + " is missing");
  if (ctx.numInputs() > atMost)
    return ctx.fail("it has " + Twine(ctx.numInputs()) + " inputs, but takes at most " + Twine(atMost));
  return success();
}

//===----------------------------------------------------------------------===//
// Run time
//===----------------------------------------------------------------------===//

Value onnx::emptyTensor(OpBuilder &b, Location loc, ArrayRef<int64_t> shape, Type elementType) {
  return tensor::EmptyOp::create(b, loc, shape, elementType);
}

Value onnx::filledTensor(OpBuilder &b, Location loc, RankedTensorType type, Value value) {
  Value init = emptyTensor(b, loc, type.getShape(), type.getElementType());
  return linalg::FillOp::create(b, loc, ValueRange(value), ValueRange(init)).getResult(0);
}

Value onnx::indexConstant(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

/// Splits two shapes of as many elements into the finest groups of neighbours with equal products; every dimension is
/// in a group. Group i covers dimensions from[i] of one and to[i] of the other.
static void matchGroups(ArrayRef<int64_t> a, ArrayRef<int64_t> b, SmallVectorImpl<ReassociationIndices> &groupsA,
                        SmallVectorImpl<ReassociationIndices> &groupsB) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    int64_t productA = a[i], productB = b[j];
    ReassociationIndices inA{static_cast<int64_t>(i++)}, inB{static_cast<int64_t>(j++)};
    while (productA != productB) {
      if (productA < productB) {
        productA *= a[i];
        inA.push_back(i++);
      } else {
        productB *= b[j];
        inB.push_back(j++);
      }
    }
    groupsA.push_back(inA);
    groupsB.push_back(inB);
  }
  // What is left over are ones; they join the last group.
  for (; i < a.size() && !groupsA.empty(); ++i)
    groupsA.back().push_back(i);
  for (; j < b.size() && !groupsB.empty(); ++j)
    groupsB.back().push_back(j);
}

Value onnx::reshapeTensor(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  auto newType = RankedTensorType::get(shape, type.getElementType());
  // Of whatever element type: a mask is reshaped along with its constant.
  auto reshapeAny = [&](ElementsAttr elements) {
    return reshapeElements(elements, RankedTensorType::get(shape, elements.getElementType()));
  };
  if (Value constant = shuffleConstant(b, loc, value, reshapeAny))
    return constant;
  SmallVector<ReassociationIndices> from, to;
  matchGroups(type.getShape(), shape, from, to);
  SmallVector<int64_t> middle = llvm::map_to_vector(from, [&](const ReassociationIndices &group) {
    int64_t product = 1;
    for (int64_t d : group)
      product *= type.getDimSize(d);
    return product;
  });
  if (middle.size() != type.getShape().size())
    value = tensor::CollapseShapeOp::create(b, loc, RankedTensorType::get(middle, type.getElementType()), value, from);
  if (middle.size() != shape.size())
    value = tensor::ExpandShapeOp::create(b, loc, newType, value, to);
  return value;
}

Value onnx::transposeTensor(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape, moved;
  for (int64_t p : perm) {
    shape.push_back(type.getDimSize(p));
    if (type.getDimSize(p) != 1)
      moved.push_back(p);
  }
  if (llvm::is_sorted(moved))
    return reshapeTensor(b, loc, value, shape);
  if (Value constant = shuffleConstant(b, loc, value, [&](ElementsAttr e) { return transposeElements(e, perm); }))
    return constant;
  Value init = emptyTensor(b, loc, shape, type.getElementType());
  return linalg::TransposeOp::create(b, loc, value, init, perm)->getResult(0);
}

static SmallVector<OpFoldResult> indexAttrs(OpBuilder &b, ArrayRef<int64_t> values) {
  return llvm::map_to_vector(values, [&](int64_t v) { return OpFoldResult(b.getIndexAttr(v)); });
}

Value onnx::sliceTensor(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                        ArrayRef<int64_t> strides) {
  if (cast<RankedTensorType>(value.getType()).getShape() == sizes)
    return value;
  return tensor::ExtractSliceOp::create(b, loc, value, indexAttrs(b, offsets), indexAttrs(b, sizes),
                                        indexAttrs(b, strides));
}

Value onnx::sliceAxis(OpBuilder &b, Location loc, Value value, int64_t axis, int64_t offset, int64_t size) {
  SmallVector<int64_t> sizes(cast<RankedTensorType>(value.getType()).getShape());
  SmallVector<int64_t> offsets(sizes.size(), 0), strides(sizes.size(), 1);
  offsets[axis] = offset;
  sizes[axis] = size;
  return sliceTensor(b, loc, value, offsets, sizes, strides);
}

Value onnx::concatTensors(OpBuilder &b, Location loc, ArrayRef<Value> values, int64_t axis) {
  if (values.size() == 1)
    return values.front();
  auto first = cast<RankedTensorType>(values.front().getType());
  SmallVector<int64_t> shape(first.getShape());
  shape[axis] = 0;
  for (Value v : values)
    shape[axis] += cast<RankedTensorType>(v.getType()).getDimSize(axis);
  Value result = emptyTensor(b, loc, shape, first.getElementType());
  SmallVector<int64_t> offsets(shape.size(), 0), strides(shape.size(), 1);
  for (Value v : values) {
    ArrayRef<int64_t> sizes = cast<RankedTensorType>(v.getType()).getShape();
    result = tensor::InsertSliceOp::create(b, loc, v, result, indexAttrs(b, offsets), indexAttrs(b, sizes),
                                           indexAttrs(b, strides));
    offsets[axis] += sizes[axis];
  }
  return result;
}

Value onnx::copyThrough(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape, AffineMap map) {
  auto type = RankedTensorType::get(shape, cast<RankedTensorType>(value.getType()).getElementType());
  Value init = emptyTensor(b, loc, shape, type.getElementType());
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, loc, TypeRange(type), ValueRange(value), ValueRange(init),
             {map, b.getMultiDimIdentityMap(shape.size())}, iterators,
             [](OpBuilder &nested, Location l, ValueRange args) { linalg::YieldOp::create(nested, l, args[0]); })
      .getResult(0);
}

Value onnx::gatherByTables(OpBuilder &b, Location loc, Value value, ArrayRef<SmallVector<int64_t>> tables) {
  auto source = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(source.getShape());
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (auto [d, table] : llvm::enumerate(tables)) {
    if (table.empty())
      continue;
    shape[d] = table.size();
    inputs.push_back(createConstant(b, loc, makeInts(b.getContext(), table)));
    maps.push_back(AffineMap::get(shape.size(), 0, b.getAffineDimExpr(d), b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(shape.size()));
  auto type = RankedTensorType::get(shape, source.getElementType());
  Value init = emptyTensor(b, loc, shape, type.getElementType());
  SmallVector<utils::IteratorType> iterators(shape.size(), utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, loc, TypeRange(type), inputs, ValueRange(init), maps, iterators,
             [&](OpBuilder &nested, Location l, ValueRange args) {
               SmallVector<Value> indices;
               unsigned next = 0;
               for (auto [d, table] : llvm::enumerate(tables))
                 indices.push_back(
                     table.empty() ? Value(linalg::IndexOp::create(nested, l, d))
                                   : Value(arith::IndexCastOp::create(nested, l, nested.getIndexType(), args[next++])));
               Value element = tensor::ExtractOp::create(nested, l, value, indices);
               linalg::YieldOp::create(nested, l, element);
             })
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Operators that keep or rename the shape
//===----------------------------------------------------------------------===//

bool onnx::isMasked(Value value) {
  return value && value.getDefiningOp() && value.getDefiningOp()->hasAttr(maskAttrName);
}

LogicalResult onnx::foldReshape(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = isMasked(ctx.input(0)) ? ElementsAttr() : ctx.constant(0);
  ElementsAttr reshaped = elements ? reshapeElements(elements, types[0]) : ElementsAttr();
  if (!reshaped)
    return failure();
  results.push_back(reshaped);
  return success();
}

LogicalResult onnx::convertReshape(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  results.push_back(reshapeTensor(ctx.b, ctx.loc(), ctx.input(0), types[0].getShape()));
  return success();
}

LogicalResult onnx::forwardInput(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  results.push_back(ctx.input(0));
  return success();
}

LogicalResult onnx::foldForward(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = isMasked(ctx.input(0)) ? ElementsAttr() : ctx.constant(0);
  if (!elements)
    return failure();
  results.push_back(elements);
  return success();
}

LogicalResult onnx::convertFolded(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &) {
  return ctx.fail("its result must be known when the model is compiled, but its element type cannot be read");
}

LogicalResult onnx::inferSameType(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (!ctx.input(0))
    return ctx.fail("input 0 is missing");
  results.push_back(ctx.type(0));
  return success();
}
