//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Squeeze: drops dimensions of size 1, all or those in `axes`.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferSqueeze(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 2)))
    return failure();
  ArrayRef<int64_t> from = ctx.shape(0);
  FailureOr<std::optional<SmallVector<int64_t>>> axes = axesOf(ctx, 1, from.size());
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(from)) {
    bool named = *axes && llvm::is_contained(**axes, static_cast<int64_t>(d));
    if (named && size != 1)
      return ctx.fail("axis " + Twine(d) + " of the input of shape " + formatShape(from) +
                      " cannot be squeezed: its size is not 1");
    if (*axes ? !named : size != 1)
      shape.push_back(size);
  }
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSqueeze() {
  static const OpConversion table[] = {{"", "Squeeze", 1, 0, inferSqueeze, convertReshape, foldReshape}};
  return table;
}
} // namespace mlir::onnx
