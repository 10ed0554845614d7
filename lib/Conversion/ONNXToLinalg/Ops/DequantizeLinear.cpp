//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// DequantizeLinear: (x - zero point) * scale, one scale for all, per index of an axis, or per block along it.
//
// A constant weight becomes a constant of floats. What equals the zero point becomes an exact zero, so that pruned
// weights are found among the quantised ones, too.
//
//===----------------------------------------------------------------------===//
#include "CastUtils.h"
#include "ElementwiseUtils.h"
#include "LinalgUtils.h"
#include "QuantizeUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferDequantizeLinear(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (!ctx.input(0) || !ctx.input(1))
    return ctx.fail("inputs x and x_scale are needed; check the model with onnx.checker");
  auto integer = dyn_cast<IntegerType>(ctx.elementType(0));
  if (!integer || integer.getWidth() < 8 || integer.getWidth() > 32)
    return ctx.fail("x has an element type that is not supported; use int8, uint8, int16, uint16 or int32");
  Type scale = ctx.elementType(1);
  if (!scale.isF32() && !scale.isF16() && !scale.isBF16())
    return ctx.fail("x_scale must be float, float16 or bfloat16; check the model with onnx.checker");
  if (ctx.input(2) && (ctx.shape(2) != ctx.shape(1) || ctx.elementType(2) != ctx.elementType(0)))
    return ctx.fail("x_zero_point must have the shape of x_scale and the element type of x; check the model with "
                    "onnx.checker");
  int64_t wanted = ctx.intAttr("output_dtype", 0);
  FailureOr<Type> type = wanted ? typeOfCode(ctx, wanted) : FailureOr<Type>(scale);
  if (failed(type) || failed(gridOf(ctx, "x_scale")))
    return failure();
  if (!type->isF32() && !type->isF16() && !type->isBF16())
    return ctx.fail("output_dtype must be float, float16 or bfloat16; check the model with onnx.checker");
  results.push_back(RankedTensorType::get(ctx.shape(0), *type));
  return success();
}

template <typename T>
static void dequantize(ArrayRef<T> x, ArrayRef<double> scale, ArrayRef<int64_t> zero, const ScaleGrid &grid,
                       float *out) {
  for (int64_t o = 0; o < grid.outer; ++o)
    for (int64_t a = 0; a < grid.extent; ++a)
      for (int64_t i = 0; i < grid.inner; ++i, ++out) {
        int64_t at = grid.scaleOf(o, a, i);
        auto value = static_cast<int64_t>(x[(o * grid.extent + a) * grid.inner + i]);
        *out = static_cast<float>(value - (zero.empty() ? 0 : zero[at])) * static_cast<float>(scale[at]);
      }
}

/// The floats of constant operands; null if one is not constant.
static ElementsAttr dequantized(NodeContext &ctx, RankedTensorType type) {
  ElementsAttr x = ctx.constant(0), scale = ctx.constant(1), zero = ctx.input(2) ? ctx.constant(2) : ElementsAttr();
  if (!x || !scale || (ctx.input(2) && !zero))
    return {};
  std::optional<RawData> raw = getRawData(x);
  std::optional<SmallVector<double>> scales = readDoubles(scale);
  std::optional<SmallVector<int64_t>> zeros = zero ? readInts(zero) : SmallVector<int64_t>();
  FailureOr<ScaleGrid> grid = gridOf(ctx, "x_scale");
  if (!raw || !scales || !zeros || failed(grid))
    return {};
  auto integer = cast<IntegerType>(ctx.elementType(0));
  std::vector<float> values(type.getNumElements());
  auto run = [&](auto element) { dequantize(raw->as<decltype(element)>(), *scales, *zeros, *grid, values.data()); };
  bool isUnsigned = integer.isUnsigned();
  if (integer.getWidth() == 8)
    isUnsigned ? run(uint8_t()) : run(int8_t());
  else if (integer.getWidth() == 16)
    isUnsigned ? run(uint16_t()) : run(int16_t());
  else
    isUnsigned ? run(uint32_t()) : run(int32_t());
  if (type.getElementType().isF32())
    return makeElementsOf(type, ArrayRef<float>(values));
  return makeFloats(type, SmallVector<double>(values.begin(), values.end()));
}

static LogicalResult convertDequantizeLinear(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                             SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  if (ElementsAttr constant = dequantized(ctx, types[0])) {
    Value value = createConstant(b, ctx.loc(), constant);
    // What a sparse initialiser leaves out is 0, which only without zero points stays 0.
    ElementsAttr zero = ctx.input(2) ? ctx.constant(2) : ElementsAttr();
    std::optional<SmallVector<int64_t>> zeros = zero ? readInts(zero) : SmallVector<int64_t>();
    if (auto mask = ctx.input(0).getDefiningOp()->getAttrOfType<ElementsAttr>(maskAttrName);
        mask && zeros && llvm::all_of(*zeros, [](int64_t z) { return z == 0; }))
      value.getDefiningOp()->setAttr(maskAttrName, mask);
    results.push_back(value);
    return success();
  }
  bool fromUnsigned = isUnsigned(ctx);
  Type f32 = b.getF32Type(), i64 = b.getI64Type(), to = types[0].getElementType();
  FailureOr<Value> product =
      createScaled(ctx, "x_scale", types[0], [&](ImplicitLocOpBuilder &b, ArrayRef<Value> args) -> Value {
        // A difference of 32-bit numbers needs 33 bits.
        Value x = castScalar(b, args[0], i64, fromUnsigned, false);
        if (args[2])
          x = arith::SubIOp::create(b, x, castScalar(b, args[2], i64, fromUnsigned, false));
        Value value = arith::SIToFPOp::create(b, f32, x);
        Value factor = castScalar(b, args[1], f32, false, false);
        return castScalar(b, arith::MulFOp::create(b, value, factor), to, false, false);
      });
  if (failed(product))
    return failure();
  results.push_back(*product);
  return success();
}

static LogicalResult foldDequantizeLinear(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                          SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr folded = isMasked(ctx.input(0)) ? ElementsAttr() : dequantized(ctx, types[0]);
  if (!folded)
    return failure();
  results.push_back(folded);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfDequantizeLinear() {
  static const OpConversion table[] = {
      {"", "DequantizeLinear", 10, 0, inferDequantizeLinear, convertDequantizeLinear, foldDequantizeLinear}};
  return table;
}
} // namespace mlir::onnx
