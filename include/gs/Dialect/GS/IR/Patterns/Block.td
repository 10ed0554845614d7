//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.block<r x c>: aligned tiles that live or die as one.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_BLOCK
#define GS_PATTERNS_BLOCK

def GS_BlockAttr : GS_PatternAttr<"Block", "block"> {
  let summary = "Aligned r x c tiles are kept or removed as a whole (BSR)";
  let parameters = (ins "int64_t":$rows, "int64_t":$cols);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_BLOCK
