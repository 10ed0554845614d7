//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets contractions write over the residual that they add.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::gs {
#define GEN_PASS_DEF_REUSERESIDUALS
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Whether `holds` is true of all uses of `buffer` and of its views. A view itself reads and writes nothing.
bool allUses(Value buffer, function_ref<bool(OpOperand &)> holds) {
  return llvm::all_of(buffer.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<memref::DeallocOp>(user))
      return true;
    if (!isa<ViewLikeOpInterface>(user))
      return holds(use);
    return llvm::all_of(user->getResults(), [&](Value view) { return allUses(view, holds); });
  });
}

class ReuseResiduals : public gs::impl::ReuseResidualsBase<ReuseResiduals> {
public:
  using ReuseResidualsBase::ReuseResidualsBase;

  void runOnOperation() override {
    SmallVector<Operation *> contractions;
    getOperation()->walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        contractions.push_back(op);
    });
    for (Operation *op : contractions)
      reuse(op);
  }

private:
  void reuse(Operation *op) {
    FailureOr<Contraction> c = Contraction::get(op);
    const Strategy *strategy = succeeded(c) && c->strategy() ? lookupStrategy(c->strategy().getName()) : nullptr;
    if (!strategy || !strategy->storesOnce(c->strategy()))
      return;
    auto result = c->init().getDefiningOp<memref::AllocOp>();
    if (!result || result->getBlock() != op->getBlock() || !result.getType().getLayout().isIdentity())
      return;
    for (Value operand : c->epilogueOperands()) {
      auto residual = operand.getDefiningOp<memref::AllocOp>();
      if (!residual || residual == result || residual.getType() != result.getType() ||
          residual->getBlock() != op->getBlock() || !isLastRead(residual, *c) || !isFirstUse(result, op))
        continue;
      // In front of views of the result.
      residual->moveBefore(&op->getBlock()->front());
      result.replaceAllUsesWith(operand);
      result.erase();
      ++numReused;
      return;
    }
  }

  /// Whether `c` reads `buffer` in its epilogue only, and nobody uses it afterwards. The members of a chain run at the
  /// same time; but what one writes and nobody but `c` reads, `c` reads at the same lines.
  static bool isLastRead(memref::AllocOp buffer, const Contraction &c) {
    Operation *begin = Strip::firstOf(c.op);
    return allUses(buffer, [&](OpOperand &use) {
      if (use.getOwner() == c.op)
        return use.get() == buffer && use.get() != c.input() && use.get() != c.init();
      if (auto conv = dyn_cast<ConvOp>(use.getOwner());
          conv && use.get() == conv.getInit() && use.get() != conv.getInput() && Strip::sameChain(conv, c.op))
        return conv->isBeforeInBlock(c.op);
      Operation *top = c.op->getBlock()->findAncestorOpInBlock(*use.getOwner());
      return top && top->isBeforeInBlock(begin);
    });
  }

  /// Whether `op` is the first to use `buffer`.
  static bool isFirstUse(memref::AllocOp buffer, Operation *op) {
    return allUses(buffer, [&](OpOperand &use) {
      Operation *top = op->getBlock()->findAncestorOpInBlock(*use.getOwner());
      return top && !top->isBeforeInBlock(op);
    });
  }
};

} // namespace
