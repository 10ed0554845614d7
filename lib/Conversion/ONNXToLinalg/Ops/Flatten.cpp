//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Flatten: a matrix whose rows are the dimensions before `axis`.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferFlatten(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)))
    return failure();
  ArrayRef<int64_t> shape = ctx.shape(0);
  int64_t rank = shape.size(), axis = ctx.intAttr("axis", 1);
  if (axis < -rank || axis > rank)
    return ctx.fail("axis " + Twine(axis) + " is outside the range [" + Twine(-rank) + ", " + Twine(rank) +
                    "] of a tensor of rank " + Twine(rank));
  axis = axis < 0 ? axis + rank : axis;
  int64_t rows = elementCount(shape.take_front(axis)), columns = elementCount(shape.drop_front(axis));
  results.push_back(RankedTensorType::get({rows, columns}, ctx.elementType(0)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfFlatten() {
  static const OpConversion table[] = {{"", "Flatten", 1, 0, inferFlatten, convertReshape, foldReshape}};
  return table;
}
} // namespace mlir::onnx
