//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass: products of two activations to kernels of vectors.
//
//===----------------------------------------------------------------------===//
#include "Product.h"
#include "gs/Conversion/Passes.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

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
    SmallVector<linalg::LinalgOp> work;
    module.walk([&](linalg::LinalgOp op) { work.push_back(op); });
    for (linalg::LinalgOp op : work) {
      // Only the network itself: a product inside of other code is not the share of a thread.
      if (!isa<func::FuncOp>(op->getParentOp()))
        continue;
      std::string reason;
      FailureOr<Product> product = Product::get(op, reason);
      if (failed(product))
        continue;
      ProductTile tile = chooseTile(*product, *spec);
      if (tile.packs && tile.depthBlock * tile.nr * spec->vectorBytes() > maxPanelBytes)
        continue;
      lower(op, *product, tile, *spec, symbols);
    }
  }

private:
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

  static Value behindReshapes(Value value) {
    while (Operation *def = value.getDefiningOp()) {
      if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp>(def))
        break;
      value = def->getOperand(0);
    }
    return value;
  }

  /// The zeros that were written to `buffer` for the sake of `op` alone: nothing touches the buffer in between.
  static linalg::FillOp findZeroFill(linalg::LinalgOp op, Value buffer) {
    Value root = buffer;
    while (auto view = root.getDefiningOp<ViewLikeOpInterface>())
      root = view.getViewSource();
    // Memory behind an argument may be reached in other ways.
    if (!root.getDefiningOp<memref::AllocOp>() && !isa<BlockArgument>(root))
      return {};
    SmallVector<Value> aliases{root};
    for (size_t i = 0; i < aliases.size(); ++i)
      for (Operation *user : aliases[i].getUsers())
        if (isa<ViewLikeOpInterface>(user))
          llvm::append_range(aliases, user->getResults());
    auto touches = [&](Operation *top) {
      return top
          ->walk([&](Operation *inner) {
            bool isView = isa<ViewLikeOpInterface>(inner);
            return !isView &&
                           llvm::any_of(inner->getOperands(), [&](Value v) { return llvm::is_contained(aliases, v); })
                       ? WalkResult::interrupt()
                       : WalkResult::advance();
          })
          .wasInterrupted();
    };
    for (Operation *before = op->getPrevNode(); before; before = before->getPrevNode()) {
      if (!touches(before))
        continue;
      auto fill = dyn_cast<linalg::FillOp>(before);
      bool isZero = fill && behindReshapes(fill.getOutputs()[0]) == behindReshapes(buffer) &&
                    matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
      return isZero ? fill : linalg::FillOp();
    }
    return {};
  }

  void lower(linalg::LinalgOp op, const Product &product, const ProductTile &tile, const TargetSpec &spec,
             SymbolTable &symbols) {
    ImplicitLocOpBuilder b(op.getLoc(), op);
    Value tid = ThreadIdOp::create(b, b.getIndexType()), threads = NumThreadsOp::create(b, b.getIndexType());
    Value init = op.getDpsInits()[0];
    linalg::FillOp fill = findZeroFill(op, init);
    SmallVector<Value> args{flatten(b, op.getDpsInputs()[product.leftOperand]),
                            flatten(b, op.getDpsInputs()[1 - product.leftOperand]), flatten(b, init), tid, threads};
    auto kernel = func::FuncOp::create(b.getLoc(), "product", b.getFunctionType(TypeRange(ValueRange(args)), {}));
    kernel.setPrivate();
    kernel->setAttr("gs.kernel", b.getUnitAttr());
    symbols.insert(kernel);
    func::CallOp::create(b, kernel, args);
    Block *body = kernel.addEntryBlock();
    ImplicitLocOpBuilder kb = ImplicitLocOpBuilder::atBlockEnd(op.getLoc(), body);
    emitProduct(kb, product, tile, spec.lanes(), {body->getArgument(0), body->getArgument(1), body->getArgument(2)},
                body->getArgument(3), body->getArgument(4), /*accumulates=*/!fill);
    func::ReturnOp::create(kb);
    if (fill)
      fill->erase();
    op->erase();
    ++numProducts;
  }
};

} // namespace
