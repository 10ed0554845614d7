//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reductions over dimensions of a tensor.
//
//===----------------------------------------------------------------------===//
#include "ReduceUtils.h"
#include "../ConstantUtils.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::onnx;

/// The dimensions to reduce, ascending.
static FailureOr<SmallVector<int64_t>> reducedDims(NodeContext &ctx) {
  int64_t rank = ctx.shape(0).size();
  FailureOr<std::optional<SmallVector<int64_t>>> axes = axesOf(ctx, 1, rank);
  if (failed(axes))
    return failure();
  if (*axes && !(*axes)->empty())
    return **axes;
  if (ctx.intAttr("noop_with_empty_axes", 0))
    return SmallVector<int64_t>();
  return llvm::to_vector(llvm::seq<int64_t>(0, rank));
}

LogicalResult onnx::inferReduction(NodeContext &ctx, const Reduction &op, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 2)) || failed(checkElementType(ctx, 0, op.allow)))
    return failure();
  FailureOr<SmallVector<int64_t>> dims = reducedDims(ctx);
  if (failed(dims))
    return failure();
  bool keep = ctx.intAttr("keepdims", 1);
  SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(ctx.shape(0))) {
    bool reduced = llvm::is_contained(*dims, static_cast<int64_t>(d));
    if (!reduced || keep)
      shape.push_back(reduced ? 1 : size);
  }
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

static Value identityOf(ImplicitLocOpBuilder &b, ReduceKind kind, Type type, bool isUnsigned) {
  switch (kind) {
  case ReduceKind::Sum:
    return scalar(b, type, 0);
  case ReduceKind::Product:
    return scalar(b, type, 1);
  case ReduceKind::Max:
    return lowest(b, type, isUnsigned);
  case ReduceKind::Min:
    return highest(b, type, isUnsigned);
  }
  return {};
}

static Value combine(ImplicitLocOpBuilder &b, ReduceKind kind, Value x, Value y, bool isUnsigned, bool reassociate) {
  bool isFloat = isa<FloatType>(x.getType());
  auto flags =
      reassociate ? arith::FastMathFlags::reassoc | arith::FastMathFlags::contract : arith::FastMathFlags::none;
  switch (kind) {
  case ReduceKind::Sum:
    return isFloat ? Value(arith::AddFOp::create(b, x, y, flags)) : Value(arith::AddIOp::create(b, x, y));
  case ReduceKind::Product:
    return isFloat ? Value(arith::MulFOp::create(b, x, y, flags)) : Value(arith::MulIOp::create(b, x, y));
  case ReduceKind::Max:
    return maxOf(b, x, y, isUnsigned);
  case ReduceKind::Min:
    return minOf(b, x, y, isUnsigned);
  }
  return {};
}

LogicalResult onnx::convertReduction(NodeContext &ctx, const Reduction &op, RankedTensorType type,
                                     SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  ImplicitLocOpBuilder ib(ctx.loc(), b);
  SmallVector<int64_t> dims = *reducedDims(ctx);
  Type element = ctx.elementType(0);
  bool isUnsignedType = isUnsigned(ctx) || element.isInteger(1);
  Type compute = element.isF16() || element.isBF16() ? Type(b.getF32Type())
                 : isa<IntegerType>(element)         ? Type(b.getIntegerType(element.getIntOrFloatBitWidth()))
                                                     : element;
  int64_t rank = ctx.shape(0).size(), count = 1;
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  for (int64_t d : dims) {
    iterators[d] = utils::IteratorType::reduction;
    count *= ctx.shape(0)[d];
  }
  SmallVector<AffineExpr> kept;
  SmallVector<int64_t> keptShape;
  for (int64_t d = 0; d < rank; ++d)
    if (iterators[d] == utils::IteratorType::parallel) {
      kept.push_back(b.getAffineDimExpr(d));
      keptShape.push_back(ctx.shape(0)[d]);
    }
  // A contiguous reduction vectorises only if it may be reassociated.
  bool innermost = !dims.empty() && dims.back() == rank - 1;
  auto reducedType = RankedTensorType::get(keptShape, compute);
  Value init = filledTensor(b, ctx.loc(), reducedType, identityOf(ib, op.kind, compute, isUnsignedType));
  auto generic = linalg::GenericOp::create(
      b, ctx.loc(), TypeRange(reducedType), ValueRange(ctx.input(0)), ValueRange(init),
      {b.getMultiDimIdentityMap(rank), AffineMap::get(rank, 0, kept, b.getContext())}, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange args) {
        ImplicitLocOpBuilder body(loc, nested);
        Value x = args[0];
        if (isa<IntegerType>(element) && x.getType() != compute)
          x = UnrealizedConversionCastOp::create(body, compute, x).getResult(0);
        else if (x.getType() != compute)
          x = arith::ExtFOp::create(body, compute, x);
        if (op.element)
          x = op.element(body, x);
        linalg::YieldOp::create(body, combine(body, op.kind, args[1], x, isUnsignedType, innermost));
      });
  Value result = generic.getResult(0);
  auto elementwiseType = RankedTensorType::get(keptShape, element);
  if (op.finish || compute != element)
    result = createElementwise(
        b, ctx.loc(), elementwiseType, {result}, [&](ImplicitLocOpBuilder &body, ArrayRef<Value> args) {
          Value x = op.finish ? op.finish(body, args[0], count, isUnsignedType) : args[0];
          return isa<FloatType>(element) && x.getType() != element ? Value(arith::TruncFOp::create(body, element, x))
                                                                   : x;
        });
  results.push_back(reshapeTensor(b, ctx.loc(), result, type.getShape()));
  return success();
}

LogicalResult onnx::foldReduction(NodeContext &ctx, const Reduction &op, RankedTensorType type,
                                  SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = ctx.constant(0);
  if (!elements || op.element || op.finish || isUnsigned(ctx) || !isa<IntegerType>(ctx.elementType(0)) ||
      ctx.elementType(0).isInteger(1))
    return failure();
  std::optional<SmallVector<int64_t>> values = readInts(elements);
  if (!values || values->empty())
    return failure();
  SmallVector<int64_t> dims = *reducedDims(ctx);
  SmallVector<int64_t> shape(ctx.shape(0)), kept(shape), index(shape.size(), 0);
  for (int64_t d : dims)
    kept[d] = 1;
  SmallVector<int64_t> strides = broadcastStrides(kept, shape);
  SmallVector<std::optional<int64_t>> out(elementCount(kept));
  for (int64_t value : *values) {
    int64_t at = 0;
    for (auto [i, stride] : llvm::zip_equal(index, strides))
      at += i * stride;
    std::optional<int64_t> &acc = out[at];
    if (!acc)
      acc = value;
    else if (op.kind == ReduceKind::Sum)
      acc = static_cast<int64_t>(static_cast<uint64_t>(*acc) + static_cast<uint64_t>(value));
    else if (op.kind == ReduceKind::Product)
      acc = static_cast<int64_t>(static_cast<uint64_t>(*acc) * static_cast<uint64_t>(value));
    else
      acc = op.kind == ReduceKind::Max ? std::max(*acc, value) : std::min(*acc, value);
    nextIndex(index, shape);
  }
  unsigned width = elementBytes(type.getElementType());
  std::vector<char> bytes(out.size() * width);
  for (auto [i, value] : llvm::enumerate(out))
    std::memcpy(bytes.data() + i * width, &*value, width); // hosts are little-endian; narrow integers wrap around
  results.push_back(makeElements(type, bytes));
  return success();
}
