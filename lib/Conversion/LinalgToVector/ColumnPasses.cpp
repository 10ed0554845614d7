//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recognises ops that go through the columns of the same matrices.
//
//===----------------------------------------------------------------------===//
#include "ColumnPasses.h"
#include "Product.h"
#include "VectorBody.h"
#include "gs/Dialect/GS/IR/Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::gs;
using Access = ColumnPasses::Access;

/// The buffer behind reshapes; null if it may share memory with others.
static Value ownBuffer(Value value) {
  value = behindReshapes(value);
  Operation *def = value.getDefiningOp();
  bool isOwn = !def || isa<memref::AllocOp, memref::GetGlobalOp>(def);
  return isOwn ? value : Value();
}

static bool isReshape(Operation *op) { return isa<memref::ExpandShapeOp, memref::CollapseShapeOp>(op); }

/// The buffer and its reshapes.
static SmallVector<Value> reshapesOf(Value root) {
  SmallVector<Value> aliases{root};
  for (size_t i = 0; i < aliases.size(); ++i)
    for (Operation *user : aliases[i].getUsers())
      if (isReshape(user))
        aliases.push_back(user->getResult(0));
  return aliases;
}

static bool isPlain(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && memref.getElementType().isF32() && memref.getLayout().isIdentity() && memref.hasStaticShape();
}

namespace {

/// The loops of one op that take more than one step, and where each operand is in their steps.
struct Nest {
  SmallVector<int64_t> extents;
  SmallVector<bool> isReduction;
  SmallVector<SmallVector<int64_t>> strides; ///< of each operand, for each loop

  static std::optional<Nest> get(linalg::LinalgOp op) {
    Nest nest;
    SmallVector<int64_t> all = op.getStaticLoopRanges();
    SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
    SmallVector<int> loopOf(all.size(), -1);
    for (auto [d, extent] : llvm::enumerate(all)) {
      if (ShapedType::isDynamic(extent) || extent == 0)
        return std::nullopt;
      if (extent == 1)
        continue;
      loopOf[d] = static_cast<int>(nest.extents.size());
      nest.extents.push_back(extent);
      nest.isReduction.push_back(iterators[d] == utils::IteratorType::reduction);
    }
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      if (!isPlain(operand.get().getType()) || !map.isProjectedPermutation(/*allowZeroInResults=*/true))
        return std::nullopt;
      SmallVector<int64_t> strides(nest.extents.size(), 0);
      int64_t step = 1;
      auto type = cast<MemRefType>(operand.get().getType());
      for (unsigned d = type.getRank(); d-- > 0;) {
        auto dim = dyn_cast<AffineDimExpr>(map.getResult(d));
        if (dim && loopOf[dim.getPosition()] >= 0)
          strides[loopOf[dim.getPosition()]] = step;
        step *= type.getDimSize(d);
      }
      nest.strides.push_back(strides);
    }
    return nest;
  }
};

class Finder {
public:
  explicit Finder(ColumnPasses &p) : p(p) {}

  const char *begin(linalg::LinalgOp reduction, int64_t lanes);
  /// Adds `op` to the steps, behind or in front of the others; false if it is none.
  bool add(Operation *op, bool inFront);
  const char *finish();

private:
  std::optional<ColumnPasses::Step> match(Operation *op);
  bool addOperand(ColumnPasses::Step &step, Value value, ArrayRef<int64_t> strides);
  bool isConsistent(const ColumnPasses::Step &step) const;
  void makePasses();
  void writeInPlace();
  unsigned bufferOf(Value root) {
    auto *it = llvm::find(p.buffers, root);
    if (it == p.buffers.end()) {
      p.buffers.push_back(root);
      return p.buffers.size() - 1;
    }
    return it - p.buffers.begin();
  }

  ColumnPasses &p;
  SmallVector<int64_t> matrix, column; ///< strides of all matrices, and of all values per column
  int64_t columnElements = 1;
};

} // namespace

const char *Finder::begin(linalg::LinalgOp op, int64_t lanes) {
  if (!op.hasPureBufferSemantics() || op.getNumDpsInits() != 1 || op.getNumReductionLoops() == 0)
    return "no reduction of buffers";
  std::optional<Nest> nest = Nest::get(op);
  if (!nest)
    return "an operand is not a contiguous buffer of f32, or the extents of the loops are not known";
  SmallVector<unsigned> order;
  std::optional<unsigned> rows, columns;
  ArrayRef<int64_t> out = nest->strides.back();
  for (unsigned l = 0; l < nest->extents.size(); ++l) {
    if (nest->isReduction[l]) {
      if (rows)
        return "the reduction has several loops";
      rows = l;
    } else if (out[l] == 1) {
      columns = l;
    } else {
      order.push_back(l);
    }
  }
  if (!rows || !columns || nest->extents[*columns] < lanes)
    return "columns are not contiguous, or fewer than a vector has";
  order.append({*rows, *columns});
  for (unsigned l : order)
    p.extents.push_back(nest->extents[l]);
  for (ArrayRef<int64_t> strides : ArrayRef(nest->strides).drop_back()) {
    if (llvm::is_contained(strides, 0) || strides[*columns] != 1)
      continue;
    for (unsigned l : order)
      matrix.push_back(strides[l]);
    break;
  }
  if (matrix.empty())
    return "no operand has an element for each row and column";
  for (unsigned l : order)
    column.push_back(out[l]);
  for (int64_t extent : p.extents)
    columnElements *= extent;
  columnElements /= p.rows();
  if (cast<MemRefType>(op.getDpsInits()[0].getType()).getNumElements() != columnElements)
    return "the result is a part of a buffer";
  return add(op, /*inFront=*/false) ? nullptr : "the body or an operand is not for vectors";
}

bool Finder::addOperand(ColumnPasses::Step &step, Value value, ArrayRef<int64_t> strides) {
  Value root = ownBuffer(value);
  if (!root || !isPlain(root.getType()))
    return false;
  ColumnPasses::Operand operand;
  operand.buffer = bufferOf(root);
  operand.strides.assign(strides.begin(), strides.end());
  if (strides == ArrayRef(matrix))
    operand.access = Access::Matrix;
  else if (strides == ArrayRef(column))
    operand.access = Access::Column;
  else if (strides.back() == 1)
    operand.access = Access::Vector;
  else if (strides.back() == 0)
    operand.access = Access::Splat;
  else
    return false;
  step.operands.push_back(operand);
  return true;
}

std::optional<ColumnPasses::Step> Finder::match(Operation *op) {
  ColumnPasses::Step step{op, {}};
  auto isWhole = [&](Value v) {
    return isPlain(v.getType()) && cast<MemRefType>(v.getType()).getNumElements() == columnElements;
  };
  if (auto fill = dyn_cast<linalg::FillOp>(op)) {
    Value out = fill.getOutputs()[0];
    if (!matchPattern(fill.getInputs()[0], m_Constant()) || !isWhole(out) || !addOperand(step, out, column))
      return std::nullopt;
    return step;
  }
  if (auto copy = dyn_cast<memref::CopyOp>(op)) {
    if (!isWhole(copy.getSource()) || !isWhole(copy.getTarget()) || !addOperand(step, copy.getSource(), column) ||
        !addOperand(step, copy.getTarget(), column))
      return std::nullopt;
    return step;
  }
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic || !generic.hasPureBufferSemantics() || generic.getNumDpsInits() != 1 || !isVectorizable(generic))
    return std::nullopt;
  std::string reason;
  if (succeeded(Product::get(generic, reason)))
    return std::nullopt;
  std::optional<Nest> nest = Nest::get(generic);
  if (!nest)
    return std::nullopt;
  // A loop is recognised by the step that it makes in a matrix, or in a value per column.
  SmallVector<int64_t> loops; // of the op, for each of the group; -1: it has none
  auto recognise = [&](ArrayRef<int64_t> strides, ArrayRef<int64_t> reference, bool withRows) {
    if (nest->extents.size() != p.extents.size() - !withRows)
      return false;
    loops.clear();
    for (size_t g = 0; g < p.extents.size(); ++g) {
      loops.push_back(-1);
      if (!withRows && g + 2 == p.extents.size())
        continue;
      for (size_t l = 0; l < strides.size(); ++l)
        if (strides[l] == reference[g] && nest->extents[l] == p.extents[g])
          loops.back() = static_cast<int64_t>(l);
      if (loops.back() < 0)
        return false;
    }
    return true;
  };
  for (ArrayRef<int64_t> strides : nest->strides)
    if ((step.overRows = recognise(strides, matrix, /*withRows=*/true)) ||
        recognise(strides, column, /*withRows=*/false))
      break;
    else
      loops.clear();
  if (loops.empty())
    return std::nullopt;
  for (auto [g, l] : llvm::enumerate(loops)) {
    if (l < 0 || !nest->isReduction[l])
      continue;
    if (g + 2 != p.extents.size())
      return std::nullopt;
    step.reduces = true;
  }
  for (auto [value, strides] : llvm::zip_equal(op->getOperands(), nest->strides)) {
    SmallVector<int64_t> own;
    for (int64_t l : loops)
      own.push_back(l < 0 ? 0 : strides[l]);
    if (!addOperand(step, value, own))
      return std::nullopt;
  }
  Access expected = step.overRows && !step.reduces ? Access::Matrix : Access::Column;
  if (step.operands.back().access != expected)
    return std::nullopt;
  return step;
}

/// A buffer that is written is accessed in one way only: then no strip reads what another one writes.
bool Finder::isConsistent(const ColumnPasses::Step &step) const {
  SmallVector<const ColumnPasses::Step *> all{&step};
  for (const ColumnPasses::Step &other : p.steps)
    all.push_back(&other);
  for (const ColumnPasses::Step *writer : all)
    for (const ColumnPasses::Step *user : all)
      for (const ColumnPasses::Operand &operand : user->operands)
        if (operand.buffer == writer->operands.back().buffer && operand.access != writer->operands.back().access)
          return false;
  return true;
}

bool Finder::add(Operation *op, bool inFront) {
  size_t known = p.buffers.size();
  std::optional<ColumnPasses::Step> step = match(op);
  if (!step || !isConsistent(*step)) {
    p.buffers.truncate(known);
    return false;
  }
  p.steps.insert(inFront ? p.steps.begin() : p.steps.end(), *step);
  return true;
}

/// An op joins the loop before it unless it needs what that loop has only at its end.
void Finder::makePasses() {
  p.passes.emplace_back();
  for (auto [s, step] : llvm::enumerate(p.steps)) {
    bool waits = false;
    for (unsigned i : p.passes.back().inside) {
      const ColumnPasses::Step &inside = p.steps[i];
      for (const ColumnPasses::Operand &operand : step.operands)
        waits |= inside.reduces && operand.buffer == inside.operands.back().buffer;
      for (const ColumnPasses::Operand &operand : inside.operands)
        waits |= operand.access == Access::Column && operand.buffer == step.operands.back().buffer;
    }
    if (waits)
      p.passes.emplace_back();
    (step.overRows ? p.passes.back().inside : p.passes.back().before).push_back(s);
  }
}

const char *Finder::finish() {
  makePasses();
  if (llvm::count_if(p.passes, [](const ColumnPasses::Pass &pass) { return !pass.inside.empty(); }) < 2)
    return "there is only one pass";
  DenseSet<Operation *> own;
  for (const ColumnPasses::Step &step : p.steps)
    own.insert(step.op);
  for (Value root : p.buffers) {
    bool visible = !root.getDefiningOp<memref::AllocOp>();
    for (Value alias : reshapesOf(root))
      for (Operation *user : alias.getUsers())
        visible |= !isReshape(user) && !own.contains(user);
    p.isVisible.push_back(visible);
  }
  writeInPlace();
  return nullptr;
}

/// A matrix that nobody reads behind the steps gets their result: a strip has read it before it is written.
void Finder::writeInPlace() {
  SmallVector<SmallVector<Operation *>> users(p.buffers.size()); // other ones
  DenseSet<Operation *> own;
  for (const ColumnPasses::Step &step : p.steps)
    own.insert(step.op);
  Block *block = p.steps.front().op->getBlock();
  for (auto [i, root] : llvm::enumerate(p.buffers))
    for (Value alias : reshapesOf(root))
      for (Operation *user : alias.getUsers())
        if (!isReshape(user) && !own.contains(user))
          users[i].push_back(block->findAncestorOpInBlock(*user));
  Operation *front = p.steps.front().op;
  auto isAllBehind = [&](unsigned buffer, bool behind) {
    return llvm::all_of(users[buffer], [&](Operation *user) { return user && behind == front->isBeforeInBlock(user); });
  };
  for (auto [number, step] : llvm::enumerate(p.steps)) {
    unsigned to = step.operands.back().buffer;
    auto isFree = [&](const ColumnPasses::Operand &operand) {
      unsigned from = operand.buffer;
      if (operand.access != Access::Matrix || from == to || !p.buffers[from].getDefiningOp<memref::AllocOp>() ||
          p.buffers[from].getType() != p.buffers[to].getType() || !isAllBehind(from, false))
        return false;
      // Neither written by the steps, nor read behind this one.
      for (auto [other, otherStep] : llvm::enumerate(p.steps))
        for (auto [o, access] : llvm::enumerate(otherStep.operands))
          if (access.buffer == from && (other > number || o + 1 == otherStep.operands.size()))
            return false;
      return true;
    };
    if (step.operands.back().access != Access::Matrix || !p.isVisible[to] || !isAllBehind(to, true) ||
        !p.buffers[to].getDefiningOp<memref::AllocOp>())
      continue;
    unsigned from = 0;
    for (const ColumnPasses::Step &reader : p.steps)
      for (const ColumnPasses::Operand &operand : reader.operands)
        if (isFree(operand))
          from = operand.buffer + 1;
    if (!from)
      continue;
    p.buffers[to].replaceAllUsesWith(p.buffers[--from]);
    for (ColumnPasses::Step &any : p.steps)
      for (ColumnPasses::Operand &operand : any.operands)
        if (operand.buffer == to)
          operand.buffer = from;
    p.isVisible[from] = true;
    p.isVisible[to] = false;
    return;
  }
}

FailureOr<ColumnPasses> ColumnPasses::get(linalg::LinalgOp reduction, int64_t lanes, std::string &reason) {
  ColumnPasses passes;
  Finder finder(passes);
  if (const char *why = finder.begin(reduction, lanes)) {
    reason = why;
    return failure();
  }
  auto isNothing = [](Operation *op) {
    return isa<memref::AllocOp>(op) || (isMemoryEffectFree(op) && op->getNumRegions() == 0);
  };
  for (bool inFront : {true, false})
    for (Operation *op = reduction; (op = inFront ? op->getPrevNode() : op->getNextNode());)
      if (op->hasTrait<OpTrait::IsTerminator>() || (!isNothing(op) && !finder.add(op, inFront)))
        break;
  if (const char *why = finder.finish()) {
    reason = why;
    return failure();
  }
  return passes;
}
