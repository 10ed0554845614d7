//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rejects sparsity patterns outside of gs ops, where other passes would silently drop them.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::gs {
#define GEN_PASS_DEF_VERIFYLOWERED
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

/// True for a tensor whose encoding is a pattern and for a packed weight.
static bool carriesPattern(Type type) { return isa<CompressedType>(type) || getPattern(type); }

namespace {

struct VerifyLowered : gs::impl::VerifyLoweredBase<VerifyLowered> {
  using VerifyLoweredBase::VerifyLoweredBase;

  void runOnOperation() override {
    bool bad = false;
    getOperation()->walk([&](Operation *op) { bad |= failed(check(op)); });
    if (bad)
      signalPassFailure();
    markAllAnalysesPreserved();
  }

  LogicalResult check(Operation *op) {
    bool ours = isa_and_nonnull<GSDialect>(op->getDialect());
    for (auto [i, type] : llvm::enumerate(op->getOperandTypes()))
      if (failed(checkType(op, ours, "operand", i, type)))
        return failure();
    for (auto [i, type] : llvm::enumerate(op->getResultTypes()))
      if (failed(checkType(op, ours, "result", i, type)))
        return failure();
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (BlockArgument argument : block.getArguments())
          if (failed(checkType(op, ours, "block argument", argument.getArgNumber(), argument.getType())))
            return failure();
    auto function = dyn_cast<FunctionOpInterface>(op);
    if (!function || !function.isExternal())
      return success();
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
      if (failed(checkType(op, false, "argument", i, type)))
        return failure();
    return success();
  }

  /// One value of `op`; `ours` says whether it is an op of the gs dialect.
  LogicalResult checkType(Operation *op, bool ours, StringRef what, size_t number, Type type) {
    if (!ours && carriesPattern(type))
      return op->emitOpError() << what << " #" << number << " carries a sparsity pattern (" << type
                               << "), which only gs ops understand; lower it with linalg-to-gs, or leave the pattern "
                                  "out for gs-detect-pattern to find";
    if (!bufferized)
      return success();
    if (isa<RankedTensorType>(type) && (ours || carriesPattern(type)))
      return op->emitOpError() << what << " #" << number << " is still a tensor (" << type << ") after bufferization";
    return success();
  }
};

} // namespace
