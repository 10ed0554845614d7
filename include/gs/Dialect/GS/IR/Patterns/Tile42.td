//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.tile_4_2: two of four along both sides.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_TILE_4_2
#define GS_PATTERNS_TILE_4_2

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_Tile42Attr : GS_ProjectionAttr<"Tile42", "tile_4_2"> {
  let summary = "Every 4x4 tile keeps two weights of each row and each column";
  let description = [{
    | label | constraint |
    |---|---|
    | TT-C1 | `row_column`: M and K are multiples of 4, and every aligned 4x4 tile keeps two weights per row and two per column (90 legal tiles) |
    | TT-C2 | `complement`: rows 0, 1 and rows 2, 3 of a tile are complementary, two weights per row (36 of the 90) |

    A `row_column` mask stays legal under transposition, so that forward and backward pass can both use it. Source: the
    pruning code of GaP, arXiv 2106.09857.

    Storage (channel-inner view):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[M/4][K/4][8]` | weights of the tile, row-major |
    | `tile_id` | `[M/4][K/4]`, i8 | number of its mask among the legal ones, by ascending 16-bit mask (bit `4*i + j`) |

    ```mlir
    tensor<64x256xf32, #gs.tile_4_2<row_column>>
    tensor<64x256xf32, #gs.tile_4_2<complement>>
    ```
  }];
  let parameters = (ins "bool":$complement);
  let hasCustomAssemblyFormat = 1;
}

#endif // GS_PATTERNS_TILE_4_2
