//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shape: the sizes of the dimensions [start, end) of a tensor, known here.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static ArrayRef<int64_t> part(NodeContext &ctx) {
  ArrayRef<int64_t> shape = ctx.shape(0);
  int64_t rank = shape.size(), start = ctx.intAttr("start", 0), end = ctx.intAttr("end", rank);
  start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<int64_t>(end < 0 ? end + rank : end, start, rank);
  return shape.slice(start, end - start);
}

static LogicalResult inferShape(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)))
    return failure();
  results.push_back(RankedTensorType::get(static_cast<int64_t>(part(ctx).size()), ctx.b.getI64Type()));
  return success();
}

static LogicalResult foldShape(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<ElementsAttr> &results) {
  results.push_back(makeInts(ctx.b.getContext(), part(ctx)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfShape() {
  static const OpConversion table[] = {{"", "Shape", 1, 0, inferShape, convertFolded, foldShape}};
  return table;
}
} // namespace mlir::onnx
