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
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class RowGroupBroadcast : public Strategy {
public:
  StringRef name() const override { return "row-group-broadcast"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (!weight.form.rowsShareColumn())
      return "the rows of a group do not share a column";
    if (weight.form.bundleRows < 2)
      return "one row per group; single-row-broadcast is the same kernel";
    if (c.rowsPerGroup() % weight.form.bundleRows && c.groups > 1)
      return "a group of rows would straddle two convolution groups";
    if (c.columns() < 2)
      return "one output column: lanes run along rows instead (column-block)";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    int64_t v = c.pattern().getGroupForm(c.weightShape()).bundleRows;
    return {{"mr", 1, v, v}, {"nr", 1, target.vectorRegisters}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    bool aligned = cost::inputIsAligned(c, target.lanes());
    int64_t v = weight.form.bundleRows, lanes = target.lanes();
    for (int64_t mr : {v, v / 2, v / 4}) {
      if (mr < 2 || v % mr)
        continue;
      for (int64_t nr : {1, 2, 3, 4, 6}) {
        if (mr * nr + nr + 1 > target.vectorRegisters)
          continue;
        auto plan = planTiles(c, lanes, nr);
        double blocks = double(weight.nonZeros) / double(v), cycles = 0;
        double inputBytes = double(c.cols * c.groups) * double(nr * target.vectorBytes());
        for (const TileLoop &tile : plan) {
          double n = double(tile.vectors.size());
          double steps = blocks * double(v / mr) * cost::tileStep(target, mr, int64_t(n), inputBytes, aligned);
          double stores = double(c.rows) * n / target.storesPerCycle + double(c.rows / mr) * 10;
          // Weights stream once per tile, from the level that holds them all.
          double bytes = blocks * double(v * 4 + 4);
          steps = std::max(steps, bytes / cost::streamBytesPerCycle(target, bytes));
          cycles += double(tile.count()) * (steps + stores);
        }
        cycles = std::max(cycles, cost::memoryFloor(target, c, blocks * double(v * 4 + 4)));
        result.push_back({makeChoice(c.op->getContext(), {{"mr", mr}, {"nr", nr}}), cycles});
      }
    }
    return result;
  }

  StorageRequest storage(const Contraction &, StrategyAttr, const TargetSpec &) const override { return {}; }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    int64_t v = c.pattern().getGroupForm(c.weightShape()).bundleRows;
    int64_t mr = k.choice().getInt("mr", v), nr = k.choice().getInt("nr", 2);
    Value values = k.buffers["values"], indices = k.buffers["block_cols"], offsets = k.buffers["offsets"];
    VectorType type = k.vectorType(k.lanes());
    auto plan = planTiles(c, k.lanes(), nr);
    int64_t fullGroups = c.rows / v;
    bool split = k.splitsTiles(plan);
    IndexRange rows = split ? k.all(llvm::divideCeil(c.rows, v)) : k.share(llvm::divideCeil(c.rows, v), offsets);
    // The ragged last group, if any, is a case of its own, so that the others store without a test.
    Value full = k.index(fullGroups);
    IndexRange whole{rows.lo, arith::MinUIOp::create(k.b, rows.hi, full)};
    IndexRange ragged{arith::MaxUIOp::create(k.b, rows.lo, full), rows.hi};

    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      auto group = [&](Value g, int64_t rowsHere) {
        Value first = k.loadIndex(offsets, g), last = k.loadIndex(offsets, k.add(g, 1));
        for (int64_t r0 = 0; r0 < rowsHere; r0 += mr)
          emitTile(k, tile, base, {first, last}, values, indices, g, v, r0, std::min(mr, rowsHere - r0), type);
      };
      k.forRange(whole, [&](Value g) { group(g, v); });
      if (c.rows % v)
        k.forRange(ragged, [&](Value g) { group(g, c.rows % v); });
    });
    return success();
  }

private:
  /// Rows [r0, r0 + mr) of group g on one tile.
  static void emitTile(KernelBuilder &k, const TileLoop &tile, KernelBuilder::TileBase base, IndexRange blocks,
                       Value values, Value indices, Value g, int64_t v, int64_t r0, int64_t mr, VectorType type) {
    size_t nr = tile.vectors.size();
    SmallVector<Value> init(mr * nr, k.zero(type));
    SmallVector<Value> sums = k.accumulate(blocks.lo, blocks.hi, init, [&](Value block, ValueRange acc) {
      Value in = k.add(base.in, k.loadIndex(indices, block));
      Value w = k.add(k.mul(block, v), r0);
      SmallVector<Value> x, next;
      for (const VectorPlace &place : tile.vectors)
        x.push_back(k.loadInput(in, place, type));
      for (int64_t i = 0; i < mr; ++i) {
        Value weight = k.broadcastLoad(values, k.add(w, i), type);
        for (size_t j = 0; j < nr; ++j)
          next.push_back(k.fma(weight, x[j], acc[i * nr + j]));
      }
      return next;
    });
    for (int64_t i = 0; i < mr; ++i) {
      Value row = k.add(k.mul(g, v), r0 + i);
      Value out = k.add(base.out, k.mul(row, k.c.outputsPerRow()));
      for (size_t j = 0; j < nr; ++j)
        k.finish(sums[i * nr + j], row, out, tile.vectors[j]);
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
