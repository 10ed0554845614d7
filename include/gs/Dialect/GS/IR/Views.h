//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers and the views of them.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_VIEWS_H
#define GS_DIALECT_GS_IR_VIEWS_H

#include "mlir/IR/Operation.h"

namespace mlir::gs {

/// The buffer that `value` is a view of, perhaps of a view of it.
Value rootOf(Value value);

/// The buffer that `value` is a reshape of; views of a part are not looked through.
Value behindReshapes(Value value);

/// `root` and all views of it.
SmallVector<Value> aliasesOf(Value root);

/// Whether `op`, or one within it, uses one of `aliases` for anything but a view.
bool touches(Operation *op, ArrayRef<Value> aliases);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_VIEWS_H
