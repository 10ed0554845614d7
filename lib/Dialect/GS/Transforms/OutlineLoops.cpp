//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function per loop nest of the network, so that equal nests are compiled once and different ones at a time.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::gs {
#define GEN_PASS_DEF_OUTLINELOOPS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class OutlineLoops : public gs::impl::OutlineLoopsBase<OutlineLoops> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      bool isNetwork = false;
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        isNetwork |= bool(function.getArgAttr(i, "gs.arena"));
      if (!isNetwork)
        continue;
      outlineAll(function.getBody().front(), function, symbols);
    }
  }

private:
  void outlineAll(Block &block, func::FuncOp function, SymbolTable &symbols) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (!isa<scf::ForOp, scf::IfOp>(op) || op.getNumResults() != 0)
        continue;
      // A loop whose steps end in barriers stays; the nests of a step do not.
      auto loop = dyn_cast<scf::ForOp>(op);
      if (loop && loop.walk([](BarrierOp) { return WalkResult::interrupt(); }).wasInterrupted())
        outlineAll(*loop.getBody(), function, symbols);
      else
        outline(&op, function, symbols);
    }
  }

  /// What a nest reads from outside: values that become arguments, and definitions that are repeated inside.
  struct Captures {
    llvm::SetVector<Value> arguments;
    SmallVector<Operation *> repeated; ///< definitions before uses
  };

  /// A view of a buffer that costs nothing to make again. Views into the arena differ from layer to layer in their
  /// offset only, and stay outside for that reason.
  static bool isRepeatable(Operation *op) {
    return op && (op->hasTrait<OpTrait::ConstantLike>() ||
                  (isa<ViewLikeOpInterface>(op) && !isa<memref::ViewOp>(op) && isMemoryEffectFree(op)));
  }

  static void capture(Value value, Operation *nest, Captures &captures) {
    if (nest->isAncestor(value.getParentBlock()->getParentOp()))
      return;
    Operation *def = value.getDefiningOp();
    if (!isRepeatable(def)) {
      captures.arguments.insert(value);
      return;
    }
    if (llvm::is_contained(captures.repeated, def))
      return;
    for (Value operand : def->getOperands())
      capture(operand, nest, captures);
    captures.repeated.push_back(def);
  }

  /// Only these can be passed as a bare pointer or a register.
  static bool canPass(Type type) {
    if (auto memref = dyn_cast<MemRefType>(type))
      return memref.hasStaticShape() && memref.getLayout().isIdentity();
    return type.isIntOrIndexOrFloat();
  }

  /// Where the memory of a captured buffer lies.
  struct Place {
    Value root;        ///< the arena, an argument of the network, or a constant
    int64_t begin = 0; ///< bytes in the root
    int64_t end = INT64_MAX;
  };

  static Place placeOf(Value buffer) {
    Place place{buffer};
    if (auto view = buffer.getDefiningOp<memref::ViewOp>()) {
      place.root = view.getSource();
      APInt offset;
      auto type = view.getType();
      if (matchPattern(view.getByteShift(), m_ConstantInt(&offset)) && type.getElementType().isIntOrIndexOrFloat()) {
        int64_t bits = type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
        place.begin = offset.getSExtValue();
        place.end = place.begin + type.getNumElements() * llvm::divideCeil(bits, 8);
      }
    }
    return place;
  }

  /// The callers of a model pass outputs that overlap nothing, and constants are never written: different roots are
  /// different memory, or memory that is only read.
  static bool areDisjoint(const Place &a, const Place &b) {
    if (a.root != b.root) {
      auto known = [](Value root) {
        return isa<BlockArgument>(root) || isa_and_nonnull<memref::GetGlobalOp>(root.getDefiningOp());
      };
      return known(a.root) && known(b.root);
    }
    return a.end <= b.begin || b.end <= a.begin;
  }

  void outline(Operation *nest, func::FuncOp network, SymbolTable &symbols) {
    bool hasBarrier = false;
    Captures captures;
    nest->walk([&](Operation *inner) {
      hasBarrier |= isa<BarrierOp, ThreadIdOp, NumThreadsOp>(inner);
      for (Value operand : inner->getOperands())
        capture(operand, nest, captures);
    });
    if (hasBarrier || !llvm::all_of(captures.arguments, [](Value v) { return canPass(v.getType()); }))
      return;

    OpBuilder b(network);
    ArrayRef<Value> arguments = captures.arguments.getArrayRef();
    auto type = b.getFunctionType(TypeRange(ValueRange(arguments)), {});
    auto function = func::FuncOp::create(nest->getLoc(), "loops", type);
    function.setPrivate();
    function->setAttr("gs.kernel", b.getUnitAttr());
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      if (!isa<MemRefType>(argument.getType()))
        continue;
      Place place = placeOf(argument);
      bool alone = llvm::all_of(llvm::enumerate(arguments), [&, i = i](auto other) {
        return other.index() == i || !isa<MemRefType>(other.value().getType()) ||
               areDisjoint(place, placeOf(other.value()));
      });
      if (alone)
        function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), b.getUnitAttr());
    }
    symbols.insert(function, Block::iterator(network));
    b.setInsertionPoint(nest);
    func::CallOp::create(b, nest->getLoc(), function, ValueRange(arguments));

    Block *body = function.addEntryBlock();
    IRMapping mapping;
    mapping.map(ValueRange(arguments), body->getArguments());
    b.setInsertionPointToStart(body);
    for (Operation *definition : captures.repeated)
      b.clone(*definition, mapping);
    nest->moveBefore(body, body->end());
    nest->walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands())
        if (Value inside = mapping.lookupOrNull(operand.get()))
          operand.set(inside);
    });
    b.setInsertionPointToEnd(body);
    func::ReturnOp::create(b, nest->getLoc());
    ++numOutlined;
  }
};

} // namespace
