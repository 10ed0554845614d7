//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layouts of the values between two products of activations.
//
// A product runs over whole vectors of one operand, which should be contiguous in the last dimension of the result. The
// weights of an attention are not: context[d, q] = sum_t value[d, t] * weights[q, t]. Computed as weights[t, q], by a
// product that can write either, and through a softmax that then works on columns, no element has to be moved.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CHOOSELAYOUTS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

static bool isProduct(linalg::GenericOp op) {
  return op.hasPureTensorSemantics() && !op.hasDynamicShape() && op.getNumDpsInputs() == 2 &&
         linalg::isaContractionOpInterface(op);
}

/// The position in `operand`, a tensor of more than one element, of loop `dim`; -1 if it is not read by it.
static int64_t positionOf(AffineMap map, unsigned dim) {
  for (unsigned i = 0; i < map.getNumResults(); ++i)
    if (auto expr = dyn_cast<AffineDimExpr>(map.getResult(i)); expr && expr.getPosition() == dim)
      return i;
  return -1;
}

/// The last dimension with more than one element; -1 if there is none.
static int64_t lastDimension(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  for (int64_t d = type.getRank(); d-- > 0;)
    if (type.getDimSize(d) != 1)
      return d;
  return -1;
}

/// What a value is a reshape of.
static Value behindReshapes(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
      break;
    value = def->getOperand(0);
  }
  return value;
}

/// The value that all elements of `init` have; null if they have none, being only a place to write to.
static FailureOr<Value> initialValue(Value init) {
  Value filled;
  init = behindReshapes(init);
  if (auto fill = init.getDefiningOp<linalg::FillOp>()) {
    filled = fill.getInputs()[0];
    init = behindReshapes(fill.getOutputs()[0]);
  }
  if (!init.getDefiningOp<tensor::EmptyOp>())
    return failure();
  return filled;
}

namespace {

/// Values that change their layout together: two of their dimensions are swapped.
struct Component {
  int64_t first, second;
  llvm::SetVector<Value> values;
  llvm::SetVector<Operation *> ops; ///< that define or read one of the values

  AffineMap swapped(AffineMap map) const {
    SmallVector<AffineExpr> exprs(map.getResults());
    std::swap(exprs[first], exprs[second]);
    return AffineMap::get(map.getNumDims(), map.getNumSymbols(), exprs, map.getContext());
  }
};

class ChooseLayouts : public gs::impl::ChooseLayoutsBase<ChooseLayouts> {
public:
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> products;
    getOperation()->walk([&](linalg::GenericOp op) {
      if (isProduct(op))
        products.push_back(op);
    });
    llvm::DenseSet<Operation *> replaced;
    for (linalg::GenericOp op : products) {
      if (replaced.contains(op))
        continue;
      std::optional<Component> component = badOperand(op);
      if (component && grow(*component))
        apply(*component, replaced);
    }
  }

private:
  /// The loop that the last dimension of an operand belongs to; -1 if there is none.
  static int64_t lastLoop(linalg::GenericOp op, OpOperand *operand, const Component *swap = nullptr) {
    int64_t last = lastDimension(operand->get());
    if (last < 0)
      return -1;
    AffineMap map = op.getMatchingIndexingMap(operand);
    if (swap)
      map = swap->swapped(map);
    auto expr = dyn_cast<AffineDimExpr>(map.getResult(last));
    return expr ? int64_t(expr.getPosition()) : -1;
  }

  /// The operand of a product that has the last dimension of the result, but not as its own last one.
  static std::optional<Component> badOperand(linalg::GenericOp op) {
    int64_t columns = lastLoop(op, op.getDpsInitOperand(0));
    if (columns < 0)
      return std::nullopt;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      int64_t at = positionOf(op.getMatchingIndexingMap(operand), columns), last = lastDimension(operand->get());
      if (at < 0 || at == last)
        continue;
      Component component{at, last, {}, {}};
      component.values.insert(operand->get());
      return component;
    }
    return std::nullopt;
  }

  /// Adds what has to change together with the values so far. False if something cannot, or would be read badly.
  static bool grow(Component &c) {
    for (size_t i = 0; i < c.values.size(); ++i) {
      Value value = c.values[i];
      auto def = value.getDefiningOp<linalg::GenericOp>();
      if (!def || def->getNumResults() != 1 || !def.hasPureTensorSemantics() || def.hasIndexSemantics() ||
          failed(initialValue(def.getDpsInits()[0])) || !addOp(c, def))
        return false;
      for (OpOperand &use : value.getUses()) {
        auto reader = dyn_cast<linalg::GenericOp>(use.getOwner());
        if (!reader || reader.isDpsInit(&use) || reader->getNumResults() != 1 || reader.hasIndexSemantics() ||
            !addOp(c, reader))
          return false;
      }
    }
    // What was looked at before the component was complete, once more.
    size_t size = c.values.size();
    SmallVector<Operation *> ops(c.ops.begin(), c.ops.end());
    return llvm::all_of(ops, [&](Operation *op) { return addOp(c, cast<linalg::GenericOp>(op)); }) &&
           c.values.size() == size;
  }

  static bool addOp(Component &c, linalg::GenericOp op) {
    c.ops.insert(op);
    OpOperand *out = op.getDpsInitOperand(0);
    bool changesResult = c.values.contains(op->getResult(0));
    if (isProduct(op)) {
      // Contiguous in one operand and the result, as the kernel wants it.
      int64_t columns = lastLoop(op, out, changesResult ? &c : nullptr);
      return llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
        bool changes = c.values.contains(operand->get());
        return positionOf(op.getMatchingIndexingMap(operand), columns) < 0 ||
               lastLoop(op, operand, changes ? &c : nullptr) == columns;
      });
    }
    if (!llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) { return map.isProjectedPermutation(true); }))
      return false;
    // Elementwise: what has one shape and is accessed in the same way changes together.
    SmallVector<AffineMap> seen;
    for (OpOperand &operand : op->getOpOperands())
      if (c.values.contains(op.isDpsInit(&operand) ? op->getResult(0) : operand.get()))
        seen.push_back(op.getMatchingIndexingMap(&operand));
    if (!llvm::all_equal(seen))
      return false;
    for (OpOperand &operand : op->getOpOperands()) {
      if (op.getMatchingIndexingMap(&operand) != seen.front() || operand.get().getType() != c.values[0].getType())
        continue;
      // Other operands (a mask of full shape that comes from outside) are read across their rows.
      if (op.isDpsInit(&operand))
        c.values.insert(op->getResult(0));
      else if (operand.get().getDefiningOp<linalg::GenericOp>())
        c.values.insert(operand.get());
    }
    return true;
  }

  void apply(Component &c, llvm::DenseSet<Operation *> &replaced) {
    IRRewriter rewriter(&getContext());
    for (Operation *raw : c.ops) {
      auto op = cast<linalg::GenericOp>(raw);
      SmallVector<AffineMap> maps = op.getIndexingMapsArray();
      for (OpOperand *operand : op.getDpsInputOperands())
        if (c.values.contains(operand->get()))
          maps[operand->getOperandNumber()] = c.swapped(maps[operand->getOperandNumber()]);
      bool changesResult = c.values.contains(op->getResult(0));
      if (changesResult)
        maps.back() = c.swapped(maps.back());
      op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
      if (!changesResult)
        continue;
      rewriter.setInsertionPoint(op);
      auto type = cast<RankedTensorType>(op->getResult(0).getType());
      SmallVector<int64_t> shape(type.getShape());
      std::swap(shape[c.first], shape[c.second]);
      Value init = tensor::EmptyOp::create(rewriter, op.getLoc(), shape, type.getElementType());
      if (Value filled = *initialValue(op.getDpsInits()[0]))
        init = linalg::FillOp::create(rewriter, op.getLoc(), filled, init).getResult(0);
      op.getDpsInitsMutable()[0].set(init);
    }
    // All maps are in place before the types change: the values are the same ones.
    for (Value value : c.values)
      value.setType(cast<linalg::GenericOp>(value.getDefiningOp()).getDpsInits()[0].getType());
    for (Operation *raw : c.ops) {
      auto op = cast<linalg::GenericOp>(raw);
      replaced.insert(op);
      // Elementwise loops in the order of the result.
      AffineMap out = op.getIndexingMapsArray().back();
      if (op.getNumReductionLoops() == 0 && out.isPermutation() && !out.isIdentity()) {
        SmallVector<unsigned> order =
            llvm::map_to_vector(out.getResults(), [](AffineExpr e) { return cast<AffineDimExpr>(e).getPosition(); });
        rewriter.setInsertionPoint(op);
        if (failed(linalg::interchangeGenericOp(rewriter, op, order)))
          continue;
      }
    }
    ++numChanged;
  }
};

} // namespace
