//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy channel-lanes: as many rows as a vector has lanes share a column.
// Lanes run along the rows (output channels), and a tile is any number of
// output columns, so that no lane is wasted where columns are no multiple of
// the vector:
//
//   for each tile of P columns, for each group of rows:
//     for each block of the group: acc[p] += W[block] * broadcast(X[index[block] + p])
//     transpose the sums in registers, store row by row
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Vectors of rows per group: with two, a broadcast activation feeds two multiply-adds.
constexpr int64_t maxVectors = 2;

class ChannelLanes : public Strategy {
public:
  StringRef name() const override { return "channel-lanes"; }
  bool runsInStrips(StrategyAttr) const override { return true; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &target) const override {
    if (!weight.pattern)
      return "the weight is dense";
    int64_t lanes = target.lanes();
    if (!llvm::any_of(weight.form.inOrder().groupHeights(c.rows, maxVectors * lanes),
                      [&](int64_t height) { return height % lanes == 0; }))
      return "fewer rows share a column than a vector has lanes (" + std::to_string(lanes) + ")";
    if (c.groups > 1 && weight.form.rowOrder)
      return "rows that the pattern puts side by side may belong to several convolution groups";
    if (heights(c, weight.form, target).empty())
      return "a group of rows would straddle two convolution groups";
    if (c.columns() < 2)
      return "one output column: nothing is transposed (column-block)";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    GroupForm form = c.pattern().getGroupForm(c.weightShape());
    return {{"rows", target.lanes(), heights(c, form, target).front(), form.heightsDivide(c.rows)},
            {"columns", 1, target.vectorRegisters}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    int64_t lanes = target.lanes();
    for (int64_t rows : heights(c, weight.form, target)) {
      int64_t vectors = rows / lanes;
      double groups = double(llvm::divideCeil(c.rows, rows));
      double blocks = double(weight.nonZeros) * groups / double(c.rows), bytes = blocks * double(rows * 4 + 4);
      // Registers hold the sums, the weights of a block and, where instructions do not broadcast, an activation.
      int64_t most = (int64_t(target.vectorRegisters) - vectors - 1) / vectors;
      for (int64_t columns : {most, most - most / 8, most / 2, most / 4}) {
        if (columns < 1)
          continue;
        auto plan = planTiles(c, 1, columns);
        double cycles = 0;
        for (const TileLoop &tile : plan) {
          int64_t n = tile.vectors.size();
          double steps = blocks * step(target, vectors, n, double(c.cols * c.groups) * double(n) * 4);
          steps = std::max(steps, bytes / cost::streamBytesPerCycle(target, bytes));
          cycles += double(tile.count()) * (steps + groups * (10 + double(vectors) * stores(target, n)));
        }
        cycles = std::max(cycles, cost::memoryFloor(target, c, bytes));
        if (weight.form.rowOrder)
          cycles += double(countTiles(plan)) * cost::scatteredRows(target, c);
        result.push_back({makeChoice(c.op->getContext(), {{"rows", rows}, {"columns", columns}}), cycles});
      }
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    GroupForm form = c.pattern().getGroupForm(c.weightShape());
    StorageRequest request{StorageRequest::Kind::RowGroups, true, 0, choice.getInt("rows", target.lanes())};
    request.rowOrder = form.rowOrder;
    return request;
  }

  /// Vectors lie along rows, whatever the lines are.
  double laneUse(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    int64_t rows = choice.getInt("rows", target.lanes());
    return double(c.rows) / double(llvm::divideCeil(c.rows, rows) * rows);
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    // The weight is packed in groups of exactly these rows.
    int64_t v = c.pattern().getGroupForm(c.weightShape()).sharedRows, vectors = v / k.lanes();
    if (v % k.lanes())
      return c.op->emitOpError("strategy '")
             << name() << "': 'rows' must be a multiple of the " << k.lanes() << " lanes of a vector, got " << v;
    int64_t fits = std::max<int64_t>(1, (int64_t(k.target.vectorRegisters) - vectors - 1) / vectors);
    auto plan = planTiles(c, 1, k.choice().getInt("columns", fits));
    Value offsets = k.buffers["offsets"];
    int64_t groups = llvm::divideCeil(c.rows, v);
    bool split = k.splitsTiles(plan);
    IndexRange all = split ? k.all(groups) : k.share(groups, offsets);
    // The ragged last group, if any, is a case of its own, so that the others store without a test.
    Value full = k.index(c.rows / v);
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      k.forRange({all.lo, arith::MinUIOp::create(k.b, all.hi, full)},
                 [&](Value g) { emitGroup(k, tile, base, g, v, v); });
      if (c.rows % v)
        k.forRange({arith::MaxUIOp::create(k.b, all.lo, full), all.hi},
                   [&](Value g) { emitGroup(k, tile, base, g, v, c.rows % v); });
    });
    return success();
  }

private:
  /// How many rows a group may have: whole vectors. All read one activation, so they belong to one convolution group.
  static SmallVector<int64_t> heights(const Contraction &c, const GroupForm &form, const TargetSpec &target) {
    SmallVector<int64_t> all = form.inOrder().groupHeights(c.rows, maxVectors * target.lanes());
    llvm::erase_if(all, [&](int64_t height) {
      return height % int64_t(target.lanes()) != 0 || (c.groups > 1 && c.rowsPerGroup() % height != 0);
    });
    return all;
  }

  /// Cycles of one block on a tile of `columns` columns.
  static double step(const TargetSpec &t, int64_t vectors, int64_t columns, double inputBytes) {
    double n = double(columns), v = double(vectors);
    // With one vector, the activation is the broadcast operand of its only multiply-add.
    double arithmetic = vectors == 1 ? n / t.fmaBroadcastPerCycle : n * v / t.fmaPerCycle;
    double loads = v / t.loadsPerCycle + (n + 1) / std::max(t.broadcastsPerCycle, 1.0) * (vectors == 1 ? 0.5 : 1);
    double cache = n * 4 / double(t.vectorBytes()) * cost::vectorLoadCycles(t, inputBytes);
    return std::max({arithmetic, loads, cache, double(t.fmaLatency)}) + 0.3; // loop control
  }

  /// Cycles to transpose and store the sums of one vector of rows.
  static double stores(const TargetSpec &t, int64_t columns) {
    double lanes = t.lanes(), squares = double(llvm::divideCeil(columns, int64_t(t.lanes())));
    return squares * lanes * (double(llvm::Log2_64(t.lanes())) / t.permutesPerCycle + 1 / t.storesPerCycle);
  }

  /// The first `valid` rows of group g on one tile.
  static void emitGroup(KernelBuilder &k, const TileLoop &tile, KernelBuilder::TileBase base, Value g, int64_t v,
                        int64_t valid) {
    int64_t lanes = k.lanes(), vectors = v / lanes, columns = tile.vectors.size();
    VectorType type = k.vectorType(lanes);
    Value values = k.buffers["values"], indices = k.buffers["block_cols"], offsets = k.buffers["offsets"];
    SmallVector<Value> sums =
        k.accumulate(k.loadIndex(offsets, g), k.loadIndex(offsets, k.add(g, 1)),
                     SmallVector<Value>(columns * vectors, k.zero(type)), [&](Value block, ValueRange acc) {
                       Value at = k.add(base.in, k.loadIndex(indices, block)), w = k.mul(block, v);
                       SmallVector<Value> weights, next;
                       for (int64_t i = 0; i < vectors; ++i)
                         weights.push_back(k.load(values, k.add(w, i * lanes), type));
                       for (int64_t p = 0; p < columns; ++p) {
                         Value x = k.broadcastLoad(k.input, k.add(at, tile.vectors[p].in), type);
                         for (int64_t i = 0; i < vectors; ++i)
                           next.push_back(k.fma(weights[i], x, acc[p * vectors + i]));
                       }
                       return next;
                     });
    // Columns of a tile lie side by side in the output.
    for (int64_t i = 0; i < vectors && i * lanes < valid; ++i)
      for (int64_t first = 0; first < columns; first += lanes) {
        int64_t count = std::min(lanes, columns - first);
        SmallVector<Value> square;
        for (int64_t p = 0; p < lanes; ++p)
          square.push_back(p < count ? sums[(first + p) * vectors + i] : k.zero(type));
        transposeSquare(k.b, square);
        VectorPlace place{0, lanes, {{0, count, tile.vectors[first].segments.front().out}}};
        for (int64_t r = 0; r < std::min(lanes, valid - i * lanes); ++r) {
          Value row = k.rowAt(k.add(k.mul(g, v), i * lanes + r));
          k.finish(square[r], row, k.add(base.out, k.mul(row, k.c.outRowStride())), place);
        }
      }
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getChannelLanesStrategy() {
  static const ChannelLanes strategy;
  return strategy;
}
} // namespace mlir::gs
