//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.gather_scatter<banks, width, unit, tile>: GS(B,k).
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_GATHERSCATTER
#define GS_PATTERNS_GATHERSCATTER

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_GatherScatterAttr : GS_ProjectionAttr<"GatherScatter", "gather_scatter"> {
  let summary = "GS(B,k): groups of B weights with pairwise different residues mod B";
  let description = [{
    Gather-scatter sparsity (arXiv 2112.10898), B = `banks`, k = `width`, R = B/k. Columns are those of the
    channel-inner view; the residue of a column is `col mod B`.

    | label | constraint |
    |---|---|
    | GS-C1 | `B >= 1`, `k >= 1`, `k` divides `B` |
    | GS-C2 | rows, in row order, are cut into `ceil(M/R)` bundles of R rows; only the last may be ragged |
    | GS-C3 | in each bundle the kept weights are partitioned into `n_b >= 0` groups |
    | GS-C4 | a group takes exactly k weights from each row of the bundle. Checked by counting: every row of the bundle keeps `k * n_b` weights (GS-F1) |
    | GS-C5 | the columns of a group have pairwise different residues. Checked by counting: every residue occurs `n_b` times in the bundle, at most `n_b` times in a ragged one (GS-F2) |
    | GS-C6 | `n_b` may differ between bundles |
    | GS-C7 | with `unit = r x c`, aligned tiles of r rows and c channels of one location are kept or removed as a whole, and GS-C1 to GS-C6 hold for them; rows and channels are padded to multiples |
    | GS-C8 | with `tile = tr x tc`, every such tile is GS on its own; `R*r` divides `tr` and `B*c` divides `tc`, and in a convolution `tc` is a run of whole kernel locations |
    | GS-C9 | `K >= B` (unit columns, and in each tile that keeps weights in a ragged bundle), so that padding lanes find a free residue in bounds |
    | GS-C10 | in the activation space a residue survives if `B*c` divides the channels; required by the quotient form |
    | GS-C11 | the largest index fits the index width |

    GS(B,B) is horizontal (a group lies in one row), GS(B,1) vertical (lane = row), in between hybrid. Counting is
    sufficient (Koenig): k nodes per row of `n_b` weights each against B residues are an `n_b`-regular bipartite
    multigraph, which decomposes into `n_b` perfect matchings, the groups. Packing is exact: no full bundle is padded.

    Units let r rows reuse one gathered activation. A bundle is then R unit rows, `R*r` rows of the weight; unit columns
    count channels of a location in steps of c, location by location. Tiles keep the slice of the activation in the
    scratchpad; they cut positions in row order, and the weight's columns from left to right.

    Storage (G groups in all; lanes `j*k .. j*k + k-1` belong to unit row j of the bundle, ascending by residue in a row):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[G][B]`; `[G][r][c][B]` with units | weights; +0 in lanes of absent rows of a ragged bundle and in parts of a unit outside of the weight |
    | `indices` | `[G][B]` | unit column, or displacement of its first column in the activation; absent rows hold a free residue; `index div B` in the quotient form (k = B, units of one column) |
    | `offsets` | `[bundles + 1]`, i32; `[tiles][bundles of a tile + 1]` with tiles | running count of groups; tiles row by row, a tile begins with the number that the one before ends with |
    | `stream` | `[G][2][B]`; `[G][r*c + 1][B]` with units | instead of values and indices with `layout = joined`: values of a group, then its indices |

    Bytes: `G * B * (r*c * value + index) + (ceil(M/(R*r)) + 1) * 4`.

    ```mlir
    tensor<64x256xf16, #gs.gather_scatter<banks = 16, width = 4>>
    tensor<512x1024xf32, #gs.gather_scatter<banks = 16, width = 1, unit = 4x1, tile = 256x512>>
    ```
  }];
  let parameters = (ins "int64_t":$banks, "int64_t":$width, "int64_t":$unitRows, "int64_t":$unitCols,
                        "int64_t":$tileRows, "int64_t":$tileCols);
  let hasCustomAssemblyFormat = 1;
  let builders = [AttrBuilder<(ins "int64_t":$banks, "int64_t":$width), [{
    return $_get($_ctxt, banks, width, 1, 1, 0, 0);
  }]>];
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_GATHERSCATTER
