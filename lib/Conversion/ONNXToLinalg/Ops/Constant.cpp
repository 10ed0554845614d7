//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constant: a tensor, number or list of numbers that stands in an attribute.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static ElementsAttr valueOf(NodeContext &ctx) {
  Builder &b = ctx.b;
  // The importer has filled the zeros of a sparse_value in.
  for (StringRef name : {"value", "sparse_value"})
    if (auto elements = dyn_cast_or_null<ElementsAttr>(ctx.attr(name)))
      return elements;
  if (ctx.hasAttr("value_int"))
    return makeInts(b.getContext(), {ctx.intAttr("value_int", 0)}, /*rank0=*/true);
  if (ctx.hasAttr("value_ints"))
    return makeInts(b.getContext(), ctx.intsAttr("value_ints"));
  if (ctx.hasAttr("value_float"))
    return DenseElementsAttr::get(RankedTensorType::get({}, b.getF32Type()), ctx.floatAttr("value_float", 0.0f));
  Attribute floats = ctx.attr("value_floats");
  SmallVector<float> values;
  if (auto array = dyn_cast_or_null<DenseF32ArrayAttr>(floats)) {
    values = SmallVector<float>(array.asArrayRef());
  } else if (auto list = dyn_cast_or_null<ArrayAttr>(floats); list && llvm::all_of(list, llvm::IsaPred<FloatAttr>)) {
    for (Attribute v : list)
      values.push_back(static_cast<float>(cast<FloatAttr>(v).getValueAsDouble()));
  } else {
    return {};
  }
  auto type = RankedTensorType::get(static_cast<int64_t>(values.size()), b.getF32Type());
  return makeElementsOf<float>(type, values);
}

static LogicalResult inferConstant(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  ElementsAttr value = valueOf(ctx);
  auto type = value ? dyn_cast<RankedTensorType>(value.getShapedType()) : RankedTensorType();
  if (!type)
    return ctx.fail(
        "it has no value that is a number, a list of numbers or a dense tensor (strings are not supported)");
  results.push_back(type);
  return success();
}

static LogicalResult foldConstant(NodeContext &ctx, ArrayRef<RankedTensorType>,
                                  SmallVectorImpl<ElementsAttr> &results) {
  results.push_back(valueOf(ctx));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfConstant() {
  static const OpConversion table[] = {{"", "Constant", 1, 0, inferConstant, convertFolded, foldConstant}};
  return table;
}
} // namespace mlir::onnx
