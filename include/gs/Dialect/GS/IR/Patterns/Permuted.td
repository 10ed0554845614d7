//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.permuted<A>: A after reordering the rows.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_PERMUTED
#define GS_PATTERNS_PERMUTED

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_PermutedAttr : GS_ProjectionAttr<"Permuted", "permuted"> {
  let summary = "A pattern holds after the rows are reordered";
  let description = [{
    | label | constraint |
    |---|---|
    | CO-C3 | A holds after reordering rows; the order is a permutation of the rows |

    The order is data: it belongs to the weight (`row_order` of `gs.constant`), not to the type; without one the rows stay
    where they are. A permutation of a permutation is one: `#gs.permuted<#gs.permuted<A>>` is `#gs.permuted<A>`.
    `#gs.gather_scatter` with tiles may have an order for each column of tiles (T of them, else T = 1).

    Sources: scatter of GS, arXiv 2112.10898; groups of filters with equal patterns, PatDNN, arXiv 2001.07710; blocks of
    clustered rows, the pruning code of GaP, arXiv 2106.09857.

    Storage: the buffers of A for the reordered weight, and

    | buffer | shape | content |
    |---|---|---|
    | `row_order` | `[M]`, or `[T][M]` if T > 1, i32 | the row at each position (of each column of tiles) |

    The index space may be that of A; a convolution with groups needs `column`, because displacements of a bundle's rows
    could belong to several groups.

    ```mlir
    tensor<64x256xf32, #gs.permuted<#gs.gather_scatter<banks = 8, width = 1>>>
    ```
  }];
  let parameters = (ins "::mlir::gs::PatternAttrInterface":$pattern);
  let skipDefaultBuilders = 1;
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::gs::PatternAttrInterface":$pattern), [{
    if (auto permuted = ::llvm::dyn_cast<PermutedAttr>(::mlir::Attribute(pattern)))
      return permuted;
    return $_get(pattern.getContext(), pattern);
  }]>];
  let hasCustomAssemblyFormat = 1;
}

#endif // GS_PATTERNS_PERMUTED
