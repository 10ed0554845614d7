//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thread number, number of threads and barrier of the runtime.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/Passes.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/NodeName.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTTHREADSTORUNTIME
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class ConvertThreadsToRuntime : public gs::impl::ConvertThreadsToRuntimeBase<ConvertThreadsToRuntime> {
public:
  using ConvertThreadsToRuntimeBase::ConvertThreadsToRuntimeBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp entry;
    for (auto function : module.getOps<func::FuncOp>())
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        if (function.getArgAttr(i, "gs.arena")) {
          if (entry) {
            function.emitError("is a second network function; a model has one");
            return signalPassFailure();
          }
          entry = function;
        }
    if (!entry) {
      module.emitError("has no network function with an arena; run gs-plan-arena first");
      return signalPassFailure();
    }
    OpBuilder b(&getContext());
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    unsigned first = entry.getNumArguments(), numInputs = 0;
    for (unsigned i = 0; i < first; ++i)
      if (!entry.getArgAttr(i, "bufferize.result") && !entry.getArgAttr(i, "gs.arena"))
        ++numInputs;
    module->setAttr("gs.num_inputs", b.getI64IntegerAttr(numInputs));
    module->setAttr("gs.arena_bytes", entry->getAttr("gs.arena_bytes"));
    Type types[] = {b.getIndexType(), b.getIndexType(), pointer};
    for (Type type : types)
      (void)entry.insertArgument(entry.getNumArguments(), type, {}, entry.getLoc());
    b.setInsertionPointToEnd(module.getBody());
    auto barrier = func::FuncOp::create(b, module.getLoc(), "gsrt_barrier", b.getFunctionType({pointer}, {}));
    barrier.setPrivate();
    if (markLayers)
      mark(entry, entry.getArgument(first), entry.getArgument(first + 2));
    module.walk([](MarkLayerOp op) { op.erase(); });
    entry.walk([&](Operation *op) {
      if (isa<ThreadIdOp, NumThreadsOp>(op)) {
        op->replaceAllUsesWith(ValueRange{entry.getArgument(first + (isa<NumThreadsOp>(op) ? 1 : 0))});
        op->erase();
      } else if (isa<BarrierOp>(op)) {
        b.setInsertionPoint(op);
        func::CallOp::create(b, op->getLoc(), barrier, ValueRange{entry.getArgument(first + 2)});
        op->erase();
      }
    });
    module->setAttr("gs.entry", FlatSymbolRefAttr::get(entry.getSymNameAttr()));
  }

private:
  /// A step ends in a barrier and belongs to the node of the op in front of it; steps of one node are one layer.
  void mark(func::FuncOp entry, Value tid, Value barrier) {
    ModuleOp module = getOperation();
    OpBuilder b(module.getBody(), module.getBody()->end());
    auto type = b.getFunctionType({barrier.getType(), b.getIndexType(), b.getI64Type()}, {});
    auto callee = func::FuncOp::create(b, module.getLoc(), "gsrt_layer", type);
    callee.setPrivate();
    Block &body = entry.getBody().front();
    SymbolTable symbols(module);
    auto call = [&](Operation *before, int64_t layer) {
      b.setInsertionPoint(before);
      Value number = arith::ConstantIntOp::create(b, before->getLoc(), layer, 64);
      func::CallOp::create(b, before->getLoc(), callee, ValueRange{barrier, tid, number});
    };
    Operation *begin = &body.front();
    // A loop of steps is a step itself: it ends with a barrier inside.
    SmallVector<Operation *> ends;
    for (Operation &op : body)
      if (isa<BarrierOp>(op) ||
          (isa<scf::ForOp>(op) && op.walk([](BarrierOp) { return WalkResult::interrupt(); }).wasInterrupted()))
        ends.push_back(&op);
    for (Operation *end : ends) {
      Operation *named = isa<BarrierOp>(end) && end->getPrevNode() ? end->getPrevNode() : end;
      for (Operation *op = begin; op != end; op = op->getNextNode())
        if (auto kernel = dyn_cast<func::CallOp>(op))
          if (auto function = symbols.lookup<func::FuncOp>(kernel.getCallee()))
            markParts(function, symbols);
      call(begin, layerOf(nodeName(named->getLoc())));
      begin = end->getNextNode();
    }
    call(body.getTerminator(), static_cast<int64_t>(names.size()));
    module->setAttr("gs.layers", b.getStrArrayAttr(names));
  }

  /// Marks of a kernel of several nodes tell the runtime the number of the layer alone: kernels know no barrier.
  void markParts(func::FuncOp kernel, SymbolTable &symbols) {
    kernel.walk([&](MarkLayerOp op) {
      OpBuilder b(op);
      StringRef callee = "gsrt_layer_part";
      if (!symbols.lookup(callee)) {
        auto function = func::FuncOp::create(op.getLoc(), callee, b.getFunctionType({b.getI64Type()}, {}));
        function.setPrivate();
        symbols.insert(function);
      }
      Value number = arith::ConstantIntOp::create(b, op.getLoc(), layerOf(op.getNode()), 64);
      func::CallOp::create(b, op.getLoc(), callee, TypeRange{}, ValueRange{number});
      op.erase();
    });
  }

  /// Number of the layer of a node; steps and parts of one node are one layer.
  int64_t layerOf(StringRef node) {
    if (node.empty())
      node = "other";
    auto *it = llvm::find(names, node);
    if (it == names.end()) {
      names.push_back(node);
      return static_cast<int64_t>(names.size()) - 1;
    }
    return it - names.begin();
  }

  SmallVector<StringRef> names; ///< of layers
};

} // namespace
