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
#include "gs/Dialect/Check/IR/CheckDialect.h"

using namespace mlir;
using namespace mlir::check;

#include "gs/Dialect/Check/IR/CheckDialect.cpp.inc"

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "gs/Dialect/Check/IR/CheckOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "gs/Dialect/Check/IR/CheckOps.cpp.inc"
