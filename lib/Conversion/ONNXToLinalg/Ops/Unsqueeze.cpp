//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Unsqueeze: inserts dimensions of size 1 where `axes` says (counted in the result).
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferUnsqueeze(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 2)))
    return failure();
  FailureOr<std::optional<SmallVector<int64_t>>> given = attrOrInput(ctx, "axes", 1);
  if (failed(given))
    return failure();
  if (!*given)
    return ctx.fail("axes is missing");
  int64_t rank = ctx.shape(0).size() + (*given)->size();
  FailureOr<std::optional<SmallVector<int64_t>>> axes = axesOf(ctx, 1, rank);
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape(ctx.shape(0));
  for (int64_t axis : **axes)
    shape.insert(shape.begin() + axis, 1);
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfUnsqueeze() {
  static const OpConversion table[] = {{"", "Unsqueeze", 1, 0, inferUnsqueeze, convertReshape, foldReshape}};
  return table;
}
} // namespace mlir::onnx
