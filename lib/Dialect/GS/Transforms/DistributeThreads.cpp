//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Single program, multiple data: shares the loops of a network function.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::gs {
#define GEN_PASS_DEF_DISTRIBUTETHREADS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class DistributeThreads : public gs::impl::DistributeThreadsBase<DistributeThreads> {
public:
  using DistributeThreadsBase::DistributeThreadsBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || function->hasAttr("gs.kernel"))
      return;
    if (single)
      return makeSingle(function);
    TargetSpec spec;
    if (!target.empty()) {
      FailureOr<TargetSpec> resolved =
          resolveTarget(target, [&](const Twine &message) { function.emitError() << message; });
      if (failed(resolved))
        return signalPassFailure();
      spec = *resolved;
    }
    barrierMicroseconds = spec.barrierMicroseconds;
    if (!llvm::hasSingleElement(function.getBody())) {
      function.emitError("gs-distribute-threads needs structured control flow, but the function has several blocks");
      return signalPassFailure();
    }
    for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
      distribute(&op);
  }

private:
  static void makeSingle(func::FuncOp function) {
    function.walk([](Operation *op) {
      OpBuilder b(op);
      if (isa<ThreadIdOp, NumThreadsOp>(op)) {
        Value v = arith::ConstantIndexOp::create(b, op->getLoc(), isa<ThreadIdOp>(op) ? 0 : 1);
        op->replaceAllUsesWith(ValueRange{v});
        op->erase();
      } else if (isa<BarrierOp>(op)) {
        op->erase();
      }
    });
  }

  void distribute(Operation *op) {
    if (auto parallel = dyn_cast<scf::ParallelOp>(op))
      if (parallel.getInitVals().empty())
        return share(parallel);
    // Kernels take their thread's share themselves.
    if (isKernelCall(op))
      return addBarrier(op);
    if (auto loop = dyn_cast<scf::ForOp>(op); loop && hasSharedWork(loop))
      return distributeLoop(loop);
    if (op->hasTrait<OpTrait::IsTerminator>() || isMemoryEffectFree(op) || isa<ThreadIdOp, NumThreadsOp, BarrierOp>(op))
      return;
    // Code that only makes buffers or views of them has no effect that another thread could repeat by mistake.
    if (auto effects = dyn_cast<MemoryEffectOpInterface>(op);
        effects && !effects.hasEffect<MemoryEffects::Write>() && !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
      return;
    // What only reads and defines values runs on every thread. Anything else runs once, on thread 0, and must not
    // define values that others use.
    if (op->getNumResults() != 0) {
      std::optional<SmallVector<MemoryEffects::EffectInstance>> inside = getEffectsRecursively(op);
      if (inside && llvm::none_of(*inside, [](const auto &e) { return isa<MemoryEffects::Write>(e.getEffect()); }))
        return;
      op->emitOpError("has side effects and results; gs-distribute-threads cannot run it on one thread only");
      return signalPassFailure();
    }
    guard(op);
  }

  /// Only thread 0 runs `op`.
  void guard(Operation *op) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    Value tid = ThreadIdOp::create(b, b.getIndexType());
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, tid, arith::ConstantIndexOp::create(b, 0));
    auto guarded = scf::IfOp::create(b, isFirst);
    op->moveBefore(guarded.thenBlock()->getTerminator());
    addBarrier(guarded);
  }

  /// Whether a serial loop (over time, in recurrent layers) contains what threads can share.
  static bool hasSharedWork(scf::ForOp loop) {
    return loop.walk([](Operation *op) { return isKernelCall(op) ? WalkResult::interrupt() : WalkResult::advance(); })
        .wasInterrupted();
  }

  static bool isKernelCall(Operation *op) {
    auto call = dyn_cast<func::CallOp>(op);
    auto callee = call ? SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, call.getCalleeAttr()) : func::FuncOp();
    return callee && callee->hasAttr("gs.kernel");
  }

  /// Every thread runs the loop and takes its share of every step, if a step is worth its barriers.
  void distributeLoop(scf::ForOp loop) {
    double work = 0; // microseconds per step that are known
    bool known = true;
    int64_t steps = 0;
    for (Operation &op : loop.getBody()->without_terminator()) {
      auto predicted = op.getAttrOfType<FloatAttr>("gs.predicted_us");
      if (isKernelCall(&op)) {
        known &= bool(predicted);
        work += predicted ? predicted.getValueAsDouble() : 0;
      }
      steps += isKernelCall(&op) || isa<scf::ParallelOp>(op);
    }
    if (loop.getNumResults() == 0 && known && work < 2 * barrierMicroseconds * steps)
      return runOnFirst(loop);
    for (Operation &op : llvm::make_early_inc_range(*loop.getBody()))
      distribute(&op);
  }

  /// Thread 0 runs the whole loop, the others wait behind it: no barrier per step.
  void runOnFirst(scf::ForOp loop) {
    loop.walk([](Operation *op) {
      OpBuilder b(op);
      if (isa<ThreadIdOp, NumThreadsOp>(op)) {
        Value v = arith::ConstantIndexOp::create(b, op->getLoc(), isa<ThreadIdOp>(op) ? 0 : 1);
        op->replaceAllUsesWith(ValueRange{v});
        op->erase();
      }
    });
    guard(loop);
  }

  void addBarrier(Operation *op) {
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    BarrierOp::create(b, op->getLoc());
    ++numBarriers;
  }

  /// Cuts the loops into equal shares: the outermost loop with enough iterations, or one further out that has few but
  /// happens to have a multiple of the threads, because outer slices are what a thread wrote before and has in its
  /// cache (the heads of an attention layer).
  void share(scf::ParallelOp parallel) {
    ImplicitLocOpBuilder b(parallel.getLoc(), parallel);
    unsigned dims = parallel.getNumLoops(), cut = 0, outer = 0;
    auto trip = [&](unsigned d) -> int64_t {
      auto lo = getConstantIntValue(parallel.getLowerBound()[d]), hi = getConstantIntValue(parallel.getUpperBound()[d]),
           step = getConstantIntValue(parallel.getStep()[d]);
      return lo && hi && step && *step > 0 ? (*hi - *lo + *step - 1) / *step : 0;
    };
    for (unsigned d = 0; d < dims; ++d)
      if (trip(d) > trip(cut) && trip(cut) < 16)
        cut = d;
    while (outer < cut && trip(outer) == 1)
      ++outer;
    Value tid = ThreadIdOp::create(b, b.getIndexType()), threads = NumThreadsOp::create(b, b.getIndexType());
    SmallVector<Value> lower(parallel.getLowerBound()), upper(parallel.getUpperBound());
    // The share of this thread in loop d, or with a condition that does not hold all of it.
    auto limit = [&](unsigned d, Value condition) {
      Value step = parallel.getStep()[d], from = lower[d], to = upper[d];
      Value count = arith::CeilDivUIOp::create(b, arith::SubIOp::create(b, to, from), step);
      auto bound = [&](Value part) -> Value {
        Value iterations = arith::DivUIOp::create(b, arith::MulIOp::create(b, part, count), threads);
        return arith::AddIOp::create(b, from, arith::MulIOp::create(b, iterations, step));
      };
      lower[d] = bound(tid);
      Value next = arith::AddIOp::create(b, tid, arith::ConstantIndexOp::create(b, 1));
      upper[d] = arith::MinUIOp::create(b, bound(next), to);
      if (condition) {
        lower[d] = arith::SelectOp::create(b, condition, lower[d], from);
        upper[d] = arith::SelectOp::create(b, condition, upper[d], to);
      }
    };
    if (outer < cut && trip(outer) > 1) {
      Value count = arith::ConstantIndexOp::create(b, trip(outer)), zero = arith::ConstantIndexOp::create(b, 0);
      Value rest = arith::RemUIOp::create(b, count, threads);
      limit(outer, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rest, zero));
      limit(cut, arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest, zero));
    } else {
      limit(cut, Value());
    }

    SmallVector<Value> ivs;
    Operation *outermost = nullptr;
    for (unsigned d = 0; d < dims; ++d) {
      auto loop = scf::ForOp::create(b, lower[d], upper[d], parallel.getStep()[d]);
      if (!outermost)
        outermost = loop;
      ivs.push_back(loop.getInductionVar());
      b.setInsertionPoint(loop.getBody()->getTerminator());
    }
    Block *body = parallel.getBody();
    for (auto [from, to] : llvm::zip(body->getArguments(), ivs))
      from.replaceAllUsesWith(to);
    Block *target = b.getInsertionBlock();
    Operation *terminator = &*b.getInsertionPoint();
    for (Operation &inner : llvm::make_early_inc_range(body->without_terminator()))
      inner.moveBefore(target, terminator->getIterator());
    parallel.erase();
    ++numLoops;
    addBarrier(outermost);
  }

  double barrierMicroseconds = 0; ///< it decides which loops threads share at all
};

} // namespace
