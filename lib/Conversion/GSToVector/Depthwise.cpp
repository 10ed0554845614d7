//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy depthwise: one input channel per output channel, read where it lies.
//
//   for each channel: W[tap] in registers
//     for each block of R output rows, for each vector of output columns:
//       for each input row that the block needs:
//         load it once per horizontal tap; add its products to every row of the block that uses it
//
// Padding is a mask of lanes or a tap that is left out, never memory: the input needs no plane.
//
//===----------------------------------------------------------------------===//
#include "WindowKernel.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include <map>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Multiply-adds in the code of one kernel; beyond, taps are loops.
constexpr int64_t maxUnrolled = 2400;
/// Taps whose weights are worth unrolled code at all.
constexpr int64_t maxUnrolledTaps = 81;

WindowGeometry geometryOf(const Contraction &c) {
  auto conv = cast<ConvOp>(c.op);
  WindowGeometry g =
      WindowGeometry::get(conv.getInputExtents(), cast<ShapedType>(conv.getInit().getType()).getShape().drop_front(2),
                          conv.getWeightShape().drop_front(2), conv.getStrides(), conv.getDilations(),
                          conv.getPads().take_front(conv.getSpatialRank()));
  if (c.isStrip) { // padding above and below is memory
    WindowDim &row = g.dims[1];
    row.in = stripReach(conv, c.lines);
    row.out = c.lines;
    row.pad = 0;
  }
  return g;
}

/// Distinct input rows of a block of `rows` output rows that reads all of its taps.
int64_t inputRows(const WindowDim &d, int64_t rows) {
  SmallVector<int64_t> distinct;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t t = 0; t < d.kernel; ++t)
      if (int64_t y = r * d.stride + t * d.dilation; !llvm::is_contained(distinct, y))
        distinct.push_back(y);
  return static_cast<int64_t>(distinct.size());
}

/// Multiply-adds in the unrolled code.
int64_t unrolledSize(const WindowGeometry &g, int64_t lanes, int64_t rows, int64_t vectors) {
  int64_t rowBlocks = static_cast<int64_t>(g.row().runs(rows).size());
  int64_t columns = 0;
  for (const ColumnRun &run : g.col().columnRuns(lanes))
    columns += std::min(run.count, run.count % vectors + vectors);
  return rowBlocks * rows * columns * g.row().kernel * g.col().kernel;
}

/// Emits the kernel of one convolution.
class DepthwiseEmitter {
public:
  DepthwiseEmitter(KernelBuilder &k, int64_t rows, int64_t vectors)
      : k(k), g(geometryOf(k.c)), loader(k.b, k.input, g.col(), k.lanes(), k.c.elementType()), rows(rows),
        vectors(vectors), type(k.vectorType(k.lanes())) {}

  void emit(bool unrolled) {
    const Contraction &c = k.c;
    int64_t multiplier = c.rows / c.groups;
    k.forRange(k.share(c.batch * c.rows), [&](Value slice) {
      Value in = slice;
      row = slice;
      if (c.batch > 1)
        row = arith::RemUIOp::create(k.b, slice, k.index(c.rows));
      // Slices are ordered by batch, then channel, here and in the input.
      if (multiplier > 1)
        in = arith::DivUIOp::create(k.b, slice, k.index(multiplier));
      in = k.mul(in, c.groupStride);
      Value out = k.add(k.mul(row, c.outRowStride()), c.outOffset());
      if (c.batch > 1)
        out = k.add(out, k.mul(arith::DivUIOp::create(k.b, slice, k.index(c.rows)).getResult(), c.outBatchStride()));
      weights = k.mul(row, g.taps());
      if (unrolled && g.depth().kernel == 1)
        inRegisters = loadWeights(weights);
      auto slices = [&](Value d) {
        Value base = k.add(in, k.mul(k.add(k.mul(d, g.depth().stride), -g.depth().pad), g.row().in * g.col().in));
        depthTaps = g.depth().kernel == 1 ? std::nullopt : std::optional(loader.tapRange(g.depth(), d));
        Value to = k.add(out, k.mul(d, c.outSliceStride()));
        unrolled ? emitRows(base, to) : emitLooped(base, to);
      };
      if (g.depth().out == 1 && g.depth().kernel == 1)
        slices(k.index(0));
      else
        k.forRange(k.all(g.depth().out), slices);
    });
  }

private:
  SmallVector<Value> loadWeights(Value from) {
    SmallVector<Value> result;
    for (int64_t t = 0, e = g.row().kernel * g.col().kernel; t < e; ++t)
      result.push_back(k.broadcastLoad(k.buffers["values"], k.add(from, t), type));
    return result;
  }

  //===--- Unrolled taps ---------------------------------------------------===//

  void emitRows(Value in, Value out) {
    const WindowDim &row = g.row();
    for (const RowRun &run : row.runs(rows)) {
      auto block = [&](Value i) {
        // The input row of the block's first output row at tap 0.
        Value first = k.add(k.mul(i, rows), run.first);
        Value base = k.add(in, k.mul(k.add(k.mul(first, row.stride), -row.pad), g.col().in));
        emitColumns(run, base, k.add(out, k.mul(first, k.c.outLineStride())));
      };
      if (run.count == 1)
        block(k.index(0));
      else
        k.forRange(k.all(run.count), block);
    }
  }

  void emitColumns(const RowRun &run, Value in, Value out) {
    const WindowDim &col = g.col();
    for (const ColumnRun &columns : col.columnRuns(k.lanes())) {
      auto chunk = [&](Value from, int64_t count) {
        Value x = k.mul(from, k.lanes());
        emitBlock(run, columns, count, k.add(in, k.mul(x, col.stride)), k.add(out, x));
      };
      int64_t whole = columns.count / vectors;
      if (whole == 1)
        chunk(k.index(columns.first), vectors);
      else if (whole)
        k.forRange(k.all(whole), [&](Value i) { chunk(k.add(k.mul(i, vectors), columns.first), vectors); });
      if (int64_t rest = columns.count % vectors)
        chunk(k.index(columns.first + whole * vectors), rest);
    }
  }

  /// `count` neighbouring vectors of every row of a block. `in` is the place of the first output at tap 0 without
  /// padding.
  void emitBlock(const RowRun &run, const ColumnRun &columns, int64_t count, Value in, Value out) {
    size_t height = run.taps.size();
    SmallVector<Value> sums(height * count, k.zero(type));
    if (!depthTaps) {
      addRows(run, columns, count, in, inRegisters, sums);
    } else {
      sums = k.accumulate(depthTaps->lo, depthTaps->hi, sums, [&](Value tap, ValueRange acc) {
        SmallVector<Value> next(acc);
        Value slice = k.add(in, k.mul(tap, g.depth().dilation * g.row().in * g.col().in));
        addRows(run, columns, count, slice, loadWeights(k.add(weights, k.mul(tap, g.row().kernel * g.col().kernel))),
                next);
        return next;
      });
    }
    for (size_t r = 0; r < height; ++r)
      for (int64_t v = 0; v < count; ++v) {
        VectorPlace place;
        place.segments.push_back({0, columns.lanes, v * k.lanes()});
        k.finish(sums[r * count + v], row, k.add(out, static_cast<int64_t>(r) * k.c.outLineStride()), place);
      }
  }

  void addRows(const RowRun &run, const ColumnRun &columns, int64_t count, Value in, ArrayRef<Value> w,
               SmallVectorImpl<Value> &sums) {
    struct Use {
      size_t row;
      int64_t tap;
    };
    std::map<int64_t, SmallVector<Use>> uses; // by input row, ascending
    for (auto [r, taps] : llvm::enumerate(run.taps))
      for (int64_t t = taps.first; t < taps.second; ++t)
        uses[static_cast<int64_t>(r) * g.row().stride + t * g.row().dilation].push_back({r, t});
    for (auto &[y, users] : uses)
      for (int64_t v = 0; v < count; ++v) {
        SmallVector<Value> x =
            loader.loadTaps(k.add(in, y * g.col().in + v * k.lanes() * g.col().stride), columns, k.zero(type));
        for (const Use &use : users)
          for (int64_t t = 0; t < g.col().kernel; ++t)
            if (Value &sum = sums[use.row * count + v]; x[t])
              sum = k.fma(w[use.tap * g.col().kernel + t], x[t], sum);
      }
  }

  //===--- Taps as loops ---------------------------------------------------===//

  void emitLooped(Value in, Value out) {
    const WindowDim &row = g.row(), &col = g.col();
    k.forRange(k.all(row.out), [&](Value y) {
      TapRange taps = loader.tapRange(row, y);
      Value base = k.add(in, k.mul(k.add(k.mul(y, row.stride), -row.pad), col.in));
      Value to = k.add(out, k.mul(y, k.c.outLineStride()));
      for (const ColumnRun &columns : col.looseRuns(k.lanes())) {
        auto chunk = [&](Value from, int64_t count) {
          Value x = k.mul(from, k.lanes());
          sumTaps(columns, count, taps, base, to, x);
        };
        // Only vectors without masks are worth more than one at a time.
        int64_t step = columns.inside ? vectors : 1, whole = columns.count / step;
        if (whole)
          k.forRange(k.all(whole), [&](Value i) { chunk(k.add(k.mul(i, step), columns.first), step); });
        if (int64_t rest = columns.count % step)
          chunk(k.index(columns.first + whole * step), rest);
      }
    });
  }

  void sumTaps(const ColumnRun &columns, int64_t count, TapRange rowTaps, Value base, Value to, Value x) {
    const WindowDim &row = g.row(), &col = g.col();
    auto overColumns = [&](Value in, Value w, ValueRange acc) {
      return k.accumulate(k.index(0), k.index(col.kernel), SmallVector<Value>(acc), [&](Value tap, ValueRange acc) {
        SmallVector<Value> next;
        Value weight = k.broadcastLoad(k.buffers["values"], k.add(w, tap), type);
        Value column = k.add(k.mul(x, col.stride), k.mul(tap, col.dilation));
        for (int64_t v = 0; v < count; ++v)
          next.push_back(
              k.fma(weight, loader.loadAt(in, k.add(column, v * k.lanes() * col.stride), columns.inside, k.zero(type)),
                    acc[v]));
        return next;
      });
    };
    auto overRows = [&](Value in, Value w, ValueRange acc) {
      return k.accumulate(rowTaps.lo, rowTaps.hi, SmallVector<Value>(acc), [&](Value tap, ValueRange acc) {
        return overColumns(k.add(in, k.mul(tap, row.dilation * col.in)), k.add(w, k.mul(tap, col.kernel)), acc);
      });
    };
    SmallVector<Value> sums(count, k.zero(type));
    if (depthTaps)
      sums = k.accumulate(depthTaps->lo, depthTaps->hi, sums, [&](Value tap, ValueRange acc) {
        return overRows(k.add(base, k.mul(tap, g.depth().dilation * row.in * col.in)),
                        k.add(weights, k.mul(tap, row.kernel * col.kernel)), acc);
      });
    else
      sums = overRows(base, weights, sums);
    for (int64_t v = 0; v < count; ++v) {
      VectorPlace place;
      place.segments.push_back({0, columns.lanes, v * k.lanes()});
      k.finish(sums[v], this->row, k.add(to, x), place);
    }
  }

  KernelBuilder &k;
  WindowGeometry g;
  WindowLoader loader;
  int64_t rows, vectors;
  VectorType type;
  Value row, weights;
  SmallVector<Value> inRegisters;
  std::optional<TapRange> depthTaps;
};

class Depthwise : public Strategy {
public:
  StringRef name() const override { return "depthwise"; }
  bool runsInStrips(StrategyAttr) const override { return true; }
  bool readsUnpacked() const override { return true; }

  std::string refuses(const Contraction &c, const WeightFacts &, const TargetSpec &) const override {
    return c.isUnpacked ? "" : "not a depthwise convolution, or its input is packed already";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &) const override {
    return {{"rows", 1, 16}, {"vectors", 1, 8}};
  }

  bool storesStrided() const override { return true; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    WindowGeometry g = geometryOf(c);
    int64_t lanes = target.lanes(), taps = g.row().kernel * g.col().kernel;
    double vectorsPerRow = double(llvm::divideCeil(g.col().out, lanes));
    for (int64_t rows : {1, 2, 3, 4, 5, 6, 7, 8})
      for (int64_t vectors : {1, 2, 4, 8}) {
        bool unrolled = isUnrolled(c, target, rows, vectors);
        if (rows > g.row().out || vectors > std::max<int64_t>(1, llvm::divideCeil(g.col().out, lanes)) ||
            rows * vectors + 2 > int64_t(target.vectorRegisters) || (!unrolled && rows > 1))
          continue;
        // Weights that do not stay in registers are loaded again for every product.
        double spill = rows * vectors + taps + 3 > int64_t(target.vectorRegisters) ? 1 : 0;
        double sums = double(rows * vectors), products = sums * double(taps);
        double vectorLoads = double(inputRows(g.row(), rows) * vectors * g.col().kernel);
        double fma = products / target.fmaPerCycle;
        double loads = vectorLoads / target.misalignedLoadsPerCycle + spill * products / target.loadsPerCycle;
        if (!unrolled)
          loads += double(taps) * 3; // of a loop around one tap
        double shuffles = g.col().stride > 1 ? vectorLoads / target.permutesPerCycle : 0;
        double latency = double(taps * target.fmaLatency) / 2; // neighbouring blocks overlap
        double block = std::max({fma, loads, shuffles, latency}) + sums / target.storesPerCycle + 4;
        double blocks = double(llvm::divideCeil(g.row().out, rows)) * vectorsPerRow / double(vectors) *
                        double(g.depth().out * g.depth().kernel);
        double cycles = double(c.batch * c.rows) * (blocks * block + double(taps) / target.broadcastsPerCycle + 10);
        cycles = std::max(cycles, cost::memoryFloor(target, c, double(c.rows * taps) * 4));
        result.push_back({makeChoice(c.op->getContext(), {{"rows", rows}, {"vectors", vectors}}), cycles});
      }
    return result;
  }

  StorageRequest storage(const Contraction &, StrategyAttr, const TargetSpec &) const override {
    StorageRequest request;
    request.kind = StorageRequest::Kind::Panels;
    request.panelRows = 1;
    return request;
  }
  bool readsBuffer(StringRef buffer) const override { return buffer == "values"; }

  LogicalResult emit(KernelBuilder &k) const override {
    int64_t rows = k.choice().getInt("rows", 4), vectors = k.choice().getInt("vectors", 1);
    bool unrolled = isUnrolled(k.c, k.target, rows, vectors);
    DepthwiseEmitter(k, rows, vectors).emit(unrolled);
    return success();
  }

private:
  static bool isUnrolled(const Contraction &c, const TargetSpec &target, int64_t rows, int64_t vectors) {
    WindowGeometry g = geometryOf(c);
    return g.row().kernel * g.col().kernel <= maxUnrolledTaps &&
           unrolledSize(g, target.lanes(), rows, vectors) <= maxUnrolled;
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getDepthwiseStrategy() {
  static const Depthwise strategy;
  return strategy;
}
} // namespace mlir::gs
