//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy dense-tile: all weights, an MR x NR register tile over packed row
// panels. Dense is one more pattern under the generator: convolutions read the
// same displaced planes (no im2col), depthwise ones with one row per tile.
//
// `packed`: a kernel in front of the products copies the activations of each tile, column after column, to whole
// aligned vectors in scratch memory. Panels are walked outside of tiles then, so that weights come once.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Up to this many columns the taps are unrolled with constant displacements.
constexpr int64_t maxUnrolledColumns = 32;

class DenseTile : public Strategy {
public:
  StringRef name() const override { return "dense-tile"; }
  bool runsInStrips(StrategyAttr choice) const override { return !choice.getInt("packed", 0); }

  std::string refuses(const Contraction &c, const WeightFacts &, const TargetSpec &) const override {
    if (c.columns() < 2 && c.groups == 1)
      return "one output column: lanes run along rows instead (column-block)";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    // A panel of rows reads the input of one convolution group.
    return {{"mr", 1, target.vectorRegisters, c.groups > 1 ? c.rowsPerGroup() : 0},
            {"nr", 1, target.vectorRegisters},
            {"packed", 0, c.groups == 1 && c.cols > maxUnrolledColumns ? 1 : 0}};
  }

  bool storesStrided() const override { return true; }
  bool storesOnce(StrategyAttr) const override { return true; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    bool aligned = cost::inputIsAligned(c, target.lanes());
    for (int64_t mr : {8, 6, 4, 2, 1}) {
      if (mr > 1 && (c.rowsPerGroup() < mr || (c.groups > 1 && c.rowsPerGroup() % mr)))
        continue;
      for (int64_t nr : {1, 2, 3, 4, 6, 8}) {
        if (mr * nr + nr + 1 > target.vectorRegisters)
          continue;
        result.push_back({makeChoice(c.op->getContext(), {{"mr", mr}, {"nr", nr}}), cycles(c, mr, nr, false, target)});
        if (!aligned && c.groups == 1 && c.cols > maxUnrolledColumns &&
            packedElements(c, cut(c, mr, nr, target), target.lanes()) * 4 <= target.l2Bytes / 2)
          result.push_back({makeChoice(c.op->getContext(), {{"mr", mr}, {"nr", nr}, {"packed", 1}}),
                            cycles(c, mr, nr, true, target)});
      }
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &) const override {
    return {StorageRequest::Kind::Panels, true, 0, panelRows(c, choice)};
  }

  KernelPlan plan(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    if (!choice.getInt("packed", 0))
      return {};
    return {2, 1, packedElements(c, cut(c, panelRows(c, choice), choice.getInt("nr", 4), target), target.lanes())};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    int64_t mr = panelRows(c, k.choice()), nr = k.choice().getInt("nr", 4);
    auto plan = cut(c, mr, nr, k.target);
    bool packed = k.choice().getInt("packed", 0);
    if (packed && k.step == 0) {
      pack(k, plan);
      return success();
    }
    bool split = k.splitsTiles(plan);
    int64_t fullPanels = c.rows / mr, panels = llvm::divideCeil(c.rows, mr);
    IndexRange range = split ? k.all(panels) : k.share(panels);
    Value full = k.index(fullPanels);
    IndexRange whole{range.lo, arith::MinUIOp::create(k.b, range.hi, full)};
    IndexRange ragged{arith::MaxUIOp::create(k.b, range.lo, full), range.hi};
    if (packed) {
      auto panelsOf = [&](IndexRange panels, int64_t rowsHere) {
        k.forRange(panels, [&](Value p) {
          forEachPacked(k, plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base, Value from) {
            emitPanel(k, tile, base, from, p, mr, rowsHere);
          });
        });
      };
      panelsOf(whole, mr);
      if (c.rows % mr)
        panelsOf(ragged, c.rows % mr);
      return success();
    }
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      k.forRange(whole, [&](Value p) { emitPanel(k, tile, base, Value(), p, mr, mr); });
      if (c.rows % mr)
        k.forRange(ragged, [&](Value p) { emitPanel(k, tile, base, Value(), p, mr, c.rows % mr); });
    });
    return success();
  }

private:
  /// Tiles of vectors along columns. Single columns behind them cost one vector of all rows of the panel each.
  static SmallVector<TileLoop> cut(const Contraction &c, int64_t mr, int64_t nr, const TargetSpec &target) {
    bool rowsFit = mr >= 4 && mr <= int64_t(target.lanes()) && llvm::isPowerOf2_64(mr);
    // Behind the tile, its loads and a broadcast: the vector of weights, and a sum per column.
    int64_t left = int64_t(target.vectorRegisters) - (mr * nr + nr + 2);
    return planTiles(c, target.lanes(), nr, /*narrowAlone=*/true, rowsFit ? std::clamp<int64_t>(left, 0, 2) : 0);
  }

  static double cycles(const Contraction &c, int64_t mr, int64_t nr, bool packed, const TargetSpec &target) {
    bool aligned = packed || cost::inputIsAligned(c, target.lanes());
    auto plan = cut(c, mr, nr, target);
    double panels = double(llvm::divideCeil(c.rows, mr)), cycles = 0;
    double weightBytes = panels * double(mr * c.cols) * 4;
    double inputBytes = packed ? double(packedElements(c, plan, target.lanes())) * 4
                               : double(c.cols) * double(nr * target.vectorBytes());
    for (const TileLoop &tile : plan) {
      double n = double(tile.vectors.size()), columns = double(tile.columns.size());
      double step = cost::tileStep(target, mr, int64_t(n), inputBytes, aligned) + columns / target.fmaPerCycle;
      // Loads that split a line hold up multiply-adds where two are to start per cycle, even with ports to spare; at
      // one per cycle they find the time.
      if (!aligned)
        step += n * (1 / target.misalignedLoadsPerCycle - 1 / target.loadsPerCycle) *
                std::clamp(target.fmaPerCycle - 1, 0.0, 1.0);
      double steps = panels * double(c.cols) * step;
      // Rows of a column are taken out of their vector and stored one by one.
      double stores = double(c.rows) * (n / target.storesPerCycle + columns * 4) + panels * 8;
      steps = std::max(steps, weightBytes / cost::streamBytesPerCycle(target, weightBytes));
      cycles += double(tile.count()) * (steps + stores);
      if (packed)
        cycles += double(tile.count() * c.cols) *
                  ((n + columns) * (1 / target.misalignedLoadsPerCycle + 1 / target.storesPerCycle) + 4);
    }
    return std::max(cycles, cost::memoryFloor(target, c, weightBytes));
  }

  /// Elements of a packed column of a tile: its vectors, then its single columns.
  static int64_t pitch(const TileLoop &tile, int64_t lanes) {
    return int64_t(tile.vectors.size()) * lanes + llvm::alignTo(tile.columns.size(), lanes);
  }
  static int64_t packedElements(const Contraction &c, ArrayRef<TileLoop> plan, int64_t lanes) {
    int64_t n = 0;
    for (const TileLoop &tile : plan)
      n += tile.count() * c.cols * pitch(tile, lanes);
    return n;
  }

  /// Every tile of the plan, or this thread's, with the place of its packed activations.
  static void forEachPacked(KernelBuilder &k, ArrayRef<TileLoop> plan, bool split,
                            function_ref<void(const TileLoop &, KernelBuilder::TileBase, Value)> body) {
    int64_t first = 0;
    for (const TileLoop &tile : plan) {
      int64_t size = k.c.cols * pitch(tile, k.lanes());
      k.forTiles(tile, split ? k.share(tile.count()) : k.all(tile.count()),
                 [&](Value t, KernelBuilder::TileBase base) { body(tile, base, k.add(k.mul(t, size), first)); });
      first += tile.count() * size;
    }
  }

  /// Columns outside: they are read as they lie in memory.
  static void pack(KernelBuilder &k, ArrayRef<TileLoop> plan) {
    k.forRange(k.share(k.c.cols), [&](Value col) {
      Value displacement = k.loadIndex(k.buffers["indices"], col);
      forEachPacked(k, plan, /*split=*/false, [&](const TileLoop &tile, KernelBuilder::TileBase base, Value to) {
        Value in = k.add(base.in, displacement);
        VectorType type = k.vectorType(tile.width(k.lanes())), one = k.vectorType(1);
        to = k.add(to, k.mul(col, pitch(tile, k.lanes())));
        auto copy = [&](const VectorPlace &place, int64_t at, VectorType type) {
          vector::StoreOp::create(k.b, k.loadInput(in, place, type), k.scratch, ValueRange{k.add(to, at)});
        };
        int64_t at = 0;
        for (const VectorPlace &place : tile.vectors)
          copy(place, at++ * k.lanes(), type);
        at *= k.lanes();
        for (const VectorPlace &place : tile.columns)
          copy(place, at++, one);
      });
    });
  }

  static int64_t panelRows(const Contraction &c, StrategyAttr choice) {
    return choice.getInt("mr", c.groups > 1 && c.rowsPerGroup() % 4 ? 1 : 4);
  }

  /// `packed`: where the packed activations of the tile begin, if they are.
  static void emitPanel(KernelBuilder &k, const TileLoop &tile, KernelBuilder::TileBase base, Value packed, Value panel,
                        int64_t mr, int64_t rowsHere) {
    const Contraction &c = k.c;
    size_t nr = tile.vectors.size();
    VectorType type = k.vectorType(tile.width(k.lanes())), rowType = k.vectorType(mr);
    Value in = base.in;
    if (c.groups > 1) {
      Value group = arith::DivUIOp::create(k.b, k.mul(panel, mr), k.index(c.rowsPerGroup()));
      in = k.add(in, k.mul(group, c.groupStride));
    }
    Value weights = k.mul(panel, mr * c.cols);
    auto step = [&](Value displacement, Value w, ValueRange acc) {
      SmallVector<Value> x, next;
      Value position = k.add(packed ? packed : in, displacement), from = packed ? k.scratch : k.input;
      for (auto [j, place] : llvm::enumerate(tile.vectors))
        x.push_back(packed ? k.load(from, k.add(position, int64_t(j) * k.lanes()), type)
                           : k.loadInput(position, place, type));
      for (int64_t i = 0; i < rowsHere; ++i) {
        Value weight = k.broadcastLoad(k.buffers["values"], k.add(w, i), type);
        for (size_t j = 0; j < nr; ++j)
          next.push_back(k.fma(weight, x[j], acc[i * nr + j]));
      }
      // Lanes are rows here: 8 rows of a column take one multiply-add instead of 8.
      for (auto [i, place] : llvm::enumerate(tile.columns))
        next.push_back(
            k.fma(k.load(k.buffers["values"], w, rowType),
                  k.broadcastLoad(from, k.add(position, packed ? int64_t(nr * k.lanes() + i) : place.in), rowType),
                  acc[rowsHere * nr + i]));
      return next;
    };
    SmallVector<Value> sums(rowsHere * nr, k.zero(type));
    sums.append(tile.columns.size(), k.zero(rowType));
    if (c.cols <= maxUnrolledColumns) {
      for (int64_t col = 0; col < c.cols; ++col)
        sums = step(k.index(c.columnOffset[col]), k.add(weights, col * mr), sums);
    } else {
      bool streams = c.rows * c.cols * c.elementType().getIntOrFloatBitWidth() / 8 > k.target.l2Bytes / 2;
      sums = k.accumulate(k.index(0), k.index(c.cols), sums, [&](Value col, ValueRange acc) {
        if (streams)
          k.prefetch(k.buffers["values"], k.add(weights, k.mul(col, mr)));
        Value displacement = packed ? k.mul(col, pitch(tile, k.lanes())) : k.loadIndex(k.buffers["indices"], col);
        return step(displacement, k.add(weights, k.mul(col, mr)), acc);
      });
    }
    for (int64_t i = 0; i < rowsHere; ++i) {
      Value row = k.add(k.mul(panel, mr), i);
      Value out = k.add(base.out, k.mul(row, c.outRowStride()));
      for (size_t j = 0; j < nr; ++j)
        k.finish(sums[i * nr + j], row, out, tile.vectors[j]);
      for (auto [j, place] : llvm::enumerate(tile.columns))
        k.finish(vector::ExtractStridedSliceOp::create(k.b, sums[rowsHere * nr + j], ArrayRef<int64_t>{i},
                                                       ArrayRef<int64_t>{1}, ArrayRef<int64_t>{1}),
                 row, out, place);
    }
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getDenseTileStrategy() {
  static const DenseTile strategy;
  return strategy;
}
} // namespace mlir::gs
