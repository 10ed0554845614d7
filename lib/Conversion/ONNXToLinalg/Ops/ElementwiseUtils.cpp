//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators that apply one scalar function to every element, with broadcasting.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "../ConstantUtils.h"
#include "FloatEvaluator.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

/// Folded through attributes, which live as long as the context: of larger tensors only plain f32 arithmetic folds.
constexpr int64_t maxEvaluatedElements = 1 << 16;

static StringRef describe(Allow allow) {
  switch (allow) {
  case Allow::Float:
    return "a float type (f16, bf16, f32, f64)";
  case Allow::Integer:
    return "an integer type";
  case Allow::Number:
    return "a float or integer type";
  case Allow::Bool:
    return "bool";
  case Allow::Any:
    return "a float, integer or bool type";
  }
  return "";
}

LogicalResult onnx::checkElementType(NodeContext &ctx, unsigned slot, Allow allow) {
  if (!ctx.input(slot))
    return ctx.fail("input " + Twine(slot) + " is missing");
  Type type = ctx.elementType(slot);
  bool isBool = type.isInteger(1);
  bool isFloat = type.isF16() || type.isBF16() || type.isF32() || type.isF64();
  bool isInteger = !isBool && isa<IntegerType>(type) && elementBytes(type) != 0;
  bool ok = allow == Allow::Float     ? isFloat
            : allow == Allow::Integer ? isInteger
            : allow == Allow::Number  ? isFloat || isInteger
            : allow == Allow::Bool    ? isBool
                                      : isFloat || isInteger || isBool;
  if (ok)
    return success();
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return ctx.fail("input " + Twine(slot) + " has element type " + text + ", but it must be " + describe(allow) +
                  "; insert a Cast");
}

bool onnx::isUnsigned(NodeContext &ctx, unsigned slot) {
  Type type = ctx.elementType(slot);
  return type && type.isUnsignedInteger();
}

FailureOr<SmallVector<int64_t>> onnx::broadcastShapes(NodeContext &ctx, ArrayRef<ArrayRef<int64_t>> shapes) {
  size_t rank = 0;
  for (ArrayRef<int64_t> shape : shapes)
    rank = std::max(rank, shape.size());
  SmallVector<int64_t> result(rank, 1);
  for (ArrayRef<int64_t> shape : shapes)
    for (auto [i, size] : llvm::enumerate(shape)) {
      int64_t &dim = result[rank - shape.size() + i];
      if (size != 1 && dim != 1 && size != dim) {
        std::string text;
        llvm::raw_string_ostream os(text);
        llvm::interleaveComma(shapes, os, [&](ArrayRef<int64_t> s) { os << formatShape(s); });
        return ctx.fail("its inputs have shapes " + text +
                        ", which do not broadcast: counted from the last dimension, sizes must agree or be 1");
      }
      dim = size == 1 ? dim : size;
    }
  return result;
}

static Type signless(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? IntegerType::get(type.getContext(), integer.getWidth()) : type;
}

/// Scalars of unsigned types enter and leave arith ops through a cast that LLVM lowering resolves.
static Value castSign(OpBuilder &b, Location loc, Value value, Type type) {
  if (value.getType() == type)
    return value;
  return UnrealizedConversionCastOp::create(b, loc, type, value).getResult(0);
}

/// Element `index` of `data` as a scalar attribute; integers signless.
static TypedAttr scalarAttr(const RawData &data, Type type, int64_t index) {
  unsigned bytes = elementBytes(type), bits = type.getIntOrFloatBitWidth();
  uint64_t word = 0;
  std::memcpy(&word, data.bytes.data() + index * bytes, bytes); // hosts are little-endian
  APInt value(bits, word, /*isSigned=*/false, /*implicitTrunc=*/true);
  if (auto f = dyn_cast<FloatType>(type))
    return FloatAttr::get(f, APFloat(f.getFloatSemantics(), value));
  return IntegerAttr::get(signless(type), value);
}

/// The one value of a constant operand whose elements are all the same, or null.
static TypedAttr splatValue(Value operand) {
  ElementsAttr elements = constantValue(operand);
  if (!elements || !elementBytes(elements.getElementType()))
    return {};
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (elements.getShapedType().getNumElements() != 1 && !(dense && dense.isSplat()))
    return {};
  if (dense && dense.isSplat())
    elements = dense.resizeSplat(RankedTensorType::get({}, elements.getElementType()));
  std::optional<RawData> data = getRawData(elements);
  return data ? scalarAttr(*data, elements.getElementType(), 0) : TypedAttr();
}

Value onnx::createElementwise(OpBuilder &b, Location loc, RankedTensorType type, ArrayRef<Value> operands,
                              function_ref<Value(ImplicitLocOpBuilder &, ArrayRef<Value>)> body) {
  int64_t rank = type.getRank();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<TypedAttr> splats;
  for (Value operand : operands) {
    splats.push_back(operand ? splatValue(operand) : TypedAttr());
    if (!operand || splats.back())
      continue;
    ArrayRef<int64_t> shape = cast<RankedTensorType>(operand.getType()).getShape();
    SmallVector<int64_t> kept;
    SmallVector<AffineExpr> exprs;
    bool isWhole = shape == type.getShape();
    for (auto [i, size] : llvm::enumerate(shape)) {
      // An operand of higher rank than the result has leading 1s only (a one-element operand of a scalar).
      int64_t d = rank - static_cast<int64_t>(shape.size()) + static_cast<int64_t>(i);
      if (!isWhole && size == 1)
        continue;
      kept.push_back(size);
      exprs.push_back(b.getAffineDimExpr(d));
    }
    inputs.push_back(kept.size() == shape.size() ? operand : reshapeTensor(b, loc, operand, kept));
    maps.push_back(AffineMap::get(rank, 0, exprs, b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(rank));
  Value init = tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(b, loc, TypeRange(type), inputs, ValueRange(init), maps, iterators,
                                           [&](OpBuilder &nested, Location nestedLoc, ValueRange blockArgs) {
                                             ImplicitLocOpBuilder ib(nestedLoc, nested);
                                             SmallVector<Value> args;
                                             unsigned next = 0;
                                             for (auto [operand, splat] : llvm::zip_equal(operands, splats)) {
                                               if (!operand) {
                                                 args.push_back(Value());
                                               } else if (splat) {
                                                 args.push_back(arith::ConstantOp::create(ib, splat));
                                               } else {
                                                 Value arg = blockArgs[next++];
                                                 args.push_back(castSign(ib, nestedLoc, arg, signless(arg.getType())));
                                               }
                                             }
                                             Value result =
                                                 castSign(ib, nestedLoc, body(ib, args), type.getElementType());
                                             linalg::YieldOp::create(ib, result);
                                           });
  return generic.getResult(0);
}

/// Evaluates the ops of `block` with their own folders. Null if one does not fold.
static Attribute evaluate(Block &block, ArrayRef<Attribute> args, Value result) {
  DenseMap<Value, Attribute> known;
  for (auto [arg, value] : llvm::zip_equal(block.getArguments(), args))
    known[arg] = value;
  for (Operation &op : block) {
    SmallVector<Attribute> operands = llvm::map_to_vector(op.getOperands(), [&](Value v) { return known.lookup(v); });
    SmallVector<OpFoldResult> folded;
    if (llvm::is_contained(operands, Attribute()) || failed(op.fold(operands, folded)) ||
        folded.size() != op.getNumResults())
      return {};
    for (auto [value, fold] : llvm::zip_equal(op.getResults(), folded)) {
      auto attr = dyn_cast<Attribute>(fold);
      known[value] = attr ? attr : known.lookup(cast<Value>(fold));
    }
  }
  return known.lookup(result);
}

static bool appendScalar(Attribute value, unsigned bytes, std::vector<char> &out) {
  uint64_t word;
  if (auto f = dyn_cast_or_null<FloatAttr>(value))
    word = f.getValue().bitcastToAPInt().getZExtValue();
  else if (auto i = dyn_cast_or_null<IntegerAttr>(value))
    word = i.getValue().getZExtValue();
  else
    return false;
  const char *raw = reinterpret_cast<const char *>(&word);
  out.insert(out.end(), raw, raw + bytes);
  return true;
}

FailureOr<ElementsAttr> onnx::evaluateElementwise(NodeContext &ctx, RankedTensorType type, ArrayRef<Value> operands,
                                                  ScalarBody body) {
  /// A constant operand: its elements, and how far apart they are along each dimension of the result.
  struct Source {
    TypedAttr splat;
    std::optional<RawData> data;
    Type elementType;
    SmallVector<int64_t> strides;
  };
  SmallVector<Source> sources;
  bool allSplat = true;
  Block block;
  SmallVector<Value> args;
  for (Value operand : operands) {
    if (!operand) {
      args.push_back(Value());
      continue;
    }
    ElementsAttr elements = constantValue(operand);
    if (!elements || !elementBytes(elements.getElementType()))
      return failure();
    Source source{splatValue(operand), std::nullopt, elements.getElementType(), {}};
    if (!source.splat) {
      allSplat = false;
      if (!(source.data = getRawData(elements)))
        return failure();
      source.strides = broadcastStrides(cast<RankedTensorType>(operand.getType()).getShape(), type.getShape());
    }
    sources.push_back(std::move(source));
    args.push_back(block.addArgument(signless(elements.getElementType()), ctx.loc()));
  }
  unsigned bytes = elementBytes(type.getElementType());
  if (!bytes)
    return failure();

  OpBuilder builder(ctx.b.getContext());
  builder.setInsertionPointToEnd(&block);
  ImplicitLocOpBuilder ib(ctx.loc(), builder);
  Value result = body(ctx, ib, args);
  if (!allSplat && type.getNumElements() > maxEvaluatedElements) {
    SmallVector<FloatSource> floats;
    SmallVector<float> splats(sources.size());
    for (auto [source, splat] : llvm::zip_equal(sources, splats)) {
      if (!source.elementType.isF32())
        return failure();
      if (source.splat)
        splat = static_cast<float>(cast<FloatAttr>(source.splat).getValueAsDouble());
      floats.push_back({source.splat ? &splat : source.data->as<float>().data(),
                        source.splat ? SmallVector<int64_t>(type.getRank(), 0) : source.strides});
    }
    std::optional<std::vector<float>> values = evaluateFloats(block, result, floats, type.getShape());
    if (!values || !type.getElementType().isF32())
      return failure();
    return makeElementsOf<float>(type, *values);
  }
  std::vector<char> out;
  SmallVector<int64_t> index(type.getRank(), 0);
  for (int64_t n = allSplat ? std::min<int64_t>(1, type.getNumElements()) : type.getNumElements(); n > 0; --n) {
    SmallVector<Attribute> values;
    for (const Source &source : sources) {
      int64_t offset = 0;
      for (auto [i, stride] : llvm::zip(index, source.strides))
        offset += i * stride;
      values.push_back(source.splat ? Attribute(source.splat) : scalarAttr(*source.data, source.elementType, offset));
    }
    if (!appendScalar(evaluate(block, values, result), bytes, out))
      return failure();
    nextIndex(index, type.getShape());
  }
  if (allSplat && type.getNumElements() > 0)
    return splatElements(type, out);
  return makeElements(type, out);
}

LogicalResult onnx::inferElementwise(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results, Allow allow,
                                     unsigned arity, bool toBool) {
  if (ctx.numInputs() == 0 || (arity && ctx.numInputs() != arity))
    return ctx.fail("it has " + Twine(ctx.numInputs()) + " inputs, but needs " +
                    (arity ? Twine(arity) : Twine("at least one")));
  SmallVector<ArrayRef<int64_t>> shapes;
  for (unsigned slot = 0; slot < ctx.numInputs(); ++slot) {
    if (failed(checkElementType(ctx, slot, allow)))
      return failure();
    if (ctx.elementType(slot) != ctx.elementType(0))
      return ctx.fail("inputs 0 and " + Twine(slot) + " have different element types; insert a Cast");
    shapes.push_back(ctx.shape(slot));
  }
  FailureOr<SmallVector<int64_t>> shape = broadcastShapes(ctx, shapes);
  if (failed(shape))
    return failure();
  results.push_back(RankedTensorType::get(*shape, toBool ? ctx.b.getI1Type() : ctx.elementType(0)));
  return success();
}

Value onnx::scalar(ImplicitLocOpBuilder &b, Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}

Value onnx::lowest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned) {
  if (auto f = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(b, FloatAttr::get(f, APFloat::getInf(f.getFloatSemantics(), /*Negative=*/true)));
  unsigned width = type.getIntOrFloatBitWidth();
  return arith::ConstantOp::create(
      b, IntegerAttr::get(type, isUnsigned ? APInt::getMinValue(width) : APInt::getSignedMinValue(width)));
}

Value onnx::highest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned) {
  if (auto f = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(b, FloatAttr::get(f, APFloat::getInf(f.getFloatSemantics())));
  unsigned width = type.getIntOrFloatBitWidth();
  return arith::ConstantOp::create(
      b, IntegerAttr::get(type, isUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width)));
}

Value onnx::maxOf(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  if (isa<FloatType>(x.getType()))
    return arith::MaximumFOp::create(b, x, y);
  return isUnsigned ? Value(arith::MaxUIOp::create(b, x, y)) : Value(arith::MaxSIOp::create(b, x, y));
}

Value onnx::minOf(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned) {
  if (isa<FloatType>(x.getType()))
    return arith::MinimumFOp::create(b, x, y);
  return isUnsigned ? Value(arith::MinUIOp::create(b, x, y)) : Value(arith::MinSIOp::create(b, x, y));
}

Value onnx::clampFloat(ImplicitLocOpBuilder &b, Value x, double lo, double hi) {
  Type type = x.getType();
  Value low = arith::MaximumFOp::create(b, x, scalar(b, type, lo));
  return arith::MinimumFOp::create(b, low, scalar(b, type, hi));
}

Value onnx::softplusOf(ImplicitLocOpBuilder &b, Value x) {
  // max(x, 0) + log1p(exp(-|x|)): the exponential never exceeds 1.
  Value zero = scalar(b, x.getType(), 0.0);
  Value magnitude = math::AbsFOp::create(b, x);
  Value decay = math::ExpOp::create(b, arith::NegFOp::create(b, magnitude));
  return arith::AddFOp::create(b, arith::MaximumFOp::create(b, x, zero), math::Log1pOp::create(b, decay));
}
