//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.same_block<r x c>: one mask, repeated.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_SAME_BLOCK
#define GS_PATTERNS_SAME_BLOCK

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_SameBlockAttr : GS_ProjectionAttr<"SameBlock", "same_block"> {
  let summary = "One r x c mask is repeated over the whole matrix";
  let description = [{
    | label | constraint |
    |---|---|
    | SB-C1 | `r, c >= 1`; M and K are padded to multiples of `r` and `c` |
    | SB-C2 | every aligned `r x c` tile of the channel-inner view keeps the same positions |

    Source: the pruning code of GaP (one mask for all blocks), arXiv 2106.09857.

    Storage (tile row by tile row):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[ceil(M/r)][ceil(K/c)][kept]` | weights at the kept positions, row-major; +0 outside of the weight |
    | `mask` | `[r][c]`, i8 | 1 where a weight is kept |
    | `offsets` | `[2]`, i32 | 0 and the number of kept positions |

    ```mlir
    tensor<64x256xf32, #gs.same_block<8x8>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_SAME_BLOCK
