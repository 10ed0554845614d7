//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses the orientation of every matrix between the layers, so that as little as possible is transposed.
//
// gs.matmul wants its activation as K x N, networks are written with N x K. Between two layers lie elementwise ops and
// reductions that work on either. Each gets a label, as written (0) or transposed (1); a matrix costs its size where
// its producer and one of its readers disagree. The cheapest labelling is a minimum cut. The IR is then rewritten op
// by op, and the transposes that became inverse to each other fold.
//
//===----------------------------------------------------------------------===//
#include "MinCut.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::gs {
#define GEN_PASS_DEF_PROPAGATETRANSPOSES
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

static constexpr int64_t swapped[] = {1, 0};

/// True for a static tensor of rank 2 without unit dimensions: reading it transposed costs something.
static bool isMatrix(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && tensor.getRank() == 2 && !tensor.getEncoding() &&
         tensor.getDimSize(0) > 1 && tensor.getDimSize(1) > 1;
}

static linalg::TransposeOp matrixTranspose(Value value) {
  auto transpose = value.getDefiningOp<linalg::TransposeOp>();
  return transpose && isMatrix(value.getType()) && transpose.getPermutation() == ArrayRef(swapped)
             ? transpose
             : linalg::TransposeOp();
}

static Value createTranspose(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape = llvm::map_to_vector(perm, [&](int64_t p) { return type.getDimSize(p); });
  Value init = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
  return linalg::TransposeOp::create(b, loc, value, init, perm)->getResult(0);
}

/// The constant that a value is, possibly reshaped (which keeps the order of the elements), or null.
static ElementsAttr constantBehind(Value value) {
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
    return constantBehind(def->getOperand(0));
  auto constant = dyn_cast_or_null<arith::ConstantOp>(def);
  return constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
}

static bool isIdentity(ArrayRef<int64_t> perm) { return llvm::equal(perm, llvm::seq<int64_t>(perm.size())); }

//===----------------------------------------------------------------------===//
// Unit dimensions
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> withoutUnits(ArrayRef<int64_t> shape) {
  return llvm::to_vector(llvm::make_filter_range(shape, [](int64_t e) { return e != 1; }));
}

static bool isUnitReshape(Operation *op) {
  if (!isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return false;
  auto from = cast<RankedTensorType>(op->getOperand(0).getType()),
       to = cast<RankedTensorType>(op->getResult(0).getType());
  return from.hasStaticShape() && to.hasStaticShape() && withoutUnits(from.getShape()) == withoutUnits(to.getShape());
}

/// True for an op on matrices (at most two loops longer than 1) that a reshape of unit dimensions separates from
/// another op. Others, such as those between convolutions, keep their dimensions.
static bool hasUnitsToDrop(linalg::GenericOp op) {
  if (!op.hasPureTensorSemantics() || op.hasDynamicShape() || op->getNumResults() != 1)
    return false;
  SmallVector<int64_t> loops = op.getStaticLoopRanges();
  size_t kept = withoutUnits(loops).size();
  if (kept == loops.size() || kept > 2 || kept == 0)
    return false;
  return llvm::any_of(op.getDpsInputs(), [](Value v) { return isUnitReshape(v.getDefiningOp()); }) ||
         llvm::any_of(op->getUsers(), isUnitReshape);
}

namespace {

/// A transposition of a tensor with unit dimensions moves only the others.
struct DropUnitsOfTranspose : OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::TransposeOp op, PatternRewriter &rewriter) const override {
    auto from = dyn_cast<RankedTensorType>(op.getInput().getType());
    if (!from || !from.hasStaticShape() || from.getEncoding() || op->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "not on static tensors");
    SmallVector<int64_t> kept, position(from.getRank(), -1);
    for (auto [d, extent] : llvm::enumerate(from.getShape())) {
      if (extent == 1)
        continue;
      position[d] = kept.size();
      kept.push_back(extent);
    }
    if (static_cast<int64_t>(kept.size()) == from.getRank() || kept.empty())
      return rewriter.notifyMatchFailure(op, "no unit dimensions besides others");
    SmallVector<int64_t> perm;
    for (int64_t p : op.getPermutation())
      if (position[p] >= 0)
        perm.push_back(position[p]);
    auto to = cast<RankedTensorType>(op->getResult(0).getType());
    auto small = RankedTensorType::get(kept, from.getElementType());
    auto smallTo = RankedTensorType::get(withoutUnits(to.getShape()), from.getElementType());
    auto collapse = getReassociationIndicesForReshape(from, small),
         expand = getReassociationIndicesForReshape(smallTo, to);
    if (!collapse || !expand)
      return rewriter.notifyMatchFailure(op, "unit dimensions cannot be reshaped away");
    Value value = tensor::CollapseShapeOp::create(rewriter, op.getLoc(), small, op.getInput(), *collapse);
    if (!isIdentity(perm))
      value = createTranspose(rewriter, op.getLoc(), value, perm);
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(op, to, value, *expand);
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// The network of matrices
//===----------------------------------------------------------------------===//

namespace {

/// A choice: an op that works on matrices in both orientations. `parity` relates its label to that of the matrices it
/// touches: connected choices are labelled in one common frame.
struct Choice {
  Operation *op;
  int node = -1;
  bool flip = false, visited = false;
  int64_t cost[2] = {0, 0}; ///< of doing it as written, and transposed
};

/// A matrix that is not itself the result of a transposition, with everything that reads it or its transpose.
struct Matrix {
  Value value;
  int producer = -1;   ///< choice, or -1
  bool isFree = false; ///< a constant: transposed at compile time
  bool flip = false, visited = false;
  struct Reader {
    int choice;      ///< or -1: an op that reads it as it is
    bool transposed; ///< reads the transpose
  };
  SmallVector<Reader> readers;
};

class Network {
public:
  explicit Network(Operation *root);
  /// The ops to be rewritten on transposed matrices, in program order.
  SmallVector<Operation *> solve();

private:
  void addMatrix(Value value);
  void alignFrames();
  int choiceOf(Operation *op) const {
    auto it = index.find(op);
    return it == index.end() || pinned.contains(op) ? -1 : it->second;
  }

  SmallVector<Choice> choices;
  SmallVector<Matrix> matrices;
  llvm::DenseMap<Operation *, int> index;
  llvm::DenseSet<Operation *> pinned;
};

} // namespace

/// True if the value is only a place to write to: it can be made anew in another shape.
static bool isFreshInit(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return fill.getDpsInits()[0].getDefiningOp<tensor::EmptyOp>();
  return value.getDefiningOp<tensor::EmptyOp>() != nullptr;
}

/// True for a generic op of two loops that can run on transposed matrices.
static bool isFlexible(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || !generic.hasPureTensorSemantics() || generic.hasDynamicShape() || generic->getNumResults() != 1 ||
      generic.getNumLoops() != 2 || generic.hasIndexSemantics() || llvm::is_contained(generic.getStaticLoopRanges(), 1))
    return false;
  auto simple = [](AffineMap map) { return map.isProjectedPermutation(); };
  if (!llvm::all_of(generic.getIndexingMapsArray(), simple))
    return false;
  Value init = generic.getDpsInits()[0];
  if (isMatrix(init.getType()) && !isFreshInit(init))
    return false;
  return llvm::any_of(generic->getOperandTypes(), isMatrix);
}

/// The dimensions of the second group of a reshape between a matrix and a tensor of `rank`, then those of the first.
static SmallVector<int64_t> secondGroupFirst(ArrayRef<ReassociationIndices> groups) {
  SmallVector<int64_t> order(groups[1].begin(), groups[1].end());
  llvm::append_range(order, groups[0]);
  return order;
}

/// The permutation after expanding the transposed matrix, for a matrix that is expanded and then permuted by `perm`.
static SmallVector<int64_t> permAfterExpand(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> perm) {
  SmallVector<int64_t> order = secondGroupFirst(groups);
  return llvm::map_to_vector(perm, [&](int64_t p) -> int64_t { return llvm::find(order, p) - order.begin(); });
}

/// The permutation before collapsing to the transposed matrix, for a tensor that is permuted by `perm` and collapsed.
static SmallVector<int64_t> permBeforeCollapse(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> perm) {
  return llvm::map_to_vector(secondGroupFirst(groups), [&](int64_t d) { return perm[d]; });
}

/// The permutations that are all readers of an expanded matrix (splitting heads); empty if there are other readers.
static SmallVector<linalg::TransposeOp> permutationsAfter(tensor::ExpandShapeOp expand) {
  if (!isMatrix(expand.getSrcType()) || !expand.getResultType().hasStaticShape())
    return {};
  SmallVector<linalg::TransposeOp> permutations;
  for (Operation *user : expand->getUsers()) {
    auto transpose = dyn_cast<linalg::TransposeOp>(user);
    if (!transpose || transpose.getInput() != expand.getResult() || transpose->getNumResults() != 1)
      return {};
    permutations.push_back(transpose);
  }
  return permutations;
}

/// The permutation whose only reader collapses it to a matrix (merging heads), or null.
static linalg::TransposeOp permutationBefore(tensor::CollapseShapeOp collapse) {
  auto transpose = collapse.getSrc().getDefiningOp<linalg::TransposeOp>();
  return transpose && isMatrix(collapse.getResultType()) && collapse.getSrcType().hasStaticShape() &&
                 transpose->hasOneUse()
             ? transpose
             : linalg::TransposeOp();
}

Network::Network(Operation *root) {
  llvm::DenseSet<Operation *> claimed; // a permutation may follow one reshape and precede another
  root->walk([&](Operation *op) {
    Choice choice{op};
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
      SmallVector<linalg::TransposeOp> permutations = permutationsAfter(expand);
      if (permutations.empty() ||
          llvm::any_of(permutations, [&](Operation *permutation) { return claimed.contains(permutation); }))
        return;
      for (linalg::TransposeOp permutation : permutations) {
        claimed.insert(permutation);
        choice.cost[0] += expand.getSrcType().getNumElements();
        if (!isIdentity(permAfterExpand(expand.getReassociationIndices(), permutation.getPermutation())))
          choice.cost[1] += expand.getSrcType().getNumElements();
      }
    } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
      linalg::TransposeOp permutation = permutationBefore(collapse);
      if (!permutation || !claimed.insert(permutation).second)
        return;
      choice.cost[0] = collapse.getResultType().getNumElements();
      if (!isIdentity(permBeforeCollapse(collapse.getReassociationIndices(), permutation.getPermutation())))
        choice.cost[1] = choice.cost[0];
    } else if (!isFlexible(op)) {
      return;
    }
    index[op] = choices.size();
    choices.push_back(choice);
  });
  // Labels need one frame; a choice for which there is none (x + transpose(x)) is pinned to what is written.
  while (true) {
    size_t before = pinned.size();
    matrices.clear();
    for (Choice &choice : choices)
      choice.visited = choice.flip = false;
    llvm::DenseSet<Value> seen;
    for (Choice &choice : choices) {
      SmallVector<Value> values(choice.op->getOperands());
      llvm::append_range(values, choice.op->getResults());
      for (Value value : values) {
        if (linalg::TransposeOp transpose = matrixTranspose(value))
          value = transpose.getInput();
        if (isMatrix(value.getType()) && seen.insert(value).second)
          addMatrix(value);
      }
    }
    alignFrames();
    if (pinned.size() == before)
      return;
  }
}

void Network::addMatrix(Value value) {
  if (isFreshInit(value))
    return;
  Matrix matrix;
  matrix.value = value;
  Operation *def = value.getDefiningOp();
  matrix.producer = def ? choiceOf(def) : -1;
  matrix.isFree = static_cast<bool>(constantBehind(value));
  auto addReaders = [&](Value read, bool transposed) {
    for (OpOperand &use : read.getUses())
      if (!isa<linalg::TransposeOp>(use.getOwner()))
        matrix.readers.push_back({choiceOf(use.getOwner()), transposed});
  };
  addReaders(value, false);
  for (Operation *user : value.getUsers())
    if (user->getNumResults() == 1 && matrixTranspose(user->getResult(0)))
      addReaders(user->getResult(0), true);
  matrices.push_back(std::move(matrix));
}

/// Gives connected choices and matrices a common frame: flip(choice) = flip(matrix) xor reads-the-transpose.
void Network::alignFrames() {
  SmallVector<SmallVector<int>> touching(choices.size());
  for (auto [m, matrix] : llvm::enumerate(matrices)) {
    if (matrix.producer >= 0)
      touching[matrix.producer].push_back(m);
    for (const Matrix::Reader &reader : matrix.readers)
      if (reader.choice >= 0)
        touching[reader.choice].push_back(m);
  }
  SmallVector<int> stack; // matrices
  auto visitChoice = [&](int c, bool flip) {
    Choice &choice = choices[c];
    if (choice.visited) {
      if (choice.flip != flip)
        pinned.insert(choice.op);
      return;
    }
    choice.visited = true;
    choice.flip = flip;
    for (int m : touching[c]) {
      Matrix &matrix = matrices[m];
      if (matrix.visited)
        continue;
      bool transposed = false;
      if (matrix.producer != c)
        for (const Matrix::Reader &reader : matrix.readers)
          if (reader.choice == c)
            transposed = reader.transposed;
      matrix.visited = true;
      matrix.flip = flip != transposed;
      stack.push_back(m);
    }
  };
  for (size_t start = 0; start < choices.size(); ++start) {
    if (choices[start].visited)
      continue;
    visitChoice(start, false);
    while (!stack.empty()) {
      Matrix &matrix = matrices[stack.pop_back_val()];
      if (matrix.producer >= 0)
        visitChoice(matrix.producer, matrix.flip);
      for (const Matrix::Reader &reader : matrix.readers)
        if (reader.choice >= 0)
          visitChoice(reader.choice, matrix.flip != reader.transposed);
    }
  }
}

SmallVector<Operation *> Network::solve() {
  MinCut cut;
  for (Choice &choice : choices) {
    choice.node = cut.addNode();
    cut.addArc(choice.node, MinCut::one, choice.cost[choice.flip]);
    cut.addArc(MinCut::zero, choice.node, choice.cost[!choice.flip]);
    if (pinned.contains(choice.op)) {
      cut.addArc(MinCut::zero, choice.node, choice.flip ? 0 : MinCut::infinite);
      cut.addArc(choice.node, MinCut::one, choice.flip ? MinCut::infinite : 0);
    }
  }
  auto terminal = [](bool label) { return label ? MinCut::one : MinCut::zero; };
  for (const Matrix &matrix : matrices) {
    if (matrix.isFree)
      continue;
    int64_t cost = cast<RankedTensorType>(matrix.value.getType()).getNumElements();
    int produced = matrix.producer >= 0 ? choices[matrix.producer].node : terminal(matrix.flip);
    // One transposed copy serves all readers: `some` is 1 if any reader has label 1, `all` is 0 if any has label 0.
    int some = cut.addNode(), all = cut.addNode();
    cut.addArc(produced, some, cost);
    cut.addArc(all, produced, cost);
    for (const Matrix::Reader &reader : matrix.readers) {
      int wanted = reader.choice >= 0 ? choices[reader.choice].node : terminal(reader.transposed != matrix.flip);
      cut.addArc(some, wanted, MinCut::infinite);
      cut.addArc(wanted, all, MinCut::infinite);
    }
  }
  std::vector<int> labels = cut.solve();
  SmallVector<Operation *> result;
  for (const Choice &choice : choices) {
    int label = labels[choice.node];
    if (label != MinCut::none && (label == 1) != choice.flip && !pinned.contains(choice.op))
      result.push_back(choice.op);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

namespace {

/// Rewrites ops, in program order, so that they read and produce transposed matrices.
class Rewriter {
public:
  explicit Rewriter(MLIRContext *context) : rewriter(context) {}

  void rewrite(Operation *op) {
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
      rewriteExpand(expand);
    else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
      rewriteCollapse(collapse);
    else
      rewriteGeneric(cast<linalg::GenericOp>(op));
  }

private:
  /// The transpose of a matrix: what it was transposed from, a constant, or a transposition next to its definition.
  Value transposed(Value value) {
    if (linalg::TransposeOp transpose = matrixTranspose(value))
      return transpose.getInput();
    Value &known = copies[value];
    if (known)
      return known;
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointAfterValue(value);
    if (ElementsAttr constant = constantBehind(value))
      if (ElementsAttr elements = transposeConstant(constant, cast<RankedTensorType>(value.getType())))
        return known = arith::ConstantOp::create(rewriter, value.getLoc(), cast<TypedAttr>(elements));
    return known = createTranspose(rewriter, value.getLoc(), value, swapped);
  }

  /// The transpose of a constant seen as a matrix of `type`; null if its bytes cannot be read.
  static ElementsAttr transposeConstant(ElementsAttr elements, RankedTensorType type) {
    int64_t rows = type.getDimSize(0), cols = type.getDimSize(1), bytes = getElementBytes(type.getElementType());
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> data = bytes ? getRawData(elements, storage) : FailureOr<ArrayRef<char>>(failure());
    if (failed(data))
      return {};
    std::vector<char> out(data->size());
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c)
        std::memcpy(out.data() + (c * rows + r) * bytes, data->data() + (r * cols + c) * bytes, bytes);
    return makeElements(RankedTensorType::get({cols, rows}, type.getElementType()), std::move(out));
  }

  /// Replaces a matrix by the transpose of `value`.
  void replaceByTranspose(Operation *op, Value value) {
    rewriter.replaceOp(op, createTranspose(rewriter, op->getLoc(), value, swapped));
  }

  void rewriteGeneric(linalg::GenericOp op) {
    // The loops are swapped together with the matrices, so that the inner loop stays contiguous.
    SmallVector<AffineExpr> loops{rewriter.getAffineDimExpr(1), rewriter.getAffineDimExpr(0)};
    SmallVector<AffineMap> maps;
    SmallVector<Value> inputs;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      SmallVector<AffineExpr> exprs(map.getResults());
      if (isMatrix(operand.get().getType()))
        std::swap(exprs[0], exprs[1]);
      for (AffineExpr &expr : exprs)
        expr = expr.replaceDims(loops);
      maps.push_back(AffineMap::get(2, 0, exprs, op.getContext()));
      if (!op.isDpsInit(&operand))
        inputs.push_back(isMatrix(operand.get().getType()) ? transposed(operand.get()) : operand.get());
    }
    rewriter.setInsertionPoint(op);
    Value init = op.getDpsInits()[0];
    bool matrix = isMatrix(init.getType());
    if (matrix) {
      auto type = cast<RankedTensorType>(init.getType());
      auto fill = init.getDefiningOp<linalg::FillOp>();
      init = tensor::EmptyOp::create(rewriter, op.getLoc(), {type.getDimSize(1), type.getDimSize(0)},
                                     type.getElementType());
      if (fill)
        init = linalg::FillOp::create(rewriter, op.getLoc(), fill.getInputs(), ValueRange{init})->getResult(0);
    }
    SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
    std::swap(iterators[0], iterators[1]);
    auto generic = linalg::GenericOp::create(rewriter, op.getLoc(), TypeRange{init.getType()}, inputs, ValueRange{init},
                                             maps, iterators);
    generic->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.inlineRegionBefore(op.getRegion(), generic.getRegion(), generic.getRegion().begin());
    if (matrix)
      replaceByTranspose(op, generic->getResult(0));
    else
      rewriter.replaceOp(op, generic->getResults());
  }

  void rewriteExpand(tensor::ExpandShapeOp op) {
    SmallVector<linalg::TransposeOp> permutations = permutationsAfter(op);
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    Value source = transposed(op.getSrc());
    rewriter.setInsertionPoint(op);
    SmallVector<int64_t> order = secondGroupFirst(groups);
    SmallVector<int64_t> shape =
        llvm::map_to_vector(order, [&](int64_t d) { return op.getResultType().getDimSize(d); });
    Value value = tensor::ExpandShapeOp::create(rewriter, op.getLoc(),
                                                RankedTensorType::get(shape, op.getResultType().getElementType()),
                                                source, consecutiveGroups(groups[1].size(), groups[0].size()));
    for (linalg::TransposeOp permutation : permutations) {
      SmallVector<int64_t> perm = permAfterExpand(groups, permutation.getPermutation());
      rewriter.setInsertionPoint(permutation);
      rewriter.replaceOp(permutation,
                         isIdentity(perm) ? value : createTranspose(rewriter, permutation.getLoc(), value, perm));
    }
    rewriter.eraseOp(op);
  }

  void rewriteCollapse(tensor::CollapseShapeOp op) {
    linalg::TransposeOp permutation = permutationBefore(op);
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    rewriter.setInsertionPoint(op);
    SmallVector<int64_t> perm = permBeforeCollapse(groups, permutation.getPermutation());
    Value value = permutation.getInput();
    if (!isIdentity(perm))
      value = createTranspose(rewriter, permutation.getLoc(), value, perm);
    value = tensor::CollapseShapeOp::create(rewriter, op.getLoc(), value,
                                            consecutiveGroups(groups[1].size(), groups[0].size()));
    replaceByTranspose(op, value);
    rewriter.eraseOp(permutation);
  }

  static SmallVector<ReassociationIndices> consecutiveGroups(int64_t first, int64_t second) {
    return {llvm::to_vector(llvm::seq<int64_t>(first)), llvm::to_vector(llvm::seq<int64_t>(first, first + second))};
  }

  IRRewriter rewriter;
  llvm::DenseMap<Value, Value> copies;
};

struct PropagateTransposes : gs::impl::PropagateTransposesBase<PropagateTransposes> {
  using PropagateTransposesBase::PropagateTransposesBase;

  void runOnOperation() override {
    int64_t before = countTransposes();
    if (failed(dropUnits()))
      return signalPassFailure();
    mergeEqualViews();
    Rewriter rewriter(&getContext());
    for (Operation *op : Network(getOperation()).solve())
      rewriter.rewrite(op);
    if (failed(simplify()))
      return signalPassFailure();
    mergeEqualViews();
    numRemoved += std::max<int64_t>(0, before - countTransposes());
  }

  int64_t countTransposes() {
    int64_t count = 0;
    getOperation()->walk([&](linalg::TransposeOp) { ++count; });
    return count;
  }

  /// Keeps one of several equal reshapes or transpositions of a value: readers of an activation (query, key and value)
  /// each brought their own. General CSE would merge the places they write to as well.
  void mergeEqualViews() {
    SmallVector<Operation *> dead;
    getOperation()->walk([&](Operation *op) {
      if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, linalg::TransposeOp>(op) || op->getNumResults() != 1)
        return;
      for (Operation *other : op->getOperand(0).getUsers()) {
        if (other->getName() != op->getName() || other->getBlock() != op->getBlock() || !other->isBeforeInBlock(op) ||
            other->getOperand(0) != op->getOperand(0) || other->getResultTypes() != op->getResultTypes() ||
            other->getAttrDictionary() != op->getAttrDictionary() || other->use_empty())
          continue;
        op->replaceAllUsesWith(other);
        dead.push_back(op);
        return;
      }
    });
    for (Operation *op : llvm::reverse(dead))
      op->erase();
  }

  LogicalResult simplify() {
    RewritePatternSet patterns(&getContext());
    patterns.add<DropUnitsOfTranspose>(&getContext());
    linalg::TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    // Elementwise ops between two reshapes of a matrix ([2, 128, 768] seen as [256, 768]) work on the matrix.
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns, [](OpOperand *operand) {
      if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(operand->getOwner()))
        return isMatrix(collapse.getResultType());
      auto expand = operand->get().getDefiningOp<tensor::ExpandShapeOp>();
      return expand && isMatrix(expand.getSrcType());
    });
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  /// Removes unit dimensions from ops on matrices; one op may expose the next.
  LogicalResult dropUnits() {
    while (true) {
      if (failed(simplify()))
        return failure();
      SmallVector<linalg::GenericOp> ops;
      getOperation()->walk([&](linalg::GenericOp op) {
        if (hasUnitsToDrop(op))
          ops.push_back(op);
      });
      bool changed = false;
      for (linalg::GenericOp op : ops) {
        IRRewriter rewriter(op);
        FailureOr<linalg::DropUnitDimsResult> dropped =
            linalg::dropUnitDims(rewriter, op, linalg::ControlDropUnitDims());
        if (failed(dropped))
          continue;
        rewriter.replaceOp(op, dropped->replacements);
        changed = true;
      }
      if (!changed)
        return success();
    }
  }
};

} // namespace
