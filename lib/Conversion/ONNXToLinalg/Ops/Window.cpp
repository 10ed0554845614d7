//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Geometry of sliding windows.
//
//===----------------------------------------------------------------------===//
#include "Window.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::onnx;

/// Extents beyond this are errors in the model: the bound keeps all products of extents and strides within 64 bits.
constexpr int64_t maxExtent = int64_t(1) << 31;

static FailureOr<SmallVector<int64_t>> readList(NodeContext &ctx, StringRef name, size_t length, int64_t fallback,
                                                int64_t least) {
  SmallVector<int64_t> values = ctx.intsAttr(name, SmallVector<int64_t>(length, fallback));
  if (values.size() != length)
    return ctx.fail("attribute '" + name + "' has " + Twine(values.size()) + " entries, expected " + Twine(length) +
                    "; check the model with onnx.checker");
  for (int64_t v : values)
    if (v < least || v > maxExtent)
      return ctx.fail("attribute '" + name + "' holds " + Twine(v) + ", which is outside " + Twine(least) + " to " +
                      Twine(maxExtent) + "; correct the model");
  return values;
}

FailureOr<Window> onnx::readWindow(NodeContext &ctx, ArrayRef<int64_t> kernel) {
  size_t rank = kernel.size();
  Window window;
  window.kernel.assign(kernel.begin(), kernel.end());
  for (int64_t k : kernel)
    if (k < 1 || k > maxExtent)
      return ctx.fail("a kernel extent is " + Twine(k) + ", but it must be positive; correct the model");
  FailureOr<SmallVector<int64_t>> strides = readList(ctx, "strides", rank, 1, 1);
  FailureOr<SmallVector<int64_t>> dilations = readList(ctx, "dilations", rank, 1, 1);
  FailureOr<SmallVector<int64_t>> pads = readList(ctx, "pads", 2 * rank, 0, 0);
  if (failed(strides) || failed(dilations) || failed(pads))
    return failure();
  window.strides = *strides;
  window.dilations = *dilations;
  window.padsBegin.assign(pads->begin(), pads->begin() + rank);
  window.padsEnd.assign(pads->begin() + rank, pads->end());
  return window;
}

FailureOr<AutoPad> onnx::readAutoPad(NodeContext &ctx) {
  std::string name = ctx.stringAttr("auto_pad", "NOTSET");
  if (name == "NOTSET" || name.empty())
    return AutoPad::NotSet;
  if (name == "VALID")
    return AutoPad::Valid;
  if (name == "SAME_UPPER")
    return AutoPad::SameUpper;
  if (name == "SAME_LOWER")
    return AutoPad::SameLower;
  return ctx.fail("attribute 'auto_pad' is '" + name +
                  "', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER; correct the model");
}

LogicalResult onnx::resolveAutoPad(NodeContext &ctx, ArrayRef<int64_t> input, Window &window) {
  FailureOr<AutoPad> mode = readAutoPad(ctx);
  if (failed(mode))
    return failure();
  if (*mode == AutoPad::NotSet)
    return success();
  for (size_t d = 0; d < window.rank(); ++d) {
    int64_t total = 0;
    if (*mode != AutoPad::Valid) {
      int64_t outputs = llvm::divideCeilSigned(input[d], window.strides[d]);
      total = std::max<int64_t>(0, (outputs - 1) * window.strides[d] + window.span(d) - input[d]);
    }
    window.padsBegin[d] = *mode == AutoPad::SameLower ? total - total / 2 : total / 2;
    window.padsEnd[d] = total - window.padsBegin[d];
  }
  return success();
}

FailureOr<SmallVector<int64_t>> onnx::outputExtents(NodeContext &ctx, ArrayRef<int64_t> input, const Window &window,
                                                    bool ceilMode) {
  SmallVector<int64_t> output;
  for (size_t d = 0; d < window.rank(); ++d) {
    int64_t free = input[d] + window.padsBegin[d] + window.padsEnd[d] - window.span(d);
    if (free < 0)
      return ctx.fail("the kernel spans " + Twine(window.span(d)) + " elements in spatial dimension " + Twine(d) +
                      ", but the padded input has only " + Twine(free + window.span(d)) +
                      "; check the input shape or the attributes 'pads' and 'dilations'");
    int64_t stride = window.strides[d];
    int64_t count = (ceilMode ? llvm::divideCeilSigned(free, stride) : free / stride) + 1;
    if (ceilMode && (count - 1) * stride >= input[d] + window.padsBegin[d])
      --count;
    output.push_back(count);
  }
  return output;
}
