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

    All terms but the last are patterns of tiles (`#gs.block`, `#gs.filter`, `#gs.kernel_group`, ...), without a row order
    and not unions themselves. Term by term, every tile of which all weights are left goes to the term; the last one gets
    the rest. A mask is legal if each part so made is a legal mask of its term.

    Storage: the buffers of each term, after the number of the term and an underscore (`0_values`, `1_values`, ...).
    There is no common column index, so the index space is `column`.

    ```mlir
    tensor<64x256xf32, #gs.union<[#gs.block<4x1>, #gs.unstructured]>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::gs::PatternAttrInterface">:$terms);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_UNION
