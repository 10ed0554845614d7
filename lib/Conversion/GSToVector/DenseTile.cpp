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
// aligned vectors in scratch memory (PackedTiles). Panels are walked outside of tiles then, so that weights come once
// per round.
//
//===----------------------------------------------------------------------===//
#include "PackedTiles.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Up to this many columns the taps are unrolled with constant displacements.
constexpr int64_t maxUnrolledColumns = 32;

/// Whether activations can be packed: panels of all rows read the same ones, in a loop over columns.
bool canPack(const Contraction &c) { return c.groups == 1 && c.cols > maxUnrolledColumns; }

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
            {"packed", 0, canPack(c) ? 1 : 0}};
  }

  bool storesStrided() const override { return true; }
  bool storesOnce(StrategyAttr) const override { return true; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    for (int64_t mr : {8, 6, 4, 2, 1}) {
      if (mr > 1 && (c.rowsPerGroup() < mr || (c.groups > 1 && c.rowsPerGroup() % mr)))
        continue;
      for (int64_t nr : {1, 2, 3, 4, 6, 8}) {
        if (mr * nr + nr + 1 > target.vectorRegisters)
          continue;
        result.push_back({makeChoice(c.op->getContext(), {{"mr", mr}, {"nr", nr}}), cycles(c, mr, nr, false, target)});
        if (canPack(c) && packedTiles(c, mr, nr, target).fits())
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
    PackedTiles tiles = packedTiles(c, panelRows(c, choice), choice.getInt("nr", 4), target);
    return {2, tiles.rounds(), tiles.scratchElements()};
  }

  double laneUse(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    if (!choice.getInt("packed", 0))
      return Strategy::laneUse(c, choice, target);
    PackedTiles tiles = packedTiles(c, panelRows(c, choice), choice.getInt("nr", 4), target);
    int64_t computed = 0;
    for (const TileLoop &tile : tiles.tiles()) {
      auto columns = int64_t(tile.columns.size());
      computed += tile.count() * (int64_t(tile.vectors.size()) * tile.width(target.lanes()) + columns);
    }
    return double(c.columns()) / double(computed);
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    int64_t mr = panelRows(c, k.choice()), nr = k.choice().getInt("nr", 4);
    std::optional<PackedTiles> packed;
    if (k.choice().getInt("packed", 0))
      packed.emplace(packedTiles(c, mr, nr, k.target));
    if (packed && k.step == 0) {
      packed->emitCopy(k);
      return success();
    }
    auto plan = packed ? SmallVector<TileLoop>(packed->tiles()) : cut(c, mr, nr, k.target);
    // A round has few tiles.
    bool split = k.splitsTiles(plan) && (!packed || packed->rounds() == 1);
    int64_t fullPanels = c.rows / mr, panels = llvm::divideCeil(c.rows, mr);
    IndexRange range = split ? k.all(panels) : k.share(panels);
    Value full = k.index(fullPanels);
    IndexRange whole{range.lo, arith::MinUIOp::create(k.b, range.hi, full)};
    IndexRange ragged{arith::MaxUIOp::create(k.b, range.lo, full), range.hi};
    if (packed) {
      auto panelsOf = [&](IndexRange panels, int64_t rowsHere) {
        k.forRange(panels, [&](Value p) {
          packed->forEachTile(k, split, [&](const TileLoop &tile, KernelBuilder::TileBase base, Value from) {
            emitPanel(k, tile, base, &*packed, from, p, mr, rowsHere);
          });
        });
      };
      panelsOf(whole, mr);
      if (c.rows % mr)
        panelsOf(ragged, c.rows % mr);
      return success();
    }
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      k.forRange(whole, [&](Value p) { emitPanel(k, tile, base, nullptr, Value(), p, mr, mr); });
      if (c.rows % mr)
        k.forRange(ragged, [&](Value p) { emitPanel(k, tile, base, nullptr, Value(), p, mr, c.rows % mr); });
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

  static PackedTiles packedTiles(const Contraction &c, int64_t mr, int64_t nr, const TargetSpec &target) {
    return PackedTiles(c, target, [&](const Contraction &whole) { return cut(whole, mr, nr, target); });
  }

  static double cycles(const Contraction &c, int64_t mr, int64_t nr, bool packed, const TargetSpec &target) {
    bool aligned = packed || cost::inputIsAligned(c, target.lanes());
    std::optional<PackedTiles> copy;
    if (packed)
      copy.emplace(packedTiles(c, mr, nr, target));
    auto plan = copy ? SmallVector<TileLoop>(copy->tiles()) : cut(c, mr, nr, target);
    double panels = double(llvm::divideCeil(c.rows, mr)), cycles = 0;
    double weightBytes = panels * double(mr * c.cols) * 4;
    double inputBytes = copy ? double(copy->scratchElements()) * 4 : double(c.cols) * double(nr * target.vectorBytes());
    double stream = weightBytes / cost::streamBytesPerCycle(target, weightBytes);
    for (const TileLoop &tile : plan) {
      double n = double(tile.vectors.size()), columns = double(tile.columns.size());
      double step = cost::tileStep(target, mr, int64_t(n), inputBytes, aligned) + columns / target.fmaPerCycle;
      // Where two multiply-adds are to start per cycle, they wait for lines from the second-level cache and for loads
      // that split a line, even with ports to spare; at one per cycle they find the time.
      double waits = aligned ? 0 : n * (1 / target.misalignedLoadsPerCycle - 1 / target.loadsPerCycle);
      if (!copy)
        waits = std::max(waits, farLines(c, mr, int64_t(n), aligned, target));
      // What is read in order comes in time, but takes slots.
      if (double(c.cols) * (std::max(n, 3.0) * double(target.vectorBytes()) + double(mr) * 4) >
          0.75 * double(target.l1Bytes))
        waits += 0.5 * n;
      step += waits * std::clamp(target.fmaPerCycle - 1, 0.0, 1.0);
      double steps = panels * double(c.cols) * step;
      // Rows of a column are taken out of their vector and stored one by one.
      double stores = double(c.rows) * (n / target.storesPerCycle + columns * 4) + panels * 8;
      cycles += double(tile.count()) * (copy ? steps + stores : std::max(steps, stream) + stores);
    }
    // All tiles of a round are computed on a panel before the next one. The nearer the time of weights is to that of
    // multiply-adds, the less is hidden: tiles of one vector use them nearly as fast as they come.
    if (copy)
      cycles = std::hypot(cycles, double(copy->rounds()) * stream) + copyCycles(c, *copy, weightBytes, target);
    return std::max(cycles, cost::memoryFloor(target, c, weightBytes));
  }

  /// The input comes once from where it is, the copy goes to the second-level cache.
  static double copyCycles(const Contraction &c, const PackedTiles &copy, double weightBytes,
                           const TargetSpec &target) {
    double columns = double(c.cols), tiles = double(countTiles(copy.tiles())), inBytes = double(c.inputSize) * 4;
    double set = inBytes + double(c.rows) * double(c.columns()) * 4 + weightBytes;
    // Divisions, where several loops lead to a tile.
    double perTile = copy.isStatic() || copy.tiles().front().loops.size() < 2 ? 4 : 24;
    return columns * (copy.loads() / target.misalignedLoadsPerCycle + tiles * perTile) +
           columns * copy.stores() * double(target.vectorBytes()) / target.l2StoreBytesPerCycle +
           inBytes / cost::streamBytesPerCycle(target, set);
  }

  /// Lines that a step brings from afar if the activations of a panel are not in the first-level cache any more when
  /// the next one reads them; 0: they are. Taps next to each other share lines, which come once. With what prefetchers
  /// bring beside them, lines take twice their room in the cache, and those of narrow tiles as much as those of three
  /// vectors (measured: docs/Rationale/Dense.md).
  static double farLines(const Contraction &c, int64_t mr, int64_t vectors, bool aligned, const TargetSpec &target) {
    SmallVector<int64_t> places(c.columnOffset);
    llvm::sort(places);
    int64_t all = 0, next = 0; // the first line that no column touched yet
    for (int64_t place : places) {
      int64_t first = place / target.lanes(), end = first + std::max<int64_t>(vectors, 3) + (aligned ? 0 : 1);
      all += end - std::max(first, next);
      next = end;
    }
    bool stay = all * target.vectorBytes() + mr * c.cols * 4 <= target.l1Bytes / 2;
    return stay ? 0 : std::min(double(vectors + (aligned ? 0 : 1)), double(all) / double(c.cols));
  }

  static int64_t panelRows(const Contraction &c, StrategyAttr choice) {
    return choice.getInt("mr", c.groups > 1 && c.rowsPerGroup() % 4 ? 1 : 4);
  }

  /// `begin`: where the packed activations of the tile begin, if they are.
  static void emitPanel(KernelBuilder &k, const TileLoop &tile, KernelBuilder::TileBase base, const PackedTiles *packed,
                        Value begin, Value panel, int64_t mr, int64_t rowsHere) {
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
      Value position = k.add(packed ? begin : in, displacement), from = packed ? k.scratch : k.input;
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
      bool streams = packed || c.rows * c.cols * c.elementType().getIntOrFloatBitWidth() / 8 > k.target.l2Bytes / 2;
      sums = k.accumulate(k.index(0), k.index(c.cols), sums, [&](Value col, ValueRange acc) {
        if (streams)
          k.prefetch(k.buffers["values"], k.add(weights, k.mul(col, mr)));
        Value displacement = packed ? k.mul(col, packed->pitch(tile)) : k.loadIndex(k.buffers["indices"], col);
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
