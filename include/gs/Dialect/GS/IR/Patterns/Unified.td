//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.unified<bm x bn>: blocks of one magnitude.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_UNIFIED
#define GS_PATTERNS_UNIFIED

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_UnifiedAttr : GS_ProjectionAttr<"Unified", "unified"> {
  let summary = "The weights of a micro-block share one magnitude, or are free";
  let description = [{
    | label | constraint |
    |---|---|
    | UM-C1 | in a unified block of `bm x bn` weights all magnitudes are equal; signs are free; magnitude 0 prunes the block |
    | UM-C2 | other blocks are free and flagged; M and K are padded to multiples of `bm` and `bn` |

    Any weight is legal, since a block may be free; what the pattern saves depends on how many are unified. The view is
    channel-inner unless `view = channel_outer` is given. Source: arXiv 2106.08301.

    Storage (block row by block row; b = bm * bn):

    | buffer | shape | content |
    |---|---|---|
    | `magnitude` | `[ceil(M/bm)][ceil(K/bn)]` | that of a unified block; +0 of a pruned or a free one |
    | `flags` | bytes | one bit per block, low bits first: 1 = free |
    | `signs` | bytes | b bits per block, row-major: 1 = negative in a unified block, 1 = kept in a free one |
    | `values` | `[free blocks][bm][bn]` | of free blocks; +0 outside of the weight |
    | `offsets` | `[ceil(M/bm) + 1]`, i32 | running number of free blocks |

    There is no column index, so the index space is `column`.

    ```mlir
    tensor<64x256xf32, #gs.unified<4x4>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols, "bool":$outer);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_UNIFIED
