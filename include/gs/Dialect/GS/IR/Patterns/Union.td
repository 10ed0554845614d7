//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.union<[A, B]>: every kept weight belongs to the first term that holds it.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_UNION
#define GS_PATTERNS_UNION

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_UnionAttr : GS_ProjectionAttr<"Union", "union"> {
  let summary = "Each weight belongs to the first of several patterns that holds it";
  let description = [{
    | label | constraint |
    |---|---|
    | CO-C1 | every kept weight belongs to exactly one term, the first whose mask holds it |

    All terms but the last are patterns of tiles (`#gs.block`, `#gs.filter`, `#gs.kernel_group`, ...), or intersections of
    such tiles with `#gs.nm`, `#gs.window` or `#gs.tile_4_2`; no term has a row order or is a union itself. Term by term,
    every tile of which all weights are left goes to the term; of a tile of an intersection the mask with the lowest
    positions, if what is left contains one. The last term gets the rest. A mask is legal if each part so made is a legal
    mask of its term.

    Source: the pruning code of GaP, arXiv 2106.09857 (blocks and single weights; r x c and c x r blocks; blocks of 4:2
    tiles and single weights).

    Storage: the buffers of each term, after the number of the term and an underscore (`0_values`, `1_values`, ...).
    There is no common column index, so the index space is `column`.

    ```mlir
    tensor<64x256xf32, #gs.union<[#gs.block<4x1>, #gs.unstructured]>>
    tensor<64x256xf32, #gs.union<[#gs.intersection<[#gs.block<8x8>, #gs.nm<2 : 4>]>, #gs.unstructured]>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::gs::PatternAttrInterface">:$terms);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_UNION
