//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The node of a model that an operation comes from.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_NODENAME_H
#define GS_DIALECT_GS_IR_NODENAME_H

#include "mlir/IR/Location.h"

namespace mlir::gs {

/// The name of a node in its location: the first one that is not empty, empty if there is none.
StringRef nodeName(Location loc);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_NODENAME_H
