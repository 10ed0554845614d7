//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pad: a border of one value, of the edge, mirrored or wrapped around; negative
// pads cut off. Attributes before opset 11, inputs since.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ElementwiseUtils.h"
#include "ShapeUtils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::onnx;

namespace {
struct Padding {
  SmallVector<int64_t> low, high; ///< by dimension; negative cuts off
  std::string mode;
};
} // namespace

static FailureOr<Padding> paddingOf(NodeContext &ctx) {
  int64_t rank = ctx.shape(0).size();
  FailureOr<std::optional<SmallVector<int64_t>>> pads = attrOrInput(ctx, "pads", 1);
  if (failed(pads))
    return failure();
  if (!*pads)
    return ctx.fail("pads is missing");
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (ctx.input(3)) {
    FailureOr<SmallVector<int64_t>> given = ctx.constantInts(3, "axes");
    if (failed(given))
      return failure();
    axes = *given;
  }
  if ((*pads)->size() != 2 * axes.size())
    return ctx.fail("pads " + formatShape(**pads) + " must hold a begin and an end for each of " + Twine(axes.size()) +
                    " dimensions");
  Padding padding{SmallVector<int64_t>(rank, 0), SmallVector<int64_t>(rank, 0), ctx.stringAttr("mode", "constant")};
  for (auto [i, given] : llvm::enumerate(axes)) {
    FailureOr<int64_t> axis = normalizeAxis(ctx, given, rank);
    if (failed(axis))
      return failure();
    // Any sensible size is far below; so no sum of them overflows.
    for (int64_t pad : {(**pads)[i], (**pads)[axes.size() + i]})
      if (std::abs(pad / 2) > std::numeric_limits<int32_t>::max() / 2)
        return ctx.fail("pads " + formatShape(**pads) + " is out of range");
    padding.low[*axis] = (**pads)[i];
    padding.high[*axis] = (**pads)[axes.size() + i];
  }
  return padding;
}

/// How far a mode can pad a dimension of `size` elements: what it copies must be there.
static int64_t reach(StringRef mode, int64_t size) {
  if (mode == "reflect")
    return size - 1;
  return mode == "wrap" ? size : std::numeric_limits<int32_t>::max();
}

static LogicalResult inferPad(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 4)) || failed(checkElementType(ctx, 0, Allow::Any)))
    return failure();
  FailureOr<Padding> padding = paddingOf(ctx);
  if (failed(padding))
    return failure();
  StringRef mode = padding->mode;
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap")
    return ctx.fail("attribute mode is '" + mode + "', but must be constant, reflect, edge or wrap");
  if (ctx.input(2) && (ctx.type(2).getNumElements() != 1 || ctx.elementType(2) != ctx.elementType(0)))
    return ctx.fail("constant_value must be one number of the element type of the input");
  SmallVector<int64_t> shape(ctx.shape(0));
  for (auto [d, size] : llvm::enumerate(shape)) {
    int64_t low = padding->low[d], high = padding->high[d];
    int64_t inner = size + std::min<int64_t>(low, 0) + std::min<int64_t>(high, 0);
    int64_t limit = reach(mode, inner);
    if (inner < 0 || low > limit || high > limit)
      return ctx.fail("pads (" + Twine(low) + ", " + Twine(high) + ") of dimension " + Twine(d) + " of size " +
                      Twine(size) + " are out of range for mode " + mode);
    size += low + high;
  }
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

/// The scalar to pad with.
static Value padValue(NodeContext &ctx) {
  OpBuilder &b = ctx.b;
  if (ctx.input(2) && !ctx.constant(2)) {
    Value scalarTensor = reshapeTensor(b, ctx.loc(), ctx.input(2), {});
    return tensor::ExtractOp::create(b, ctx.loc(), scalarTensor, ValueRange());
  }
  ImplicitLocOpBuilder ib(ctx.loc(), b);
  Type type = ctx.elementType(0);
  Type compute = isa<IntegerType>(type) ? Type(b.getIntegerType(type.getIntOrFloatBitWidth())) : type;
  Value value;
  if (ElementsAttr given = ctx.constant(2); given && isa<IntegerType>(type))
    value = arith::ConstantOp::create(ib, b.getIntegerAttr(compute, readInts(given)->front()));
  else
    value = scalar(ib, compute, given ? readDoubles(given)->front() : ctx.floatAttr("value", 0.0f));
  return type == compute ? value : UnrealizedConversionCastOp::create(ib, type, value).getResult(0);
}

static Value padConstant(NodeContext &ctx, Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                         RankedTensorType type) {
  auto attrs = [&](ArrayRef<int64_t> sizes) {
    return llvm::map_to_vector(sizes,
                               [&](int64_t v) { return OpFoldResult(ctx.b.getIndexAttr(std::max<int64_t>(v, 0))); });
  };
  return tensor::PadOp::create(ctx.b, ctx.loc(), type, value, attrs(low), attrs(high), padValue(ctx));
}

/// The border of `count` elements in front of (or behind) dimension `d`.
static Value border(NodeContext &ctx, Value value, int64_t d, int64_t count, bool front, StringRef mode) {
  OpBuilder &b = ctx.b;
  SmallVector<int64_t> shape(cast<RankedTensorType>(value.getType()).getShape());
  int64_t size = shape[d];
  if (mode == "wrap")
    return sliceAxis(b, ctx.loc(), value, d, front ? size - count : 0, count);
  shape[d] = count;
  SmallVector<AffineExpr> source;
  for (size_t i = 0; i < shape.size(); ++i)
    source.push_back(b.getAffineDimExpr(i));
  if (mode == "edge")
    source[d] = b.getAffineConstantExpr(front ? 0 : size - 1);
  else
    source[d] = (front ? count : size - 2) - source[d];
  return copyThrough(b, ctx.loc(), value, shape, AffineMap::get(shape.size(), 0, source, b.getContext()));
}

static LogicalResult convertPad(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  Padding padding = *paddingOf(ctx);
  Value value = ctx.input(0);
  SmallVector<int64_t> offsets, sizes(ctx.shape(0)), strides(sizes.size(), 1);
  for (auto [size, low, high] : llvm::zip_equal(sizes, padding.low, padding.high)) {
    offsets.push_back(std::max<int64_t>(-low, 0));
    size += std::min<int64_t>(low, 0) + std::min<int64_t>(high, 0);
  }
  value = sliceTensor(ctx.b, ctx.loc(), value, offsets, sizes, strides);
  if (types[0].getShape() == ArrayRef(sizes)) {
    results.push_back(value);
    return success();
  }
  if (padding.mode == "constant") {
    results.push_back(padConstant(ctx, value, padding.low, padding.high, types[0]));
    return success();
  }
  for (int64_t d = 0; d < types[0].getRank(); ++d) {
    SmallVector<Value> parts;
    if (padding.low[d] > 0)
      parts.push_back(border(ctx, value, d, padding.low[d], /*front=*/true, padding.mode));
    parts.push_back(value);
    if (padding.high[d] > 0)
      parts.push_back(border(ctx, value, d, padding.high[d], /*front=*/false, padding.mode));
    value = concatTensors(ctx.b, ctx.loc(), parts, d);
  }
  results.push_back(value);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfPad() {
  static const OpConversion table[] = {{"", "Pad", 2, 0, inferPad, convertPad, nullptr}};
  return table;
}
} // namespace mlir::onnx
