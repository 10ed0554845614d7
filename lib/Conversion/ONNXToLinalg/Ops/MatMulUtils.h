//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Construction of linalg matrix products, shared by Gemm and MatMul.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_MATMULUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_MATMULUTILS_H

#include "LinalgUtils.h"

namespace mlir::onnx {

/// linalg.matmul of `lhs` (M x K) and `rhs` (K x N) into a fresh tensor of zeros.
Value matrixProduct(OpBuilder &b, Location loc, Value lhs, Value rhs);
/// linalg.batch_matmul of B x M x K and B x K x N; an operand of rank 2 is used by every batch (through its indexing
/// map, without a copy). At least one operand has rank 3.
Value batchProduct(OpBuilder &b, Location loc, Value lhs, Value rhs);
/// value * factor; constants fold (zeros stay zeros, masks are kept).
Value scaled(OpBuilder &b, Location loc, Value value, double factor);
/// The constant `elements` (f32 or f64) with element i multiplied by factors[(i / inner) % factors.size()]; zeros stay
/// zeros. Null for other element types.
ElementsAttr scaleElements(ElementsAttr elements, ArrayRef<double> factors, int64_t inner);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_MATMULUTILS_H
