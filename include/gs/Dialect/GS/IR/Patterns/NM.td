//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.nm<n : m>: n of every m.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_NM
#define GS_PATTERNS_NM

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_NMAttr : GS_ProjectionAttr<"NM", "nm"> {
  let summary = "Every window of m consecutive columns of a row keeps n weights";
  let description = [{
    | label | constraint |
    |---|---|
    | NM-C1 | `0 < n < m <= 65536` |
    | NM-C2 | windows are aligned; K is padded to a multiple of m (M and K to multiples of the tile) |
    | NM-C3 | each window keeps exactly n weights; one that sticks out of the weight n or all that it has |

    With `tile = r x c` (`r * c = m`) tiles take the place of windows of one row. The view is channel-inner unless
    `view = channel_outer` is given. A file with fewer non-zeros in a window is made legal by keeping explicit zeros.
    Source: A. Mishra et al., arXiv 2104.08378 (2:4).

    Storage (row of windows by row of windows):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[ceil(M/r)][ceil(K/c)][n]` | weights by ascending position in the window |
    | `indices` | bytes | their positions, ceil(log2 m) bits each, low bits first |

    There is no column index, so the index space is `column`.

    ```mlir
    tensor<64x256xf32, #gs.nm<2 : 4>>
    tensor<64x256xf32, #gs.nm<8 : 16, tile = 4x4>>
    tensor<64x32x3x3xf32, #gs.nm<2 : 4, view = channel_outer>>
    ```
  }];
  let parameters = (ins "int64_t":$n, "int64_t":$m, "int64_t":$tileRows, "int64_t":$tileCols, "bool":$outer);
  let hasCustomAssemblyFormat = 1;
  let builders = [AttrBuilder<(ins "int64_t":$n, "int64_t":$m), [{ return $_get($_ctxt, n, m, 1, m, false); }]>];
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_NM
