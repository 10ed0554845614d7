//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Transposes and elementwise work on them, in square tiles of registers.
//
//===----------------------------------------------------------------------===//
#include "Crossing.h"
#include "VectorBody.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gs;

FailureOr<Crossing> Crossing::get(linalg::LinalgOp op, int64_t lanes, std::string &reason) {
  auto refuse = [&](const char *why) {
    reason = why;
    return failure();
  };
  if (!op.hasPureBufferSemantics() || op.getNumDpsInits() != 1 || op.getNumReductionLoops() || !isVectorizable(op))
    return refuse("not elementwise work that vectors can do");
  SmallVector<Loop> loops;
  for (int64_t extent : op.getStaticLoopRanges()) {
    if (ShapedType::isDynamic(extent) || extent == 0)
      return refuse("the extents of the loops are not known, or one is zero");
    loops.push_back({extent, {}});
  }
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    if (!type || !type.getElementType().isF32() || !type.getLayout().isIdentity() || !type.hasStaticShape())
      return refuse("an operand is not a contiguous buffer of f32");
    if (!maps[i].isProjectedPermutation(/*allowZeroInResults=*/true))
      return refuse("an operand is not read dimension by dimension");
    for (Loop &loop : loops)
      loop.strides.push_back(0);
    int64_t step = 1;
    for (unsigned d = type.getRank(); d-- > 0;) {
      if (auto dim = dyn_cast<AffineDimExpr>(maps[i].getResult(d)))
        loops[dim.getPosition()].strides[i] = step;
      else if (cast<AffineConstantExpr>(maps[i].getResult(d)).getValue() != 0)
        return refuse("an operand is not read from its begin");
      step *= type.getDimSize(d);
    }
  }
  const size_t out = op->getNumOperands() - 1;
  Crossing result;
  Loop *columns = nullptr, *rows = nullptr;
  for (Loop &loop : loops)
    if (loop.extent > 1 && loop.strides[out] == 1)
      columns = &loop;
  if (!columns)
    return refuse("the result is not contiguous");
  for (size_t i = 0; i < out; ++i)
    for (Loop &loop : loops)
      if (&loop != columns && loop.extent > 1 && loop.strides[i] == 1 && columns->strides[i] > 1 && !rows)
        rows = &loop;
  if (!rows)
    return refuse("no input is contiguous along another loop than the result");
  if (2 * rows->extent < lanes || 2 * columns->extent < lanes)
    return refuse("tiles would be mostly empty");
  for (size_t i = 0; i <= out; ++i) {
    if (i == out && op.getBlock()->getArgument(i).use_empty())
      result.accesses.push_back(Access::Unused);
    else if (columns->strides[i] == 1)
      result.accesses.push_back(Access::Along);
    else if (columns->strides[i] == 0)
      result.accesses.push_back(Access::Splat);
    else if (rows->strides[i] == 1)
      result.accesses.push_back(Access::Across);
    else
      return refuse("an input is contiguous along neither loop");
    if (result.accesses.back() == Access::Across && op->getOperand(i) == op->getOperand(out))
      return refuse("the result overwrites what is read across");
  }
  for (Loop &loop : loops)
    if (loop.extent > 1 && &loop != rows && &loop != columns)
      result.outer.push_back(loop);
  result.rows = *rows;
  result.columns = *columns;
  return result;
}

namespace {

class Emitter {
public:
  Emitter(ImplicitLocOpBuilder &b, const Crossing &c, linalg::LinalgOp op, int64_t lanes, ArrayRef<Value> buffers)
      : b(b), c(c), op(op), lanes(lanes), buffers(buffers), type(VectorType::get({lanes}, b.getF32Type())) {}

  void emit(Value tid, Value threads);

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value plus(Value a, int64_t d) { return d ? arith::AddIOp::create(b, a, index(d)).getResult() : a; }

  void loop(Value lo, Value hi, function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, lo, hi, index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loop.getBody()->getTerminator());
    body(loop.getInductionVar());
  }

  Value mask(int64_t count) {
    return vector::CreateMaskOp::create(b, type.clone(b.getI1Type()), ValueRange{index(count)});
  }
  Value zero() { return arith::ConstantOp::create(b, type, b.getZeroAttr(type)); }
  Value load(Value from, Value at, int64_t count) {
    if (count == lanes)
      return vector::LoadOp::create(b, type, from, ValueRange{at});
    return vector::MaskedLoadOp::create(b, type, from, ValueRange{at}, mask(count), zero());
  }

  /// Places in the operands, moved by `steps` steps of `width` turns of a loop.
  SmallVector<Value> moved(ArrayRef<Value> at, Value steps, const Crossing::Loop &loop, int64_t width) {
    SmallVector<Value> result(at);
    for (auto [place, stride] : llvm::zip_equal(result, loop.strides))
      if (stride)
        place = arith::AddIOp::create(b, place, arith::MulIOp::create(b, steps, index(stride * width)));
    return result;
  }

  void emitTile(ArrayRef<Value> at, int64_t rows, int64_t columns);
  /// All rows of a tile of columns, from the first column of unit `first` + turn on.
  void emitColumns(Value tid, Value threads, int64_t first, int64_t tiles, int64_t columns);

  ImplicitLocOpBuilder &b;
  const Crossing &c;
  linalg::LinalgOp op;
  int64_t lanes;
  ArrayRef<Value> buffers;
  VectorType type;
};

} // namespace

void Emitter::emitTile(ArrayRef<Value> at, int64_t rows, int64_t columns) {
  SmallVector<SmallVector<Value>> squares(buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (c.accesses[i] != Crossing::Access::Across)
      continue;
    for (int64_t column = 0; column < lanes; ++column)
      squares[i].push_back(column < columns ? load(buffers[i], plus(at[i], column * c.columns.strides[i]), rows)
                                            : zero());
    transposeSquare(b, squares[i]);
  }
  for (int64_t row = 0; row < rows; ++row) {
    SmallVector<Value> operands;
    for (size_t i = 0; i < buffers.size(); ++i) {
      Value place = plus(at[i], row * c.rows.strides[i]);
      switch (c.accesses[i]) {
      case Crossing::Access::Unused:
        operands.push_back({});
        break;
      case Crossing::Access::Along:
        operands.push_back(load(buffers[i], place, columns));
        break;
      case Crossing::Access::Across:
        operands.push_back(squares[i][row]);
        break;
      case Crossing::Access::Splat:
        operands.push_back(
            vector::BroadcastOp::create(b, type, memref::LoadOp::create(b, buffers[i], ValueRange{place})));
        break;
      }
    }
    Value result = emitVectorBody(b, op, lanes, operands), place = plus(at.back(), row * c.rows.strides.back());
    if (columns == lanes)
      vector::StoreOp::create(b, result, buffers.back(), ValueRange{place});
    else
      vector::MaskedStoreOp::create(b, buffers.back(), ValueRange{place}, mask(columns), result);
  }
}

void Emitter::emitColumns(Value tid, Value threads, int64_t first, int64_t tiles, int64_t columns) {
  int64_t units = tiles;
  for (const Crossing::Loop &loop : c.outer)
    units *= loop.extent;
  auto bound = [&](Value part) -> Value {
    return arith::DivUIOp::create(b, arith::MulIOp::create(b, part, index(units)), threads);
  };
  loop(bound(tid), bound(plus(tid, 1)), [&](Value unit) {
    SmallVector<Value> at(buffers.size(), index(0));
    // Tiles of one matrix follow each other, as those of products do.
    Value turn = index(0);
    if (tiles > 1) {
      turn = arith::RemUIOp::create(b, unit, index(tiles));
      unit = arith::DivUIOp::create(b, unit, index(tiles));
    }
    for (const Crossing::Loop &outer : llvm::reverse(c.outer)) {
      at = moved(at, arith::RemUIOp::create(b, unit, index(outer.extent)), outer, 1);
      unit = arith::DivUIOp::create(b, unit, index(outer.extent));
    }
    at = moved(at, plus(turn, first), c.columns, lanes);
    const int64_t full = c.rows.extent / lanes;
    if (full)
      loop(index(0), index(full), [&](Value tile) { emitTile(moved(at, tile, c.rows, lanes), lanes, columns); });
    if (c.rows.extent % lanes)
      emitTile(moved(at, index(full), c.rows, lanes), c.rows.extent % lanes, columns);
  });
}

void Emitter::emit(Value tid, Value threads) {
  const int64_t full = c.columns.extent / lanes;
  if (full)
    emitColumns(tid, threads, 0, full, lanes);
  if (c.columns.extent % lanes)
    emitColumns(tid, threads, full, 1, c.columns.extent % lanes);
}

void mlir::gs::emitCrossing(ImplicitLocOpBuilder &b, const Crossing &crossing, linalg::LinalgOp op, int64_t lanes,
                            ArrayRef<Value> buffers, Value tid, Value threads) {
  Emitter(b, crossing, op, lanes, buffers).emit(tid, threads);
}
