//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The record of @kebab@.
//
//===----------------------------------------------------------------------===//

#include "gs/Target/TargetSpec.h"

namespace mlir::gs {

TargetSpec make@Name@() {
  TargetSpec t; // every field that is not set here keeps the generic value of TargetSpec.h
  t.name = "@kebab@";
  t.basis = "estimate: generic values of a 256-bit core";
  t.triple = "x86_64-unknown-linux-gnu";
  t.cpu = "x86-64-v3";
  t.tuneCpu = "x86-64-v3";
  t.vectorBits = 256;
  t.vectorRegisters = 16;
  return t;
}

} // namespace mlir::gs
