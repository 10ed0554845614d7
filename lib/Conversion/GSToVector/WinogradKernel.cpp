//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two kernels of the strategy winograd.
//
//===----------------------------------------------------------------------===//
#include "WinogradKernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::winograd;

namespace {

/// Emits the two kernels.
class Emitter {
public:
  Emitter(KernelBuilder &k, const Geometry &g)
      : k(k), b(k.b), c(k.c), g(g), type(k.vectorType(g.lanes)), depth(depthOf(c)),
        channelStride(c.weightShape()[1] > 1 ? c.columnOffset[1] - c.columnOffset[0] : 0),
        depthStride(depth > 1 ? c.columnOffset[c.cols / depth] - c.columnOffset[0] : 0),
        poolLines(k.pool ? k.pool->lines : 1), poolColumns(k.pool ? k.pool->columns : 1), outLines(g.tile / poolLines),
        outColumns(g.tile / poolColumns) {}

  /// Step 0.
  void transformInput() {
    for (const BlockGroup &group : g.groups) {
      IndexRange blocks = roundBlocks(group);
      forShare(blocks, g.channels, [&](Value block, Value channel) {
        BlockBase base = baseOf(group, block, blocks.lo);
        int64_t inputs = g.channels / depth;
        Value in = k.add(base.in, k.mul(depth == 1 ? channel : rem(channel, inputs), channelStride));
        if (depth > 1)
          in = k.add(in, k.mul(div(channel, inputs), depthStride));
        Value out = k.add(base.scratch, k.mul(channel, group.pitch));
        forTiles(group, base, [&](Value number, Value row, Value col, int64_t valid) {
          transformTiles(group, k.add(in, k.mul(col, g.tile)), k.mul(row, g.tile), k.add(out, number), valid);
        });
      });
    }
  }

  /// Step 1.
  void multiply() {
    auto buffer = MemRefType::get({g.elements * g.mr * g.maxPitch()}, c.elementType());
    sums = memref::AllocaOp::create(b, buffer, b.getI64IntegerAttr(k.target.vectorBytes()));
    int64_t panels = g.panels(c);
    for (const BlockGroup &group : g.groups) {
      IndexRange blocks = roundBlocks(group);
      forShare(blocks, panels, [&](Value block, Value panel) {
        BlockBase base = baseOf(group, block, blocks.lo);
        multiplyPanel(group, base, panel);
        Value first = k.mul(panel, g.mr);
        Value rows = c.rows % g.mr == 0
                         ? k.index(g.mr)
                         : arith::MinUIOp::create(b, k.index(g.mr), arith::SubIOp::create(b, k.index(c.rows), first))
                               .getResult();
        k.forRange({k.index(0), rows}, [&](Value i) {
          Value row = k.add(first, i);
          Value from = k.mul(i, group.pitch);
          Value out = k.add(base.out, k.mul(row, c.outRowStride()));
          forTiles(group, base, [&](Value number, Value tileRow, Value col, int64_t valid) {
            untransformTiles(group, k.add(from, number), row, k.add(out, k.mul(col, outColumns)),
                             k.mul(tileRow, outLines), valid / poolColumns);
          });
        });
      });
    }
  }

private:
  struct BlockBase {
    Value in, out, scratch; ///< displacements of the block's first tile: input of channel 0, output of row 0, scratch
    Value firstRow;         ///< its first row of tiles
  };

  Value div(Value a, int64_t n) { return n == 1 ? a : arith::DivUIOp::create(b, a, k.index(n)).getResult(); }
  Value rem(Value a, int64_t n) { return n == 1 ? k.index(0) : arith::RemUIOp::create(b, a, k.index(n)).getResult(); }

  /// Blocks of this round.
  IndexRange roundBlocks(const BlockGroup &group) {
    if (g.rounds == 1)
      return k.all(group.count);
    return {div(k.mul(k.round, group.count), g.rounds), div(k.mul(k.add(k.round, 1), group.count), g.rounds)};
  }

  /// This thread's share of blocks x [0, n).
  void forShare(IndexRange blocks, int64_t n, function_ref<void(Value, Value)> body) {
    Value total = k.mul(arith::SubIOp::create(b, blocks.hi, blocks.lo), n);
    auto bound = [&](Value part) -> Value {
      return arith::DivUIOp::create(b, arith::MulIOp::create(b, part, total), k.numThreads);
    };
    k.forRange({bound(k.tid), bound(k.add(k.tid, 1))}, [&](Value i) { body(k.add(blocks.lo, div(i, n)), rem(i, n)); });
  }

  BlockBase baseOf(const BlockGroup &group, Value block, Value firstBlock) {
    Value col = rem(block, group.colTrips), rest = div(block, group.colTrips);
    Value row = rem(rest, group.rowTrips), image = c.batch * c.outer == 1 ? k.index(0) : div(rest, group.rowTrips);
    Value slice = rem(image, c.outer), batch = c.batch == 1 ? k.index(0) : div(image, c.outer);
    BlockBase base;
    base.firstRow = k.add(k.mul(row, group.rows), group.firstRow);
    Value firstCol = k.add(k.mul(col, group.width), group.firstCol);
    base.in = k.add(k.add(k.mul(batch, c.inputBatchStride), k.mul(slice, c.outerStride)), k.mul(firstCol, g.tile));
    base.out = k.add(k.mul(batch, c.outBatchStride()), k.mul(slice, c.outSliceStride()));
    base.out = k.add(k.add(base.out, k.mul(firstCol, outColumns)), c.outOffset());
    Value within = arith::SubIOp::create(b, block, firstBlock);
    base.scratch = k.add(k.mul(within, g.blockSize(group)), group.scratch);
    return base;
  }

  /// Calls `body` for each vector of tiles of a block, with its first tile (number in the block), its row of tiles, its
  /// first column of tiles relative to the block, and how many pixels of a line there are from it on.
  void forTiles(const BlockGroup &group, const BlockBase &base, function_ref<void(Value, Value, Value, int64_t)> body) {
    bool last = group.firstCol + group.width * group.colTrips == g.tileCols && group.colTrips == 1;
    int64_t pixels = last ? c.lineLength - group.firstCol * g.tile : group.width * g.tile;
    int64_t whole = (last ? group.width - 1 : group.width) / g.lanes; // a vector with a ragged tile is not whole
    k.forRange({k.index(0), k.index(group.rows)}, [&](Value row) {
      Value tileRow = k.add(base.firstRow, row);
      Value first = k.mul(row, group.width);
      auto at = [&](Value x, int64_t valid) { body(k.add(first, x), tileRow, x, valid); };
      // Other tiles follow: the pixels of the next two are there.
      if (whole)
        k.forRange({k.index(0), k.index(whole)}, [&](Value v) { at(k.mul(v, g.lanes), g.lanes * g.tile); });
      if (int64_t done = whole * g.lanes; done < group.width)
        at(k.index(done), pixels - done * g.tile);
    });
  }

  Value shuffle(Value x, Value y, ArrayRef<int64_t> lanes) { return vector::ShuffleOp::create(b, x, y, lanes); }

  /// Elements 0, 2, 4... or 1, 3, 5... of x followed by y.
  Value everyOther(Value x, Value y, int64_t first) {
    SmallVector<int64_t> lanes;
    for (int64_t i = 0; i < g.lanes; ++i)
      lanes.push_back(2 * i + first);
    return shuffle(x, y, lanes);
  }
  /// First or second half of x0 y0 x1 y1 ...
  Value interleave(Value x, Value y, int64_t half) {
    SmallVector<int64_t> lanes;
    for (int64_t i = half * g.lanes / 2; i < (half + 1) * g.lanes / 2; ++i)
      llvm::append_values(lanes, i, g.lanes + i);
    return shuffle(x, y, lanes);
  }

  /// `count` elements from `position` on, zeros behind them.
  Value loadPart(Value position, int64_t count) {
    if (count <= 0)
      return k.zero(type);
    return k.loadInput(position, VectorPlace{0, std::min(count, g.lanes), {}}, type);
  }

  /// Element j, j + tile, j + 2 tile... of a line, for j = 0 .. tile - 1; there are `count`.
  SmallVector<Value> loadStrided(Value position, int64_t count) {
    SmallVector<Value> parts;
    for (int64_t i = 0; i < g.tile; ++i)
      parts.push_back(loadPart(k.add(position, i * g.lanes), count - i * g.lanes));
    if (g.tile == 2)
      return {everyOther(parts[0], parts[1], 0), everyOther(parts[0], parts[1], 1)};
    Value even0 = everyOther(parts[0], parts[1], 0), odd0 = everyOther(parts[0], parts[1], 1);
    Value even1 = everyOther(parts[2], parts[3], 0), odd1 = everyOther(parts[2], parts[3], 1);
    return {everyOther(even0, even1, 0), everyOther(odd0, odd1, 0), everyOther(even0, even1, 1),
            everyOther(odd0, odd1, 1)};
  }

  Value plus(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value minus(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  /// factor * x + y
  Value axpy(double factor, Value x, Value y) {
    auto t = cast<VectorType>(x.getType());
    Value constant =
        arith::ConstantOp::create(b, t, DenseElementsAttr::get(t, b.getFloatAttr(t.getElementType(), factor)));
    return k.fma(constant, x, y);
  }

  /// B^T d for one line of an input tile.
  SmallVector<Value> forward(ArrayRef<Value> d) {
    if (g.tile == 2)
      return {minus(d[0], d[2]), plus(d[1], d[2]), minus(d[2], d[1]), minus(d[1], d[3])};
    Value p = axpy(-4, d[2], d[4]), q = axpy(-4, d[1], d[3]), r = minus(d[4], d[2]), s = minus(d[3], d[1]);
    return {axpy(4, d[0], axpy(-5, d[2], d[4])), plus(p, q), minus(p, q), axpy(2, s, r), axpy(-2, s, r),
            axpy(4, d[1], axpy(-5, d[3], d[5]))};
  }

  /// A^T m for one line of products.
  SmallVector<Value> backward(ArrayRef<Value> m) {
    if (g.tile == 2)
      return {plus(plus(m[0], m[1]), m[2]), minus(minus(m[1], m[2]), m[3])};
    Value p = plus(m[1], m[2]), q = minus(m[1], m[2]), r = plus(m[3], m[4]), s = minus(m[3], m[4]);
    return {plus(plus(m[0], p), r), axpy(2, s, q), axpy(4, r, p), plus(axpy(8, s, q), m[5])};
  }

  void transformTiles(const BlockGroup &group, Value in, Value line, Value out, int64_t valid) {
    int64_t readable = std::min(valid, g.lanes * g.tile) + 2;
    SmallVector<SmallVector<Value>> lines;
    for (int64_t i = 0; i < g.width; ++i) {
      Value y = k.add(line, i);
      // Lines below the last one that a pixel needs meet only pixels that are not stored; any line does.
      if (c.lines % g.tile)
        y = arith::MinUIOp::create(b, y, k.index(c.lines + 1));
      Value position = k.add(in, k.mul(y, c.lineStride));
      SmallVector<Value> d = loadStrided(position, readable);
      SmallVector<Value> more =
          loadStrided(k.add(position, g.tile), std::min(readable - g.tile, (g.lanes - 1) * g.tile + 2));
      d.append(more.begin(), more.begin() + 2);
      lines.push_back(forward(d));
    }
    for (int64_t j = 0; j < g.width; ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < g.width; ++i)
        column.push_back(lines[i][j]);
      for (auto [i, value] : llvm::enumerate(forward(column))) {
        int64_t e = int64_t(i) * g.width + j;
        vector::StoreOp::create(b, value, k.scratch, ValueRange{k.add(out, e * g.channels * group.pitch)});
      }
    }
  }

  /// sums[e][i][n] = sum over channels of U[e][channel][i] * V[e][channel][n]
  void multiplyPanel(const BlockGroup &group, const BlockBase &base, Value panel) {
    SmallVector<Piece> pieces = piecesOf(group.rows * group.width, g.nr, k.lanes());
    Value weights = k.buffers["values"];
    k.forRange({k.index(0), k.index(g.elements)}, [&](Value e) {
      Value u = k.mul(k.add(k.mul(panel, g.elements), e), g.channels * g.mr);
      Value v = k.add(base.scratch, k.mul(e, g.channels * group.pitch));
      Value to = k.mul(e, g.mr * group.pitch);
      for (const Piece &piece : pieces) {
        VectorType wide = k.vectorType(piece.lanes);
        SmallVector<Value> init(g.mr * piece.count, k.zero(wide));
        auto step = [&](Value channel, ValueRange acc) {
          SmallVector<Value> x, next;
          Value from = k.add(v, k.mul(channel, group.pitch)), weight = k.add(u, k.mul(channel, g.mr));
          // Transformed weights stream through once, from far away.
          k.prefetch(weights, weight);
          for (int64_t n = 0; n < piece.count; ++n)
            x.push_back(k.load(k.scratch, k.add(from, piece.first + n * piece.lanes), wide));
          for (int64_t i = 0; i < g.mr; ++i) {
            Value w = k.broadcastLoad(weights, k.add(weight, i), wide);
            for (int64_t n = 0; n < piece.count; ++n)
              next.push_back(k.fma(w, x[n], acc[i * piece.count + n]));
          }
          return next;
        };
        SmallVector<Value> result = k.accumulate(k.index(0), k.index(g.channels), init, step);
        for (int64_t i = 0; i < g.mr; ++i)
          for (int64_t n = 0; n < piece.count; ++n)
            vector::StoreOp::create(b, result[i * piece.count + n], sums,
                                    ValueRange{k.add(to, i * group.pitch + piece.first + n * piece.lanes)});
      }
    });
  }

  /// Vectors whose lane j is that of tile j, to vectors of neighbours in a line.
  SmallVector<Value> linesOfTiles(ArrayRef<Value> y) {
    if (y.size() == 1)
      return {y[0]};
    if (y.size() == 2)
      return {interleave(y[0], y[1], 0), interleave(y[0], y[1], 1)};
    SmallVector<Value> pixels;
    for (int64_t half = 0; half < 2; ++half) {
      Value even = interleave(y[0], y[2], half), odd = interleave(y[1], y[3], half);
      llvm::append_values(pixels, interleave(even, odd, 0), interleave(even, odd, 1));
    }
    return pixels;
  }

  /// Stores the results of tiles from `line` on, of which a line has `valid`: pixels, or windows of a pool of them.
  void untransformTiles(const BlockGroup &group, Value from, Value row, Value out, Value line, int64_t valid) {
    // Columns first: a column of products becomes `tile` values.
    SmallVector<SmallVector<Value>> lines(g.tile);
    for (int64_t j = 0; j < g.width; ++j) {
      SmallVector<Value> column;
      for (int64_t i = 0; i < g.width; ++i)
        column.push_back(k.load(sums, k.add(from, (i * g.width + j) * g.mr * group.pitch), type));
      for (auto [i, value] : llvm::enumerate(backward(column)))
        lines[i].push_back(value);
    }
    for (int64_t i = 0; i < outLines; ++i) {
      auto store = [&] {
        SmallVector<Value> y =
            k.pool ? pooled(ArrayRef(lines).slice(i * poolLines, poolLines), row) : backward(lines[i]);
        Value at = k.add(out, k.mul(k.add(line, i), c.outLineStride()));
        for (auto [part, value] : llvm::enumerate(linesOfTiles(y))) {
          int64_t first = int64_t(part) * g.lanes, count = std::min(g.lanes, valid - first);
          if (count <= 0)
            continue;
          VectorPlace place{0, count, {{0, count, first}}};
          if (k.pool)
            k.storeOutput(value, at, place);
          else
            k.finish(value, row, at, place);
        }
      };
      // The last tiles may lack lines.
      if (c.lines % g.tile == 0 || (i + 1) * poolLines <= c.lines % g.tile) {
        store();
        continue;
      }
      Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, k.add(line, i), k.index(c.lines / poolLines));
      auto guarded = scf::IfOp::create(b, inside);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(guarded.thenBlock()->getTerminator());
      store();
    }
  }

  /// One line of windows of a pool, from lines of products: a vector per window of a tile.
  SmallVector<Value> pooled(ArrayRef<SmallVector<Value>> lines, Value row) {
    SmallVector<Value> windows(outColumns);
    for (ArrayRef<Value> line : lines)
      for (auto [column, sum] : llvm::enumerate(backward(line))) {
        Value &window = windows[int64_t(column) / poolColumns];
        window = combinePooled(b, k.pool->kind, window, k.applyRowEpilogue(sum, row));
      }
    return windows;
  }

  KernelBuilder &k;
  ImplicitLocOpBuilder &b;
  const Contraction &c;
  const Geometry &g;
  VectorType type;
  int64_t depth, channelStride, depthStride;
  int64_t poolLines, poolColumns; ///< pixels of a window of the pool; 1 without one
  int64_t outLines, outColumns;   ///< results of a tile
  Value sums;                     ///< private memory of step 1
};

} // namespace

void winograd::emitKernel(KernelBuilder &k, const Geometry &g) {
  Emitter emitter(k, g);
  if (k.step == 0)
    emitter.transformInput();
  else
    emitter.multiply();
}
