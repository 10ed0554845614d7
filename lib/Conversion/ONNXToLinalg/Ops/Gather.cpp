//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gather: slices of the data along `axis`, picked by an index tensor. Constant
// indices outside the data are an error; computed ones are clamped to it (the
// standard leaves them open), so that no memory outside is read.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferGather(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 2, 2)) || failed(checkElementType(ctx, 1, Allow::Integer)))
    return failure();
  ArrayRef<int64_t> data = ctx.shape(0), indices = ctx.shape(1);
  FailureOr<int64_t> axis = normalizeAxis(ctx, ctx.intAttr("axis", 0), data.size());
  if (failed(axis))
    return failure();
  if (ctx.constant(1)) {
    FailureOr<SmallVector<int64_t>> values = ctx.constantInts(1, "indices");
    if (failed(values))
      return failure();
    for (int64_t index : *values)
      if (index < -data[*axis] || index >= data[*axis])
        return ctx.fail("index " + Twine(index) + " is outside dimension " + Twine(*axis) + " of size " +
                        Twine(data[*axis]));
  }
  SmallVector<int64_t> shape(data.take_front(*axis));
  llvm::append_range(shape, indices);
  llvm::append_range(shape, data.drop_front(*axis + 1));
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

static int64_t axisOf(NodeContext &ctx) {
  int64_t axis = ctx.intAttr("axis", 0);
  return axis < 0 ? axis + static_cast<int64_t>(ctx.shape(0).size()) : axis;
}

/// Constant indices that step evenly upwards are a slice; null for others.
static Value gatherAsSlice(NodeContext &ctx, ArrayRef<int64_t> shape) {
  if (!ctx.constant(1))
    return {};
  SmallVector<int64_t> indices = *ctx.constantInts(1, "indices");
  int64_t axis = axisOf(ctx), size = ctx.shape(0)[axis];
  for (int64_t &index : indices)
    index = index < 0 ? index + size : index;
  int64_t step = indices.size() > 1 ? indices[1] - indices[0] : 1;
  if (step <= 0)
    return {};
  for (size_t i = 1; i < indices.size(); ++i)
    if (indices[i] - indices[i - 1] != step)
      return {};
  SmallVector<int64_t> sizes(ctx.shape(0)), offsets(sizes.size(), 0), steps(sizes.size(), 1);
  sizes[axis] = indices.size();
  offsets[axis] = indices.front();
  steps[axis] = step;
  Value part = sliceTensor(ctx.b, ctx.loc(), ctx.input(0), offsets, sizes, steps);
  return reshapeTensor(ctx.b, ctx.loc(), part, shape);
}

static LogicalResult convertGather(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  if (Value slice = gatherAsSlice(ctx, types[0].getShape())) {
    results.push_back(slice);
    return success();
  }
  OpBuilder &b = ctx.b;
  int64_t rank = types[0].getRank(), axis = axisOf(ctx), indexRank = ctx.shape(1).size();
  SmallVector<AffineExpr> indexDims;
  for (int64_t d = 0; d < indexRank; ++d)
    indexDims.push_back(b.getAffineDimExpr(axis + d));
  Value init = emptyTensor(b, ctx.loc(), types[0].getShape(), types[0].getElementType());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, ctx.loc(), TypeRange(types[0]), ValueRange(ctx.input(1)), ValueRange(init),
      {AffineMap::get(rank, 0, indexDims, b.getContext()), b.getMultiDimIdentityMap(rank)}, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder ib(loc, nested);
        Value raw = args[0];
        if (auto type = cast<IntegerType>(raw.getType()); !type.isSignless())
          raw = UnrealizedConversionCastOp::create(ib, ib.getIntegerType(type.getWidth()), raw).getResult(0);
        Value index = isUnsigned(ctx, 1) ? Value(arith::IndexCastUIOp::create(ib, ib.getIndexType(), raw))
                                         : Value(arith::IndexCastOp::create(ib, ib.getIndexType(), raw));
        // Negative indices count from the end; then clamp.
        Value zero = indexConstant(ib, loc, 0), size = indexConstant(ib, loc, ctx.shape(0)[axis]);
        Value isNegative = arith::CmpIOp::create(ib, arith::CmpIPredicate::slt, index, zero);
        index = arith::SelectOp::create(ib, isNegative, arith::AddIOp::create(ib, index, size), index);
        Value last = indexConstant(ib, loc, ctx.shape(0)[axis] - 1);
        index = arith::MinSIOp::create(ib, arith::MaxSIOp::create(ib, index, zero), last);
        SmallVector<Value> position;
        for (int64_t d = 0; d < axis; ++d)
          position.push_back(linalg::IndexOp::create(ib, d));
        position.push_back(index);
        for (int64_t d = axis + indexRank; d < rank; ++d)
          position.push_back(linalg::IndexOp::create(ib, d));
        Value element = tensor::ExtractOp::create(ib, ctx.input(0), position);
        linalg::YieldOp::create(ib, element);
      });
  results.push_back(generic.getResult(0));
  return success();
}

static LogicalResult foldGather(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = ctx.constant(0);
  if (!elements || !ctx.constant(1))
    return failure();
  if (isSplat(elements)) {
    results.push_back(cast<DenseElementsAttr>(elements).resizeSplat(types[0]));
    return success();
  }
  std::optional<RawData> data = getRawData(elements);
  // No blow-up: a table read more often than it has elements stays a table.
  if (!data || types[0].getNumElements() > std::max<int64_t>(4096, elementCount(ctx.shape(0))))
    return failure();
  int64_t axis = axisOf(ctx), size = ctx.shape(0)[axis], outer = elementCount(ctx.shape(0).take_front(axis));
  size_t block = elementCount(ctx.shape(0).drop_front(axis + 1)) * elementBytes(ctx.elementType(0));
  SmallVector<int64_t> indices = *ctx.constantInts(1, "indices");
  std::vector<char> out;
  out.reserve(outer * indices.size() * block);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : indices) {
      const char *from = data->bytes.data() + (o * size + (index < 0 ? index + size : index)) * block;
      out.insert(out.end(), from, from + block);
    }
  results.push_back(makeElements(types[0], out));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGather() {
  static const OpConversion table[] = {{"", "Gather", 1, 0, inferGather, convertGather, foldGather}};
  return table;
}
} // namespace mlir::onnx
