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
#define GEN_PASS_DEF_SCALEPRODUCTS
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

/// Whether `op` makes exp(x - max x), nowhere above 1, and 1 where x is the largest.
static bool isShiftedPower(linalg::GenericOp op) {
  auto power = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<math::ExpOp>();
  auto shifted = power ? power.getOperand().getDefiningOp<arith::SubFOp>() : arith::SubFOp();
  OpOperand *shift = shifted ? operandOf(op, shifted.getRhs()) : nullptr;
  if (!shift || !op.isDpsInput(shift))
    return false;
  linalg::GenericOp largest = makerOf(shift->get());
  Value term;
  AffineMap loops = isReduction<arith::MaximumFOp>(largest, term) ? loopsOf(op, largest) : AffineMap();
  return loops &&
         op.getMatchingIndexingMap(shift) ==
             largest.getMatchingIndexingMap(largest.getDpsInitOperand(0)).compose(loops) &&
         areEqual(op, shifted.getLhs(), largest, term, loops);
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

  static std::optional<Softmax> get(Value value) {
    linalg::GenericOp op = makerOf(value);
    if (!isElementwise(op) || !value.hasOneUse())
      return std::nullopt;
    auto product = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::MulFOp>();
    if (!product)
      return std::nullopt;
    OpOperand *left = operandOf(op, product.getLhs()), *right = operandOf(op, product.getRhs());
    if (!left || !right || !op.isDpsInput(left) || !op.isDpsInput(right))
      return std::nullopt;
    if (!fromResult(op, left).isIdentity())
      std::swap(left, right);
    Softmax result{left->get(), right->get(), fromResult(op, right)};
    linalg::GenericOp powers = makerOf(result.powers);
    if (!fromResult(op, left).isIdentity() || !isElementwise(powers) || !isShiftedPower(powers) ||
        !isInverseSum(result.factor, result.map, result.powers))
      return std::nullopt;
    return result;
  }
};

class ScaleProducts : public gs::impl::ScaleProductsBase<ScaleProducts> {
public:
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.hasPureTensorSemantics() && op->getNumResults() == 1 && linalg::isaContractionOpInterface(op))
        products.push_back(op);
    });
    for (linalg::LinalgOp product : products)
      for (OpOperand *operand : product.getDpsInputOperands())
        if (scaleBehind(product, *operand)) {
          ++numScaled;
          break;
        }
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
    if (!softmax)
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
};

} // namespace
