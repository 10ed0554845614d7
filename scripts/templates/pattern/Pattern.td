//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.@snake@<limit>: what the pattern is, in one line.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_@SNAKE@
#define GS_PATTERNS_@SNAKE@

include "gs/Dialect/GS/IR/GSAttrBase.td"

def GS_@Name@Attr : GS_PatternAttr<"@Name@", "@snake@"> {
  let summary = "At most `limit` weights of each row are kept";
  let description = [{
    - @LABEL@-C1: limit is positive.
    - @LABEL@-C2: every row keeps at most limit weights.

    ```mlir
    tensor<64x32xf32, #gs.@snake@<4>>
    ```
  }];
  let parameters = (ins "int64_t":$limit);
  let assemblyFormat = "`<` $limit `>`";
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_@SNAKE@
