//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.block<r x c>: aligned tiles that live or die as one.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_BLOCK
#define GS_PATTERNS_BLOCK

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_BlockAttr : GS_ProjectionAttr<"Block", "block"> {
  let summary = "Aligned r x c tiles are kept or removed as a whole (BSR)";
  let description = [{
    | label | constraint |
    |---|---|
    | BK-C1 | `r, c >= 1`; M and K are padded to multiples of `r` and `c` |
    | BK-C2 | each aligned `r x c` tile of the view (channel-inner, or channel-outer on request) is kept or removed as a whole; of a tile that sticks out of the weight, the part inside |

    `V x 1` is the vector pattern: V filters share one (channel, location), so that one loaded activation serves V
    rows (V = 4 in the pruning code of MEST, arXiv 2110.14032; 8 and 16 by analogy).

    Storage (G kept tiles, block row by block row, ascending columns; parts of a tile outside of the weight are +0):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[G][c][r]` | weights, row of the tile innermost |
    | `block_cols` | `[G]` | number of the block column; in the activation space the displacement of its first column |
    | `offsets` | `[blocks * ceil(M/r) + 1]`, i32 | running count of tiles per block row; per (column block, block row), block-major, with `column_block` (c = 1 only) |

    Bytes: `G * (r*c * value + index) + (ceil(M/r) + 1) * 4`.

    ```mlir
    tensor<64x256xf32, #gs.block<4x1>>
    tensor<64x32x3x3xf32, #gs.block<8x1>>
    tensor<64x32x3x3xf32, #gs.block<4x9, view = channel_outer>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols, DefaultValuedParameter<"bool", "false">:$outer);
  let hasCustomAssemblyFormat = 1;
  let builders = [AttrBuilder<(ins "int64_t":$rows, "int64_t":$cols), [{ return $_get($_ctxt, rows, cols, false); }]>];
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_BLOCK
