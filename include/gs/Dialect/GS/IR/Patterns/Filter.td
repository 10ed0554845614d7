//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.filter: whole rows.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_FILTER
#define GS_PATTERNS_FILTER

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_FilterAttr : GS_ProjectionAttr<"Filter", "filter"> {
  let summary = "Each filter (row of the weight matrix) is kept or removed as a whole";
  let description = [{
    | label | constraint |
    |---|---|
    | FL-C1 | a filter `W[o,...]` is kept or removed as a whole |

    Sources: purification and removal of unused paths, arXiv 1905.00136; SS-Auto (rows and columns), arXiv 2001.08839.

    Removed filters make dead outputs: the next layer's channels. As long as those are not removed from the graph, the
    weight is stored as tiles of one row and all columns.

    Storage as `#gs.block` of the same tile: `values[G][c][r]`, `block_cols[G]`, `offsets[rows of tiles + 1]`
    (r = 1, c = K: one tile per kept filter).

    ```mlir
    tensor<64x256xf32, #gs.filter>
    ```
  }];
}

#endif // GS_PATTERNS_FILTER
