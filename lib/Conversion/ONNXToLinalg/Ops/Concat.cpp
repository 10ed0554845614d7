//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Concat: its inputs joined along `axis`.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferConcat(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (ctx.numInputs() == 0 || failed(checkInputCount(ctx, ctx.numInputs(), ctx.numInputs())))
    return ctx.fail("it has no inputs");
  if (!ctx.hasAttr("axis"))
    return ctx.fail("attribute axis is missing");
  SmallVector<int64_t> shape(ctx.shape(0));
  FailureOr<int64_t> axis = normalizeAxis(ctx, ctx.intAttr("axis", 0), shape.size());
  if (failed(axis))
    return failure();
  for (unsigned slot = 1; slot < ctx.numInputs(); ++slot) {
    SmallVector<int64_t> other(ctx.shape(slot));
    if (ctx.elementType(slot) != ctx.elementType(0))
      return ctx.fail("inputs 0 and " + Twine(slot) + " have different element types; insert a Cast");
    bool fits = other.size() == shape.size();
    for (size_t d = 0; fits && d < shape.size(); ++d)
      fits = static_cast<int64_t>(d) == *axis || other[d] == shape[d];
    if (!fits)
      return ctx.fail("input " + Twine(slot) + " of shape " + formatShape(other) + " cannot be joined with shape " +
                      formatShape(ctx.shape(0)) + " along axis " + Twine(*axis));
    shape[*axis] += other[*axis];
  }
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

static LogicalResult convertConcat(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  // Constant inputs may be empty; they add nothing.
  SmallVector<Value> values = llvm::filter_to_vector(
      ctx.inputs, [](Value v) { return cast<RankedTensorType>(v.getType()).getNumElements() != 0; });
  results.push_back(
      concatTensors(ctx.b, ctx.loc(), values, *normalizeAxis(ctx, ctx.intAttr("axis", 0), types[0].getRank())));
  return success();
}

static LogicalResult foldConcat(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                SmallVectorImpl<ElementsAttr> &results) {
  SmallVector<ElementsAttr> parts;
  for (unsigned slot = 0; slot < ctx.numInputs(); ++slot) {
    parts.push_back(ctx.constant(slot));
    if (!parts.back())
      return failure();
  }
  int64_t axis = *normalizeAxis(ctx, ctx.intAttr("axis", 0), types[0].getRank());
  ElementsAttr joined = parts.size() == 1 ? parts.front() : concatElements(parts, types[0], axis);
  if (!joined)
    return failure();
  results.push_back(joined);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfConcat() {
  static const OpConversion table[] = {{"", "Concat", 4, 0, inferConcat, convertConcat, foldConcat}};
  return table;
}
} // namespace mlir::onnx
