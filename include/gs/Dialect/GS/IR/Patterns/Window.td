//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.window<q : w, rows = r>: counted windows, a row per lane.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_WINDOW
#define GS_PATTERNS_WINDOW

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_WindowAttr : GS_ProjectionAttr<"Window", "window"> {
  let summary = "Every window of w columns keeps q weights of each row; bundles of rows lie in lanes";
  let description = [{
    | label | constraint |
    |---|---|
    | WN-C1 | `w` is 16 or 32, `0 < q < w`, `1 <= rows <= 64` |
    | WN-C2 | windows are aligned; K is padded to a multiple of `w`, M to a multiple of `rows` |
    | WN-C3 | each row keeps exactly q weights in each window; in one that sticks out of the weight q or all that it has |

    The masks are those of `#gs.nm<q : w>` in the channel-inner view; the layout differs: lane = row, so that one permutation of
    a window of activations serves `rows` rows. The pattern is one of this project; the
    masks are those of N:M (A. Mishra et al., arXiv 2104.08378) with longer windows.

    Storage (bundle by bundle, window by window, step by step):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[ceil(M/rows)][ceil(K/w)][q][rows]` | weights by ascending position; +0 in lanes that have none |
    | `indices` | the same, i8 | position in the window; w - 1 in lanes that have none |

    There is no column index, so the index space is `column`.

    ```mlir
    tensor<64x256xf32, #gs.window<6 : 32, rows = 16>>
    ```
  }];
  let parameters = (ins "int64_t":$q, "int64_t":$w, "int64_t":$rows);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_WINDOW
