//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ArgMax and ArgMin: where the extreme element along one axis is.
//
//===----------------------------------------------------------------------===//
#include "ArgUtils.h"
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::onnx;

LogicalResult onnx::inferArg(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)) || failed(checkElementType(ctx, 0, Allow::Number)))
    return failure();
  SmallVector<int64_t> shape(ctx.shape(0));
  FailureOr<int64_t> axis = normalizeAxis(ctx, ctx.intAttr("axis", 0), shape.size());
  if (failed(axis))
    return failure();
  if (shape[*axis] == 0)
    return ctx.fail("there is no element along axis " + Twine(*axis) + " of the input of shape " + formatShape(shape));
  if (ctx.intAttr("keepdims", 1))
    shape[*axis] = 1;
  else
    shape.erase(shape.begin() + *axis);
  results.push_back(RankedTensorType::get(shape, ctx.b.getI64Type()));
  return success();
}

LogicalResult onnx::convertArg(NodeContext &ctx, RankedTensorType type, bool isMax, SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  ArrayRef<int64_t> from = ctx.shape(0);
  int64_t rank = from.size(), axis = *normalizeAxis(ctx, ctx.intAttr("axis", 0), rank);
  bool last = ctx.intAttr("select_last_index", 0), isUnsignedType = isUnsigned(ctx);
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators[axis] = utils::IteratorType::reduction;
  SmallVector<int64_t> shape(from);
  shape.erase(shape.begin() + axis);
  SmallVector<AffineExpr> kept;
  for (int64_t d = 0; d < rank; ++d)
    if (d != axis)
      kept.push_back(b.getAffineDimExpr(d));
  AffineMap outMap = AffineMap::get(rank, 0, kept, b.getContext());
  // Two results: the extreme so far, from the element at index 0 on, and its index.
  Value first = reshapeTensor(b, loc, sliceAxis(b, loc, ctx.input(0), axis, 0, 1), shape);
  Value index =
      filledTensor(b, loc, RankedTensorType::get(shape, b.getI64Type()), arith::ConstantIntOp::create(b, loc, 0, 64));
  auto generic = linalg::GenericOp::create(
      b, loc, TypeRange{first.getType(), index.getType()}, ValueRange(ctx.input(0)), ValueRange{first, index},
      {b.getMultiDimIdentityMap(rank), outMap, outMap}, iterators,
      [&](OpBuilder &nested, Location bodyLoc, ValueRange args) {
        ImplicitLocOpBuilder ib(bodyLoc, nested);
        Value x = args[0], best = args[1];
        if (auto integer = dyn_cast<IntegerType>(x.getType()); integer && !integer.isSignless()) {
          Type plain = ib.getIntegerType(integer.getWidth());
          x = UnrealizedConversionCastOp::create(ib, plain, x).getResult(0);
          best = UnrealizedConversionCastOp::create(ib, plain, best).getResult(0);
        }
        Value better;
        if (isa<FloatType>(x.getType())) {
          using P = arith::CmpFPredicate;
          P predicate = isMax ? (last ? P::OGE : P::OGT) : (last ? P::OLE : P::OLT);
          better = arith::CmpFOp::create(ib, predicate, x, best);
        } else {
          using P = arith::CmpIPredicate;
          P isSigned = isMax ? (last ? P::sge : P::sgt) : (last ? P::sle : P::slt);
          P isNot = isMax ? (last ? P::uge : P::ugt) : (last ? P::ule : P::ult);
          better = arith::CmpIOp::create(ib, isUnsignedType ? isNot : isSigned, x, best);
        }
        Value here = arith::IndexCastOp::create(ib, ib.getI64Type(), linalg::IndexOp::create(ib, axis));
        Value newBest = arith::SelectOp::create(ib, better, args[0], args[1]);
        Value newIndex = arith::SelectOp::create(ib, better, here, args[2]);
        linalg::YieldOp::create(ib, ValueRange{newBest, newIndex});
      });
  results.push_back(reshapeTensor(b, loc, generic.getResult(1), type.getShape()));
  return success();
}
