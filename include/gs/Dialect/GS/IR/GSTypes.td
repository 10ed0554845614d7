//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Types of the dialect.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TYPES
#define GS_TYPES

include "gs/Dialect/GS/IR/GSAttrs.td"

def GS_CompressedType : TypeDef<GS_Dialect, "Compressed"> {
  let mnemonic = "compressed";
  let summary = "A packed weight: its logical tensor type and the schema of its buffers";
  let description = [{
    The logical weight with its pattern, and how its buffers are to be read. The schema is chosen by the strategy and
    visible here, never private to a pass.

    - `layout`: `split` (values and indices apart), `joined` (one stream; GS only), `panels` (dense weights, rows tiled
      by `panel_rows`: `values[ceil(M/r)][K][r]` and one index per column).
    - `index_space`: `column` (the index is the weight's column) or `activation` (it is a displacement in the packed
      activation).
    - `index`: integer type of an index.
    - `column_block`: columns per reduction block, 0 for one block.

    ```mlir
    !gs.compressed<tensor<64x256xf32, #gs.block<4x1>>, layout = split, index_space = activation, index = i32>
    ```
  }];
  let parameters = (ins "::mlir::RankedTensorType":$logical, StringRefParameter<"layout">:$layout,
                        StringRefParameter<"index space">:$indexSpace, "::mlir::Type":$index,
                        DefaultValuedParameter<"int64_t", "0">:$columnBlock);
  let assemblyFormat = "`<` $logical `,` `layout` `=` custom<Word>($layout) `,` `index_space` `=` custom<Word>($indexSpace) `,` `index` `=` $index (`,` `column_block` `=` $columnBlock^)? `>`";
  let genVerifyDecl = 1;
}

#endif // GS_TYPES
