//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/NodeName.h"

using namespace mlir;

StringRef mlir::gs::nodeName(Location loc) {
  StringRef result;
  loc->walk([&](Location inner) {
    auto name = dyn_cast<NameLoc>(inner);
    if (!name || name.getName().empty())
      return WalkResult::advance();
    result = name.getName();
    return WalkResult::interrupt();
  });
  return result;
}
