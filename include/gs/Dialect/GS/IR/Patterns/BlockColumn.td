//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.block_column<R x C>: columns of strips of rows, whole rows.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_BLOCK_COLUMN
#define GS_PATTERNS_BLOCK_COLUMN

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_BlockColumnAttr : GS_ProjectionAttr<"BlockColumn", "block_column"> {
  let summary = "In strips of R rows each column is kept or removed, then whole rows may be removed";
  let description = [{
    | label | constraint |
    |---|---|
    | BC-C1 | in a strip of R rows and a block of C columns each column is kept or removed for all rows of the strip that are not removed |
    | BC-C2 | with `prune_rows`, a row of the matrix may be removed as a whole |

    Sources: BSP, arXiv 2002.11474; BLK-REW, arXiv 2001.08357. The order of the two steps is not confirmed by public
    sources; a mask does not show it.

    Storage (channel-inner view; T kept columns of strips, strip by strip, block by block):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[T][R]` | weights of a column; +0 where its row is removed or outside of the weight |
    | `cols` | `[T]`, i16 | number of the column in its block |
    | `offsets` | `[ceil(M/R) * ceil(K/C) + 1]`, i32 | running count of columns per block |
    | `kept_rows` | `[M]`, i8 | 1 for a row that is not removed; only with `prune_rows` |

    ```mlir
    tensor<64x256xf32, #gs.block_column<16x64>>
    tensor<64x256xf32, #gs.block_column<16x64, prune_rows>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols, DefaultValuedParameter<"bool", "false">:$pruneRows);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_BLOCK_COLUMN
