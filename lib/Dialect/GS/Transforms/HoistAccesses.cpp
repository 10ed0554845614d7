//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accesses to the same element in every step of a loop, done once.
//
// After bufferization a reduction reads and writes its result in memory in every step, and a product reads the factor
// of a whole row in every column. LLVM takes that out of the loop only if it can tell the buffers apart, and in a
// network most of them lie in one arena: such loops would stay scalar.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/Views.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::gs {
#define GEN_PASS_DEF_HOISTACCESSES
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// A load and a store of one element, the only accesses to its buffer in the loop.
struct Accumulator {
  memref::LoadOp load;
  memref::StoreOp store;
};

/// Whether two different roots are sure to be different memory: an allocation is nobody else's, and the buffers that a
/// function gets from its caller do not overlap.
bool isDistinct(Value a, Value b) {
  auto known = [](Value v) { return isa<BlockArgument>(v) || v.getDefiningOp<memref::AllocOp>(); };
  return a != b && known(a) && known(b);
}

std::optional<Accumulator> findAccumulator(scf::ForOp loop) {
  Block *body = loop.getBody();
  for (auto store : body->getOps<memref::StoreOp>()) {
    auto isOutside = [&](Value v) { return loop.isDefinedOutsideOfLoop(v); };
    if (!isOutside(store.getMemRef()) || !llvm::all_of(store.getIndices(), isOutside))
      continue;
    Value root = rootOf(store.getMemRef());
    memref::LoadOp load;
    bool usable =
        !loop.walk([&](Operation *op) {
               if (op == store || op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() || isMemoryEffectFree(op))
                 return WalkResult::advance();
               auto other = dyn_cast<memref::LoadOp>(op);
               if (other && !load && op->getBlock() == body && op->isBeforeInBlock(store) &&
                   other.getMemRef() == store.getMemRef() && other.getIndices() == store.getIndices()) {
                 load = other;
                 return WalkResult::advance();
               }
               Value accessed = other ? other.getMemRef() : Value();
               if (auto write = dyn_cast<memref::StoreOp>(op))
                 accessed = write.getMemRef();
               return accessed && isDistinct(rootOf(accessed), root) ? WalkResult::advance() : WalkResult::interrupt();
             })
             .wasInterrupted();
    if (usable && load)
      return Accumulator{load, store};
  }
  return std::nullopt;
}

/// The buffers that `loop` writes; null if it does something else to memory than plain loads and stores.
std::optional<SmallVector<Value>> writtenRoots(Operation *loop) {
  SmallVector<Value> roots;
  WalkResult result = loop->walk([&](Operation *op) {
    if (auto store = dyn_cast<memref::StoreOp>(op))
      roots.push_back(rootOf(store.getMemRef()));
    else if (!isa<memref::LoadOp>(op) && !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() && !isMemoryEffectFree(op))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return result.wasInterrupted() ? std::nullopt : std::optional(roots);
}

class HoistAccesses : public gs::impl::HoistAccessesBase<HoistAccesses> {
public:
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    // Innermost loops first: what they leave around them may leave the next one, too.
    SmallVector<LoopLikeOpInterface> loops;
    getOperation()->walk([&](LoopLikeOpInterface loop) { loops.push_back(loop); });
    for (LoopLikeOpInterface loop : loops) {
      hoistLoads(rewriter, loop);
      auto serial = dyn_cast<scf::ForOp>(loop.getOperation());
      while (serial) {
        std::optional<Accumulator> accumulator = findAccumulator(serial);
        if (!accumulator)
          break;
        serial = promote(rewriter, serial, *accumulator);
        ++numPromoted;
      }
    }
  }

private:
  /// Moves loads of elements that stay the same throughout the loop in front of it. A loop of constant bounds that is
  /// not entered makes such a load superfluous, not wrong: the element exists.
  void hoistLoads(IRRewriter &rewriter, LoopLikeOpInterface loop) {
    if (!isa<scf::ForOp, scf::ParallelOp>(loop.getOperation()))
      return;
    std::optional<SmallVector<Value>> written = writtenRoots(loop);
    if (!written)
      return;
    for (Operation &op : llvm::make_early_inc_range(loop.getLoopRegions().front()->front())) {
      auto load = dyn_cast<memref::LoadOp>(op);
      if (!load || !llvm::all_of(load->getOperands(), [&](Value v) { return loop.isDefinedOutsideOfLoop(v); }))
        continue;
      Value root = rootOf(load.getMemRef());
      if (!llvm::all_of(*written, [&](Value w) { return isDistinct(root, w); }))
        continue;
      rewriter.moveOpBefore(load, loop);
      ++numHoisted;
    }
  }

  scf::ForOp promote(IRRewriter &rewriter, scf::ForOp loop, Accumulator a) {
    rewriter.setInsertionPoint(loop);
    Value first = memref::LoadOp::create(rewriter, a.load.getLoc(), a.load.getMemRef(), a.load.getIndices());
    SmallVector<Value> inits(loop.getInitArgs());
    inits.push_back(first);
    auto promoted =
        scf::ForOp::create(rewriter, loop.getLoc(), loop.getLowerBound(), loop.getUpperBound(), loop.getStep(), inits);
    promoted->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
    rewriter.eraseBlock(promoted.getBody());
    promoted.getRegion().takeBody(loop.getRegion());
    BlockArgument running = promoted.getBody()->addArgument(first.getType(), a.load.getLoc());
    auto yield = cast<scf::YieldOp>(promoted.getBody()->getTerminator());
    yield.getResultsMutable().append(a.store.getValueToStore());
    rewriter.replaceOp(a.load, running);
    rewriter.setInsertionPointAfter(promoted);
    memref::StoreOp::create(rewriter, a.store.getLoc(), promoted.getResults().back(), a.store.getMemRef(),
                            a.store.getIndices());
    rewriter.eraseOp(a.store);
    rewriter.replaceOp(loop, promoted.getResults().drop_back());
    return promoted;
  }
};

} // namespace
