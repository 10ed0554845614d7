//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Slice: a rectangular part with steps of either sign; attributes before opset 10,
// inputs since.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

namespace {
/// Element i along dimension d is element start[d] + i * step[d] of the input.
struct Box {
  SmallVector<int64_t> start, step, size;
};
} // namespace

static FailureOr<Box> boxOf(NodeContext &ctx) {
  ArrayRef<int64_t> shape = ctx.shape(0);
  int64_t rank = shape.size();
  FailureOr<std::optional<SmallVector<int64_t>>> starts = attrOrInput(ctx, "starts", 1), ends, axes, steps;
  if (failed(starts) || failed(ends = attrOrInput(ctx, "ends", 2)) || failed(axes = attrOrInput(ctx, "axes", 3)) ||
      failed(steps = attrOrInput(ctx, "steps", 4)))
    return failure();
  if (!*starts || !*ends)
    return ctx.fail("starts or ends is missing");
  size_t count = (*starts)->size();
  if (!*axes)
    *axes = llvm::to_vector(llvm::seq<int64_t>(0, count));
  if (!*steps)
    *steps = SmallVector<int64_t>(count, 1);
  if ((*ends)->size() != count || (*axes)->size() != count || (*steps)->size() != count)
    return ctx.fail("starts, ends, axes and steps must have the same length");
  Box box{SmallVector<int64_t>(rank, 0), SmallVector<int64_t>(rank, 1), SmallVector<int64_t>(shape)};
  SmallVector<bool> seen(rank, false);
  for (size_t i = 0; i < count; ++i) {
    FailureOr<int64_t> axis = normalizeAxis(ctx, (**axes)[i], rank);
    if (failed(axis))
      return failure();
    if (seen[*axis])
      return ctx.fail("axes names dimension " + Twine(*axis) + " twice");
    seen[*axis] = true;
    int64_t size = shape[*axis], step = (**steps)[i], start = (**starts)[i], end = (**ends)[i];
    if (step == 0)
      return ctx.fail("a step is 0");
    // Bounds count from the end if negative, and are clamped to the dimension; so may be the step.
    step = std::clamp<int64_t>(step, -size - 1, size + 1);
    start = start < 0 ? start + size : start;
    end = end < 0 ? end + size : end;
    start = step > 0 ? std::clamp<int64_t>(start, 0, size) : std::clamp<int64_t>(start, -1, size - 1);
    end = step > 0 ? std::clamp<int64_t>(end, 0, size) : std::clamp<int64_t>(end, -1, size - 1);
    int64_t distance = step > 0 ? end - start : start - end, stride = std::abs(step);
    box.start[*axis] = std::max<int64_t>(start, 0);
    box.step[*axis] = step;
    box.size[*axis] = distance <= 0 ? 0 : (distance + stride - 1) / stride;
  }
  return box;
}

static LogicalResult inferSlice(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 5)))
    return failure();
  FailureOr<Box> box = boxOf(ctx);
  if (failed(box))
    return failure();
  results.push_back(RankedTensorType::get(box->size, ctx.elementType(0)));
  return success();
}

static LogicalResult convertSlice(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  Box box = *boxOf(ctx);
  // The step of a single element does not matter.
  for (auto [step, size] : llvm::zip_equal(box.step, box.size))
    step = size == 1 ? 1 : step;
  if (llvm::all_of(box.step, [](int64_t step) { return step > 0; })) {
    results.push_back(sliceTensor(ctx.b, ctx.loc(), ctx.input(0), box.start, box.size, box.step));
    return success();
  }
  SmallVector<AffineExpr> source;
  for (auto [d, start] : llvm::enumerate(box.start))
    source.push_back(ctx.b.getAffineDimExpr(d) * box.step[d] + start);
  AffineMap map = AffineMap::get(source.size(), 0, source, ctx.b.getContext());
  results.push_back(copyThrough(ctx.b, ctx.loc(), ctx.input(0), types[0].getShape(), map));
  return success();
}

static LogicalResult foldSlice(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                               SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = ctx.constant(0);
  if (!elements)
    return failure();
  Box box = *boxOf(ctx);
  SmallVector<int64_t> strides = rowMajorStrides(ctx.shape(0));
  int64_t offset = 0;
  for (size_t d = 0; d < strides.size(); ++d) {
    offset += box.start[d] * strides[d];
    strides[d] *= box.step[d];
  }
  ElementsAttr part = stridedElements(elements, types[0], offset, strides);
  if (!part)
    return failure();
  results.push_back(part);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSlice() {
  static const OpConversion table[] = {{"", "Slice", 1, 0, inferSlice, convertSlice, foldSlice}};
  return table;
}
} // namespace mlir::onnx
