//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel of ops that go through the columns of the same matrices: all of them on a strip of a few vectors.
//
//===----------------------------------------------------------------------===//
#include "ColumnPasses.h"
#include "VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;
using Access = ColumnPasses::Access;

namespace {

class Emitter {
public:
  Emitter(ImplicitLocOpBuilder &b, const ColumnPasses &p, const TargetSpec &target, ArrayRef<Value> buffers)
      : b(b), p(p), lanes(target.lanes()), buffers(buffers), type(VectorType::get({lanes}, b.getF32Type())) {
    chooseStrip(target);
  }

  void emit(Value tid, Value threads);

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value plus(Value a, Value c) { return arith::AddIOp::create(b, a, c); }
  Value plus(Value a, int64_t c) { return c ? plus(a, index(c)) : a; }
  Value times(Value a, int64_t c) { return c == 1 ? a : arith::MulIOp::create(b, a, index(c)).getResult(); }

  void loop(Value lo, Value hi, function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, lo, hi, index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loop.getBody()->getTerminator());
    body(loop.getInductionVar());
  }

  /// Lanes of vector v of the strip.
  int64_t width(unsigned v) const { return v + 1 == vectors ? lastLanes : lanes; }
  Value mask(int64_t count) {
    return vector::CreateMaskOp::create(b, type.clone(b.getI1Type()), ValueRange{index(count)});
  }
  Value load(Value from, Value at, int64_t count) {
    if (count == lanes)
      return vector::LoadOp::create(b, type, from, ValueRange{at});
    Value zero = arith::ConstantOp::create(b, type, b.getZeroAttr(type));
    return vector::MaskedLoadOp::create(b, type, from, ValueRange{at}, mask(count), zero);
  }
  void store(Value value, Value to, Value at, int64_t count) {
    if (count == lanes)
      vector::StoreOp::create(b, value, to, ValueRange{at});
    else
      vector::MaskedStoreOp::create(b, to, ValueRange{at}, mask(count), value);
  }

  void chooseStrip(const TargetSpec &target);
  void emitStrips(Value tid, Value threads, int64_t first, int64_t strips);
  void emitPass(const ColumnPasses::Pass &pass);
  void emitRow(const ColumnPasses::Pass &pass, Value row, unsigned v, DenseMap<unsigned, Value> &sums);
  /// Where an operand is read in the strip, or in `row` of it.
  Value place(const ColumnPasses::Operand &operand, Value row, unsigned v);
  Value columnValue(const ColumnPasses::Operand &operand, unsigned v);
  void setColumn(const ColumnPasses::Operand &operand, unsigned v, Value value);

  ImplicitLocOpBuilder &b;
  const ColumnPasses &p;
  int64_t lanes;
  ArrayRef<Value> buffers;
  VectorType type;
  int64_t stripVectors = 1;
  DenseMap<unsigned, Value> panels; ///< for matrices that only later passes read: a strip of them
  DenseSet<unsigned> stored;        ///< matrices that are written to their buffers

  // The strip that is being emitted.
  unsigned vectors = 1;
  int64_t lastLanes = 0;
  SmallVector<Value> at;                                     ///< the step in each loop; none for the rows
  DenseMap<std::pair<unsigned, unsigned>, Value> columnsNow; ///< by buffer and vector
};

} // namespace

/// Two lines of cache side by side, more if enough strips are left for threads, as long as panels leave half of the
/// first level to what passes by.
void Emitter::chooseStrip(const TargetSpec &target) {
  DenseMap<unsigned, unsigned> writtenIn;
  DenseSet<unsigned> kept;
  for (auto [number, pass] : llvm::enumerate(p.passes))
    for (unsigned s : pass.inside) {
      const ColumnPasses::Step &step = p.steps[s];
      for (const ColumnPasses::Operand &operand : step.operands)
        if (auto it = writtenIn.find(operand.buffer); it != writtenIn.end() && it->second < number)
          kept.insert(operand.buffer);
      if (!step.reduces)
        writtenIn[step.operands.back().buffer] = number;
    }
  SmallVector<unsigned> inside;
  for (unsigned buffer : kept)
    if (!p.isVisible[buffer])
      inside.push_back(buffer);
  llvm::sort(inside);
  int64_t batches = 1;
  for (int64_t extent : ArrayRef(p.extents).drop_back(2))
    batches *= extent;
  constexpr int64_t lineBytes = 64, enoughStrips = 4;
  stripVectors = std::max<int64_t>(1, lineBytes / target.vectorBytes());
  auto panelBytes = [&](int64_t n) {
    return static_cast<int64_t>(inside.size()) * p.rows() * n * target.vectorBytes();
  };
  while (stripVectors < 4 * lineBytes / target.vectorBytes() &&
         batches * (p.columns() / (2 * stripVectors * lanes)) >= enoughStrips &&
         panelBytes(2 * stripVectors) <= target.l1Bytes / 2)
    stripVectors *= 2;
  bool usesPanels = panelBytes(stripVectors) <= target.l2Bytes / 4;
  for (auto [buffer, pass] : writtenIn)
    if (p.isVisible[buffer] || (kept.contains(buffer) && !usesPanels))
      stored.insert(buffer);
  if (!usesPanels)
    return;
  for (unsigned buffer : inside)
    panels[buffer] = memref::AllocaOp::create(b, MemRefType::get({p.rows() * stripVectors * lanes}, b.getF32Type()),
                                              b.getI64IntegerAttr(64));
}

Value Emitter::place(const ColumnPasses::Operand &operand, Value row, unsigned v) {
  Value position = index(operand.strides.back() * v * lanes);
  for (size_t g = 0; g < p.extents.size(); ++g) {
    Value step = g + 2 == p.extents.size() ? row : at[g];
    if (operand.strides[g] && step)
      position = plus(position, times(step, operand.strides[g]));
  }
  return position;
}

Value Emitter::columnValue(const ColumnPasses::Operand &operand, unsigned v) {
  Value &now = columnsNow[{operand.buffer, v}];
  if (!now)
    now = load(buffers[operand.buffer], place(operand, {}, v), width(v));
  return now;
}

void Emitter::setColumn(const ColumnPasses::Operand &operand, unsigned v, Value value) {
  columnsNow[{operand.buffer, v}] = value;
  if (p.isVisible[operand.buffer])
    store(value, buffers[operand.buffer], place(operand, {}, v), width(v));
}

/// A running maximum (minimum) as its second operand: where instructions treat NaN in another way, the first is looked
/// at, and that takes longer than the maximum. A zero may keep its sign.
static void simplifyMaximum(Value result, Value running) {
  Operation *op = result.getDefiningOp();
  if (!isa_and_nonnull<arith::MaximumFOp, arith::MinimumFOp>(op))
    return;
  if (op->getOperand(0) == running)
    op->setOperands({op->getOperand(1), running});
  auto fast = cast<arith::ArithFastMathInterface>(op);
  arith::FastMathFlags flags = fast.getFastMathFlagsAttr().getValue() | arith::FastMathFlags::nsz;
  op->setAttr(fast.getFastMathAttrName(), arith::FastMathFlagsAttr::get(op->getContext(), flags));
}

void Emitter::emitRow(const ColumnPasses::Pass &pass, Value row, unsigned v, DenseMap<unsigned, Value> &sums) {
  DenseMap<unsigned, Value> elements; // of matrices, in this row
  Value panelPlace;
  auto inPanel = [&] {
    if (!panelPlace)
      panelPlace = plus(times(row, stripVectors * lanes), v * lanes);
    return panelPlace;
  };
  for (unsigned s : pass.inside) {
    const ColumnPasses::Step &step = p.steps[s];
    auto op = cast<linalg::LinalgOp>(step.op);
    const unsigned out = step.operands.back().buffer;
    SmallVector<Value> values;
    for (auto [i, operand] : llvm::enumerate(step.operands)) {
      Value buffer = buffers[operand.buffer], value;
      if (op.getBlock()->getArgument(i).use_empty()) {
        values.push_back({});
        continue;
      }
      switch (operand.access) {
      case Access::Matrix: {
        Value &element = elements[operand.buffer];
        if (!element) {
          Value panel = panels.lookup(operand.buffer);
          element = panel ? load(panel, inPanel(), lanes) : load(buffer, place(operand, row, v), width(v));
        }
        value = element;
        break;
      }
      case Access::Column:
        value = step.reduces && operand.buffer == out ? sums.lookup(out) : columnValue(operand, v);
        break;
      case Access::Vector:
        value = load(buffer, place(operand, row, v), width(v));
        break;
      case Access::Splat:
        value =
            vector::BroadcastOp::create(b, type, memref::LoadOp::create(b, buffer, ValueRange{place(operand, row, 0)}));
        break;
      }
      values.push_back(value);
    }
    Value result = emitVectorBody(b, op, lanes, values);
    if (step.reduces) {
      simplifyMaximum(result, sums.lookup(out));
      sums[out] = result;
      continue;
    }
    elements[out] = result;
    if (Value panel = panels.lookup(out))
      store(result, panel, inPanel(), lanes);
    else if (stored.contains(out))
      store(result, buffers[out], place(step.operands.back(), row, v), width(v));
  }
}

void Emitter::emitPass(const ColumnPasses::Pass &pass) {
  for (unsigned s : pass.before) {
    const ColumnPasses::Step &step = p.steps[s];
    for (unsigned v = 0; v < vectors; ++v) {
      Value result;
      if (auto fill = dyn_cast<linalg::FillOp>(step.op)) {
        Attribute value;
        matchPattern(fill.getInputs()[0], m_Constant(&value));
        result = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, value));
      } else if (isa<memref::CopyOp>(step.op)) {
        result = columnValue(step.operands[0], v);
      } else {
        auto op = cast<linalg::LinalgOp>(step.op);
        SmallVector<Value> values;
        for (auto [i, operand] : llvm::enumerate(step.operands)) {
          Value buffer = buffers[operand.buffer];
          if (op.getBlock()->getArgument(i).use_empty())
            values.push_back({});
          else if (operand.access == Access::Column)
            values.push_back(columnValue(operand, v));
          else if (operand.access == Access::Splat)
            values.push_back(vector::BroadcastOp::create(
                b, type, memref::LoadOp::create(b, buffer, ValueRange{place(operand, {}, 0)})));
          else
            values.push_back(load(buffer, place(operand, {}, v), width(v)));
        }
        result = emitVectorBody(b, op, lanes, values);
      }
      setColumn(step.operands.back(), v, result);
    }
  }
  if (pass.inside.empty())
    return;
  // Values per column that the loop reads are loaded in front of it.
  SmallVector<const ColumnPasses::Operand *> reduced;
  SmallVector<Value> inits;
  for (unsigned s : pass.inside) {
    const ColumnPasses::Step &step = p.steps[s];
    for (const ColumnPasses::Operand &operand : step.operands)
      for (unsigned v = 0; operand.access == Access::Column && v < vectors; ++v)
        columnValue(operand, v);
    if (step.reduces)
      reduced.push_back(&step.operands.back());
  }
  for (const ColumnPasses::Operand *operand : reduced)
    for (unsigned v = 0; v < vectors; ++v)
      inits.push_back(columnValue(*operand, v));
  auto rows = scf::ForOp::create(b, index(0), index(p.rows()), index(1), inits);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(rows.getBody());
    SmallVector<Value> next(inits.size());
    for (unsigned v = 0; v < vectors; ++v) {
      DenseMap<unsigned, Value> sums;
      for (auto [i, operand] : llvm::enumerate(reduced))
        sums[operand->buffer] = rows.getRegionIterArg(i * vectors + v);
      emitRow(pass, rows.getInductionVar(), v, sums);
      for (auto [i, operand] : llvm::enumerate(reduced))
        next[i * vectors + v] = sums.lookup(operand->buffer);
    }
    if (inits.empty())
      b.setInsertionPoint(rows.getBody()->getTerminator());
    else
      scf::YieldOp::create(b, next);
  }
  for (auto [i, operand] : llvm::enumerate(reduced))
    for (unsigned v = 0; v < vectors; ++v)
      setColumn(*operand, v, rows.getResult(i * vectors + v));
}

void Emitter::emitStrips(Value tid, Value threads, int64_t first, int64_t strips) {
  int64_t units = strips;
  for (int64_t extent : ArrayRef(p.extents).drop_back(2))
    units *= extent;
  auto bound = [&](Value part) -> Value { return arith::DivUIOp::create(b, times(part, units), threads); };
  loop(bound(tid), bound(plus(tid, 1)), [&](Value unit) {
    at.assign(p.extents.size(), {});
    // Strips of one matrix follow each other, as tiles of products do (ProductKernel): a thread reads what it wrote.
    Value strip = index(0);
    if (strips > 1) {
      strip = arith::RemUIOp::create(b, unit, index(strips));
      unit = arith::DivUIOp::create(b, unit, index(strips));
    }
    for (size_t g = p.extents.size() - 2; g-- > 0;) {
      at[g] = arith::RemUIOp::create(b, unit, index(p.extents[g]));
      unit = arith::DivUIOp::create(b, unit, index(p.extents[g]));
    }
    at.back() = times(plus(strip, first), stripVectors * lanes);
    columnsNow.clear();
    for (const ColumnPasses::Pass &pass : p.passes)
      emitPass(pass);
  });
}

void Emitter::emit(Value tid, Value threads) {
  const int64_t width = stripVectors * lanes, full = p.columns() / width, rest = p.columns() % width;
  vectors = stripVectors;
  lastLanes = lanes;
  if (full)
    emitStrips(tid, threads, 0, full);
  if (!rest)
    return;
  vectors = llvm::divideCeil(rest, lanes);
  lastLanes = (rest - 1) % lanes + 1;
  emitStrips(tid, threads, full, 1);
}

void gs::emitColumnPasses(ImplicitLocOpBuilder &b, const ColumnPasses &passes, const TargetSpec &target,
                          ArrayRef<Value> buffers, Value tid, Value threads) {
  Emitter(b, passes, target, buffers).emit(tid, threads);
}
