//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The dialect of gather/scatter engines and its types.
//
//===----------------------------------------------------------------------===//
#ifndef GSE_DIALECT
#define GSE_DIALECT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"
include "mlir/IR/EnumAttr.td"

def GSE_Dialect : Dialect {
  let name = "gse";
  let cppNamespace = "::mlir::gse";
  let summary = "Programs for a gather/scatter engine, instruction by instruction";
  let description = [{
    An exit dialect: every op is one instruction of the modelled machine, or costs nothing. Tile sizes, addresses in the
    tightly coupled memory (TCM), unrolling and the number of accumulators are decided before it; the printer and the
    simulator decide nothing.

    A machine has B = vector bits / element bits lanes and as many sub-banks in its TCM. The element at an address lies in
    sub-bank `(address / element bytes) mod B`. A gather occupies the TCM for as many cycles as the largest number of
    distinct words that its lanes ask of one sub-bank; groups of `#gs.gather_scatter<B, k>` ask one of each.

    Kernels: arXiv 2112.10898. The machine is a design choice; see the records of engines (`gs/Target/GSE/EngineSpec.h`).
  }];
  let useDefaultTypePrinterParser = 1;
}

def GSE_Space : I32EnumAttr<"Space", "Where an address lies", [
    I32EnumAttrCase<"Tcm", 0, "tcm">, I32EnumAttrCase<"Cached", 1, "cached">]> {
  let cppNamespace = "::mlir::gse";
  let genSpecializedAttr = 0;
}

class GSE_Type<string name, string typeMnemonic> : TypeDef<GSE_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def GSE_PtrType : GSE_Type<"Ptr", "ptr"> {
  let summary = "An address in the TCM or in cached memory";
  let description = [{
    ```mlir
    !gse.ptr<tcm>
    !gse.ptr<cached>
    ```
  }];
  let parameters = (ins EnumParameter<GSE_Space>:$space);
  let assemblyFormat = "`<` $space `>`";
}

def GSE_TokenType : GSE_Type<"Token", "token"> {
  let summary = "A copy that was begun";
}

#endif // GSE_DIALECT
