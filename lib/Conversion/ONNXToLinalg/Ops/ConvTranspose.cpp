//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX ConvTranspose: a convolution over the input with zeros between its
// elements, by the mirrored kernel.
//
//===----------------------------------------------------------------------===//
#include "ConvUtils.h"
#include "Window.h"

using namespace mlir;
using namespace mlir::onnx;

namespace {
struct Geometry {
  Window window;
  SmallVector<int64_t> output;
  int64_t groups, channels; ///< output channels
};
} // namespace

/// Output extents and pads: given by pads and output_padding, or from output_shape, or as input * stride (SAME_*).
static LogicalResult resolveExtents(NodeContext &ctx, ArrayRef<int64_t> input, Geometry &g) {
  FailureOr<AutoPad> mode = readAutoPad(ctx);
  if (failed(mode))
    return failure();
  Window &w = g.window;
  SmallVector<int64_t> extra = ctx.intsAttr("output_padding", SmallVector<int64_t>(w.rank(), 0));
  SmallVector<int64_t> wanted = ctx.intsAttr("output_shape");
  if (extra.size() != w.rank() || llvm::any_of(extra, [](int64_t e) { return e < 0; }))
    return ctx.fail("attribute 'output_padding' must hold " + Twine(w.rank()) +
                    " numbers that are not negative; correct the model");
  if (!wanted.empty() && wanted.size() != w.rank())
    return ctx.fail("attribute 'output_shape' has " + Twine(wanted.size()) + " entries, expected " + Twine(w.rank()) +
                    " (the spatial ones); correct the model");
  for (size_t d = 0; d < w.rank(); ++d) {
    int64_t full = w.strides[d] * (input[d] - 1) + extra[d] + w.span(d);
    bool same = *mode == AutoPad::SameUpper || *mode == AutoPad::SameLower;
    if (*mode == AutoPad::Valid)
      w.padsBegin[d] = w.padsEnd[d] = 0;
    if (!wanted.empty() || same) {
      int64_t total = std::max<int64_t>(0, full - (wanted.empty() ? input[d] * w.strides[d] : wanted[d]));
      w.padsBegin[d] = *mode == AutoPad::SameUpper ? total / 2 : total - total / 2;
      w.padsEnd[d] = total - w.padsBegin[d];
    }
    g.output.push_back(wanted.empty() ? full - w.padsBegin[d] - w.padsEnd[d] : wanted[d]);
    if (g.output[d] < 1)
      return ctx.fail("its result would have extent " + Twine(g.output[d]) + " in spatial dimension " + Twine(d) +
                      "; check the input shape and the attributes 'pads' and 'output_shape'");
  }
  return success();
}

static FailureOr<Geometry> geometry(NodeContext &ctx) {
  if (failed(requireFloats(ctx, 0, "X")) || failed(requireFloats(ctx, 1, "W")))
    return failure();
  ArrayRef<int64_t> x = ctx.shape(0), w = ctx.shape(1);
  if (x.size() < 3 || x.size() > 5)
    return ctx.fail("its input has rank " + Twine(x.size()) +
                    "; convolutions of one to three spatial dimensions (rank 3 to 5) are supported");
  if (w.size() != x.size() || ctx.elementType(0) != ctx.elementType(1))
    return ctx.fail("the weight must have the rank and element type of the input; check the model with onnx.checker");
  SmallVector<int64_t> kernel(w.drop_front(2));
  if (ctx.hasAttr("kernel_shape") && ctx.intsAttr("kernel_shape") != kernel)
    return ctx.fail("attribute 'kernel_shape' contradicts the weight's shape; correct the model");
  Geometry g;
  g.groups = ctx.intAttr("group", 1);
  if (g.groups < 1 || g.groups > x[1] || x[1] != w[0] || x[1] % g.groups != 0)
    return ctx.fail("an input of " + Twine(x[1]) + " channels does not fit a weight of " + Twine(w[0]) +
                    " input channels in " + Twine(g.groups) + " groups; correct the shapes or the attribute 'group'");
  g.channels = w[1] * g.groups;
  if (failed(checkBias(ctx, 2, g.channels)))
    return failure();
  FailureOr<Window> window = readWindow(ctx, kernel);
  if (failed(window))
    return failure();
  g.window = *window;
  if (failed(resolveExtents(ctx, x.drop_front(2), g)))
    return failure();
  return g;
}

static LogicalResult inferConvTranspose(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Geometry> g = geometry(ctx);
  if (failed(g))
    return failure();
  SmallVector<int64_t> shape = {ctx.shape(0)[0], g->channels};
  llvm::append_range(shape, g->output);
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

/// W (C x O/groups x kernel...) as the weight of a plain convolution: O x C/groups x mirrored kernel... .
static Value mirroredWeight(NodeContext &ctx, const Geometry &g) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  ArrayRef<int64_t> w = ctx.shape(1), kernel = w.drop_front(2);
  SmallVector<int64_t> split = {g.groups, w[0] / g.groups, w[1]}, joined = {g.channels, w[0] / g.groups};
  llvm::append_range(split, kernel);
  llvm::append_range(joined, kernel);
  Value weight = reshape(b, loc, ctx.input(1), split);
  SmallVector<int64_t> perm = {0, 2, 1}, spatial;
  for (size_t d = 0; d < kernel.size(); ++d) {
    perm.push_back(3 + d);
    spatial.push_back(3 + d);
  }
  Value constant = shuffleConstant(b, loc, weight, [&](ElementsAttr e) -> ElementsAttr {
    ElementsAttr mirrored = reverseElements(e, spatial);
    return mirrored ? transposeElements(mirrored, perm) : ElementsAttr();
  });
  if (!constant) {
    SmallVector<int64_t> shape = {g.groups, w[1], w[0] / g.groups};
    llvm::append_range(shape, kernel);
    SmallVector<AffineExpr> from = {b.getAffineDimExpr(0), b.getAffineDimExpr(2), b.getAffineDimExpr(1)};
    for (auto [d, extent] : llvm::enumerate(kernel))
      from.push_back(b.getAffineConstantExpr(extent - 1) - b.getAffineDimExpr(3 + d));
    constant = elementwise(b, loc, RankedTensorType::get(shape, ctx.elementType(1)), weight,
                           AffineMap::get(shape.size(), 0, from, b.getContext()),
                           [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  }
  return reshape(b, loc, constant, joined);
}

/// The input spread out: element i of a spatial dimension at low + i * stride of `extents`, zeros elsewhere. Elements
/// that fall outside are dropped.
static Value spread(NodeContext &ctx, ArrayRef<int64_t> strides, ArrayRef<int64_t> low, ArrayRef<int64_t> extents) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  RankedTensorType type = ctx.type(0);
  SmallVector<int64_t> shape(type.getShape().take_front(2)), padHigh;
  llvm::append_range(shape, extents);
  bool isPad = true;
  for (auto [d, stride] : llvm::enumerate(strides)) {
    padHigh.push_back(extents[d] - low[d] - type.getDimSize(2 + d));
    isPad &= (stride == 1 || type.getDimSize(2 + d) == 1) && low[d] >= 0 && padHigh[d] >= 0;
  }
  if (isPad)
    return padSpatial(b, loc, ctx.input(0), low, padHigh, 0);
  SmallVector<OpFoldResult> from(2, b.getIndexAttr(0)), to(from), sizes, steps(2, b.getIndexAttr(1)),
      ones(type.getRank(), b.getIndexAttr(1));
  SmallVector<int64_t> kept(type.getShape().take_front(2));
  for (auto [d, stride] : llvm::enumerate(strides)) {
    int64_t first = low[d] < 0 ? llvm::divideCeilSigned(-low[d], stride) : 0;
    int64_t room = extents[d] - (low[d] + first * stride);
    int64_t count =
        std::min<int64_t>(type.getDimSize(2 + d) - first, room <= 0 ? 0 : llvm::divideCeilSigned(room, stride));
    kept.push_back(std::max<int64_t>(count, 0));
    from.push_back(b.getIndexAttr(first));
    to.push_back(b.getIndexAttr(low[d] + first * stride));
    steps.push_back(b.getIndexAttr(stride));
  }
  Value zeros = filledTensor(b, loc, RankedTensorType::get(shape, type.getElementType()), 0);
  if (llvm::is_contained(kept, 0))
    return zeros;
  for (int64_t k : kept)
    sizes.push_back(b.getIndexAttr(k));
  Value source = ctx.input(0);
  if (ArrayRef(kept) != type.getShape())
    source = tensor::ExtractSliceOp::create(b, loc, source, from, sizes, ones);
  return tensor::InsertSliceOp::create(b, loc, source, zeros, to, sizes, steps);
}

static LogicalResult convertConvTranspose(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                          SmallVectorImpl<Value> &results) {
  FailureOr<Geometry> g = geometry(ctx);
  if (failed(g))
    return failure();
  const Window &w = g->window;
  // out[j] = sum of x[i] * w[k] over i * stride + k * dilation = j + pad. With k mirrored this is a convolution of
  // stride 1 over x spread out, whose first element stands span - 1 - pad behind the border.
  SmallVector<int64_t> low, extents;
  for (size_t d = 0; d < w.rank(); ++d) {
    low.push_back(w.span(d) - 1 - w.padsBegin[d]);
    extents.push_back(g->output[d] + w.span(d) - 1);
  }
  Value input = spread(ctx, w.strides, low, extents);
  SmallVector<int64_t> ones(w.rank(), 1);
  Value result = convolution(ctx.b, ctx.loc(), types[0], input, mirroredWeight(ctx, *g), g->groups, ones, w.dilations);
  results.push_back(ctx.input(2) ? addAlong(ctx.b, ctx.loc(), result, ctx.input(2), 1) : result);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfConvTranspose() {
  static const OpConversion table[] = {{"", "ConvTranspose", 1, 0, inferConvTranspose, convertConvTranspose, nullptr}};
  return table;
}
} // namespace mlir::onnx
