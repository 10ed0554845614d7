//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The check dialect.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_CHECK_IR_CHECKDIALECT_H
#define GS_DIALECT_CHECK_IR_CHECKDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"

#include "gs/Dialect/Check/IR/CheckDialect.h.inc"

#define GET_OP_CLASSES
#include "gs/Dialect/Check/IR/CheckOps.h.inc"

#endif // GS_DIALECT_CHECK_IR_CHECKDIALECT_H
