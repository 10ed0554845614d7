//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attributes of the dialect besides patterns: strategy, kind of pool, plane geometry.
//
//===----------------------------------------------------------------------===//
#ifndef GS_ATTRS
#define GS_ATTRS

include "gs/Dialect/GS/IR/GSAttrBase.td"
include "mlir/IR/EnumAttr.td"

def GS_StrategyAttr : GS_Attr<"Strategy", "strategy"> {
  let summary = "The recorded choice of how an op is executed";
  let description = [{
    Name of a lowering strategy and its integer parameters, chosen by `gs-select-strategy` or written by hand. Names
    are the files of `lib/Conversion/GSTo*` in kebab-case.

    ```mlir
    #gs.strategy<"row-group-broadcast", {nr = 2}>
    #gs.strategy<"single-row-broadcast", {column_block = 128, nr = 4}>
    ```
    Which parameters a strategy knows, and their limits, is checked by the passes that use the choice.
  }];
  let parameters = (ins StringRefParameter<"name of the strategy">:$name,
                        OptionalParameter<"::mlir::DictionaryAttr", "integer parameters">:$params);
  let assemblyFormat = "`<` $name (`,` $params^)? `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Value of an integer parameter, or `fallback` if it is absent.
    int64_t getInt(::llvm::StringRef key, int64_t fallback) const;
  }];
}

def GS_PoolKind : I32EnumAttr<"PoolKind", "How gs.pool combines the elements of a window", [
    I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Sum", 1, "sum">]> {
  let cppNamespace = "::mlir::gs";
  let genSpecializedAttr = 0;
}

def GS_PoolKindAttr : EnumAttr<GS_Dialect, GS_PoolKind, "pool_kind"> {
  let summary = "max or sum";
  let assemblyFormat = "$value";
}

def GS_PlaneAttr : GS_Attr<"Plane", "plane"> {
  let summary = "Geometry of a packed activation plane";
  let description = [{
    How `gs.pack_plane` lays out one channel of a convolution's input so that every kernel tap is a constant
    displacement and no im2col is needed. Per spatial dimension:

    - `input`: extent before padding; `pads`: zeros in front of the first element;
    - `strides`: stride of the convolution; padded coordinate x lies in phase `x mod stride`, position `x div stride`;
    - `phases`: how many phases are stored (those that kernel taps touch: 0 .. phases - 1);
    - `extents`: positions per phase; the last one is the row pitch in elements. Rows may share zero columns, so a read
      past the end of a row sees the zeros in front of the next one.

    `size` is the number of elements of a channel: all phase planes (row-major over phases, then extents) and the slack
    of zeros that whole-vector loads may touch.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$input, ArrayRefParameter<"int64_t">:$strides,
                        ArrayRefParameter<"int64_t">:$phases, ArrayRefParameter<"int64_t">:$extents,
                        ArrayRefParameter<"int64_t">:$pads, "int64_t":$size);
  let assemblyFormat = [{
    `<` `input` `=` `[` $input `]` `,` `strides` `=` `[` $strides `]` `,` `phases` `=` `[` $phases `]` `,`
        `extents` `=` `[` $extents `]` `,` `pads` `=` `[` $pads `]` `,` `size` `=` $size `>`
  }];
  let extraClassDeclaration = [{
    /// Elements of one phase plane.
    int64_t getPhaseSize() const;
    /// Displacement of padded coordinate `coord` (one value per spatial dimension) from the channel's start.
    int64_t getDisplacement(::llvm::ArrayRef<int64_t> coord) const;
  }];
}

#endif // GS_ATTRS
