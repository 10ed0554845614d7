//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversion between element types.
//
//===----------------------------------------------------------------------===//
#include "CastUtils.h"
#include "../ConstantUtils.h"
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

FailureOr<Type> onnx::typeOfCode(NodeContext &ctx, int64_t code) {
  MLIRContext *context = ctx.b.getContext();
  // TensorProto.DataType of onnx.proto; signed and boolean integers are signless here.
  switch (code) {
  case 1:
    return Type(Float32Type::get(context));
  case 2:
    return Type(IntegerType::get(context, 8, IntegerType::Unsigned));
  case 3:
    return Type(IntegerType::get(context, 8));
  case 4:
    return Type(IntegerType::get(context, 16, IntegerType::Unsigned));
  case 5:
    return Type(IntegerType::get(context, 16));
  case 6:
    return Type(IntegerType::get(context, 32));
  case 7:
    return Type(IntegerType::get(context, 64));
  case 9:
    return Type(IntegerType::get(context, 1));
  case 10:
    return Type(Float16Type::get(context));
  case 11:
    return Type(Float64Type::get(context));
  case 12:
    return Type(IntegerType::get(context, 32, IntegerType::Unsigned));
  case 13:
    return Type(IntegerType::get(context, 64, IntegerType::Unsigned));
  case 16:
    return Type(BFloat16Type::get(context));
  default:
    return ctx.fail("element type with TensorProto code " + Twine(code) +
                    " is not supported (supported: float, float16, bfloat16, double, bool, 8 to 64 bit integers)");
  }
}

/// 2^n as a constant of a float type.
static Value powerOfTwo(ImplicitLocOpBuilder &b, Type type, unsigned n) { return scalar(b, type, std::ldexp(1.0, n)); }

static Value floatToInteger(ImplicitLocOpBuilder &b, Value value, IntegerType to, bool toUnsigned) {
  // f16 does not reach the bounds of wide integers.
  if (value.getType().isF16() || value.getType().isBF16())
    value = arith::ExtFOp::create(b, b.getF32Type(), value);
  Type from = value.getType();
  unsigned width = to.getWidth();
  Value zero = scalar(b, from, 0.0);
  // The first float above the range; the range below ends at -1 (exclusive, rounding is towards zero) or -2^(n-1).
  Value above =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, value, powerOfTwo(b, from, toUnsigned ? width : width - 1));
  Value below = toUnsigned ? arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, value, scalar(b, from, -1.0))
                           : arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, value,
                                                   arith::NegFOp::create(b, powerOfTwo(b, from, width - 1)));
  Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, value, value);
  Value outside = arith::OrIOp::create(b, arith::OrIOp::create(b, above, below), isNaN);
  Value safe = arith::SelectOp::create(b, outside, zero, value);
  Value result = toUnsigned ? Value(arith::FPToUIOp::create(b, to, safe)) : Value(arith::FPToSIOp::create(b, to, safe));
  result = arith::SelectOp::create(b, above, highest(b, to, toUnsigned), result);
  return toUnsigned ? result : Value(arith::SelectOp::create(b, below, lowest(b, to, /*isUnsigned=*/false), result));
}

Value onnx::castScalar(ImplicitLocOpBuilder &b, Value value, Type to, bool fromUnsigned, bool toUnsigned) {
  Type from = value.getType();
  if (from == to)
    return value;
  auto toInteger = dyn_cast<IntegerType>(to);
  if (isa<FloatType>(from)) {
    if (toInteger && toInteger.getWidth() == 1)
      return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, value, scalar(b, from, 0.0));
    if (toInteger)
      return floatToInteger(b, value, toInteger, toUnsigned);
    unsigned fromBits = from.getIntOrFloatBitWidth(), toBits = to.getIntOrFloatBitWidth();
    if (fromBits == toBits) // f16 and bf16
      return arith::TruncFOp::create(b, to, arith::ExtFOp::create(b, b.getF32Type(), value));
    return fromBits < toBits ? Value(arith::ExtFOp::create(b, to, value))
                             : Value(arith::TruncFOp::create(b, to, value));
  }
  fromUnsigned |= from.isInteger(1);
  if (!toInteger)
    return fromUnsigned ? Value(arith::UIToFPOp::create(b, to, value)) : Value(arith::SIToFPOp::create(b, to, value));
  if (toInteger.getWidth() == 1)
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, value, scalar(b, from, 0));
  if (toInteger.getWidth() < from.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(b, to, value);
  return fromUnsigned ? Value(arith::ExtUIOp::create(b, to, value)) : Value(arith::ExtSIOp::create(b, to, value));
}

LogicalResult onnx::inferCastTo(NodeContext &ctx, Type to, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkElementType(ctx, 0, Allow::Any)))
    return failure();
  results.push_back(RankedTensorType::get(ctx.shape(0), to));
  return success();
}

/// `value` rounded towards zero and saturated to the range of `to`, as bits; NaN is 0. For bool: whether it is not
/// zero.
static int64_t saturate(double value, IntegerType to) {
  if (to.getWidth() == 1)
    return value != 0;
  if (std::isnan(value))
    return 0;
  bool isUnsigned = to.isUnsigned();
  unsigned bits = isUnsigned ? to.getWidth() : to.getWidth() - 1;
  if (value >= std::ldexp(1.0, bits))
    return static_cast<int64_t>(APInt::getLowBitsSet(64, bits).getZExtValue());
  if (isUnsigned)
    return value <= -1.0 ? 0 : static_cast<int64_t>(static_cast<uint64_t>(value));
  return value < -std::ldexp(1.0, bits) ? static_cast<int64_t>(~uint64_t(0) << bits) : static_cast<int64_t>(value);
}

/// A constant under another element type; null if its elements cannot be read.
static ElementsAttr castElements(ElementsAttr elements, RankedTensorType type) {
  Type from = elements.getElementType(), to = type.getElementType();
  if (from == to)
    return elements;
  // 64-bit integers do not go through double.
  std::optional<SmallVector<int64_t>> ints;
  std::optional<SmallVector<double>> floats;
  if (isa<IntegerType>(from) && isa<IntegerType>(to))
    ints = readInts(elements);
  else
    floats = readDoubles(elements);
  if (!ints && !floats)
    return {};
  if (isa<FloatType>(to))
    return makeFloats(type, *floats);
  auto toInteger = cast<IntegerType>(to);
  size_t width = elementBytes(to), count = ints ? ints->size() : floats->size();
  std::vector<char> bytes(count * width);
  for (size_t i = 0; i < count; ++i) {
    int64_t value = ints ? (*ints)[i] : saturate((*floats)[i], toInteger);
    if (toInteger.getWidth() == 1)
      value = value != 0;
    std::memcpy(bytes.data() + i * width, &value, width); // hosts are little-endian
  }
  return makeElements(type, bytes);
}

LogicalResult onnx::convertCastTo(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  Type to = types[0].getElementType();
  if (to == ctx.elementType(0)) {
    results.push_back(ctx.input(0));
    return success();
  }
  // A folder would lose the mask of a sparse initialiser; the mask stays as it is.
  auto castValues = [&](ElementsAttr e) {
    return e.getElementType() == ctx.elementType(0) ? castElements(e, types[0]) : e;
  };
  if (Value constant = shuffleConstant(ctx.b, ctx.loc(), ctx.input(0), castValues)) {
    results.push_back(constant);
    return success();
  }
  Type compute = isa<IntegerType>(to) ? Type(ctx.b.getIntegerType(to.getIntOrFloatBitWidth())) : to;
  results.push_back(
      createElementwise(ctx.b, ctx.loc(), types[0], {ctx.input(0)}, [&](ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
        return castScalar(b, args[0], compute, isUnsigned(ctx), to.isUnsignedInteger());
      }));
  return success();
}

LogicalResult onnx::foldCastTo(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                               SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = isMasked(ctx.input(0)) ? ElementsAttr() : ctx.constant(0);
  ElementsAttr folded = elements ? castElements(elements, types[0]) : ElementsAttr();
  if (!folded)
    return failure();
  results.push_back(folded);
  return success();
}
