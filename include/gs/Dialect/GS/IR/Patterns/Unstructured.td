//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.unstructured: any mask.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_UNSTRUCTURED
#define GS_PATTERNS_UNSTRUCTURED

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_UnstructuredAttr : GS_ProjectionAttr<"Unstructured", "unstructured"> {
  let summary = "Any mask; stored as compressed sparse rows";
  let description = [{
    | label | constraint |
    |---|---|
    | UN-C1 | none on the mask; the weight has rank 2 (M, K) or 3 to 5 (O, I, k...), static shape, and elements of 8 to 64 bits |

    Magnitude pruning of single weights, whatever trained it: progressive ADMM (arXiv 1903.09769), sparse training (MEST,
    arXiv 2110.14032), lottery tickets (arXiv 2107.00166).

    Storage (nnz kept weights, row by row, ascending columns):

    | buffer | shape | content |
    |---|---|---|
    | `values` | `[nnz]` | kept weights |
    | `indices` | `[nnz]` | column, or displacement in the activation |
    | `offsets` | `[blocks * M + 1]`, i32 | running count of weights per row; per (column block, row), block-major, with `column_block` |

    Bytes: `nnz * (value + index) + (M + 1) * 4`. Import format and baseline of all comparisons.

    ```mlir
    tensor<64x256xf32, #gs.unstructured>
    ```
  }];
}

#endif // GS_PATTERNS_UNSTRUCTURED
