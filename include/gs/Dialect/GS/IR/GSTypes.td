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
    visible here, never private to a pass. Keys after the logical type:

    - `layout`: `split` (values and indices apart), `joined` (one stream of groups, first the values of a group, then
      its indices; patterns with residues only, index as wide as a value), `panels` (dense weights, rows tiled by
      `panel_rows`: `values[ceil(M/r)][K][r]` and one index per column), `masked_columns` (the plan of straight-line code: chunks of
      `panel_rows` rows name each column they use once, with a bit mask of the rows that keep it in `rows`), `winograd_2x2`
      and `winograd_4x4` (dense 3x3 and Dx3x3 kernels transformed for output tiles of that size:
      `values[ceil(M/r)][(t+2)^2][D*I][r]`),
      `lane_windows` (any mask: `panel_rows` rows in lanes, and places in short windows of the activation),
      `sorted_rows` (any mask: in every section of `panel_rows` rows and block of columns the rows stand by their number of
      weights, four with equally many side by side),
      `row_lists` (lists of at most `panel_rows` rows that share lists of columns, then what is left row by row).
    - `index_space`: `column` (the index is the weight's column) or `activation` (it is a displacement in the packed
      activation).
    - `index`: integer type of an index, `i8`, `i16` or `i32`, read as unsigned.
    - `column_block`: columns per reduction block; absent for one block. `offsets` then counts per (block, bundle).
    - `index_form`: `absolute` (default) or `quotient` (GS(B,B): lane = residue, only `index div B` is stored).
    - `panel_rows`: rows per panel or chunk; not with `split` and `joined`.

    ```mlir
    !gs.compressed<tensor<64x256xf32, #gs.block<4x1>>, layout = split, index_space = activation, index = i32>
    !gs.compressed<tensor<64x256xf32, #gs.gather_scatter<banks = 16, width = 16>>, layout = split,
                   index_space = column, index = i8, index_form = quotient>
    ```
  }];
  let parameters = (ins "::mlir::RankedTensorType":$logical, StringRefParameter<"layout">:$layout,
                        StringRefParameter<"index space">:$indexSpace, "::mlir::Type":$index,
                        DefaultValuedParameter<"int64_t", "0">:$columnBlock,
                        StringRefParameter<"form of the index", "absolute">:$indexForm,
                        DefaultValuedParameter<"int64_t", "0">:$panelRows);
  let builders = [
    TypeBuilderWithInferredContext<(ins "::mlir::RankedTensorType":$logical, "::llvm::StringRef":$layout,
        "::llvm::StringRef":$indexSpace, "::mlir::Type":$index, CArg<"int64_t", "0">:$columnBlock,
        CArg<"::llvm::StringRef", "\"absolute\"">:$indexForm, CArg<"int64_t", "0">:$panelRows), [{
      return $_get(logical.getContext(), logical, layout, indexSpace, index, columnBlock, indexForm, panelRows);
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The schema that the type names. Its columnIndex is empty: where columns lie in an activation is known to the
    /// pass that packs, not to the type.
    ::mlir::gs::Schema getSchema() const;
    /// Pattern of the logical weight; null for dense panels.
    ::mlir::gs::PatternAttrInterface getPattern() const;
    /// True for the layouts that belong to no pattern (gs/Dialect/GS/IR/RowLayouts.h).
    bool hasRowLayout() const {
      return getLayout() == "panels" || getLayout() == "masked_columns" || getLayout() == "lane_windows" ||
             getLayout() == "sorted_rows" || getLayout() == "row_lists" || getWinogradTile();
    }
    /// Width of the output tile of a transformed 3x3 kernel; 0 for any other layout.
    int64_t getWinogradTile() const {
      return getLayout() == "winograd_2x2" ? 2 : getLayout() == "winograd_4x4" ? 4 : 0;
    }
  }];
}

#endif // GS_TYPES
