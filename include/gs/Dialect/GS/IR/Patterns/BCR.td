//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.bcr<bm x bn>: rows times columns of each block.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_BCR
#define GS_PATTERNS_BCR

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_BCRAttr : GS_ProjectionAttr<"BCR", "bcr"> {
  let summary = "In each block the kept weights are some rows times some columns";
  let description = [{
    | label | constraint |
    |---|---|
    | BR-C1 | in each `bm x bn` block of the channel-inner view the kept set is a set of rows times a set of columns |

    Source: block-based column-row pruning, arXiv 2108.11033.

    Storage (block row by block row; a set is a bit mask, low bits first):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[kept]` | weights of a block, row-major over its kept rows and columns |
    | `rows` | `[blocks][ceil(bm/8)]`, i8 | kept rows |
    | `cols` | `[blocks][ceil(bn/8)]`, i8 | kept columns |
    | `offsets` | `[blocks + 1]`, i32 | running count of weights |

    ```mlir
    tensor<64x256xf32, #gs.bcr<16x64>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_BCR
