//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns on the command line.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DRIVER_PATTERNS_H
#define GS_LIB_DRIVER_PATTERNS_H

#include "Session.h"
#include "gs/Dialect/GS/IR/GSDialect.h"

namespace mlir::gs::driver {

/// Reads a pattern as it stands in the IR, "#gs." may be left out, that dense weights can be pruned to; null after a
/// diagnostic that begins with `option`.
PatternAttrInterface parsePattern(Session &session, const Twine &option, StringRef text);

} // namespace mlir::gs::driver

#endif // GS_LIB_DRIVER_PATTERNS_H
