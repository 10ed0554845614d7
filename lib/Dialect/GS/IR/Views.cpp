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
#include "gs/Dialect/GS/IR/Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

Value mlir::gs::rootOf(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

Value mlir::gs::behindReshapes(Value value) {
  while (isa_and_nonnull<memref::ExpandShapeOp, memref::CollapseShapeOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

SmallVector<Value> mlir::gs::aliasesOf(Value root) {
  SmallVector<Value> aliases{root};
  for (size_t i = 0; i < aliases.size(); ++i)
    for (Operation *user : aliases[i].getUsers())
      if (isa<ViewLikeOpInterface>(user))
        llvm::append_range(aliases, user->getResults());
  return aliases;
}

bool mlir::gs::touches(Operation *op, ArrayRef<Value> aliases) {
  auto isOne = [&](Value operand) { return llvm::is_contained(aliases, operand); };
  return op
      ->walk([&](Operation *inner) {
        return !isa<ViewLikeOpInterface>(inner) && llvm::any_of(inner->getOperands(), isOne) ? WalkResult::interrupt()
                                                                                             : WalkResult::advance();
      })
      .wasInterrupted();
}
