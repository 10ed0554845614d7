//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// QuantizeLinear: x / scale, rounded to the nearest integer (halves to even), plus the zero point, saturated; one scale
// for all, per index of an axis, or per block along it. NaN gives the smallest number, as in ONNX Runtime.
//
//===----------------------------------------------------------------------===//
#include "CastUtils.h"
#include "ElementwiseUtils.h"
#include "LinalgUtils.h"
#include "QuantizeUtils.h"
#include "ShapeUtils.h"
#include <cmath>

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferQuantizeLinear(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (!ctx.input(0) || !ctx.input(1))
    return ctx.fail("inputs x and y_scale are needed; check the model with onnx.checker");
  auto isFloat = [](Type type) { return type.isF32() || type.isF16() || type.isBF16(); };
  if (Type x = ctx.elementType(0); !isFloat(x) && !x.isSignlessInteger(32))
    return ctx.fail("x must be float, float16, bfloat16 or int32; check the model with onnx.checker");
  if (!isFloat(ctx.elementType(1)))
    return ctx.fail("y_scale must be float, float16 or bfloat16; check the model with onnx.checker");
  if (ctx.input(2) && ctx.shape(2) != ctx.shape(1))
    return ctx.fail("y_zero_point must have the shape of y_scale; check the model with onnx.checker");
  int64_t wanted = ctx.intAttr("output_dtype", 0);
  FailureOr<Type> type = ctx.input(2) ? FailureOr<Type>(ctx.elementType(2)) : typeOfCode(ctx, wanted ? wanted : 2);
  if (failed(type) || failed(gridOf(ctx, "y_scale")))
    return failure();
  if (ctx.input(2) && wanted) {
    FailureOr<Type> other = typeOfCode(ctx, wanted);
    if (failed(other))
      return failure();
    if (*other != *type)
      return ctx.fail("output_dtype and y_zero_point have different types; check the model with onnx.checker");
  }
  auto integer = dyn_cast<IntegerType>(*type);
  if (!integer || (integer.getWidth() != 8 && integer.getWidth() != 16))
    return ctx.fail("y has an element type that is not supported; use int8, uint8, int16 or uint16");
  results.push_back(RankedTensorType::get(ctx.shape(0), *type));
  return success();
}

/// The least and the largest number of an integer type.
static std::pair<int64_t, int64_t> rangeOf(IntegerType type) {
  int64_t half = int64_t(1) << (type.getWidth() - 1);
  return type.isUnsigned() ? std::make_pair(int64_t(0), 2 * half - 1) : std::make_pair(-half, half - 1);
}

/// The integers of constant operands; null if one is not constant.
static ElementsAttr quantized(NodeContext &ctx, RankedTensorType type) {
  ElementsAttr x = ctx.constant(0), scale = ctx.constant(1), zero = ctx.input(2) ? ctx.constant(2) : ElementsAttr();
  if (!x || !scale || (ctx.input(2) && !zero))
    return {};
  std::optional<SmallVector<double>> values = readDoubles(x), scales = readDoubles(scale);
  std::optional<SmallVector<int64_t>> zeros = zero ? readInts(zero) : SmallVector<int64_t>();
  FailureOr<ScaleGrid> grid = gridOf(ctx, "y_scale");
  if (!values || !scales || !zeros || failed(grid))
    return {};
  auto to = cast<IntegerType>(type.getElementType());
  auto [least, most] = rangeOf(to);
  size_t width = to.getWidth() / 8, at = 0;
  std::vector<char> bytes(values->size() * width);
  for (int64_t o = 0; o < grid->outer; ++o)
    for (int64_t a = 0; a < grid->extent; ++a)
      for (int64_t i = 0; i < grid->inner; ++i, ++at) {
        int64_t place = grid->scaleOf(o, a, i), offset = zeros->empty() ? 0 : (*zeros)[place];
        float value = static_cast<float>((*values)[at]) / static_cast<float>((*scales)[place]);
        // A comparison with NaN is false.
        float low = static_cast<float>(least - offset), high = static_cast<float>(most - offset);
        value = value > low ? value : low;
        value = value < high ? value : high;
        int64_t result = static_cast<int64_t>(std::nearbyint(value)) + offset;
        std::memcpy(bytes.data() + at * width, &result, width); // hosts are little-endian
      }
  return makeElements(type, bytes);
}

static LogicalResult convertQuantizeLinear(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                           SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  if (ElementsAttr constant = quantized(ctx, types[0])) {
    Value value = createConstant(b, ctx.loc(), constant);
    // What a sparse initialiser leaves out becomes the zero point, which DequantizeLinear takes for zero again.
    if (auto mask = ctx.input(0).getDefiningOp()->getAttrOfType<ElementsAttr>(maskAttrName))
      value.getDefiningOp()->setAttr(maskAttrName, mask);
    results.push_back(value);
    return success();
  }
  auto to = cast<IntegerType>(types[0].getElementType());
  auto [least, most] = rangeOf(to);
  Type f32 = b.getF32Type(), i32 = b.getI32Type();
  FailureOr<Value> quotient =
      createScaled(ctx, "y_scale", types[0],
                   [&, least = least, most = most](ImplicitLocOpBuilder &b, ArrayRef<Value> args) -> Value {
                     Value x = castScalar(b, args[0], f32, false, false),
                           factor = castScalar(b, args[1], f32, false, false);
                     Value value = arith::DivFOp::create(b, x, factor);
                     Value low = scalar(b, f32, double(least)), high = scalar(b, f32, double(most)), offset;
                     if (args[2]) {
                       offset = castScalar(b, args[2], i32, to.isUnsigned(), false);
                       Value shift = arith::SIToFPOp::create(b, f32, offset);
                       low = arith::SubFOp::create(b, low, shift);
                       high = arith::SubFOp::create(b, high, shift);
                     }
                     // A comparison with NaN is false.
                     auto chosen = [&](arith::CmpFPredicate predicate, Value bound) -> Value {
                       Value inside = arith::CmpFOp::create(b, predicate, value, bound);
                       return arith::SelectOp::create(b, inside, value, bound);
                     };
                     value = chosen(arith::CmpFPredicate::OGT, low);
                     value = chosen(arith::CmpFPredicate::OLT, high);
                     Value result = arith::FPToSIOp::create(b, i32, math::RoundEvenOp::create(b, value));
                     if (offset)
                       result = arith::AddIOp::create(b, result, offset);
                     return arith::TruncIOp::create(b, b.getIntegerType(to.getWidth()), result);
                   });
  if (failed(quotient))
    return failure();
  results.push_back(*quotient);
  return success();
}

static LogicalResult foldQuantizeLinear(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                        SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr folded = isMasked(ctx.input(0)) ? ElementsAttr() : quantized(ctx, types[0]);
  if (!folded)
    return failure();
  results.push_back(folded);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfQuantizeLinear() {
  static const OpConversion table[] = {
      {"", "QuantizeLinear", 10, 0, inferQuantizeLinear, convertQuantizeLinear, foldQuantizeLinear}};
  return table;
}
} // namespace mlir::onnx
