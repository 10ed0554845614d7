//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrices between layers, and which orientation each should have.
//
// Each op on matrices gets a label, as written (0) or transposed (1); a matrix costs its size where its producer and
// one of its readers disagree. The cheapest labelling is a minimum cut.
//
//===----------------------------------------------------------------------===//
#include "MatrixNetwork.h"
#include "MinCut.h"
#include "UnitDims.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace mlir::gs;

linalg::TransposeOp gs::matrixTranspose(Value value) {
  auto transpose = value.getDefiningOp<linalg::TransposeOp>();
  return transpose && isMatrix(value.getType()) && transpose.getPermutation() == ArrayRef<int64_t>({1, 0})
             ? transpose
             : linalg::TransposeOp();
}

ElementsAttr gs::constantBehind(Value value) {
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
    return constantBehind(def->getOperand(0));
  auto constant = dyn_cast_or_null<arith::ConstantOp>(def);
  return constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
}

static bool isIdentity(ArrayRef<int64_t> perm) { return llvm::equal(perm, llvm::seq<int64_t>(perm.size())); }

SmallVector<int64_t> gs::secondGroupFirst(ArrayRef<ReassociationIndices> groups) {
  SmallVector<int64_t> order(groups[1].begin(), groups[1].end());
  llvm::append_range(order, groups[0]);
  return order;
}

SmallVector<int64_t> gs::permAfterExpand(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> perm) {
  SmallVector<int64_t> order = secondGroupFirst(groups);
  return llvm::map_to_vector(perm, [&](int64_t p) -> int64_t { return llvm::find(order, p) - order.begin(); });
}

SmallVector<int64_t> gs::permBeforeCollapse(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> perm) {
  return llvm::map_to_vector(secondGroupFirst(groups), [&](int64_t d) { return perm[d]; });
}

SmallVector<linalg::TransposeOp> gs::permutationsAfter(tensor::ExpandShapeOp expand) {
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

linalg::TransposeOp gs::permutationBefore(tensor::CollapseShapeOp collapse) {
  auto transpose = collapse.getSrc().getDefiningOp<linalg::TransposeOp>();
  return transpose && isMatrix(collapse.getResultType()) && collapse.getSrcType().hasStaticShape() &&
                 transpose->hasOneUse()
             ? transpose
             : linalg::TransposeOp();
}

namespace {

/// An op that works on matrices in both orientations. `flip` relates its label to those of the matrices it touches:
/// connected choices are labelled in one common frame.
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

/// True for an op that can run on transposed matrices: a generic op of two loops, or a slice.
static bool isFlexible(Operation *op) {
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    return isMatrix(slice.getSourceType()) && isMatrix(slice.getType()) && isStatic(slice);
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

SmallVector<Operation *> gs::chooseTransposed(Operation *root) { return Network(root).solve(); }
