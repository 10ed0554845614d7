//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel of a product of two activations: a register tile of rows and vectors of columns.
//
//===----------------------------------------------------------------------===//
#include "Product.h"
#include "VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class Emitter {
public:
  Emitter(ImplicitLocOpBuilder &b, const Product &p, const ProductTile &tile, int64_t lanes, ArrayRef<Value> buffers)
      : b(b), p(p), tile(tile), lanes(lanes), left(buffers[0]), right(buffers[1]), out(buffers[2]),
        others(buffers.drop_front(3)), type(VectorType::get({lanes}, b.getF32Type())) {}

  void emit(Value tid, Value threads, bool accumulates);

private:
  /// Positions in the buffers.
  struct Place {
    Value left, right, out;
    SmallVector<Value, 1> others = {}; ///< in the inputs of the epilogue
  };
  /// A tile as it is here: fewer rows or vectors at the edges, and lanes of the last vector.
  struct Shape {
    int64_t rows, vectors, lastLanes;
  };

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value plus(Value a, Value c) { return arith::AddIOp::create(b, a, c); }
  Value plus(Value a, int64_t c) { return c ? plus(a, index(c)) : a; }
  Value times(Value a, int64_t c) {
    return c == 0 ? index(0) : c == 1 ? a : arith::MulIOp::create(b, a, index(c)).getResult();
  }
  Place moved(Place at, Value steps, const Product::Loop &loop, int64_t width = 1) {
    auto move = [&](Value base, int64_t stride) { return stride ? plus(base, times(steps, stride * width)) : base; };
    Place result{move(at.left, loop.left), move(at.right, loop.right), move(at.out, loop.out), at.others};
    for (auto [other, stride] : llvm::zip(result.others, loop.others))
      other = move(other, stride);
    return result;
  }

  void loop(Value lo, Value hi, function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, lo, hi, index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(loop.getBody()->getTerminator());
    body(loop.getInductionVar());
  }
  void loop(int64_t count, function_ref<void(Value)> body) {
    if (count == 1)
      return body(index(0));
    if (count > 1)
      loop(index(0), index(count), body);
  }

  Value mask(int64_t count) {
    return vector::CreateMaskOp::create(b, type.clone(b.getI1Type()), ValueRange{index(count)});
  }
  Value load(Value from, Value at, int64_t count) {
    if (count == lanes)
      return vector::LoadOp::create(b, type, from, ValueRange{at});
    return vector::MaskedLoadOp::create(b, type, from, ValueRange{at}, mask(count), zero());
  }
  void store(Value value, Value at, int64_t count) {
    if (count == lanes)
      vector::StoreOp::create(b, value, out, ValueRange{at});
    else
      vector::MaskedStoreOp::create(b, out, ValueRange{at}, mask(count), value);
  }
  Value zero() { return arith::ConstantOp::create(b, type, b.getZeroAttr(type)); }

  /// Columns of one tile, all rows.
  void emitColumns(Place at, Value firstRow, Value lastRow, int64_t vectors, int64_t lastLanes);
  void emitRows(Place at, Value firstRow, Value lastRow, int64_t vectors, int64_t lastLanes);
  void emitTile(Place at, Shape shape);
  /// What becomes of the sums of row i and vector j.
  Value finish(Value sums, Place at, int64_t i, int64_t j, int64_t count);
  /// The loops of the reduction from `level` on; returns the sums.
  SmallVector<Value> reduce(unsigned level, Place at, Shape shape, ValueRange sums);
  SmallVector<Value> step(Place at, Shape shape, ValueRange sums);
  /// Copies the part of the right operand that a tile reads to the panel, step by step.
  void pack(Place at, int64_t vectors, int64_t lastLanes);

  ImplicitLocOpBuilder &b;
  const Product &p;
  const ProductTile &tile;
  int64_t lanes;
  Value left, right, out, panel;
  ArrayRef<Value> others;
  VectorType type;
  bool adds = false;
  /// While the reduction is blocked: its only loop, cut to this block.
  Value blockBegin, blockSize;
};

} // namespace

SmallVector<Value> Emitter::step(Place at, Shape shape, ValueRange sums) {
  SmallVector<Value> x, next;
  for (int64_t j = 0; j < shape.vectors; ++j) {
    int64_t count = j + 1 == shape.vectors && !panel ? shape.lastLanes : lanes;
    x.push_back(load(panel ? panel : right, plus(at.right, j * lanes), count));
  }
  for (int64_t i = 0; i < shape.rows; ++i) {
    Value element = memref::LoadOp::create(b, left, ValueRange{plus(at.left, i * p.rows.left)});
    Value w = vector::BroadcastOp::create(b, type, element);
    for (int64_t j = 0; j < shape.vectors; ++j)
      next.push_back(vector::FMAOp::create(b, w, x[j], sums[i * shape.vectors + j]));
  }
  return next;
}

SmallVector<Value> Emitter::reduce(unsigned level, Place at, Shape shape, ValueRange sums) {
  if (level == p.reduced.size())
    return step(at, shape, sums);
  const Product::Loop &loop = p.reduced[level];
  Value count = blockSize ? blockSize : index(loop.extent);
  auto steps = scf::ForOp::create(b, index(0), count, index(1), sums);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(steps.getBody());
  Value k = steps.getInductionVar();
  Place inner = moved(at, k, loop);
  if (panel) {
    // The panel holds all steps of the reduction one after the other.
    int64_t below = 1;
    for (const Product::Loop &other : ArrayRef(p.reduced).drop_front(level + 1))
      below *= other.extent;
    inner.right = plus(at.right, times(k, below * tile.nr * lanes));
  }
  scf::YieldOp::create(b, reduce(level + 1, inner, shape, steps.getRegionIterArgs()));
  return SmallVector<Value>(steps.getResults());
}

Value Emitter::finish(Value sums, Place at, int64_t i, int64_t j, int64_t count) {
  if (!p.epilogue)
    return sums;
  SmallVector<Value> values;
  for (auto [n, other] : llvm::enumerate(others)) {
    Value place = plus(at.others[n], i * p.rows.others[n] + j * lanes * p.columns.others[n]);
    values.push_back(p.columns.others[n]
                         ? load(other, place, count)
                         : vector::BroadcastOp::create(b, type, memref::LoadOp::create(b, other, ValueRange{place})));
  }
  values.push_back(sums);
  return emitVectorBody(b, p.epilogue, lanes, values);
}

void Emitter::emitTile(Place at, Shape shape) {
  auto width = [&](int64_t j) { return j + 1 == shape.vectors ? shape.lastLanes : lanes; };
  auto position = [&](int64_t i, int64_t j) { return plus(at.out, i * p.rows.out + j * lanes); };
  SmallVector<Value> sums;
  for (int64_t i = 0; i < shape.rows; ++i)
    for (int64_t j = 0; j < shape.vectors; ++j)
      sums.push_back(adds ? load(out, position(i, j), width(j)) : zero());
  sums = reduce(0, at, shape, sums);
  for (int64_t i = 0; i < shape.rows; ++i)
    for (int64_t j = 0; j < shape.vectors; ++j)
      store(finish(sums[i * shape.vectors + j], at, i, j, width(j)), position(i, j), width(j));
}

void Emitter::emitRows(Place at, Value firstRow, Value lastRow, int64_t vectors, int64_t lastLanes) {
  int64_t full = p.rows.extent / tile.mr, rest = p.rows.extent % tile.mr;
  Value end = arith::MinUIOp::create(b, lastRow, index(full));
  loop(firstRow, end, [&](Value r) { emitTile(moved(at, r, p.rows, tile.mr), {tile.mr, vectors, lastLanes}); });
  if (!rest)
    return;
  // The ragged tile is the last one, and belongs to whoever has it in his share.
  Value begin = arith::MaxUIOp::create(b, firstRow, index(full));
  loop(begin, lastRow, [&](Value r) { emitTile(moved(at, r, p.rows, tile.mr), {rest, vectors, lastLanes}); });
}

void Emitter::pack(Place at, int64_t vectors, int64_t lastLanes) {
  int64_t columns = (vectors - 1) * lanes + lastLanes;
  std::function<void(unsigned, Value, Value)> copy = [&](unsigned level, Value from, Value to) {
    if (level == p.reduced.size()) {
      if (p.columns.right == 1) {
        for (int64_t j = 0; j < vectors; ++j)
          vector::StoreOp::create(b, load(right, plus(from, j * lanes), j + 1 == vectors ? lastLanes : lanes), panel,
                                  ValueRange{plus(to, j * lanes)});
        return;
      }
      loop(columns, [&](Value n) {
        Value element = memref::LoadOp::create(b, right, ValueRange{plus(from, times(n, p.columns.right))});
        memref::StoreOp::create(b, element, panel, ValueRange{plus(to, n)});
      });
      return;
    }
    int64_t below = 1;
    for (const Product::Loop &other : ArrayRef(p.reduced).drop_front(level + 1))
      below *= other.extent;
    loop(index(0), blockSize ? blockSize : index(p.reduced[level].extent), [&](Value k) {
      copy(level + 1, plus(from, times(k, p.reduced[level].right)), plus(to, times(k, below * tile.nr * lanes)));
    });
  };
  // Lanes that no column fills are multiplied, too; their sums are not stored, but must not be slow denormals.
  if (p.columns.right != 1 && lastLanes != lanes)
    loop(tile.depthBlock, [&](Value k) {
      vector::StoreOp::create(b, zero(), panel, ValueRange{plus(times(k, tile.nr * lanes), (vectors - 1) * lanes)});
    });
  copy(0, at.right, index(0));
}

void Emitter::emitColumns(Place at, Value firstRow, Value lastRow, int64_t vectors, int64_t lastLanes) {
  if (!tile.packs)
    return emitRows(at, firstRow, lastRow, vectors, lastLanes);
  auto block = [&](Place begin) {
    pack(begin, vectors, lastLanes);
    begin.right = index(0);
    emitRows(begin, firstRow, lastRow, vectors, lastLanes);
  };
  int64_t depth = p.depth();
  if (tile.depthBlock >= depth)
    return block(at);
  // Sums of the first block are stored, those of the others added to them.
  bool addsFirst = adds;
  const Product::Loop &k = p.reduced[0];
  blockSize = index(tile.depthBlock);
  block(at);
  adds = true;
  loop(index(1), index(llvm::divideCeil(depth, tile.depthBlock)), [&](Value i) {
    Value begin = times(i, tile.depthBlock);
    blockSize = arith::MinUIOp::create(b, index(tile.depthBlock), arith::SubIOp::create(b, index(depth), begin));
    block(moved(at, begin, k));
  });
  adds = addsFirst;
  blockSize = {};
}

void Emitter::emit(Value tid, Value threads, bool accumulates) {
  adds = accumulates;
  if (tile.packs) {
    auto panelType = MemRefType::get({tile.depthBlock * tile.nr * lanes}, b.getF32Type());
    panel = memref::AllocaOp::create(b, panelType, b.getI64IntegerAttr(64));
  }
  int64_t width = tile.nr * lanes, n = p.columns.extent;
  int64_t fullColumns = n / width, restColumns = n % width;
  int64_t columnTiles = fullColumns + (restColumns != 0);
  int64_t rowTiles = llvm::divideCeil(p.rows.extent, tile.mr);
  // Threads share batches and tiles of columns; where these are few, the rows as well.
  int64_t items = p.outerCount() * columnTiles;
  int64_t parts = items >= 16 ? 1 : std::min<int64_t>(rowTiles, llvm::divideCeil(16, items));
  int64_t rowsPerPart = llvm::divideCeil(rowTiles, parts);
  parts = llvm::divideCeil(rowTiles, rowsPerPart);

  // Two sets of items, because the last tile of columns is another piece of code.
  auto share = [&](int64_t tiles, int64_t firstTile, int64_t vectors, int64_t lastLanes) {
    if (tiles == 0)
      return;
    int64_t count = p.outerCount() * tiles * parts;
    auto bound = [&](Value part) -> Value { return arith::DivUIOp::create(b, times(part, count), threads); };
    loop(bound(tid), bound(plus(tid, 1)), [&](Value item) {
      Value rest = item;
      auto take = [&](int64_t extent) -> Value {
        if (extent == 1)
          return index(0);
        Value digit = arith::RemUIOp::create(b, rest, index(extent));
        rest = arith::DivUIOp::create(b, rest, index(extent));
        return digit;
      };
      Value part = take(parts), column = plus(take(tiles), firstTile);
      Place at{index(0), index(0), index(0), SmallVector<Value, 1>(others.size(), index(0))};
      for (const Product::Loop &outer : llvm::reverse(p.outer))
        at = moved(at, take(outer.extent), outer);
      at = moved(at, column, p.columns, width);
      Value first = times(part, rowsPerPart);
      Value last = arith::MinUIOp::create(b, plus(first, rowsPerPart), index(rowTiles));
      emitColumns(at, first, last, vectors, lastLanes);
    });
  };
  share(fullColumns, 0, tile.nr, lanes);
  if (restColumns)
    share(1, fullColumns, llvm::divideCeil(restColumns, lanes), (restColumns - 1) % lanes + 1);
}

void gs::emitProduct(ImplicitLocOpBuilder &b, const Product &product, const ProductTile &tile, int64_t lanes,
                     ArrayRef<Value> buffers, Value tid, Value threads, bool accumulates) {
  Emitter(b, product, tile, lanes, buffers).emit(tid, threads, accumulates);
}
