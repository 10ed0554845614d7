//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrices between layers, and which orientation each should have.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_MATRIXNETWORK_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_MATRIXNETWORK_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::gs {

/// The ops under `root`, in program order, that should work on transposed matrices, so that the least number of
/// elements is transposed in all: linalg.generic and tensor.extract_slice on matrices, tensor.expand_shape whose
/// readers are all permutations, and tensor.collapse_shape after a permutation. Transpositions of transpositions must
/// have been folded before.
SmallVector<Operation *> chooseTransposed(Operation *root);

/// The transposition of a matrix that defines `value`, or null.
linalg::TransposeOp matrixTranspose(Value value);

/// The constant that a value is, possibly reshaped (which keeps the order of the elements), or null.
ElementsAttr constantBehind(Value value);

/// The dimensions of the second group of a reshape between a matrix and a tensor, then those of the first.
SmallVector<int64_t> secondGroupFirst(ArrayRef<ReassociationIndices> groups);

/// The permutations that are all readers of an expanded matrix (splitting heads); empty if there are other readers.
SmallVector<linalg::TransposeOp> permutationsAfter(tensor::ExpandShapeOp expand);

/// The permutation that only a reshape to a matrix reads (merging heads), or null.
linalg::TransposeOp permutationBefore(tensor::CollapseShapeOp collapse);

/// The permutation after expanding the transposed matrix, for a matrix that is expanded and then permuted by `perm`.
SmallVector<int64_t> permAfterExpand(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> perm);

/// The permutation before collapsing to the transposed matrix, for a tensor that is permuted by `perm` and collapsed.
SmallVector<int64_t> permBeforeCollapse(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> perm);

} // namespace mlir::gs

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_MATRIXNETWORK_H
