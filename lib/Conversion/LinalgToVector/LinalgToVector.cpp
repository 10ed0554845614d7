//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: products of two activations, passes over columns, and work across two layouts, to kernels of vectors.
//
//===----------------------------------------------------------------------===//
#include "ColumnPasses.h"
#include "Crossing.h"
#include "Product.h"
#include "gs/Conversion/Passes.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/Views.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTLINALGTOVECTOR
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

/// Panels are on the stack of the thread. Only a reduction over several dimensions that lie far apart needs more.
static constexpr int64_t maxPanelBytes = 1 << 20;

namespace {

class ConvertLinalgToVector : public gs::impl::ConvertLinalgToVectorBase<ConvertLinalgToVector> {
public:
  using ConvertLinalgToVectorBase::ConvertLinalgToVectorBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<TargetSpec> spec = resolveTarget(target, [&](const Twine &message) { module.emitError() << message; });
    if (failed(spec))
      return signalPassFailure();
    SymbolTable symbols(module);
    lowerColumnPasses(*spec, symbols);
    SmallVector<linalg::LinalgOp> work;
    DenseSet<Operation *> taken;
    module.walk([&](linalg::LinalgOp op) { work.push_back(op); });
    for (linalg::LinalgOp op : work) {
      if (taken.contains(op))
        continue;
      // Only the network itself: a product inside of other code is not the share of a thread.
      if (!isa<func::FuncOp>(op->getParentOp()))
        continue;
      std::string reason;
      FailureOr<Product> product = Product::get(op, reason);
      if (failed(product)) {
        std::string otherReason;
        if (FailureOr<Crossing> crossing = Crossing::get(op, spec->lanes(), otherReason); succeeded(crossing))
          lower(op, *crossing, *spec, symbols);
        else if (remarks)
          op->emitRemark("stays a loop: no product (") << reason << "), nothing transposed (" << otherReason << ")";
        continue;
      }
      ProductTile tile = chooseTile(*product, *spec);
      if (tile.packs && tile.depthBlock * tile.nr * spec->vectorBytes() > maxPanelBytes) {
        if (remarks)
          op->emitRemark("stays a loop: a panel of all that is summed is too large for the stack");
        continue;
      }
      // Sums of a part of the depth are not yet the result.
      linalg::GenericOp epilogue = tile.packs && tile.depthBlock < product->depth() ? nullptr : findEpilogue(op);
      if (epilogue && succeeded(product->addEpilogue(epilogue)))
        taken.insert(epilogue);
      lower(op, *product, tile, *spec, symbols);
    }
  }

private:
  void lowerColumnPasses(const TargetSpec &spec, SymbolTable &symbols) {
    SmallVector<Operation *> reductions;
    DenseSet<Operation *> taken;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.getNumReductionLoops() && isa<func::FuncOp>(op->getParentOp()))
        reductions.push_back(op);
    });
    for (Operation *reduction : reductions) {
      if (taken.contains(reduction))
        continue;
      std::string reason;
      FailureOr<ColumnPasses> passes = ColumnPasses::get(cast<linalg::LinalgOp>(reduction), spec.lanes(), reason);
      if (failed(passes)) {
        if (remarks)
          reduction->emitRemark("not joined with ops over the same columns: ") << reason;
        continue;
      }
      outline(passes->steps.back().op, "column_passes", passes->buffers, symbols,
              [&](ImplicitLocOpBuilder &b, ArrayRef<Value> buffers, Value tid, Value threads) {
                emitColumnPasses(b, *passes, spec, buffers, tid, threads);
              });
      for (const ColumnPasses::Step &step : passes->steps) {
        taken.insert(step.op);
        step.op->erase();
      }
      ++numColumnPasses;
    }
  }

  static Value flatten(ImplicitLocOpBuilder &b, Value value) {
    auto type = cast<MemRefType>(value.getType());
    if (type.getRank() == 1)
      return value;
    if (type.getRank() == 0)
      return memref::ExpandShapeOp::create(b, MemRefType::get({1}, type.getElementType()), value,
                                           ArrayRef<ReassociationIndices>{});
    ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    return memref::CollapseShapeOp::create(b, value, ArrayRef<ReassociationIndices>{all});
  }

  /// The zeros that were written to `buffer` for the sake of `op` alone: nothing touches the buffer in between.
  static linalg::FillOp findZeroFill(linalg::LinalgOp op, Value buffer) {
    Value root = rootOf(buffer);
    // Memory behind an argument may be reached in other ways.
    if (!root.getDefiningOp<memref::AllocOp>() && !isa<BlockArgument>(root))
      return {};
    SmallVector<Value> aliases = aliasesOf(root);
    for (Operation *before = op->getPrevNode(); before; before = before->getPrevNode()) {
      if (!touches(before, aliases))
        continue;
      auto fill = dyn_cast<linalg::FillOp>(before);
      bool isZero = fill && behindReshapes(fill.getOutputs()[0]) == behindReshapes(buffer) &&
                    matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
      return isZero ? fill : linalg::FillOp();
    }
    return {};
  }

  /// Replaces `op` by the call of a kernel on `buffers`, flat, and the thread's number; `emit` makes the body.
  static void outline(Operation *op, StringRef name, ArrayRef<Value> buffers, SymbolTable &symbols,
                      function_ref<void(ImplicitLocOpBuilder &, ArrayRef<Value>, Value, Value)> emit) {
    ImplicitLocOpBuilder b(op->getLoc(), op);
    Value tid = ThreadIdOp::create(b, b.getIndexType()), threads = NumThreadsOp::create(b, b.getIndexType());
    SmallVector<Value> args;
    for (Value buffer : buffers)
      args.push_back(flatten(b, buffer));
    args.append({tid, threads});
    auto kernel = func::FuncOp::create(b.getLoc(), name, b.getFunctionType(TypeRange(ValueRange(args)), {}));
    kernel.setPrivate();
    kernel->setAttr("gs.kernel", b.getUnitAttr());
    symbols.insert(kernel);
    func::CallOp::create(b, kernel, args);
    Block *body = kernel.addEntryBlock();
    ImplicitLocOpBuilder kb = ImplicitLocOpBuilder::atBlockEnd(op->getLoc(), body);
    SmallVector<Value> inner(body->getArguments().drop_back(2));
    emit(kb, inner, body->getArgument(inner.size()), body->getArgument(inner.size() + 1));
    func::ReturnOp::create(kb);
  }

  void lower(linalg::LinalgOp op, const Crossing &crossing, const TargetSpec &spec, SymbolTable &symbols) {
    outline(op, "crossing", llvm::to_vector(op->getOperands()), symbols,
            [&](ImplicitLocOpBuilder &b, ArrayRef<Value> buffers, Value tid, Value threads) {
              emitCrossing(b, crossing, op, spec.lanes(), buffers, tid, threads);
            });
    op->erase();
    ++numCrossings;
  }

  void lower(linalg::LinalgOp op, const Product &product, const ProductTile &tile, const TargetSpec &spec,
             SymbolTable &symbols) {
    Value init = op.getDpsInits()[0];
    linalg::FillOp fill = findZeroFill(op, init);
    SmallVector<Value> operands{op.getDpsInputs()[product.leftOperand], op.getDpsInputs()[1 - product.leftOperand],
                                init};
    linalg::GenericOp epilogue = product.epilogue;
    if (epilogue)
      llvm::append_range(operands, epilogue.getDpsInputs());
    outline(op, "product", operands, symbols,
            [&](ImplicitLocOpBuilder &b, ArrayRef<Value> buffers, Value tid, Value threads) {
              emitProduct(b, product, tile, spec.lanes(), buffers, tid, threads, /*accumulates=*/!fill);
            });
    if (fill)
      fill->erase();
    if (epilogue)
      epilogue->erase();
    op->erase();
    ++numProducts;
  }
};

} // namespace
