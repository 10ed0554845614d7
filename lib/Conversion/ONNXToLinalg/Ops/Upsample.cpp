//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upsample (until opset 9, then Resize): nearest or linear resampling by scales,
// positions in the result divided by the scale.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ResizeUtils.h"
#include "ShapeUtils.h"
#include <cmath>

using namespace mlir;
using namespace mlir::onnx;

static FailureOr<ResizeSpec> specOf(NodeContext &ctx) {
  ResizeSpec spec;
  spec.mode = ctx.stringAttr("mode", "nearest");
  spec.coordinates = "asymmetric";
  spec.nearestMode = "floor";
  SmallVector<double> scales;
  if (auto array = dyn_cast_or_null<DenseF32ArrayAttr>(ctx.attr("scales"))) {
    scales.assign(array.asArrayRef().begin(), array.asArrayRef().end());
  } else {
    ElementsAttr given = ctx.constant(1);
    std::optional<SmallVector<double>> values = given ? readDoubles(given) : std::nullopt;
    if (!values)
      return ctx.fail("scales must be given by an attribute or a constant");
    scales = *values;
  }
  if (scales.size() != ctx.shape(0).size())
    return ctx.fail("it has " + Twine(scales.size()) + " scales for " + Twine(ctx.shape(0).size()) + " dimensions");
  for (auto [size, scale] : llvm::zip_equal(ctx.shape(0), scales)) {
    if (!(scale > 0 && scale < 1e6))
      return ctx.fail("scales must be positive");
    auto f = static_cast<float>(scale);
    spec.axes.push_back({size, static_cast<int64_t>(std::floor(static_cast<float>(size) * f)), f});
  }
  return spec;
}

static LogicalResult inferUpsample(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 2)))
    return failure();
  FailureOr<ResizeSpec> spec = specOf(ctx);
  if (failed(spec) || failed(checkResize(ctx, *spec)))
    return failure();
  results.push_back(resizedType(ctx, *spec));
  return success();
}

static LogicalResult convertUpsample(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  results.push_back(resizeTensor(ctx, ctx.input(0), *specOf(ctx)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfUpsample() {
  static const OpConversion table[] = {{"", "Upsample", 7, 9, inferUpsample, convertUpsample, nullptr}};
  return table;
}
} // namespace mlir::onnx
