//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resampling along axes: nearest and linear, by tables made at compile time.
//
//===----------------------------------------------------------------------===//
#include "ResizeUtils.h"
#include "../ConstantUtils.h"
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace mlir::onnx;

LogicalResult onnx::checkResize(NodeContext &ctx, const ResizeSpec &spec) {
  if (spec.mode != "nearest" && spec.mode != "linear")
    return ctx.fail("mode '" + spec.mode + "' is not supported; use nearest or linear");
  static constexpr StringRef coordinates[] = {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                                              "align_corners", "asymmetric"};
  if (!llvm::is_contained(coordinates, spec.coordinates))
    return ctx.fail("coordinate_transformation_mode '" + spec.coordinates +
                    "' is not supported; use half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners or "
                    "asymmetric");
  static constexpr StringRef nearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple"};
  if (!llvm::is_contained(nearest, spec.nearestMode))
    return ctx.fail("nearest_mode '" + spec.nearestMode + "' is not one of the standard");
  if (failed(checkElementType(ctx, 0, spec.mode == "linear" ? Allow::Float : Allow::Any)))
    return failure();
  for (const ResizeAxis &axis : spec.axes)
    if (!(axis.scale > 0) || axis.to <= 0 || axis.to > std::numeric_limits<int32_t>::max())
      return ctx.fail("a dimension of size " + Twine(axis.from) + " is resized to " + Twine(axis.to) +
                      "; scales and sizes must be positive");
  return success();
}

RankedTensorType onnx::resizedType(NodeContext &ctx, const ResizeSpec &spec) {
  SmallVector<int64_t> shape = llvm::map_to_vector(spec.axes, [](const ResizeAxis &axis) { return axis.to; });
  return RankedTensorType::get(shape, ctx.elementType(0));
}

/// Position in the input of element `i` of the result. In single precision, like other runtimes: rounding decides
/// which element is nearest.
static float position(const ResizeSpec &spec, const ResizeAxis &axis, int64_t i) {
  auto x = static_cast<float>(i), from = static_cast<float>(axis.from), to = static_cast<float>(axis.to);
  if (axis.from == axis.to && axis.scale == 1.0f)
    return x;
  if (spec.coordinates == "asymmetric")
    return x / axis.scale;
  if (spec.coordinates == "align_corners")
    return axis.to == 1 ? 0.0f : x * (from - 1.0f) / (to - 1.0f);
  if (spec.coordinates == "pytorch_half_pixel" && axis.to == 1)
    return 0.0f;
  float half = (x + 0.5f) / axis.scale - 0.5f;
  if (spec.coordinates == "half_pixel_symmetric") {
    float adjustment = to / (axis.scale * from);
    float center = from / 2.0f;
    return center * (1.0f - adjustment) + half;
  }
  return half;
}

static int64_t nearestIndex(const ResizeSpec &spec, const ResizeAxis &axis, float x) {
  // Before opset 11: upwards when shrinking.
  if (spec.nearestMode == "simple")
    return static_cast<int64_t>(axis.scale < 1.0f ? std::ceil(x) : std::floor(x));
  if (spec.nearestMode == "floor")
    return static_cast<int64_t>(std::floor(x));
  if (spec.nearestMode == "ceil")
    return static_cast<int64_t>(std::ceil(x));
  if (spec.nearestMode == "round_prefer_ceil")
    return static_cast<int64_t>(std::floor(x + 0.5f));
  return static_cast<int64_t>(std::ceil(x - 0.5f));
}

static Value resizeNearest(NodeContext &ctx, Value value, const ResizeSpec &spec) {
  SmallVector<SmallVector<int64_t>> tables;
  bool repeats = true; // every element stands for the same number of neighbours
  for (const ResizeAxis &axis : spec.axes) {
    SmallVector<int64_t> table;
    for (int64_t i = 0; i < axis.to; ++i) {
      table.push_back(std::clamp<int64_t>(nearestIndex(spec, axis, position(spec, axis, i)), 0, axis.from - 1));
      repeats &= axis.to % axis.from == 0 && table.back() == i / (axis.to / axis.from);
    }
    if (table == llvm::to_vector(llvm::seq<int64_t>(0, axis.from)))
      table.clear();
    tables.push_back(std::move(table));
  }
  if (!repeats)
    return gatherByTables(ctx.b, ctx.loc(), value, tables);
  SmallVector<int64_t> unfolded, shape;
  SmallVector<AffineExpr> source;
  for (const ResizeAxis &axis : spec.axes) {
    source.push_back(ctx.b.getAffineDimExpr(unfolded.size()));
    unfolded.push_back(axis.from);
    if (axis.to != axis.from)
      unfolded.push_back(axis.to / axis.from);
    shape.push_back(axis.to);
  }
  if (unfolded.size() == shape.size())
    return value;
  AffineMap map = AffineMap::get(unfolded.size(), 0, source, ctx.b.getContext());
  return reshapeTensor(ctx.b, ctx.loc(), copyThrough(ctx.b, ctx.loc(), value, unfolded, map), shape);
}

/// Weighs the two neighbours along dimension `d`.
static Value resizeLinear(NodeContext &ctx, Value value, int64_t d, const ResizeSpec &spec) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  auto source = cast<RankedTensorType>(value.getType());
  const ResizeAxis &axis = spec.axes[d];
  SmallVector<int64_t> below, above;
  SmallVector<double> weights;
  for (int64_t i = 0; i < axis.to; ++i) {
    float x = std::clamp(position(spec, axis, i), 0.0f, static_cast<float>(axis.from - 1));
    below.push_back(static_cast<int64_t>(x));
    above.push_back(std::min(below.back() + 1, axis.from - 1));
    weights.push_back(x - static_cast<float>(below.back()));
  }
  SmallVector<int64_t> shape(source.getShape());
  shape[d] = axis.to;
  int64_t rank = shape.size();
  auto type = RankedTensorType::get(shape, source.getElementType());
  auto weightType = RankedTensorType::get(axis.to, source.getElementType());
  SmallVector<Value> inputs = {createConstant(b, loc, makeInts(b.getContext(), below)),
                               createConstant(b, loc, makeInts(b.getContext(), above)),
                               createConstant(b, loc, makeFloats(weightType, weights))};
  AffineMap along = AffineMap::get(rank, 0, b.getAffineDimExpr(d), b.getContext());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  Value init = emptyTensor(b, loc, shape, source.getElementType());
  return linalg::GenericOp::create(b, loc, TypeRange(type), inputs, ValueRange(init),
                                   {along, along, along, b.getMultiDimIdentityMap(rank)}, iterators,
                                   [&](OpBuilder &nested, Location bodyLoc, ValueRange args) {
                                     ImplicitLocOpBuilder ib(bodyLoc, nested);
                                     auto neighbour = [&](Value index) -> Value {
                                       SmallVector<Value> at;
                                       for (int64_t i = 0; i < rank; ++i)
                                         at.push_back(
                                             i == d ? Value(arith::IndexCastOp::create(ib, ib.getIndexType(), index))
                                                    : Value(linalg::IndexOp::create(ib, i)));
                                       return tensor::ExtractOp::create(ib, value, at);
                                     };
                                     Value low = neighbour(args[0]), high = neighbour(args[1]);
                                     Value rest = arith::SubFOp::create(ib, scalar(ib, low.getType(), 1.0), args[2]);
                                     Value sum = arith::AddFOp::create(ib, arith::MulFOp::create(ib, low, rest),
                                                                       arith::MulFOp::create(ib, high, args[2]));
                                     linalg::YieldOp::create(ib, sum);
                                   })
      .getResult(0);
}

Value onnx::resizeTensor(NodeContext &ctx, Value value, const ResizeSpec &spec) {
  if (spec.mode == "nearest")
    return resizeNearest(ctx, value, spec);
  for (auto [d, axis] : llvm::enumerate(spec.axes))
    if (axis.from != axis.to || axis.scale != 1.0f)
      value = resizeLinear(ctx, value, d, spec);
  return value;
}
