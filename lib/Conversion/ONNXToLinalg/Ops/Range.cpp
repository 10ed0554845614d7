//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Range: start, start + delta, ... below limit, all constants.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

/// The three parameters in double, exact for the integers that make a tensor of reasonable size.
static FailureOr<SmallVector<double>> parameters(NodeContext &ctx) {
  if (failed(checkInputCount(ctx, 3, 3)))
    return failure();
  SmallVector<double> values;
  for (unsigned slot = 0; slot < 3; ++slot) {
    ElementsAttr elements = ctx.constant(slot);
    std::optional<SmallVector<double>> one = elements ? readDoubles(elements) : std::nullopt;
    if (!one || one->size() != 1)
      return ctx.fail("start, limit and delta must be constant numbers (give every graph input a static shape, or fold "
                      "the model's constants when exporting)");
    if (ctx.elementType(slot) != ctx.elementType(0))
      return ctx.fail("start, limit and delta have different element types; insert a Cast");
    values.push_back(one->front());
  }
  return values;
}

static LogicalResult inferRange(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<SmallVector<double>> values = parameters(ctx);
  if (failed(values))
    return failure();
  double count = std::ceil(((*values)[1] - (*values)[0]) / (*values)[2]);
  if (!(std::abs(count) < 1e8))
    return ctx.fail("its length is not a number below 1e8; delta must not be 0");
  results.push_back(RankedTensorType::get(std::max<int64_t>(0, static_cast<int64_t>(count)), ctx.elementType(0)));
  return success();
}

static LogicalResult foldRange(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                               SmallVectorImpl<ElementsAttr> &results) {
  FailureOr<SmallVector<double>> values = parameters(ctx);
  if (failed(values))
    return failure();
  int64_t count = types[0].getNumElements();
  if (isa<FloatType>(types[0].getElementType())) {
    SmallVector<double> out;
    for (int64_t i = 0; i < count; ++i)
      out.push_back((*values)[0] + static_cast<double>(i) * (*values)[2]);
    results.push_back(makeFloats(types[0], out));
    return success();
  }
  unsigned width = elementBytes(types[0].getElementType());
  std::vector<char> out(count * width);
  auto start = static_cast<int64_t>((*values)[0]), delta = static_cast<int64_t>((*values)[2]);
  for (int64_t i = 0; i < count; ++i) {
    int64_t value = start + i * delta;
    std::memcpy(out.data() + i * width, &value, width); // hosts are little-endian
  }
  results.push_back(makeElements(types[0], out));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfRange() {
  static const OpConversion table[] = {{"", "Range", 11, 0, inferRange, convertFolded, foldRange}};
  return table;
}
} // namespace mlir::onnx
