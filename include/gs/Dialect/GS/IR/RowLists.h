//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Storage layout `row_lists`: a mask as lists of rows that share lists of
// columns, and what is left row by row.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_ROWLISTS_H
#define GS_DIALECT_GS_IR_ROWLISTS_H

#include "gs/Dialect/GS/IR/GSDialect.h"

namespace mlir::gs {

/// Parameters of the layout.
struct RowListForm {
  int64_t stripRows = 1;     ///< rows of a strip, by position; lists do not leave their strip
  int64_t mostRows = 2;      ///< rows of a list; more rows that share columns make several lists
  int64_t fewestColumns = 1; ///< columns of a list; rows that share fewer share them by halves of the strip, or not
};

/// Rows of a strip that keep the same columns, each (row, column) in one list. One row: what is left of it.
struct RowList {
  SmallVector<int64_t> rows;    ///< rows of the weight, 1 to `mostRows`
  SmallVector<int64_t> columns; ///< ascending
};

/// The lists of one strip: those of several rows, most rows first, then one of one row for every row of the strip in
/// the order of positions, which may have no columns.
SmallVector<RowList> rowListsOf(const Weight &weight, const RowListForm &form, int64_t strip);

/// Rows of a strip of a weight of this geometry: those that may share columns, but at most 64.
int64_t stripRowsOf(const GroupForm &form);

/// Layout `row_lists` of S = ceil(M / stripRows) strips, G lists of several rows with C columns in all:
///
///     values  [V]                      weights: of each list column by column, then of each rest
///     indices [I]                      i32, displacements of their activations; the rests' begin at C
///     rows    [G][mostRows]            i32, rows of a list; the last one repeated
///     columns [G + 1]                  i32, where the columns of a list begin in `indices`
///     starts  [G + 1]                  i32, where the weights of a list begin in `values`
///     lists   [S * (mostRows - 1) + 1] i32, running count of lists by strip and number of rows, most rows first
///     rests   [M + 1]                  i32, where the rest of the row at a position begins in `indices`
///     work    [S + 1]                  i32, running count of weights by strip
///     row_order [M]                    i32, row at a position; only if the weight has an order
///
/// The weight of a rest's index i is values[i + V - I].
FailureOr<std::vector<Buffer>> packRowLists(const Weight &weight, const RowListForm &form, const Schema &schema,
                                            EmitError emitError);

/// Checks names, shapes and contents of the buffers against the type, whose `panel_rows` is `mostRows`.
LogicalResult verifyRowLists(CompressedType type, ArrayRef<Buffer> buffers, EmitError emitError);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_ROWLISTS_H
