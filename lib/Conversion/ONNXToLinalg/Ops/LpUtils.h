//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// p-norms, as LpPool and GlobalLpPool take them of windows and planes.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_LPUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_LPUTILS_H

#include "LinalgUtils.h"

namespace mlir::onnx {

/// Attribute `p` (2 if absent), or failure with a reason if it is below 1.
FailureOr<int64_t> readNormOrder(NodeContext &ctx);
/// |x|^p, and its inverse for x >= 0.
Value powerOf(OpBuilder &b, Location loc, Value x, int64_t p);
Value rootOf(OpBuilder &b, Location loc, Value x, int64_t p);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_LPUTILS_H
