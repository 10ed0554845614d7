//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expand: numpy broadcasting to a given shape.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferExpand(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 2, 2)))
    return failure();
  FailureOr<SmallVector<int64_t>> wanted = ctx.constantInts(1, "shape");
  if (failed(wanted))
    return failure();
  if (llvm::any_of(*wanted, [](int64_t size) { return size < 0; }))
    return ctx.fail("shape " + formatShape(*wanted) + " has a negative size");
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(ctx, {ctx.shape(0), *wanted});
  if (failed(shape))
    return failure();
  results.push_back(RankedTensorType::get(*shape, ctx.elementType(0)));
  return success();
}

static LogicalResult convertExpand(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  if (elementCount(types[0].getShape()) == elementCount(ctx.shape(0)))
    results.push_back(reshapeTensor(ctx.b, ctx.loc(), ctx.input(0), types[0].getShape()));
  else
    results.push_back(createElementwise(ctx.b, ctx.loc(), types[0], {ctx.input(0)},
                                        [](ImplicitLocOpBuilder &, ArrayRef<Value> args) { return args[0]; }));
  return success();
}

static LogicalResult foldExpand(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = ctx.constant(0);
  // No blow-up: larger constants are broadcast by whoever reads them.
  if (!elements ||
      (!isSplat(elements) && types[0].getNumElements() > std::max<int64_t>(4096, elementCount(ctx.shape(0)))))
    return failure();
  ElementsAttr out = stridedElements(elements, types[0], 0, broadcastStrides(ctx.shape(0), types[0].getShape()));
  if (!out)
    return failure();
  results.push_back(out);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfExpand() {
  static const OpConversion table[] = {{"", "Expand", 8, 0, inferExpand, convertExpand, foldExpand}};
  return table;
}
} // namespace mlir::onnx
