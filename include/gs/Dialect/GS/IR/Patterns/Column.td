//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.column: whole columns.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_COLUMN
#define GS_PATTERNS_COLUMN

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_ColumnAttr : GS_ProjectionAttr<"Column", "column"> {
  let summary = "Each column (input channel at one kernel location) is kept or removed as a whole";
  let description = [{
    | label | constraint |
    |---|---|
    | CL-C1 | a column `W[:,i,loc]` is kept or removed as a whole |

    All rows share their columns, so that one loaded activation serves every output. Source: SS-Auto, arXiv 2001.08839.

    Storage as `#gs.block` of the same tile: `values[G][c][r]`, `block_cols[G]`, `offsets[rows of tiles + 1]`
    (r = M, c = 1: one tile per kept column).

    ```mlir
    tensor<64x32x3x3xf32, #gs.column>
    ```
  }];
}

#endif // GS_PATTERNS_COLUMN
