//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C++ interface of the gse dialect.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GSE_IR_GSEDIALECT_H
#define GS_DIALECT_GSE_IR_GSEDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "gs/Dialect/GSE/IR/GSEDialect.h.inc"
#include "gs/Dialect/GSE/IR/GSEEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "gs/Dialect/GSE/IR/GSETypes.h.inc"

#define GET_OP_CLASSES
#include "gs/Dialect/GSE/IR/GSEOps.h.inc"

#endif // GS_DIALECT_GSE_IR_GSEDIALECT_H
