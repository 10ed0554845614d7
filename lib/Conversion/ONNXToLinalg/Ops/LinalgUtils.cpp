//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pieces of linalg that the lowerings of several operators share.
//
//===----------------------------------------------------------------------===//
#include "LinalgUtils.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace mlir::onnx;

/// Whether elements of this type are too coarse to sum up.
static bool isHalf(Type element) { return element.isF16() || element.isBF16(); }

LogicalResult onnx::requireFloats(NodeContext &ctx, unsigned slot, StringRef what, bool allowHalf) {
  if (!ctx.input(slot))
    return ctx.fail("input " + Twine(slot) + " (" + what + ") is missing; check the model with onnx.checker");
  Type type = ctx.elementType(slot);
  if (isa<Float32Type, Float64Type>(type) || (allowHalf && isHalf(type)))
    return success();
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return ctx.fail("input " + Twine(slot) + " (" + what + ") has elements of type " + text +
                  ", but 32- or 64-bit floats are expected; convert the model to float32");
}

FailureOr<int64_t> onnx::normalizedAxis(NodeContext &ctx, int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return ctx.fail("axis " + Twine(axis) + " is outside a tensor of rank " + Twine(rank) +
                    "; check the attribute 'axis'");
  return axis < 0 ? axis + rank : axis;
}

Value onnx::floatConstant(OpBuilder &b, Location loc, Type type, double value) {
  return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
}

Value onnx::emptyTensor(OpBuilder &b, Location loc, RankedTensorType type) {
  return tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
}

Value onnx::filledTensor(OpBuilder &b, Location loc, RankedTensorType type, double value) {
  Value scalar = floatConstant(b, loc, type.getElementType(), value);
  return linalg::FillOp::create(b, loc, scalar, emptyTensor(b, loc, type)).getResult(0);
}

Value onnx::elementwise(OpBuilder &b, Location loc, RankedTensorType type, ValueRange inputs, ArrayRef<AffineMap> maps,
                        BodyBuilder body) {
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(b.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
  return linalg::GenericOp::create(b, loc, TypeRange(type), inputs, ValueRange(emptyTensor(b, loc, type)), allMaps,
                                   iterators,
                                   [&](OpBuilder &b, Location loc, ValueRange args) {
                                     linalg::YieldOp::create(b, loc, body(b, loc, args.drop_back()));
                                   })
      .getResult(0);
}

AffineMap onnx::projection(MLIRContext *context, unsigned rank, ArrayRef<int64_t> dims) {
  SmallVector<AffineExpr> exprs;
  for (int64_t d : dims)
    exprs.push_back(getAffineDimExpr(d, context));
  return AffineMap::get(rank, 0, exprs, context);
}

AffineMap onnx::broadcastMap(MLIRContext *context, ArrayRef<int64_t> shape, ArrayRef<int64_t> target) {
  SmallVector<AffineExpr> exprs;
  size_t lead = target.size() - shape.size();
  for (auto [i, extent] : llvm::enumerate(shape))
    exprs.push_back(extent == 1 && target[lead + i] != 1 ? getAffineConstantExpr(0, context)
                                                         : getAffineDimExpr(lead + i, context));
  return AffineMap::get(target.size(), 0, exprs, context);
}

Value onnx::addAlong(OpBuilder &b, Location loc, Value value, Value bias, int64_t dim) {
  auto type = cast<RankedTensorType>(value.getType());
  return elementwise(b, loc, type, {value, bias},
                     {b.getMultiDimIdentityMap(type.getRank()), projection(b.getContext(), type.getRank(), {dim})},
                     [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       return arith::AddFOp::create(b, loc, args[0], args[1]);
                     });
}

Value onnx::reduce(OpBuilder &b, Location loc, ValueRange inputs, ArrayRef<AffineMap> maps, ArrayRef<int64_t> loops,
                   ArrayRef<int64_t> dims, Reduction kind, BodyBuilder element) {
  SmallVector<int64_t> kept, shape;
  SmallVector<utils::IteratorType> iterators(loops.size(), utils::IteratorType::parallel);
  for (auto [d, extent] : llvm::enumerate(loops)) {
    if (llvm::is_contained(dims, d)) {
      iterators[d] = utils::IteratorType::reduction;
      continue;
    }
    kept.push_back(d);
    shape.push_back(extent);
  }
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(inputs.front().getType()));
  Value init = filledTensor(b, loc, type, kind == Reduction::Sum ? 0.0 : -std::numeric_limits<double>::infinity());
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(projection(b.getContext(), loops.size(), kept));
  auto flags = arith::FastMathFlags::reassoc | arith::FastMathFlags::contract;
  return linalg::GenericOp::create(b, loc, TypeRange(type), inputs, ValueRange(init), allMaps, iterators,
                                   [&](OpBuilder &b, Location loc, ValueRange args) {
                                     Value x = element(b, loc, args.drop_back());
                                     Value y = kind == Reduction::Sum
                                                   ? arith::AddFOp::create(b, loc, args.back(), x, flags).getResult()
                                                   : arith::MaximumFOp::create(b, loc, args.back(), x, flags);
                                     linalg::YieldOp::create(b, loc, y);
                                   })
      .getResult(0);
}

Value onnx::reduce(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> dims, Reduction kind,
                   BodyBuilder element) {
  auto type = cast<RankedTensorType>(value.getType());
  auto same = [](OpBuilder &, Location, ValueRange args) { return args[0]; };
  return reduce(b, loc, ValueRange(value), b.getMultiDimIdentityMap(type.getRank()), type.getShape(), dims, kind,
                element ? element : BodyBuilder(same));
}

Value onnx::widened(OpBuilder &b, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (!isHalf(type.getElementType()))
    return value;
  return elementwise(b, loc, type.clone(b.getF32Type()), value, b.getMultiDimIdentityMap(type.getRank()),
                     [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       return arith::ExtFOp::create(b, loc, b.getF32Type(), args[0]);
                     });
}

Value onnx::narrowed(OpBuilder &b, Location loc, Value value, Type element) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType() == element)
    return value;
  return elementwise(b, loc, type.clone(element), value, b.getMultiDimIdentityMap(type.getRank()),
                     [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       return arith::TruncFOp::create(b, loc, element, args[0]);
                     });
}

Value onnx::reshape(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape) {
  return reshapeTensor(b, loc, value, shape);
}

Value onnx::transpose(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  if (llvm::equal(perm, llvm::seq<int64_t>(0, type.getRank())))
    return value;
  if (Value constant = shuffleConstant(b, loc, value, [&](ElementsAttr e) { return transposeElements(e, perm); }))
    return constant;
  SmallVector<int64_t> shape;
  for (int64_t p : perm)
    shape.push_back(type.getDimSize(p));
  Value init = emptyTensor(b, loc, RankedTensorType::get(shape, type.getElementType()));
  return linalg::TransposeOp::create(b, loc, value, init, perm)->getResult(0);
}

Value onnx::padSpatial(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                       double fill) {
  auto isZero = [](int64_t p) { return p == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape(type.getShape());
  SmallVector<OpFoldResult> lows(2, b.getIndexAttr(0)), highs(2, b.getIndexAttr(0));
  for (auto [i, l, h] : llvm::enumerate(low, high)) {
    shape[2 + i] += l + h;
    lows.push_back(b.getIndexAttr(l));
    highs.push_back(b.getIndexAttr(h));
  }
  return tensor::PadOp::create(b, loc, RankedTensorType::get(shape, type.getElementType()), value, lows, highs,
                               floatConstant(b, loc, type.getElementType(), fill));
}
