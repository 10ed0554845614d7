//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layout `sorted_rows`: compressed rows, sorted so that loops over equally many
// weights follow each other.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_SORTEDROWS_H
#define GS_DIALECT_GS_IR_SORTEDROWS_H

#include "gs/Dialect/GS/IR/GSDialect.h"

namespace mlir::gs {

/// Parameters of the layout. The rows are cut into sections of `sectionRows`, the columns into blocks of `columnBlock`
/// (0: one). A chunk is a section in a block, numbered section by section. Its rows stand in rising order of the
/// weights that they keep in the block, and rows with equally many form a run: first as many rows as make up teams of
/// `team`, whose weights are interleaved (first weight of each row, second weight of each row, ...), then the others,
/// one after the other.
///
///     values    [weights]                weights
///     indices   [weights]     i16/i32    displacement of the activation of each, from where its block begins
///     rows      [blocks * M]  i32        rows of each chunk in the order of its runs
///     runs      [runs][4]     i32        first weight, weights of each row, first position in `rows`, its end
///     offsets   [chunks + 1]  i32        running count of runs
///
/// A run without weights is stored in the first and in the last block only, where sums begin and end. Block b begins at
/// displacement b * `blockStride`.
struct SortedRows {
  static constexpr int64_t team = 4;

  int64_t sectionRows = 0;
  int64_t columnBlock = 0;

  int64_t sections(int64_t rows) const { return llvm::divideCeil(rows, sectionRows); }
  int64_t blocks(int64_t cols) const {
    return columnBlock ? std::max<int64_t>(1, llvm::divideCeil(cols, columnBlock)) : 1;
  }

  /// Where the activations of one block begin behind those of the one before, if indices become shorter by it, else 0.
  int64_t blockStride(ArrayRef<int64_t> displacement) const;
  /// Bits of an index into activations at these displacements.
  unsigned indexBits(ArrayRef<int64_t> displacement) const;
};

/// Packs in this layout. `displacement` is that of each column in the activation. Fails if one does not fit 31 bits.
FailureOr<std::vector<Buffer>> packSortedRows(const Weight &weight, const SortedRows &form,
                                              ArrayRef<int64_t> displacement, EmitError emitError);

/// Checks names, shapes and contents of the buffers against the type.
LogicalResult verifySortedRows(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_SORTEDROWS_H
