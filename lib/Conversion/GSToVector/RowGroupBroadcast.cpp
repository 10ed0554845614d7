//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy row-group-broadcast: V rows share a column, so a loaded vector of
// activations feeds V rows, each with its weight broadcast.
//
//   for each tile of NR vectors, for each group of V rows:
//     for each block of the group: acc[i][j] += W[block][i] * X[index[block] + j]
//
//===----------------------------------------------------------------------===//
#include "FlatTiles.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class RowGroupBroadcast : public Strategy {
public:
  StringRef name() const override { return "row-group-broadcast"; }
  bool runsInStrips(StrategyAttr choice) const override { return !choice.getInt("flat", 0); }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (weight.form.inOrder().groupHeights(c.rows, maxRows).empty())
      return weight.form.sharedRows < 2 ? "no rows share their columns by the pattern"
                                        : "groups of rows that share columns cannot be cut to fit the registers";
    if (c.groups > 1 && weight.form.rowOrder)
      return "rows that the pattern puts side by side may belong to several convolution groups";
    if (heights(c, weight.form).empty())
      return "a group of rows would straddle two convolution groups";
    if (c.columns() < 2)
      return "one output column: lanes run along rows instead (column-block)";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    GroupForm form = c.pattern().getGroupForm(c.weightShape());
    return {{"mr", 2, heights(c, form).front(), form.heightsDivide(c.rows)},
            {"nr", 1, target.vectorRegisters},
            {"flat", 0, 1}};
  }

  bool storesStrided() const override { return true; }
  bool storesOnce(StrategyAttr) const override { return true; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    bool aligned = cost::inputIsAligned(c, target.lanes());
    int64_t lanes = target.lanes();
    for (int64_t mr : heights(c, weight.form)) {
      // The last group may stick out.
      double groups = double(llvm::divideCeil(c.rows, mr));
      double blocks = double(weight.nonZeros) * groups / double(c.rows), bytes = blocks * double(mr * 4 + 4);
      for (int64_t nr : {1, 2, 3, 4, 6}) {
        if (mr * nr + nr + 1 > target.vectorRegisters)
          continue;
        auto plan = planTiles(c, lanes, nr);
        double cycles = 0;
        double inputBytes = cost::activationBytes(c, target, nr);
        bool asks = asksAhead(c, target, mr, nr, 3 + nr + (aligned ? 0 : 1));
        for (const TileLoop &tile : plan) {
          double n = double(tile.vectors.size());
          double steps = blocks * cost::scatteredStep(target, mr, int64_t(n), inputBytes, aligned, asks);
          double stores = double(c.rows) * n / target.storesPerCycle + groups * 10;
          // Weights stream once per tile, from the level that holds them all.
          steps = std::max(steps, bytes / cost::streamBytesPerCycle(target, bytes));
          cycles += double(tile.count()) * (steps + stores);
        }
        double floor = cost::memoryFloor(target, c, bytes);
        double scatter = weight.form.rowOrder ? double(countTiles(plan)) * cost::scatteredRows(target, c) : 0;
        result.push_back({makeChoice(c.op->getContext(), {{"mr", mr}, {"nr", nr}}), std::max(cycles, floor) + scatter});
        std::optional<FlatTiles> flat = FlatTiles::plan(c, lanes, nr, mr);
        if (!flat || mr * nr + nr + 1 + flat->columns > target.vectorRegisters)
          continue;
        auto tileCycles = [&](int64_t vectors, int64_t columns) {
          double steps = blocks * (cost::scatteredStep(target, mr, vectors, inputBytes, aligned, asks) +
                                   double(columns) / target.fmaPerCycle);
          steps = std::max(steps, bytes / cost::streamBytesPerCycle(target, bytes));
          // Every vector is stored twice, for two lines.
          double stores = double(c.rows) * double(vectors * (flat->isOneLine() ? 1 : 2) + columns);
          return steps + stores / target.storesPerCycle + groups * 10;
        };
        cycles = double(flat->slices) * (double(flat->tiles) * tileCycles(flat->vectors, 0) +
                                         (flat->tilesPerSlice() > flat->tiles
                                              ? tileCycles(std::max<int64_t>(1, flat->lastVectors), flat->columns)
                                              : 0));
        result.push_back(
            {makeChoice(c.op->getContext(), {{"mr", mr}, {"nr", nr}, {"flat", 1}}), std::max(cycles, floor) + scatter});
      }
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    SmallVector<int64_t> all = heights(c, c.pattern().getGroupForm(c.weightShape()));
    // By default, as many rows as leave registers for an activation and a weight.
    const int64_t *fits = llvm::find_if(all, [&](int64_t rows) { return rows + 2 <= int64_t(target.vectorRegisters); });
    StorageRequest request{StorageRequest::Kind::RowGroups, true, 0,
                           choice.getInt("mr", fits == all.end() ? all.back() : *fits)};
    request.rowOrder = c.pattern().getGroupForm(c.weightShape()).rowOrder;
    return request;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    // The weight is packed in groups of exactly the rows of a tile.
    int64_t v = c.pattern().getGroupForm(c.weightShape()).sharedRows, nr = k.choice().getInt("nr", 2);
    Value values = k.buffers["values"], indices = k.buffers["block_cols"], offsets = k.buffers["offsets"];
    VectorType type = k.vectorType(k.lanes());
    auto plan = planTiles(c, k.lanes(), nr);
    std::optional<FlatTiles> flat;
    if (k.choice().getInt("flat", 0))
      flat = FlatTiles::plan(c, k.lanes(), nr, v);
    int64_t fullGroups = c.rows / v;
    bool split = flat ? flat->slices * flat->tilesPerSlice() >= 16 : k.splitsTiles(plan);
    IndexRange rows = split ? k.all(llvm::divideCeil(c.rows, v)) : k.share(llvm::divideCeil(c.rows, v), offsets);
    // The ragged last group, if any, is a case of its own, so that the others store without a test.
    Value full = k.index(fullGroups);
    IndexRange whole{rows.lo, arith::MinUIOp::create(k.b, rows.hi, full)};
    IndexRange ragged{arith::MaxUIOp::create(k.b, rows.lo, full), rows.hi};
    // Calls `emitRows` with the blocks, number and rows of every group.
    auto forAllRows = [&](function_ref<void(IndexRange, Value, int64_t)> emitRows) {
      auto group = [&](Value g, int64_t rowsHere) {
        emitRows({k.loadIndex(offsets, g), k.loadIndex(offsets, k.add(g, 1))}, g, rowsHere);
      };
      k.forRange(whole, [&](Value g) { group(g, v); });
      if (c.rows % v)
        k.forRange(ragged, [&](Value g) { group(g, c.rows % v); });
    };

    if (flat) {
      flat->forEachTile(k, split, [&](const FlatTiles::Tile &tile) {
        forAllRows([&](IndexRange blocks, Value g, int64_t rowsHere) {
          emitFlatTile(k, tile, blocks, values, indices, g, v, rowsHere, type);
        });
      });
      return success();
    }
    if (readsWeightsOnce(k, plan, v)) {
      forAllRows([&](IndexRange blocks, Value g, int64_t rowsHere) {
        k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
          emitTile(k, tile, base, blocks, values, indices, g, v, rowsHere, type);
        });
      });
      return success();
    }
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      forAllRows([&](IndexRange blocks, Value g, int64_t rowsHere) {
        emitTile(k, tile, base, blocks, values, indices, g, v, rowsHere, type);
      });
    });
    return success();
  }

private:
  /// More rows would not fit the registers of any target.
  static constexpr int64_t maxRows = 64;

  /// How many rows a group may have. All read one activation, so they belong to one convolution group.
  static SmallVector<int64_t> heights(const Contraction &c, const GroupForm &form) {
    SmallVector<int64_t> all = form.inOrder().groupHeights(c.rows, maxRows);
    if (c.groups > 1)
      llvm::erase_if(all, [&](int64_t height) { return c.rowsPerGroup() % height != 0; });
    return all;
  }

  /// How far ahead weights are asked for: half a page, beyond which hardware does not look.
  static constexpr int64_t prefetchBytes = 2048;

  static int64_t bytesOfElement(Value memref) {
    return cast<MemRefType>(memref.getType()).getElementTypeBitWidth() / 8;
  }
  static int64_t bytesOf(Value memref) {
    return cast<MemRefType>(memref.getType()).getNumElements() * bytesOfElement(memref);
  }

  /// How many blocks ahead activations are asked for: their columns are far apart, which hardware does not foresee.
  static constexpr int64_t blocksAhead = 10;

  /// Whether the multiply-adds of a step leave time for so many more loads of any kind.
  static bool hidesPrefetch(const TargetSpec &target, int64_t mr, int64_t nr, int64_t more) {
    double loads = double(nr) / target.loadsPerCycle + double(mr + 1 + more) / std::max(target.broadcastsPerCycle, 1.0);
    return loads < double(mr * nr) / target.fmaPerCycle;
  }

  /// Whether a group of `v` rows runs on all tiles before the next one, so that weights that do not stay in the second
  /// level come from the last one once and not for each tile, where that takes a good part of the time of their
  /// multiply-adds. Activations must not lose by it: those of one tile leave the first level anyway, and those of all
  /// stay in the second one.
  static bool readsWeightsOnce(const KernelBuilder &k, ArrayRef<TileLoop> plan, int64_t v) {
    const TargetSpec &target = k.target;
    const Contraction &c = k.c;
    int64_t weights = bytesOf(k.buffers.lookup("values")) + bytesOf(k.buffers.lookup("block_cols"));
    int64_t input = c.inputSize * 4, output = c.rows * c.columns() * 4, vectors = plan.front().vectors.size();
    int64_t stays = target.l2Bytes / 4 * 3;
    double fetch = double(v * 4 + 4) / target.l3BytesPerCycle, compute = double(v * vectors) / target.fmaPerCycle;
    return countTiles(plan) > 1 && fetch > 0.15 * compute && weights + input + output > stays && input <= stays &&
           c.cols * vectors * int64_t(target.vectorBytes()) > target.l1Bytes;
  }

  /// Whether a step of multiply-adds asks for activations of later blocks, with `more` loads beside its own in all.
  static bool asksAhead(const Contraction &c, const TargetSpec &target, int64_t mr, int64_t nr, int64_t more) {
    return hidesPrefetch(target, mr, nr, more) && c.cols * nr * int64_t(target.vectorBytes()) > target.l1Bytes;
  }

  /// Sums of the first `mr` of the `v` rows of a group: `nr` vectors of columns per row, then for each of `columns`
  /// single columns a vector of rows. `places` are the displacements of the vectors in the input, `loadX` gives vector
  /// j at an input displacement; single columns follow the vectors.
  static SmallVector<Value> sumBlocks(KernelBuilder &k, IndexRange blocks, Value in, Value values, Value indices,
                                      int64_t v, int64_t mr, ArrayRef<int64_t> places, int64_t columns, VectorType type,
                                      function_ref<Value(Value, int64_t)> loadX) {
    auto nr = static_cast<int64_t>(places.size());
    VectorType rowType = k.vectorType(mr);
    SmallVector<Value> init(mr * nr, k.zero(type));
    init.append(columns, k.zero(rowType));
    int64_t more = 2;
    const bool streams = hidesPrefetch(k.target, mr, nr, more) && bytesOf(values) + bytesOf(indices) > k.target.l1Bytes;
    SmallVector<int64_t> lines = k.linesOf(places);
    more = (streams ? more : 0) + 1 + static_cast<int64_t>(lines.size());
    int64_t ahead = 0;
    if (asksAhead(k.c, k.target, mr, nr, more))
      ahead = std::min(blocksAhead, cost::columnsThatStay(k.c, k.target, nr) / 2);
    return k.accumulate(blocks.lo, blocks.hi, init, [&](Value block, ValueRange acc) {
      Value at = k.add(in, k.loadIndex(indices, block));
      Value w = k.mul(block, v);
      if (streams) {
        k.prefetch(values, w, prefetchBytes);
        // As many blocks ahead.
        k.prefetch(indices, block, prefetchBytes * bytesOfElement(indices) / (v * bytesOfElement(values)));
      }
      if (ahead)
        k.prefetchInput(in, indices, k.add(block, ahead), lines);
      SmallVector<Value> x, next;
      for (int64_t j = 0; j < nr; ++j)
        x.push_back(loadX(at, j));
      for (int64_t i = 0; i < mr; ++i) {
        Value weight = k.broadcastLoad(values, k.add(w, i), type);
        for (int64_t j = 0; j < nr; ++j)
          next.push_back(k.fma(weight, x[j], acc[i * nr + j]));
      }
      for (int64_t j = 0; j < columns; ++j) {
        Value one = k.broadcastLoad(k.input, k.add(at, nr * k.lanes() + j), rowType);
        next.push_back(k.fma(k.load(values, w, rowType), one, acc[mr * nr + j]));
      }
      return next;
    });
  }

  /// The first `mr` rows of group g on one tile.
  static void emitTile(KernelBuilder &k, const TileLoop &tile, KernelBuilder::TileBase base, IndexRange blocks,
                       Value values, Value indices, Value g, int64_t v, int64_t mr, VectorType type) {
    auto nr = static_cast<int64_t>(tile.vectors.size());
    auto places = llvm::map_to_vector(tile.vectors, [](const VectorPlace &place) { return place.in; });
    SmallVector<Value> sums = sumBlocks(k, blocks, base.in, values, indices, v, mr, places, /*columns=*/0, type,
                                        [&](Value at, int64_t j) { return k.loadInput(at, tile.vectors[j], type); });
    for (int64_t i = 0; i < mr; ++i) {
      Value row = k.rowAt(k.add(k.mul(g, v), i));
      Value out = k.add(base.out, k.mul(row, k.c.outRowStride()));
      for (int64_t j = 0; j < nr; ++j)
        k.finish(sums[i * nr + j], row, out, tile.vectors[j]);
    }
  }

  /// The same on a tile that knows no lines.
  static void emitFlatTile(KernelBuilder &k, const FlatTiles::Tile &tile, IndexRange blocks, Value values,
                           Value indices, Value g, int64_t v, int64_t mr, VectorType type) {
    int64_t nr = tile.vectors;
    auto places = llvm::map_to_vector(llvm::seq(nr), [&](int64_t j) { return j * k.lanes(); });
    SmallVector<Value> sums =
        sumBlocks(k, blocks, tile.in, values, indices, v, mr, places, tile.columns, type,
                  [&](Value at, int64_t j) { return k.load(k.input, k.add(at, places[j]), type); });
    for (int64_t i = 0; i < mr; ++i) {
      Value row = k.rowAt(k.add(k.mul(g, v), i)), rowOffset = k.mul(row, k.c.outRowStride());
      for (int64_t j = 0; j < nr; ++j)
        k.finishMasked(sums[i * nr + j], row, rowOffset, tile.places[j], tile.isWhole[j]);
      for (int64_t j = 0; j < tile.columns; ++j) {
        Value one =
            vector::BroadcastOp::create(k.b, k.vectorType(1), vector::ExtractOp::create(k.b, sums[mr * nr + j], i));
        k.finishMasked(one, row, rowOffset, {{tile.columnPlaces[j], Value()}});
      }
    }
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getRowGroupBroadcastStrategy() {
  static const RowGroupBroadcast strategy;
  return strategy;
}
} // namespace mlir::gs
