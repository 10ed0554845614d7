//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dimensions of extent 1: reshapes that add or remove them, and matrices that carry them.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_UNITDIMS_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_UNITDIMS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::gs {

/// The extents that are not 1, in order.
SmallVector<int64_t> nonUnitExtents(ArrayRef<int64_t> shape);

/// True if the op (which may be null) only adds or removes dimensions of extent 1.
bool isUnitReshape(Operation *op);

/// `value` with unit dimensions added or removed so that it has `shape`.
Value reshapeUnits(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape);

/// True for a static tensor of rank 2 without unit dimensions: reading it transposed costs something.
bool isMatrix(Type type);

/// True for a slice whose offsets, sizes and strides are known.
bool isStatic(tensor::ExtractSliceOp op);

/// A new tensor whose dimension i is dimension perm[i] of `value`.
Value createTranspose(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> perm);

/// Transpositions of tensors with unit dimensions move only the others; slices of matrices seen with unit dimensions
/// become slices of the matrices.
void populateDropUnitDimsPatterns(RewritePatternSet &patterns);

/// Drops the unit loops of linalg.generic ops on matrices (at most two loops longer than 1) that a reshape of unit
/// dimensions separates from another op. Others, such as those between convolutions, keep their dimensions. Returns
/// whether anything changed; the reshapes that arise are left to canonicalisation.
bool dropUnitLoops(Operation *root);

} // namespace mlir::gs

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_UNITDIMS_H
