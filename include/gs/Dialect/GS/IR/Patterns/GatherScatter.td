//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.gather_scatter<banks, width>: GS(B,k).
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_GATHERSCATTER
#define GS_PATTERNS_GATHERSCATTER

def GS_GatherScatterAttr : GS_PatternAttr<"GatherScatter", "gather_scatter"> {
  let summary = "GS(B,k): groups of B weights with pairwise different residues mod B";
  let parameters = (ins "int64_t":$banks, "int64_t":$width);
  let assemblyFormat = "`<` struct($banks, $width) `>`";
  let genVerifyDecl = 1;
}

#endif // GS_PATTERNS_GATHERSCATTER
