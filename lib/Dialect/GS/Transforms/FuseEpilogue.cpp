//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moves elementwise consumers of contractions into their epilogue regions.
//
//===----------------------------------------------------------------------===//
#include "UnitDims.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gs {
#define GEN_PASS_DEF_FUSEEPILOGUE
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// How an operand of the elementwise op becomes visible inside of the epilogue.
struct Operand {
  enum Kind { Sum, Full, Row, Scalar, Inlined } kind;
  Value value;        ///< what the linalg op reads
  TypedAttr constant; ///< Inlined: the scalar
};

} // namespace

/// Loops in the order in which a map reads the non-unit dimensions of a tensor; nullopt if it does anything else.
static std::optional<SmallVector<unsigned>> loopsOf(AffineMap map, ArrayRef<int64_t> shape) {
  SmallVector<unsigned> loops;
  for (auto [expr, extent] : llvm::zip_equal(map.getResults(), shape)) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (extent == 1)
      continue;
    if (!dim || llvm::is_contained(loops, dim.getPosition()))
      return std::nullopt;
    loops.push_back(dim.getPosition());
  }
  return loops;
}

/// The one value of a constant whose elements are all equal.
static TypedAttr splatValue(Value value) {
  DenseElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || (!elements.isSplat() && elements.getNumElements() != 1))
    return {};
  return dyn_cast<TypedAttr>(*elements.value_begin<Attribute>());
}

static bool isEpilogueBody(Block &body) {
  for (Operation &op : body.without_terminator())
    if (op.getNumRegions() || (!OpTrait::hasElementwiseMappableTraits(&op) && !op.hasTrait<OpTrait::ConstantLike>()))
      return false;
  // Values from outside must be constants, which are copied.
  return llvm::all_of(body, [&](Operation &op) {
    return llvm::all_of(op.getOperands(),
                        [&](Value v) { return v.getParentBlock() == &body || matchPattern(v, m_Constant()); });
  });
}

/// Follows the only use of `value` through reshapes of unit dimensions to an elementwise op.
static linalg::LinalgOp findConsumer(Value &value) {
  while (value.hasOneUse() && isUnitReshape(*value.user_begin()))
    value = value.user_begin()->getResult(0);
  // An op may read the value more than once (x * sigmoid(x)), but no two ops.
  if (value.use_empty() || !llvm::all_equal(value.getUsers()))
    return {};
  auto consumer = dyn_cast<linalg::LinalgOp>(*value.user_begin());
  if (!consumer || consumer->getNumResults() != 1 || consumer.getNumParallelLoops() != consumer.getNumLoops() ||
      consumer.hasDynamicShape() || !isEpilogueBody(*consumer.getBlock()))
    return {};
  return consumer;
}

/// Classifies every operand that the body of `consumer` uses; nullopt if one is neither of the result's shape, nor one
/// value per row, nor a scalar. `rowDim` is the row's position in `shape`, the shape of the contraction's result.
static std::optional<SmallVector<Operand>> classify(linalg::LinalgOp consumer, Value sum, ArrayRef<int64_t> shape,
                                                    int64_t rowDim) {
  OpOperand *out = consumer.getDpsInitOperand(0);
  auto outType = cast<RankedTensorType>(out->get().getType());
  std::optional<SmallVector<unsigned>> position = loopsOf(consumer.getMatchingIndexingMap(out), outType.getShape());
  if (!position || nonUnitExtents(shape) != nonUnitExtents(outType.getShape()) ||
      outType.getElementType() != cast<RankedTensorType>(sum.getType()).getElementType())
    return std::nullopt;
  SmallVector<unsigned> row;
  if (shape[rowDim] != 1)
    row.push_back((*position)[llvm::count_if(shape.take_front(rowDim), [](int64_t e) { return e != 1; })]);

  SmallVector<Operand> operands;
  for (OpOperand &operand : consumer->getOpOperands()) {
    Value value = operand.get();
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!consumer.payloadUsesValueFromOperand(&operand) && value != sum) {
      operands.push_back({Operand::Inlined, value, TypedAttr()});
      continue;
    }
    if (!type || type.getEncoding())
      return std::nullopt;
    if (TypedAttr constant = splatValue(value)) {
      operands.push_back({Operand::Inlined, value, constant});
      continue;
    }
    std::optional<SmallVector<unsigned>> loops = loopsOf(consumer.getMatchingIndexingMap(&operand), type.getShape());
    if (!loops)
      return std::nullopt;
    if (value == sum) {
      if (*loops != *position)
        return std::nullopt;
      operands.push_back({Operand::Sum, value, TypedAttr()});
    } else if (*loops == *position && (*loops != row || type.getShape() == shape)) {
      operands.push_back({Operand::Full, value, TypedAttr()});
    } else if (!loops->empty() && *loops == row) {
      operands.push_back({Operand::Row, value, TypedAttr()});
    } else if (loops->empty()) {
      operands.push_back({Operand::Scalar, value, TypedAttr()});
    } else {
      return std::nullopt;
    }
  }
  return operands;
}

/// Position of the rows (M, output channels) in the result of a contraction; nullopt for other ops.
static std::optional<int64_t> rowDimension(Operation *op) {
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return cast<ShapedType>(matmul.getInit().getType()).getRank() - 2;
  return isa<ConvOp>(op) ? std::optional<int64_t>(1) : std::nullopt;
}

/// True if a later contraction could take `consumer` too; of two, the later one does, so that the other's result is
/// there when it is read.
static bool isTakenLater(Operation *op, linalg::LinalgOp consumer) {
  return llvm::any_of(consumer->getOperands(), [&](Value operand) {
    Operation *def = operand.getDefiningOp();
    while (def && isUnitReshape(def))
      def = def->getOperand(0).getDefiningOp();
    if (!def || def == op || !rowDimension(def) || def->getBlock() != op->getBlock() || !op->isBeforeInBlock(def))
      return false;
    Value sum = def->getResult(0);
    ArrayRef<int64_t> shape = cast<RankedTensorType>(sum.getType()).getShape();
    return findConsumer(sum) == consumer && classify(consumer, sum, shape, *rowDimension(def)).has_value();
  });
}

/// Moves the elementwise consumer of `op`, if it has one, into the epilogue.
template <typename OpTy> static bool fuseConsumer(OpTy op, IRRewriter &rewriter) {
  if (op.getResults().size() != 1)
    return false;
  int64_t rowDim = *rowDimension(op);
  Value sum = op.getResults()[0];
  auto resultType = cast<RankedTensorType>(sum.getType());
  linalg::LinalgOp consumer = findConsumer(sum);
  if (!consumer || consumer->getBlock() != op->getBlock() || isTakenLater(op, consumer))
    return false;
  std::optional<SmallVector<Operand>> operands = classify(consumer, sum, resultType.getShape(), rowDim);
  if (!operands)
    return false;

  rewriter.setInsertionPoint(consumer);
  Location loc = consumer.getLoc();
  Type element = resultType.getElementType();
  Region &region = op.getEpilogue();
  if (region.empty()) {
    Block *block = rewriter.createBlock(&region, region.end(), {element}, {op.getLoc()});
    YieldOp::create(rewriter, op.getLoc(), block->getArgument(0));
    rewriter.setInsertionPoint(consumer);
  }
  Block &block = region.front();
  auto yield = cast<YieldOp>(block.getTerminator());

  IRMapping mapping;
  SmallVector<Value> added;
  for (auto [operand, argument] : llvm::zip_equal(*operands, consumer.getBlock()->getArguments())) {
    if (operand.kind == Operand::Sum) {
      mapping.map(argument, yield.getValue());
      continue;
    }
    if (operand.kind == Operand::Inlined) {
      if (operand.constant) {
        OpBuilder::InsertionGuard guard(rewriter);
        rewriter.setInsertionPoint(yield);
        mapping.map(argument, arith::ConstantOp::create(rewriter, loc, operand.constant).getResult());
      }
      continue;
    }
    SmallVector<int64_t> shape;
    if (operand.kind == Operand::Full)
      shape.assign(resultType.getShape().begin(), resultType.getShape().end());
    else if (operand.kind == Operand::Row)
      shape.push_back(resultType.getDimSize(rowDim));
    Value value = reshapeUnits(rewriter, loc, operand.value, shape);
    // An operand that the epilogue reads already is not read twice.
    auto known = llvm::find(op.getEpilogueOperands(), value);
    if (known != op.getEpilogueOperands().end()) {
      mapping.map(argument, block.getArgument(1 + (known - op.getEpilogueOperands().begin())));
      continue;
    }
    rewriter.modifyOpInPlace(op, [&] {
      op.getEpilogueOperandsMutable().append(value);
      mapping.map(argument, block.addArgument(argument.getType(), loc));
    });
  }
  // The operands dominate the consumer, so that is where the contraction can stand.
  rewriter.moveOpBefore(op, consumer);

  rewriter.setInsertionPoint(yield);
  Block *body = consumer.getBlock();
  for (Operation &inner : *body)
    for (Value v : inner.getOperands())
      if (v.getParentBlock() != body && !mapping.contains(v))
        mapping.map(v, rewriter.clone(*v.getDefiningOp())->getResult(cast<OpResult>(v).getResultNumber()));
  for (Operation &inner : body->without_terminator())
    rewriter.clone(inner, mapping);
  rewriter.modifyOpInPlace(
      yield, [&] { yield.getValueMutable().assign(mapping.lookupOrDefault(body->getTerminator()->getOperand(0))); });
  rewriter.setInsertionPoint(consumer);
  auto consumerType = cast<RankedTensorType>(consumer->getResult(0).getType());
  rewriter.replaceOp(consumer, reshapeUnits(rewriter, loc, op.getResults()[0], consumerType.getShape()));
  // Reshapes on the way to the consumer now lead nowhere.
  while (sum != op.getResults()[0]) {
    Operation *reshape = sum.getDefiningOp();
    sum = reshape->getOperand(0);
    rewriter.eraseOp(reshape);
  }
  return true;
}

namespace {

struct FuseEpilogue : gs::impl::FuseEpilogueBase<FuseEpilogue> {
  using FuseEpilogueBase::FuseEpilogueBase;

  void runOnOperation() override {
    // Consumers are taken one by one first. What then remains because a sum is read twice (x * sigmoid(x)) becomes a
    // single consumer by ordinary elementwise fusion.
    fuseAll();
    if (failed(fuseElementwise()))
      return signalPassFailure();
    fuseAll();
  }

  void fuseAll() {
    IRRewriter rewriter(&getContext());
    bool changed = true;
    while (changed) {
      changed = false;
      getOperation()->walk([&](Operation *op) {
        bool fused = false;
        if (auto conv = dyn_cast<ConvOp>(op))
          fused = fuseConsumer(conv, rewriter);
        else if (auto matmul = dyn_cast<MatmulOp>(op))
          fused = fuseConsumer(matmul, rewriter);
        numFused += fused;
        changed |= fused;
        return fused ? WalkResult::interrupt() : WalkResult::advance();
      });
    }
  }

  LogicalResult fuseElementwise() {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
      auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
      // Never repeat a producer's work: no broadcast of its result, no second reader.
      return producer && consumer && llvm::all_equal(producer->getUsers()) &&
             producer.getNumLoops() == producer.getNumParallelLoops() &&
             consumer.getNumLoops() == consumer.getNumParallelLoops() &&
             consumer.getMatchingIndexingMap(operand).isPermutation();
    });
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }
};

} // namespace
