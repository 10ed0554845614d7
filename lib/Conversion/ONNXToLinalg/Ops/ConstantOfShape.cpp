//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ConstantOfShape: a tensor of given shape with one value everywhere; it is held as
// one element.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferConstantOfShape(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)))
    return failure();
  FailureOr<SmallVector<int64_t>> shape = ctx.constantInts(0, "shape");
  if (failed(shape))
    return failure();
  int64_t count = 1;
  for (int64_t size : *shape)
    if (size < 0 || llvm::MulOverflow(count, size, count))
      return ctx.fail("shape " + formatShape(*shape) + " must hold sizes");
  Type element = ctx.b.getF32Type();
  if (ctx.hasAttr("value")) {
    auto value = dyn_cast<ElementsAttr>(ctx.attr("value"));
    if (!value || value.getShapedType().getNumElements() != 1 || !getRawData(value))
      return ctx.fail("attribute value must be a tensor with one number");
    element = value.getElementType();
  }
  results.push_back(RankedTensorType::get(*shape, element));
  return success();
}

static LogicalResult foldConstantOfShape(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                         SmallVectorImpl<ElementsAttr> &results) {
  if (types[0].getNumElements() == 0)
    results.push_back(makeElements(types[0], {}));
  else if (auto value = dyn_cast_or_null<ElementsAttr>(ctx.attr("value")))
    results.push_back(splatElements(types[0], getRawData(value)->bytes));
  else
    results.push_back(DenseElementsAttr::get(types[0], 0.0f));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfConstantOfShape() {
  static const OpConversion table[] = {
      {"", "ConstantOfShape", 9, 0, inferConstantOfShape, convertFolded, foldConstantOfShape}};
  return table;
}
} // namespace mlir::onnx
