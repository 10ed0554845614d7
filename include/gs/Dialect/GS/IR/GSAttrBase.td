//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Base classes of the attributes.
//
//===----------------------------------------------------------------------===//
#ifndef GS_ATTR_BASE
#define GS_ATTR_BASE

include "gs/Dialect/GS/IR/GSDialect.td"
include "gs/Dialect/GS/IR/GSInterfaces.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/TensorEncoding.td"

class GS_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<GS_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

/// A sparsity pattern: a verifiable tensor encoding with the six methods of PatternAttrInterface.
class GS_PatternAttr<string name, string attrMnemonic, list<Trait> traits = []>
    : GS_Attr<name, attrMnemonic,
              traits # [DeclareAttrInterfaceMethods<GS_PatternAttrInterface>,
                        DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]>;

/// A pattern that dense weights can be pruned to.
class GS_ProjectionAttr<string name, string attrMnemonic>
    : GS_PatternAttr<name, attrMnemonic, [DeclareAttrInterfaceMethods<GS_ProjectionAttrInterface>]>;

#endif // GS_ATTR_BASE
