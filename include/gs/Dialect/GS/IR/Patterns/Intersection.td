//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.intersection<[A, B]>: tiles of A that hold masks of B.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_INTERSECTION
#define GS_PATTERNS_INTERSECTION

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_IntersectionAttr : GS_ProjectionAttr<"Intersection", "intersection"> {
  let summary = "Kept tiles of one pattern are legal masks of another";
  let description = [{
    | label | constraint |
    |---|---|
    | CO-C2 | the groups of A are unions of aligned groups of B; the mask satisfies B inside the kept groups of A and is empty elsewhere |
    | CO-C4 | with `multiple = m`, A is a `#gs.block` and the number of kept blocks in each row of blocks is a multiple of m |

    A is a pattern of tiles (`#gs.block`, `#gs.filter`, ...) and gives the tiles that are kept: those with a kept weight. B
    is a pattern whose groups divide these tiles and which is the same in every tile: each tile is a legal mask of B by
    itself. The tiles are cut in the view of A, which has to be the one of B. B may be made of patterns: an intersection whose
    own tiles divide those of A, or a union whose terms all do; unions and intersections are nested at most four deep.

    Source: the pruning code of GaP, arXiv 2106.09857 (block with 4:2; interleaved blocks, where two of every four survivors of a row stay and rows keep multiples
    of 16 blocks: blocks of a multiple of four columns with `#gs.nm<2 : 4>` and `multiple = 16`), block with N:M.

    Storage: compressed rows, the buffers of `#gs.unstructured`; the constraint is on the mask only. The index space is
    `column`.

    ```mlir
    tensor<64x256xf32, #gs.intersection<[#gs.block<16x16>, #gs.tile_4_2<row_column>]>>
    tensor<64x256xf32, #gs.intersection<[#gs.block<16x4>, #gs.nm<2 : 4>], multiple = 16>>
    tensor<64x256xf32, #gs.intersection<[#gs.block<16x16>, #gs.intersection<[#gs.block<4x4>, #gs.nm<2 : 4>]>]>>
    ```
  }];
  let parameters = (ins "::mlir::gs::PatternAttrInterface":$outer, "::mlir::gs::PatternAttrInterface":$inner,
                        "int64_t":$multiple);
  let builders = [AttrBuilder<(ins "::mlir::gs::PatternAttrInterface":$outer, "::mlir::gs::PatternAttrInterface":$inner),
                              [{ return $_get($_ctxt, outer, inner, 1); }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_INTERSECTION
