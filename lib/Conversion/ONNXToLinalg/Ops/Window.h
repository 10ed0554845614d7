//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Geometry of sliding windows: what Conv, ConvTranspose and the pools have in
// common.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_WINDOW_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_WINDOW_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"

namespace mlir::onnx {

/// Extents in elements, one entry per spatial dimension.
struct Window {
  SmallVector<int64_t> kernel, strides, dilations, padsBegin, padsEnd;

  size_t rank() const { return kernel.size(); }
  /// Input elements that the kernel spans in dimension `d`.
  int64_t span(size_t d) const { return (kernel[d] - 1) * dilations[d] + 1; }
};

/// Reads `strides`, `dilations` and explicit `pads` for a kernel of the given extents; auto_pad is left to the caller
/// (it needs the input's or the output's extents). Wrong lengths or values are reasons.
FailureOr<Window> readWindow(NodeContext &ctx, ArrayRef<int64_t> kernel);

/// auto_pad, checked; NOTSET if the attribute is absent.
enum class AutoPad { NotSet, Valid, SameUpper, SameLower };
FailureOr<AutoPad> readAutoPad(NodeContext &ctx);

/// Resolves auto_pad of a convolution or pool over `input` (spatial extents) into explicit pads.
LogicalResult resolveAutoPad(NodeContext &ctx, ArrayRef<int64_t> input, Window &window);

/// Output extents: floor((input + pads - span) / stride) + 1, or with `ceilMode` the ceiling, without windows that
/// would start in the padding behind the input. A kernel that does not fit is a reason.
FailureOr<SmallVector<int64_t>> outputExtents(NodeContext &ctx, ArrayRef<int64_t> input, const Window &window,
                                              bool ceilMode = false);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_WINDOW_H
