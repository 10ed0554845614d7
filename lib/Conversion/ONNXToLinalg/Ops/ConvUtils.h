//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Construction of linalg convolutions, shared by Conv and ConvTranspose.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_CONVUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_CONVUTILS_H

#include "LinalgUtils.h"

namespace mlir::onnx {

/// Convolution of `input` (B x C x spatial..., already padded) with `weight` (O x C/groups x kernel...) into `type`
/// (B x O x spatial'...), one to three spatial dimensions:
/// - groups = 1: linalg.conv_1d_ncw_fcw, conv_2d_nchw_fchw or conv_3d_ncdhw_fcdhw;
/// - groups > 1: over B x G x C/G x spatial... and G x O/G x C/G x kernel...: linalg.conv_2d_ngchw_gfchw, or, where
///   MLIR has no such named op, a linalg.generic of the same form with loops (b, g, o, spatial'..., c, kernel...).
/// The accumulator is a linalg.fill of zero.
Value convolution(OpBuilder &b, Location loc, RankedTensorType type, Value input, Value weight, int64_t groups,
                  ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations);

/// Checks the optional bias at `slot`: a vector of `channels` floats of the type of input 0.
LogicalResult checkBias(NodeContext &ctx, unsigned slot, int64_t channels);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_CONVUTILS_H
