//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resize: nearest or linear resampling, by scales or to sizes.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ResizeUtils.h"
#include "ShapeUtils.h"
#include <cmath>

using namespace mlir;
using namespace mlir::onnx;

/// One scale for all resized dimensions: the largest that exceeds no size, or the smallest that reaches all.
static LogicalResult keepAspectRatio(NodeContext &ctx, ResizeSpec &spec, StringRef policy, ArrayRef<int64_t> axes) {
  if (policy != "not_larger" && policy != "not_smaller")
    return ctx.fail("keep_aspect_ratio_policy '" + policy + "' is not one of the standard");
  SmallVector<ResizeAxis *> resized = llvm::map_to_vector(
      axes, [&](int64_t axis) { return &spec.axes[axis < 0 ? axis + static_cast<int64_t>(spec.axes.size()) : axis]; });
  if (resized.empty())
    return success();
  float scale = resized.front()->scale;
  for (const ResizeAxis *axis : resized)
    scale = policy == "not_larger" ? std::min(scale, axis->scale) : std::max(scale, axis->scale);
  for (ResizeAxis *axis : resized) {
    axis->scale = scale;
    axis->to = static_cast<int64_t>(std::floor(scale * static_cast<float>(axis->from) + 0.5f));
  }
  return success();
}

static FailureOr<ResizeSpec> specOf(NodeContext &ctx) {
  // Opset 10: X, scales, and positions in the result divided by the scale. Since 11: X, roi, scales, sizes.
  bool old = ctx.opset() < 11;
  unsigned scaleSlot = old ? 1 : 2;
  ArrayRef<int64_t> shape = ctx.shape(0);
  ResizeSpec spec;
  spec.mode = ctx.stringAttr("mode", "nearest");
  spec.coordinates = old ? "asymmetric" : ctx.stringAttr("coordinate_transformation_mode", "half_pixel");
  spec.nearestMode = old ? "simple" : ctx.stringAttr("nearest_mode", "round_prefer_floor");
  if (!old && spec.nearestMode == "simple")
    return ctx.fail("nearest_mode 'simple' is not one of the standard");
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
  if (ctx.hasAttr("axes"))
    axes = ctx.intsAttr("axes");
  for (int64_t size : shape)
    spec.axes.push_back({size, size, 1.0f});
  // An empty tensor stands for an absent input.
  bool bySizes = !old && ctx.input(3) && ctx.type(3).getNumElements() != 0;
  unsigned slot = bySizes ? 3 : scaleSlot;
  ElementsAttr given = ctx.constant(slot);
  std::optional<SmallVector<double>> values = given ? readDoubles(given) : std::nullopt;
  if (!values)
    return ctx.fail("scales or sizes must be given by a constant");
  if (values->size() != axes.size())
    return ctx.fail("it has " + Twine(values->size()) + " scales or sizes for " + Twine(axes.size()) + " dimensions");
  for (auto [axis, value] : llvm::zip_equal(axes, *values)) {
    FailureOr<int64_t> d = normalizeAxis(ctx, axis, shape.size());
    if (failed(d))
      return failure();
    if (!(value > 0 && value < 1e6))
      return ctx.fail("scales and sizes must be positive");
    ResizeAxis &resized = spec.axes[*d];
    resized.scale = bySizes ? static_cast<float>(value) / static_cast<float>(resized.from) : static_cast<float>(value);
    resized.to = bySizes ? static_cast<int64_t>(value)
                         : static_cast<int64_t>(std::floor(static_cast<float>(resized.from) * resized.scale));
  }
  std::string policy = ctx.stringAttr("keep_aspect_ratio_policy", "stretch");
  if (bySizes && policy != "stretch" && failed(keepAspectRatio(ctx, spec, policy, axes)))
    return failure();
  bool shrinks = llvm::any_of(spec.axes, [](const ResizeAxis &axis) { return axis.scale < 1.0f; });
  if (ctx.intAttr("antialias", 0) && shrinks && spec.mode != "nearest")
    return ctx.fail("antialias is not supported when shrinking; export the model without it");
  return spec;
}

static LogicalResult inferResize(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 4)))
    return failure();
  FailureOr<ResizeSpec> spec = specOf(ctx);
  if (failed(spec) || failed(checkResize(ctx, *spec)))
    return failure();
  results.push_back(resizedType(ctx, *spec));
  return success();
}

static LogicalResult convertResize(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  results.push_back(resizeTensor(ctx, ctx.input(0), *specOf(ctx)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfResize() {
  static const OpConversion table[] = {{"", "Resize", 10, 0, inferResize, convertResize, nullptr}};
  return table;
}
} // namespace mlir::onnx
