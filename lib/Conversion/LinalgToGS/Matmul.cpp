//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contractions with a constant weight to gs.matmul.
//
//===----------------------------------------------------------------------===//
#include "Patterns.h"
#include "Weights.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// How the loops of a contraction appear in its operands. Loops that only have extent 1 in the weight's batch are
/// dropped from the weight and count as loops of the activation.
struct Loops {
  std::optional<unsigned> row, column; ///< M and K
  SmallVector<unsigned> activation;    ///< in the order of the activation's dimensions
  SmallVector<unsigned> output;        ///< in the order of the result's dimensions
  bool rowFirst = true;                ///< weight is M x K, not K x M
};

} // namespace

static SmallVector<unsigned> dimPositions(AffineMap map) {
  return llvm::map_to_vector(map.getResults(), [](AffineExpr e) { return cast<AffineDimExpr>(e).getPosition(); });
}

static FailureOr<Loops> findLoops(linalg::LinalgOp op, unsigned weightIndex, Refusal refuse) {
  auto maps = op.getIndexingMapsArray();
  for (AffineMap map : maps)
    if (!map.isProjectedPermutation())
      return refuse("an operand is broadcast or not read dimension by dimension");
  Loops loops;
  SmallVector<unsigned> weight = dimPositions(maps[weightIndex]);
  loops.activation = dimPositions(maps[1 - weightIndex]);
  loops.output = dimPositions(maps[2]);
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  for (unsigned d : weight) {
    bool inActivation = llvm::is_contained(loops.activation, d), inOutput = llvm::is_contained(loops.output, d);
    if (inActivation && inOutput) {
      if (extents[d] != 1)
        return refuse("every batch has a weight of its own, which gs.matmul does not express");
    } else if (inActivation) {
      if (loops.column)
        return refuse("more than one dimension is reduced");
      loops.column = d;
      loops.rowFirst = loops.row.has_value();
    } else if (inOutput) {
      if (loops.row)
        return refuse("the weight has more than one row dimension");
      loops.row = d;
    } else {
      return refuse("a dimension of the weight is summed without the activation");
    }
  }
  if (!loops.row || !loops.column)
    return refuse("the weight is a vector, which gs.matmul does not take");
  for (unsigned d : loops.activation)
    if (d != *loops.column && !llvm::is_contained(loops.output, d))
      return refuse("a dimension of the activation is summed without the weight");
  if (loops.output.size() != loops.activation.size())
    return refuse("the result has dimensions that neither operand has");
  return loops;
}

/// One group of all dimensions, for collapsing to or expanding from rank 1.
static ReassociationIndices allDims(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(rank)); }

/// [d0, .., dn] seen as [product of all but the last, last].
static Value collapseRows(RewriterBase &rewriter, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 2)
    return value;
  SmallVector<ReassociationIndices> groups{allDims(type.getRank() - 1), {type.getRank() - 1}};
  return tensor::CollapseShapeOp::create(rewriter, loc, value, groups);
}

static Value collapseAll(RewriterBase &rewriter, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 1)
    return value;
  SmallVector<ReassociationIndices> groups{allDims(type.getRank())};
  return tensor::CollapseShapeOp::create(rewriter, loc, value, groups);
}

/// Rank 1 to any shape of as many elements.
static Value expandAll(RewriterBase &rewriter, Location loc, Value value, ArrayRef<int64_t> shape) {
  if (shape.size() == 1)
    return value;
  auto type = RankedTensorType::get(shape, cast<RankedTensorType>(value.getType()).getElementType());
  SmallVector<ReassociationIndices> groups{allDims(shape.size())};
  return tensor::ExpandShapeOp::create(rewriter, loc, type, value, groups);
}

static Value transpose(RewriterBase &rewriter, Location loc, Value value, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape = llvm::map_to_vector(perm, [&](int64_t p) { return type.getDimSize(p); });
  Value init = tensor::EmptyOp::create(rewriter, loc, shape, type.getElementType());
  return linalg::TransposeOp::create(rewriter, loc, value, init, perm)->getResult(0);
}

static Value createMatmul(RewriterBase &rewriter, Location loc, Value weight, Value input, int64_t rows) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[shape.size() - 2] = rows;
  Value init = tensor::EmptyOp::create(rewriter, loc, shape, type.getElementType());
  return gs::MatmulOp::create(rewriter, loc, TypeRange{init.getType()}, weight, input, ValueRange(), init,
                              StrategyAttr())
      ->getResult(0);
}

bool gs::isMultiplyAdd(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1)
    return false;
  Block *body = op.getBlock();
  auto yield = dyn_cast<linalg::YieldOp>(body->getTerminator());
  auto add =
      yield && yield.getNumOperands() == 1 ? yield.getOperand(0).getDefiningOp<arith::AddFOp>() : arith::AddFOp();
  if (!add || !llvm::hasNItems(body->getOperations(), 3))
    return false;
  Value sum = body->getArgument(2);
  Value product = add.getLhs() == sum ? add.getRhs() : add.getLhs();
  auto mul = product.getDefiningOp<arith::MulFOp>();
  if (!mul || (add.getLhs() != sum && add.getRhs() != sum))
    return false;
  Value left = body->getArgument(0), right = body->getArgument(1);
  return (mul.getLhs() == left && mul.getRhs() == right) || (mul.getLhs() == right && mul.getRhs() == left);
}

Value gs::addInit(RewriterBase &rewriter, Location loc, Value sum, Value init) {
  if (isZero(init))
    return sum;
  auto type = cast<RankedTensorType>(sum.getType());
  AffineMap identity = rewriter.getMultiDimIdentityMap(type.getRank());
  Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(), type.getElementType());
  return linalg::GenericOp::create(rewriter, loc, TypeRange{type}, ValueRange{sum, init}, ValueRange{empty},
                                   ArrayRef<AffineMap>{identity, identity, identity},
                                   SmallVector<utils::IteratorType>(type.getRank(), utils::IteratorType::parallel),
                                   [](OpBuilder &b, Location l, ValueRange args) {
                                     linalg::YieldOp::create(b, l,
                                                             arith::AddFOp::create(b, l, args[0], args[1]).getResult());
                                   })
      ->getResult(0);
}

LogicalResult gs::convertMatmul(linalg::LinalgOp op, RewriterBase &rewriter, Refusal refuse) {
  if (!isMultiplyAdd(op) || !linalg::isaContractionOpInterface(op))
    return refuse("not a floating-point contraction of two operands of one type");
  Value operands[] = {op.getDpsInputs()[0], op.getDpsInputs()[1]};
  // A weight with a pattern is the weight wherever it stands; of two constants the right one is, as in ONNX.
  unsigned weightIndex = hasPattern(operands[0]) ? 0 : hasPattern(operands[1]) ? 1 : isWeight(operands[1]) ? 1 : 0;
  Value weight = operands[weightIndex], input = operands[1 - weightIndex], init = op.getDpsInits()[0];
  if (!hasPattern(weight) && !isWeight(weight))
    return refuse("neither operand is a constant");
  auto weightType = cast<RankedTensorType>(weight.getType());
  auto inputType = dyn_cast<RankedTensorType>(input.getType()), initType = dyn_cast<RankedTensorType>(init.getType());
  if (!inputType || !initType || !inputType.hasStaticShape() || !initType.hasStaticShape() ||
      !weightType.hasStaticShape())
    return refuse("needs tensors of static shape");
  Type element = initType.getElementType();
  if (!isa<FloatType>(element) || inputType.getElementType() != element || weightType.getElementType() != element)
    return refuse("needs one floating-point type for weight, activation and result");
  // Kernels are for f32. A pattern must not be lost, though: such a weight goes on and is reported by its strategy.
  if (!element.isF32() && !hasPattern(weight))
    return refuse("the elements are not f32");
  if (llvm::is_contained(op.getStaticLoopRanges(), 0))
    return refuse("a zero-sized dimension leaves nothing to compute");
  if (hasPattern(input) || hasPattern(init))
    return refuse("the activation must not carry a sparsity pattern; weights are the only sparse operand");
  FailureOr<Loops> loops = findLoops(op, weightIndex, refuse);
  if (failed(loops))
    return failure();
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  int64_t rows = extents[*loops->row], cols = extents[*loops->column];
  if (hasPattern(weight) && (!loops->rowFirst || weightType.getRank() != 2))
    return refuse("the pattern of the weight describes a matrix M x K, but here the weight is read as K x M; write it "
                  "on the left, transposed, or without a pattern for gs-detect-pattern to find");

  // Where the reduction stands in the activation decides the form: [.., K, N] is that of gs.matmul, [.., K] needs it
  // to be transposed to [K, N].
  int64_t rank = loops->activation.size();
  int64_t position = llvm::find(loops->activation, *loops->column) - loops->activation.begin();
  if (position + 2 < rank)
    return refuse("the reduced dimension is not one of the last two of the activation");
  // The result of gs.matmul has the activation's loops with the row in the place of the column.
  SmallVector<unsigned> produced(loops->activation);
  produced[position] = *loops->row;

  Value matrix;
  if (hasPattern(weight)) {
    matrix = createPatternWeight(rewriter, op.getLoc(), weight);
  } else {
    WeightElements elements = readWeight(weight);
    if (!elements)
      return refuse("the bytes of the constant weight cannot be read");
    elements = loops->rowFirst ? elements.reshaped({rows, cols}) : elements.reshaped({cols, rows}).transposed({1, 0});
    matrix = createWeight(rewriter, op.getLoc(), elements);
  }

  Location loc = op.getLoc();
  Value result;
  SmallVector<int64_t> producedShape = llvm::map_to_vector(produced, [&](unsigned d) { return extents[d]; });
  if (inputType.getNumElements() == cols) { // one vector: no data moves
    Value column = expandAll(rewriter, loc, collapseAll(rewriter, loc, input), {cols, 1});
    result = createMatmul(rewriter, loc, matrix, column, rows);
    result = expandAll(rewriter, loc, collapseAll(rewriter, loc, result), producedShape);
  } else if (position == rank - 1) {
    Value transposed = transpose(rewriter, loc, collapseRows(rewriter, loc, input), {1, 0});
    result = createMatmul(rewriter, loc, matrix, transposed, rows);
    bool rowStaysFirst = rank == 2 && loops->output.front() == *loops->row;
    if (rowStaysFirst) {
      produced = loops->output;
    } else {
      result = transpose(rewriter, loc, result, {1, 0});
      if (rank > 2) {
        SmallVector<ReassociationIndices> groups{allDims(rank - 1), {rank - 1}};
        result =
            tensor::ExpandShapeOp::create(rewriter, loc, RankedTensorType::get(producedShape, element), result, groups);
      }
    }
  } else {
    result = createMatmul(rewriter, loc, matrix, input, rows);
  }
  if (produced != loops->output) {
    SmallVector<int64_t> perm = llvm::map_to_vector(
        loops->output, [&](unsigned d) -> int64_t { return llvm::find(produced, d) - produced.begin(); });
    result = transpose(rewriter, loc, result, perm);
  }
  rewriter.replaceOp(op, addInit(rewriter, loc, result, init));
  return success();
}
