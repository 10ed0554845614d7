//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Size: the number of elements of a tensor, known here.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferSize(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)))
    return failure();
  results.push_back(RankedTensorType::get({}, ctx.b.getI64Type()));
  return success();
}

static LogicalResult foldSize(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<ElementsAttr> &results) {
  results.push_back(makeInts(ctx.b.getContext(), {elementCount(ctx.shape(0))}, /*rank0=*/true));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSize() {
  static const OpConversion table[] = {{"", "Size", 1, 0, inferSize, convertFolded, foldSize}};
  return table;
}
} // namespace mlir::onnx
