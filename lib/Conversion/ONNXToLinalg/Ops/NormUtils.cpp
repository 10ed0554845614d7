//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mean and variance over some dimensions.
//
//===----------------------------------------------------------------------===//
#include "NormUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static AffineMap rowMap(MLIRContext *context, unsigned rank, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> kept;
  for (unsigned d = 0; d < rank; ++d)
    if (!llvm::is_contained(dims, d))
      kept.push_back(d);
  return projection(context, rank, kept);
}

Moments onnx::moments(OpBuilder &b, Location loc, Value x, ArrayRef<int64_t> dims, double epsilon) {
  auto type = cast<RankedTensorType>(x.getType());
  Type element = type.getElementType();
  double count = 1;
  for (int64_t d : dims)
    count *= type.getDimSize(d);
  Value sum = reduce(b, loc, x, dims, Reduction::Sum);
  auto rowType = cast<RankedTensorType>(sum.getType());
  AffineMap rowIdentity = b.getMultiDimIdentityMap(rowType.getRank());
  Value mean =
      elementwise(b, loc, rowType, sum, rowIdentity, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        return arith::MulFOp::create(b, loc, args[0], floatConstant(b, loc, element, 1.0 / count));
      });
  AffineMap maps[] = {b.getMultiDimIdentityMap(type.getRank()), rowMap(b.getContext(), type.getRank(), dims)};
  Value squares = reduce(b, loc, {x, mean}, maps, type.getShape(), dims, Reduction::Sum,
                         [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                           Value centred = arith::SubFOp::create(b, loc, args[0], args[1]);
                           return arith::MulFOp::create(b, loc, centred, centred);
                         });
  Value inverse =
      elementwise(b, loc, rowType, squares, rowIdentity, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value variance = arith::MulFOp::create(b, loc, args[0], floatConstant(b, loc, element, 1.0 / count));
        Value safe = arith::AddFOp::create(b, loc, variance, floatConstant(b, loc, element, epsilon));
        Value root = math::SqrtOp::create(b, loc, safe);
        return arith::DivFOp::create(b, loc, floatConstant(b, loc, element, 1), root);
      });
  return {mean, inverse};
}

Value onnx::normalize(OpBuilder &b, Location loc, Value x, ArrayRef<int64_t> dims, const Moments &m, Value scale,
                      AffineMap scaleMap, Value shift, AffineMap shiftMap) {
  auto type = cast<RankedTensorType>(x.getType());
  AffineMap row = rowMap(b.getContext(), type.getRank(), dims);
  SmallVector<Value> inputs = {x, m.mean, m.inverse, scale};
  SmallVector<AffineMap> maps = {b.getMultiDimIdentityMap(type.getRank()), row, row, scaleMap};
  if (shift) {
    inputs.push_back(shift);
    maps.push_back(shiftMap);
  }
  return elementwise(b, loc, type, inputs, maps, [](OpBuilder &b, Location loc, ValueRange args) -> Value {
    Value centred = arith::SubFOp::create(b, loc, args[0], args[1]);
    Value unit = arith::MulFOp::create(b, loc, centred, args[2]);
    Value result = arith::MulFOp::create(b, loc, unit, args[3]);
    return args.size() > 4 ? arith::AddFOp::create(b, loc, result, args[4]) : result;
  });
}
