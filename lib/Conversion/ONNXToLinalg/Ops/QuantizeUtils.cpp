//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which scale belongs to an element, and loops over elements with their scales.
//
//===----------------------------------------------------------------------===//
#include "QuantizeUtils.h"
#include "ElementwiseUtils.h"
#include "LinalgUtils.h"

using namespace mlir;
using namespace mlir::onnx;

SmallVector<int64_t> ScaleGrid::cut(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> result(shape);
  if (isBlocked) {
    result[axis] = extent / block;
    result.insert(result.begin() + axis + 1, block);
  }
  return result;
}

SmallVector<int64_t> ScaleGrid::broadcast(ArrayRef<int64_t> shape) const {
  if (isScalar)
    return {};
  if (isBlocked) {
    SmallVector<int64_t> result = cut(shape);
    result[axis + 1] = 1;
    return result;
  }
  SmallVector<int64_t> result(shape.size() - axis, 1);
  result[0] = extent;
  return result;
}

FailureOr<ScaleGrid> onnx::gridOf(NodeContext &ctx, StringRef scaleName) {
  ArrayRef<int64_t> x = ctx.shape(0), scale = ctx.shape(1);
  ScaleGrid grid;
  int64_t block = ctx.intAttr("block_size", 0), axis = ctx.intAttr("axis", 1);
  if (ShapedType::getNumElements(scale) == 1 && block == 0) {
    grid.isScalar = true;
    grid.inner = ShapedType::getNumElements(x);
    return grid;
  }
  FailureOr<int64_t> at = normalizedAxis(ctx, axis, static_cast<int64_t>(x.size()));
  if (failed(at))
    return failure();
  grid.axis = *at;
  grid.outer = ShapedType::getNumElements(x.take_front(*at));
  grid.extent = x[*at];
  grid.inner = ShapedType::getNumElements(x.drop_front(*at + 1));
  if (block == 0) {
    if (scale.size() != 1 || scale[0] != grid.extent)
      return ctx.fail(scaleName + " must hold one number, or one for each of the " + Twine(grid.extent) +
                      " indices of axis " + Twine(axis) + "; check the model with onnx.checker");
    return grid;
  }
  grid.block = block;
  grid.isBlocked = true;
  SmallVector<int64_t> expected(x);
  expected[*at] = block < 0 ? 0 : (grid.extent + block - 1) / block;
  if (block < 0 || scale != ArrayRef<int64_t>(expected))
    return ctx.fail(scaleName + " must have the shape of x with one number for each block of " + Twine(block) +
                    " along axis " + Twine(axis) + "; check the model with onnx.checker");
  return grid;
}

FailureOr<Value> onnx::createScaled(NodeContext &ctx, StringRef scaleName, RankedTensorType type,
                                    function_ref<Value(ImplicitLocOpBuilder &, ArrayRef<Value>)> body) {
  FailureOr<ScaleGrid> grid = gridOf(ctx, scaleName);
  if (failed(grid))
    return failure();
  if (!grid->isWhole())
    return ctx.fail(
        "the last block is shorter than others, which is supported for constant x only; use a block_size that "
        "divides the axis");
  OpBuilder &b = ctx.b;
  SmallVector<int64_t> along = grid->broadcast(type.getShape());
  auto cut = RankedTensorType::get(grid->cut(type.getShape()), type.getElementType());
  Value x = reshape(b, ctx.loc(), ctx.input(0), cut.getShape()), scale = reshape(b, ctx.loc(), ctx.input(1), along);
  Value zero = ctx.input(2) ? reshape(b, ctx.loc(), ctx.input(2), along) : Value();
  return reshape(b, ctx.loc(), createElementwise(b, ctx.loc(), cut, {x, scale, zero}, body), type.getShape());
}
