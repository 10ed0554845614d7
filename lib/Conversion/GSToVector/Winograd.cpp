//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy winograd: all weights of a 3x3 or Dx3x3 convolution of stride 1 in
// its lines, with 4 (tile 4) or 2.25 (tile 2) times fewer multiplications than
// the definition. After Lavin and Gray, "Fast algorithms for convolutional
// neural networks" (2015):
//
//   y = A^T [ sum over channels (G g G^T) * (B^T d B) ] A      elementwise product
//
// for output tiles y of t x t pixels and input tiles d of (t + 2) x (t + 2).
//
//   step 0: V[e][c][n] = B^T d B    for element e, channel c, tile n; lanes along tiles of a row
//   step 1: for each panel of MR rows, for each e: MR x N sums of U * V in registers, kept in private memory;
//           then A^T . A, interleaved to lines of pixels, epilogue in the store
//
// The depth of a 3-D kernel is no part of the transforms: its D slices of a channel are D channels of a 2-D kernel,
// which read one input slice after the other.
//
// U = G g G^T is made at compile time. Rounding: about 1e-6 of the largest sum for tile 2, 1e-5 for tile 4. An Inf or
// NaN in the input makes all pixels of its tiles NaN, not only those that read it.
//
//===----------------------------------------------------------------------===//
#include "WinogradGeometry.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
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
        depthStride(depth > 1 ? c.columnOffset[c.cols / depth] - c.columnOffset[0] : 0) {}

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
        forTiles(group, base, [&](Value number, Value line, Value pixel, int64_t valid) {
          transformTiles(group, k.add(in, pixel), line, k.add(out, number), valid);
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
          forTiles(group, base, [&](Value number, Value line, Value pixel, int64_t valid) {
            untransformTiles(group, k.add(from, number), row, k.add(out, pixel), line, valid);
          });
        });
      });
    }
  }

private:
  struct BlockBase {
    Value in, out, scratch; ///< displacements of the block's first tile: input of channel 0, output of row 0, scratch
    Value firstLine;        ///< its first output line
    Value firstPixel;       ///< its first pixel in a line
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
    base.firstLine = k.mul(k.add(k.mul(row, group.rows), group.firstRow), g.tile);
    base.firstPixel = k.mul(k.add(k.mul(col, group.width), group.firstCol), g.tile);
    base.in = k.add(k.add(k.mul(batch, c.inputBatchStride), k.mul(slice, c.outerStride)), base.firstPixel);
    base.out = k.add(k.add(k.mul(batch, c.outBatchStride()), k.mul(slice, c.outSliceStride())), base.firstPixel);
    base.out = k.add(base.out, c.outOffset());
    Value within = arith::SubIOp::create(b, block, firstBlock);
    base.scratch = k.add(k.mul(within, g.blockSize(group)), group.scratch);
    return base;
  }

  /// Calls `body` for each vector of tiles of a block, with its first tile (number in the block), its first line, its
  /// first pixel relative to the block, and how many output pixels of a line there are from it on.
  void forTiles(const BlockGroup &group, const BlockBase &base, function_ref<void(Value, Value, Value, int64_t)> body) {
    bool last = group.firstCol + group.width * group.colTrips == g.tileCols && group.colTrips == 1;
    int64_t pixels = last ? c.lineLength - group.firstCol * g.tile : group.width * g.tile;
    int64_t whole = (last ? group.width - 1 : group.width) / g.lanes; // a vector with a ragged tile is not whole
    k.forRange({k.index(0), k.index(group.rows)}, [&](Value row) {
      Value line = k.add(base.firstLine, k.mul(row, g.tile));
      Value first = k.mul(row, group.width);
      auto at = [&](Value x, int64_t valid) { body(k.add(first, x), line, k.mul(x, g.tile), valid); };
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
    for (int64_t i = 0; i < g.tile; ++i) {
      auto store = [&] {
        SmallVector<Value> y = backward(lines[i]), pixels;
        if (g.tile == 2) {
          pixels = {interleave(y[0], y[1], 0), interleave(y[0], y[1], 1)};
        } else {
          for (int64_t half = 0; half < 2; ++half) {
            Value even = interleave(y[0], y[2], half), odd = interleave(y[1], y[3], half);
            llvm::append_values(pixels, interleave(even, odd, 0), interleave(even, odd, 1));
          }
        }
        Value at = k.add(out, k.mul(k.add(line, i), c.outLineStride()));
        for (auto [part, value] : llvm::enumerate(pixels)) {
          int64_t first = int64_t(part) * g.lanes, count = std::min(g.lanes, valid - first);
          if (count > 0)
            k.finish(value, row, at, VectorPlace{0, count, {{0, count, first}}});
        }
      };
      if (c.lines % g.tile == 0 || i == 0) {
        store();
        continue;
      }
      Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, k.add(line, i), k.index(c.lines));
      auto guarded = scf::IfOp::create(b, inside);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(guarded.thenBlock()->getTerminator());
      store();
    }
  }

  KernelBuilder &k;
  ImplicitLocOpBuilder &b;
  const Contraction &c;
  const Geometry &g;
  VectorType type;
  int64_t depth, channelStride, depthStride;
  Value sums; ///< private memory of step 1
};

class Winograd : public Strategy {
public:
  StringRef name() const override { return "winograd"; }

  std::string refuses(const Contraction &c, const WeightFacts &, const TargetSpec &) const override {
    if (c.groups > 1)
      return "grouped convolution: a group has too few rows to pay for its transforms";
    auto shape = c.weightShape();
    if (shape.size() < 4 || shape[shape.size() - 2] != 3 || shape.back() != 3)
      return "not a kernel of 3x3 or Dx3x3";
    // Taps next to each other in the plane: stride and dilation are one. How slices lie to each other is no matter.
    int64_t perSlice = c.cols / depthOf(c), channels = perSlice / 9;
    for (int64_t column = 0; column < c.cols; column += channels)
      if (int64_t tap = column % perSlice / channels;
          c.columnOffset[column] - c.columnOffset[column - tap * channels] != tap / 3 * c.lineStride + tap % 3)
        return "strides or dilations are not one, so that kernel positions do not overlap from pixel to pixel";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &target) const override {
    return {{"mr", 1, 16}, {"nr", 1, target.vectorRegisters}, {"tile", 2, 4, 4}};
  }

  bool storesStrided() const override { return true; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    int64_t lanes = target.lanes(c.elementType().getIntOrFloatBitWidth());
    for (int64_t tile : {4, 2})
      for (auto [mr, nr] : {std::pair<int64_t, int64_t>{6, 4},
                            {8, 3},
                            {8, 2},
                            {16, 1},
                            {12, 2},
                            {12, 1},
                            {8, 1},
                            {6, 2},
                            {4, 3},
                            {4, 2},
                            {4, 1}}) {
        if (mr * nr + nr + 1 > target.vectorRegisters)
          continue;
        Geometry g(c, tile, mr, nr, target);
        if (g.elements * mr * g.maxPitch() * 4 > 2 * maxPrivateBytes)
          continue;
        double bytes = double(g.panels(c) * mr * g.elements * g.channels) * 4;
        result.push_back({makeChoice(c.op->getContext(), {{"tile", tile}, {"mr", mr}, {"nr", nr}}),
                          cycles(c, g, target, lanes), bytes - double(c.rows * c.cols) * 4});
      }
    return result;
  }

  StorageRequest storage(const Contraction &, StrategyAttr choice, const TargetSpec &) const override {
    StorageRequest request;
    request.kind = StorageRequest::Kind::Winograd;
    request.panelRows = choice.getInt("mr", 4);
    request.winogradTile = choice.getInt("tile", 4);
    return request;
  }

  KernelPlan plan(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    Geometry g = geometry(c, choice, target);
    return {2, g.rounds, g.scratch};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    Geometry g = geometry(k.c, k.choice(), k.target);
    Emitter emitter(k, g);
    if (k.step == 0)
      emitter.transformInput();
    else
      emitter.multiply();
    return success();
  }

private:
  static Geometry geometry(const Contraction &c, StrategyAttr choice, const TargetSpec &target) {
    return Geometry(c, choice.getInt("tile", 4), choice.getInt("mr", 4), choice.getInt("nr", 3), target);
  }

  static double cycles(const Contraction &c, const Geometry &g, const TargetSpec &target, int64_t lanes) {
    double panels = double(g.panels(c)), perElement = 4;
    double weightBytes = panels * double(g.mr * g.elements * g.channels) * perElement;
    double blockTime = 0, tileVectors = 0;
    for (const BlockGroup &group : g.groups) {
      double set = double(g.blockSize(group)) * perElement, time = 0;
      for (const Piece &piece : piecesOf(group.rows * group.width, g.nr, lanes))
        // A step, and the sums' way to private memory.
        time += double(g.channels) * cost::tileStep(target, g.mr, piece.count, set, true) +
                double(g.mr * piece.count) / target.storesPerCycle + 8;
      time *= panels * double(g.elements);
      time = std::max(time, weightBytes / cost::streamBytesPerCycle(target, weightBytes));
      blockTime += double(group.count) * time;
      tileVectors += double(group.count * group.rows) * double(llvm::divideCeil(group.width, g.lanes));
    }
    // Per vector of tiles: loads and their shuffles, two passes of sums, stores.
    double width = double(g.width), elements = double(g.elements), ops = g.tile == 4 ? 12 : 4;
    double sums = 2 * width * ops / target.fmaPerCycle;
    double in = width * 2 * double(g.tile) / target.misalignedLoadsPerCycle + width * 14 / target.permutesPerCycle +
                sums + elements / target.storesPerCycle;
    double out = elements / target.misalignedLoadsPerCycle + sums +
                 double(g.tile * g.tile) * (2 / target.permutesPerCycle + 2 / target.storesPerCycle);
    double total = blockTime + tileVectors * (double(g.channels) * in + double(c.rows) * out);
    return total + cost::memoryFloor(target, c, weightBytes);
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getWinogradStrategy() {
  static const Winograd strategy;
  return strategy;
}
} // namespace mlir::gs
