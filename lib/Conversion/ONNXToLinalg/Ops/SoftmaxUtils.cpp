//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softmax and LogSoftmax, safe against overflow.
//
//===----------------------------------------------------------------------===//
#include "SoftmaxUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static FailureOr<SmallVector<int64_t>> softmaxDims(NodeContext &ctx) {
  int64_t rank = ctx.shape(0).size();
  bool flattens = ctx.opset() < 13;
  int64_t given = ctx.intAttr("axis", flattens ? 1 : -1);
  // The flattening form may split behind the last dimension: rows of one element.
  if (flattens && given == rank)
    return SmallVector<int64_t>();
  FailureOr<int64_t> axis = normalizedAxis(ctx, given, rank);
  if (failed(axis))
    return failure();
  return flattens ? llvm::to_vector(llvm::seq<int64_t>(*axis, rank)) : SmallVector<int64_t>{*axis};
}

LogicalResult onnx::inferSoftmax(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(requireFloats(ctx, 0, "input", /*allowHalf=*/true)) || failed(softmaxDims(ctx)))
    return failure();
  results.push_back(ctx.type(0));
  return success();
}

LogicalResult onnx::lowerSoftmax(NodeContext &ctx, bool logarithm, SmallVectorImpl<Value> &results) {
  FailureOr<SmallVector<int64_t>> dims = softmaxDims(ctx);
  if (failed(dims))
    return failure();
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  Value x = widened(b, loc, ctx.input(0));
  auto type = cast<RankedTensorType>(x.getType());
  unsigned rank = type.getRank();
  SmallVector<int64_t> kept;
  for (unsigned d = 0; d < rank; ++d)
    if (!llvm::is_contained(*dims, d))
      kept.push_back(d);
  AffineMap identity = b.getMultiDimIdentityMap(rank), row = projection(b.getContext(), rank, kept);
  auto subtract = [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    return arith::SubFOp::create(b, loc, args[0], args[1]);
  };
  auto exponential = [](OpBuilder &b, Location loc, Value v) -> Value { return math::ExpOp::create(b, loc, v); };

  Value max = reduce(b, loc, x, *dims, Reduction::Max);
  Value result;
  if (logarithm) {
    Value shifted = elementwise(b, loc, type, {x, max}, {identity, row}, subtract);
    Value sum = reduce(b, loc, shifted, *dims, Reduction::Sum,
                       [&](OpBuilder &b, Location loc, ValueRange args) { return exponential(b, loc, args[0]); });
    auto rowType = cast<RankedTensorType>(sum.getType());
    Value log = elementwise(
        b, loc, rowType, sum, b.getMultiDimIdentityMap(rowType.getRank()),
        [](OpBuilder &b, Location loc, ValueRange args) -> Value { return math::LogOp::create(b, loc, args[0]); });
    result = elementwise(b, loc, type, {shifted, log}, {identity, row}, subtract);
  } else {
    Value powers =
        elementwise(b, loc, type, {x, max}, {identity, row}, [&](OpBuilder &b, Location loc, ValueRange args) {
          return exponential(b, loc, subtract(b, loc, args));
        });
    Value sum = reduce(b, loc, powers, *dims, Reduction::Sum);
    auto rowType = cast<RankedTensorType>(sum.getType());
    Value inverse = elementwise(b, loc, rowType, sum, b.getMultiDimIdentityMap(rowType.getRank()),
                                [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                                  Value one = floatConstant(b, loc, args[0].getType(), 1);
                                  return arith::DivFOp::create(b, loc, one, args[0]);
                                });
    result = elementwise(b, loc, type, {powers, inverse}, {identity, row},
                         [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                           return arith::MulFOp::create(b, loc, args[0], args[1]);
                         });
  }
  results.push_back(narrowed(b, loc, result, ctx.elementType(0)));
  return success();
}
