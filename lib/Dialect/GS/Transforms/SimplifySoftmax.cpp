//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The division of a softmax behind the product that reads it: sum_t v[d, t] (e[t, q] / s[q]) = (sum_t v[d, t] e[t, q])
// / s[q].
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::gs {
#define GEN_PASS_DEF_SIMPLIFYSOFTMAX
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

/// The op that makes `value`: a generic op with one result whose maps only choose and permute dimensions.
static linalg::GenericOp makerOf(Value value) {
  auto op = value.getDefiningOp<linalg::GenericOp>();
  bool isPlain = op && op.getNumResults() == 1 &&
                 llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) { return map.isProjectedPermutation(); });
  return isPlain ? op : linalg::GenericOp();
}

static bool isElementwise(linalg::GenericOp op) {
  return op && op.getNumParallelLoops() == op.getNumLoops() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation();
}

/// The operand whose element `value` is; null if it is computed in the body.
static OpOperand *operandOf(linalg::GenericOp op, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == op.getBody() ? op.getMatchingOpOperand(argument) : nullptr;
}

/// The map from elements of the result to those of `operand`; null if not every loop is one of the result's.
static AffineMap fromResult(linalg::GenericOp op, OpOperand *operand) {
  AffineMap result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  return result.isPermutation() ? op.getMatchingIndexingMap(operand).compose(inversePermutation(result)) : AffineMap();
}

/// The map from loops of `left` to those of `right`, known by an operand that both of them read; null without one.
static AffineMap loopsOf(linalg::GenericOp left, linalg::GenericOp right) {
  for (OpOperand *x : left.getDpsInputOperands())
    for (OpOperand *y : right.getDpsInputOperands()) {
      AffineMap from = left.getMatchingIndexingMap(x), to = right.getMatchingIndexingMap(y);
      if (x->get() == y->get() && from.isPermutation() && to.isPermutation())
        return inversePermutation(to).compose(from);
    }
  return {};
}

/// Whether two values in the bodies of `left` and `right` are always equal. `loops`: from those of `left` to the
/// others.
static bool areEqual(linalg::GenericOp left, Value a, linalg::GenericOp right, Value b, AffineMap loops) {
  OpOperand *x = operandOf(left, a), *y = operandOf(right, b);
  if (x || y)
    return x && y && x->get() == y->get() && left.isDpsInput(x) && right.isDpsInput(y) &&
           left.getMatchingIndexingMap(x) == right.getMatchingIndexingMap(y).compose(loops);
  Attribute one, other;
  if (matchPattern(a, m_Constant(&one)) && matchPattern(b, m_Constant(&other)))
    return one == other;
  Operation *p = a.getDefiningOp(), *q = b.getDefiningOp();
  return p && q && p->getName() == q->getName() && p->getNumRegions() == 0 && p->getNumOperands() > 0 &&
         p->getAttrDictionary() == q->getAttrDictionary() &&
         llvm::all_of(llvm::zip_equal(p->getOperands(), q->getOperands()),
                      [&](auto pair) { return areEqual(left, std::get<0>(pair), right, std::get<1>(pair), loops); });
}

/// What fills all of `value`; null if it has several values.
static Value fillOf(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
      break;
    value = def->getOperand(0);
  }
  auto fill = value.getDefiningOp<linalg::FillOp>();
  return fill ? fill.getInputs()[0] : Value();
}

/// Whether `op` is a reduction by `Combine` from a constant that does not count; `term` becomes what is combined.
template <typename Combine> static bool isReduction(linalg::GenericOp op, Value &term) {
  if (!op || !op.getNumReductionLoops())
    return false;
  auto combine = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<Combine>();
  if (!combine)
    return false;
  Value running = op.getRegionOutputArgs()[0];
  if (combine.getLhs() != running && combine.getRhs() != running)
    return false;
  term = combine.getLhs() == running ? combine.getRhs() : combine.getLhs();
  Value init = fillOf(op.getDpsInits()[0]);
  if (term == running || !init)
    return false;
  if constexpr (std::is_same_v<Combine, arith::AddFOp>)
    return matchPattern(init, m_AnyZeroFloat());
  return matchPattern(init, m_NegInfFloat());
}

/// The maximum in `op` that makes exp(x - max x), nowhere above 1, and 1 where x is the largest; null if it does not.
static linalg::GenericOp maximumIn(linalg::GenericOp op) {
  auto power = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<math::ExpOp>();
  auto shifted = power ? power.getOperand().getDefiningOp<arith::SubFOp>() : arith::SubFOp();
  OpOperand *shift = shifted ? operandOf(op, shifted.getRhs()) : nullptr;
  if (!shift || !op.isDpsInput(shift))
    return {};
  linalg::GenericOp largest = makerOf(shift->get());
  Value term;
  AffineMap loops = isReduction<arith::MaximumFOp>(largest, term) ? loopsOf(op, largest) : AffineMap();
  bool isShift =
      loops &&
      op.getMatchingIndexingMap(shift) == largest.getMatchingIndexingMap(largest.getDpsInitOperand(0)).compose(loops) &&
      areEqual(op, shifted.getLhs(), largest, term, loops);
  return isShift ? largest : linalg::GenericOp();
}

/// Whether `factor` is 1 / sum of `powers`, read through `map` (from elements of `powers`).
static bool isInverseSum(Value factor, AffineMap map, Value powers) {
  linalg::GenericOp inverse = makerOf(factor);
  if (!isElementwise(inverse))
    return false;
  auto division = inverse.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::DivFOp>();
  OpOperand *divisor = division ? operandOf(inverse, division.getRhs()) : nullptr;
  if (!divisor || !inverse.isDpsInput(divisor) || !matchPattern(division.getLhs(), m_OneFloat()) ||
      !fromResult(inverse, divisor).isIdentity())
    return false;
  linalg::GenericOp sum = makerOf(divisor->get());
  Value term;
  OpOperand *summed = isReduction<arith::AddFOp>(sum, term) ? operandOf(sum, term) : nullptr;
  if (!summed || summed->get() != powers || !sum.getMatchingIndexingMap(summed).isPermutation())
    return false;
  AffineMap loops = inversePermutation(sum.getMatchingIndexingMap(summed));
  return sum.getMatchingIndexingMap(sum.getDpsInitOperand(0)).compose(loops) == map;
}

namespace {

/// A softmax: powers[x] * factor[map(x)], x an element of the result.
struct Softmax {
  Value powers, factor;
  AffineMap map;
  linalg::GenericOp maximum; ///< that is subtracted

  static std::optional<Softmax> get(Value value) {
    linalg::GenericOp op = makerOf(value);
    if (!isElementwise(op))
      return std::nullopt;
    auto product = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::MulFOp>();
    if (!product)
      return std::nullopt;
    OpOperand *left = operandOf(op, product.getLhs()), *right = operandOf(op, product.getRhs());
    if (!left || !right || !op.isDpsInput(left) || !op.isDpsInput(right))
      return std::nullopt;
    if (!fromResult(op, left).isIdentity())
      std::swap(left, right);
    Softmax result{left->get(), right->get(), fromResult(op, right), {}};
    linalg::GenericOp powers = makerOf(result.powers);
    if (!fromResult(op, left).isIdentity() || !isElementwise(powers) || !(result.maximum = maximumIn(powers)) ||
        !isInverseSum(result.factor, result.map, result.powers))
      return std::nullopt;
    return result;
  }
};

class SimplifySoftmax : public gs::impl::SimplifySoftmaxBase<SimplifySoftmax> {
public:
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.hasPureTensorSemantics() && op->getNumResults() == 1 && linalg::isaContractionOpInterface(op))
        products.push_back(op);
    });
    // Those whose powers only the sum and the division read.
    SmallVector<Softmax> known;
    getOperation()->walk([&](linalg::GenericOp op) {
      if (op.hasPureTensorSemantics() && op->getNumResults() == 1)
        if (std::optional<Softmax> softmax = Softmax::get(op->getResult(0));
            softmax && softmax->powers.hasNUses(2) && softmax->maximum->hasOneUse())
          known.push_back(*softmax);
    });
    for (linalg::LinalgOp product : products)
      for (OpOperand *operand : product.getDpsInputOperands())
        if (scaleBehind(product, *operand)) {
          ++numScaled;
          break;
        }
    for (const Softmax &softmax : known)
      numMaxima += simplifyMaximum(softmax.maximum);
  }

private:
  static bool scaleBehind(linalg::LinalgOp product, OpOperand &operand) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    auto resultType = dyn_cast<RankedTensorType>(product->getResult(0).getType());
    AffineMap map = product.getMatchingIndexingMap(&operand);
    AffineMap result = product.getMatchingIndexingMap(product.getDpsInitOperand(0));
    // Only where fewer elements are scaled than before.
    if (!type || !resultType || !type.getElementType().isF32() || !resultType.getElementType().isF32() ||
        !type.hasStaticShape() || !resultType.hasStaticShape() || !map.isProjectedPermutation() ||
        !result.isProjectedPermutation() || resultType.getNumElements() > type.getNumElements())
      return false;
    // Sums that begin with something else would be scaled, too.
    Value init = fillOf(product.getDpsInits()[0]);
    if (!init || !matchPattern(init, m_AnyZeroFloat()))
      return false;
    std::optional<Softmax> softmax = Softmax::get(operand.get());
    if (!softmax || !operand.get().hasOneUse())
      return false;
    // From loops of the product to the factor, then from elements of the result.
    AffineMap factor = softmax->map.compose(map);
    SmallVector<AffineExpr> position;
    OpBuilder b(product->getContext());
    for (AffineExpr expr : factor.getResults()) {
      std::optional<unsigned> dim = result.getResultPosition(expr);
      if (!dim) // differs from one term of the sum to the next
        return false;
      position.push_back(b.getAffineDimExpr(*dim));
    }
    operand.set(softmax->powers);
    b.setInsertionPointAfter(product);
    unsigned rank = resultType.getRank();
    // In place, so that the kernel of the product can do it.
    auto scaled = linalg::GenericOp::create(
        b, product.getLoc(), resultType, ValueRange{softmax->factor}, ValueRange{product->getResult(0)},
        ArrayRef<AffineMap>{AffineMap::get(rank, 0, position, b.getContext()), b.getMultiDimIdentityMap(rank)},
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
        [](OpBuilder &nested, Location loc, ValueRange args) {
          Value value = arith::MulFOp::create(nested, loc, args[1], args[0]);
          linalg::YieldOp::create(nested, loc, value);
        });
    product->getResult(0).replaceAllUsesExcept(scaled->getResult(0), scaled);
    return true;
  }

  /// max(x c) as max(x) c, the same number since rounding keeps the order, and the maximum as one instruction, which
  /// knows no NaN: x - max x is one all the same, and so is the sum. Not along the last dimension, where the maximum
  /// of a vector has to be recognised.
  static bool simplifyMaximum(linalg::GenericOp op) {
    SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
    for (AffineMap map : op.getIndexingMapsArray())
      if (map.getNumResults() &&
          iterators[map.getDimPosition(map.getNumResults() - 1)] == utils::IteratorType::reduction)
        return false;
    Operation *yield = op.getBody()->getTerminator(), *maximum = yield->getOperand(0).getDefiningOp();
    Value running = op.getRegionOutputArgs()[0], term;
    if (!isReduction<arith::MaximumFOp>(op, term))
      return false;
    OpBuilder b(yield);
    Operation *scale = term.getDefiningOp();
    FloatAttr factor;
    bool isScaled = scale && isa<arith::MulFOp, arith::DivFOp>(scale) && isa<BlockArgument>(scale->getOperand(0)) &&
                    matchPattern(scale->getOperand(1), m_Constant(&factor)) && factor.getValue().isFiniteNonZero() &&
                    !factor.getValue().isNegative();
    if (isScaled)
      term = scale->getOperand(0);
    Value isLarger = arith::CmpFOp::create(b, op.getLoc(), arith::CmpFPredicate::OGT, term, running);
    yield->setOperand(0, arith::SelectOp::create(b, op.getLoc(), isLarger, term, running));
    maximum->erase();
    if (!isScaled)
      return true;
    b.setInsertionPointAfter(op);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
    Value empty = tensor::EmptyOp::create(b, op.getLoc(), type.getShape(), type.getElementType());
    auto scaled = linalg::GenericOp::create(
        b, op.getLoc(), type, ValueRange{op->getResult(0)}, ValueRange{empty}, ArrayRef<AffineMap>{identity, identity},
        SmallVector<utils::IteratorType>(type.getRank(), utils::IteratorType::parallel),
        [&](OpBuilder &nested, Location loc, ValueRange args) {
          Value constant = arith::ConstantOp::create(nested, loc, factor);
          Operation *moved = nested.create(
              OperationState(loc, scale->getName(), {args[0], constant}, {type.getElementType()}, scale->getAttrs()));
          linalg::YieldOp::create(nested, loc, moved->getResult(0));
        });
    op->getResult(0).replaceAllUsesExcept(scaled->getResult(0), scaled);
    if (scale->use_empty())
      scale->erase();
    return true;
  }
};

} // namespace
