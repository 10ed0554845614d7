//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.unstructured: any mask.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PATTERNS_UNSTRUCTURED
#define GS_PATTERNS_UNSTRUCTURED

def GS_UnstructuredAttr : GS_PatternAttr<"Unstructured", "unstructured"> {
  let summary = "Any mask; stored as compressed sparse rows";
}

#endif // GS_PATTERNS_UNSTRUCTURED
