//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Static placement of temporary buffers.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::gs {
#define GEN_PASS_DEF_PLANARENA
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

namespace {

/// A buffer and its lifetime in steps of the function.
struct Placement {
  memref::AllocOp alloc;
  int64_t bytes, first, last, offset = -1;
};

class PlanArena : public gs::impl::PlanArenaBase<PlanArena> {
public:
  using PlanArenaBase::PlanArenaBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || function->hasAttr("gs.kernel"))
      return;
    if (!llvm::hasSingleElement(function.getBody())) {
      function.emitError("gs-plan-arena needs a function of one block");
      return signalPassFailure();
    }
    Block &block = function.getBody().front();
    DenseMap<Operation *, int64_t> position;
    int64_t next = numberSteps(block, position);

    SmallVector<Placement> buffers;
    for (Operation &op : block) {
      auto alloc = dyn_cast<memref::AllocOp>(op);
      if (!alloc)
        continue;
      MemRefType type = alloc.getType();
      if (!type.hasStaticShape() || !type.getLayout().isIdentity() || !type.getElementType().isIntOrIndexOrFloat()) {
        alloc.emitError("buffer of type ") << type << " cannot be planned: the arena needs static shapes";
        return signalPassFailure();
      }
      unsigned bits = type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
      int64_t bytes = type.getNumElements() * llvm::divideCeil(bits, 8);
      Placement p{alloc, static_cast<int64_t>(llvm::alignTo(std::max<int64_t>(bytes, 1), alignment)), next, -1};
      if (!findLifetime(alloc.getResult(), block, position, p))
        return signalPassFailure();
      if (p.last < 0)
        p.first = p.last = position[alloc];
      buffers.push_back(p);
    }
    int64_t total = place(buffers);
    rewrite(function, buffers, total);
    numBuffers += buffers.size();
    arenaBytes += total;
  }

private:
  /// Numbers what happens at the same time: between two barriers one thread may be at the first op, another one at the
  /// last, so that memory that the first one reads is not free yet. Without barriers one thread runs. Returns the
  /// number of steps.
  static int64_t numberSteps(Block &block, DenseMap<Operation *, int64_t> &position) {
    bool isShared = llvm::any_of(block, endsInBarrier);
    int64_t step = 0;
    for (Operation &op : block) {
      position[&op] = step;
      if (!isShared || endsInBarrier(op))
        ++step;
    }
    return step + 1;
  }

  /// True if all threads have done `op` when one goes on: barriers, and loops that end in one and run at least once.
  static bool endsInBarrier(Operation &op) {
    auto loop = dyn_cast<scf::ForOp>(op);
    if (!loop)
      return isa<gs::BarrierOp>(op);
    Operation *last = loop.getBody()->getTerminator()->getPrevNode();
    std::optional<APInt> trips = loop.getStaticTripCount();
    return last && isa<gs::BarrierOp>(last) && trips && trips->isStrictlyPositive();
  }

  /// Extends the lifetime by all uses of `value` and of the views of it.
  static bool findLifetime(Value value, Block &block, DenseMap<Operation *, int64_t> &position, Placement &p) {
    for (Operation *user : value.getUsers()) {
      if (isa<memref::DeallocOp>(user))
        continue;
      Operation *top = block.findAncestorOpInBlock(*user);
      if (user->hasTrait<OpTrait::ReturnLike>()) {
        user->emitError("returns a temporary buffer; results must be written to output arguments");
        return false;
      }
      p.first = std::min(p.first, position[top]);
      p.last = std::max(p.last, position[top]);
      if (isa<ViewLikeOpInterface>(user))
        for (Value view : user->getResults())
          if (!findLifetime(view, block, position, p))
            return false;
    }
    return true;
  }

  /// Largest buffers first, each at the lowest offset that is free during its lifetime.
  static int64_t place(SmallVectorImpl<Placement> &buffers) {
    SmallVector<Placement *> order;
    for (Placement &p : buffers)
      order.push_back(&p);
    // Equal sizes keep the order of the program: pointers into one array compare by position.
    llvm::sort(order, [](Placement *a, Placement *b) { return a->bytes != b->bytes ? a->bytes > b->bytes : a < b; });
    SmallVector<Placement *> placed; // by ascending offset
    int64_t total = 0;
    for (Placement *p : order) {
      int64_t offset = 0;
      for (Placement *other : placed) {
        if (other->last < p->first || p->last < other->first)
          continue;
        if (offset + p->bytes <= other->offset)
          break;
        offset = std::max(offset, other->offset + other->bytes);
      }
      p->offset = offset;
      total = std::max(total, offset + p->bytes);
      placed.insert(llvm::upper_bound(placed, p, [](Placement *a, Placement *b) { return a->offset < b->offset; }), p);
    }
    return total;
  }

  void rewrite(func::FuncOp function, ArrayRef<Placement> buffers, int64_t total) {
    OpBuilder b(function.getContext());
    auto type = MemRefType::get({std::max<int64_t>(total, 1)}, b.getI8Type());
    unsigned index = function.getNumArguments();
    (void)function.insertArgument(index, type, b.getDictionaryAttr(b.getNamedAttr("gs.arena", b.getUnitAttr())),
                                  function.getLoc());
    function->setAttr("gs.arena_bytes", b.getI64IntegerAttr(total));
    Value arena = function.getArgument(index);
    for (const Placement &p : buffers) {
      memref::AllocOp alloc = p.alloc;
      b.setInsertionPoint(alloc);
      Value offset = arith::ConstantIndexOp::create(b, alloc.getLoc(), p.offset);
      Value view = memref::ViewOp::create(b, alloc.getLoc(), alloc.getType(), arena, offset, ValueRange{});
      for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
        if (isa<memref::DeallocOp>(user))
          user->erase();
      alloc.replaceAllUsesWith(view);
      alloc.erase();
    }
  }
};

} // namespace
