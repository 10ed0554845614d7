//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Conv: one to three spatial dimensions, groups, any padding.
//
//===----------------------------------------------------------------------===//
#include "ConvUtils.h"
#include "Window.h"

using namespace mlir;
using namespace mlir::onnx;

/// Geometry with auto_pad resolved, after checking the operands.
static FailureOr<Window> convWindow(NodeContext &ctx) {
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
  int64_t groups = ctx.intAttr("group", 1);
  if (groups < 1 || groups > w[0] || w[0] % groups != 0 || x[1] != w[1] * groups)
    return ctx.fail("an input of " + Twine(x[1]) + " channels does not fit a weight of " + Twine(w[0]) +
                    " output and " + Twine(w[1]) + " input channels in " + Twine(groups) +
                    " groups; correct the shapes or the attribute 'group'");
  if (failed(checkBias(ctx, 2, w[0])))
    return failure();
  FailureOr<Window> window = readWindow(ctx, kernel);
  if (failed(window) || failed(resolveAutoPad(ctx, x.drop_front(2), *window)))
    return failure();
  return window;
}

static LogicalResult inferConv(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Window> window = convWindow(ctx);
  if (failed(window))
    return failure();
  FailureOr<SmallVector<int64_t>> extents = outputExtents(ctx, ctx.shape(0).drop_front(2), *window);
  if (failed(extents))
    return failure();
  SmallVector<int64_t> shape = {ctx.shape(0)[0], ctx.shape(1)[0]};
  llvm::append_range(shape, *extents);
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

static LogicalResult convertConv(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  FailureOr<Window> window = convWindow(ctx);
  if (failed(window))
    return failure();
  Location loc = ctx.loc();
  Value input = padSpatial(ctx.b, loc, ctx.input(0), window->padsBegin, window->padsEnd, 0);
  Value result = convolution(ctx.b, loc, types[0], input, ctx.input(1), ctx.intAttr("group", 1), window->strides,
                             window->dilations);
  results.push_back(ctx.input(2) ? addAlong(ctx.b, loc, result, ctx.input(2), 1) : result);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfConv() {
  static const OpConversion table[] = {{"", "Conv", 1, 0, inferConv, convertConv, nullptr}};
  return table;
}
} // namespace mlir::onnx
