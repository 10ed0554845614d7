//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The classes of the sparsity patterns. Only who makes a pattern of a certain
// kind includes this; all others see PatternAttrInterface and GroupForm.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_PATTERNS_H
#define GS_DIALECT_GS_IR_PATTERNS_H

#include "gs/Dialect/GS/IR/GSDialect.h"

#define GET_ATTRDEF_CLASSES
#include "gs/Dialect/GS/IR/GSPatterns.h.inc"

#endif // GS_DIALECT_GS_IR_PATTERNS_H
