//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mean and variance over some dimensions: what the normalisations of layers,
// instances and groups share.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_NORMUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_NORMUTILS_H

#include "LinalgUtils.h"

namespace mlir::onnx {

/// Per row: the mean, and 1 / sqrt(variance + epsilon). Their shape is that of `x` without the reduced dimensions.
struct Moments {
  Value mean, inverse;
};
/// Moments of the float tensor `x` over `dims`, in two passes (the variance is of the centred values).
Moments moments(OpBuilder &b, Location loc, Value x, ArrayRef<int64_t> dims, double epsilon);

/// (x - mean) * inverse * scale + shift; `scale` and `shift` are read through the given maps, `shift` may be null.
Value normalize(OpBuilder &b, Location loc, Value x, ArrayRef<int64_t> dims, const Moments &m, Value scale,
                AffineMap scaleMap, Value shift, AffineMap shiftMap);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_NORMUTILS_H
