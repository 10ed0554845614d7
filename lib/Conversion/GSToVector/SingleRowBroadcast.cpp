//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy single-row-broadcast: any mask. One row at a time, each non-zero
// broadcast over NR vectors of activations. The reduction is cut into blocks
// of columns so that the activations of a block stay in L1 for all rows; the
// partial sums wait in the output between blocks.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class SingleRowBroadcast : public Strategy {
public:
  StringRef name() const override { return "single-row-broadcast"; }
  bool runsInStrips(StrategyAttr) const override { return true; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (c.columns() < 2)
      return "one output column: lanes run along non-zeros instead (lane-gather)";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &target) const override {
    return {{"column_block", 0, INT32_MAX}, {"nr", 1, target.vectorRegisters}};
  }

  bool storesStrided() const override { return true; }
  bool storesOnce(StrategyAttr choice) const override { return choice.getInt("column_block", 0) == 0; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    bool aligned = cost::inputIsAligned(c, target.lanes());
    for (int64_t nr : {2, 4, 6, 8}) {
      auto plan = planTiles(c, target.lanes(), nr);
      for (int64_t block : {int64_t(0), int64_t(64), int64_t(128), int64_t(256)}) {
        if (block >= c.cols)
          continue;
        int64_t blocks = block ? llvm::divideCeil(c.cols, block) : 1;
        double inputBytes = double(block ? block : c.cols * c.groups) * double(nr * target.vectorBytes());
        double nnz = double(weight.nonZeros), cycles = 0, weightBytes = nnz * 8 + double(blocks * c.rows) * 4;
        for (const TileLoop &tile : plan) {
          double n = double(tile.vectors.size());
          double steps = nnz * cost::tileStep(target, 1, int64_t(n), inputBytes, aligned);
          // Per row and block: loop start and a mispredicted exit; partial sums are stored and loaded again.
          double perRow = 14 + n / target.storesPerCycle + (blocks > 1 ? n / target.loadsPerCycle : 0);
          double tileCycles = steps + double(c.rows * blocks) * perRow;
          tileCycles = std::max(tileCycles, weightBytes / cost::streamBytesPerCycle(target, weightBytes));
          if (blocks > 1) // each block's activations are brought to L1 once
            tileCycles += double(c.cols) * n * cost::vectorLoadCycles(target, double(c.inputSize) * 4);
          cycles += double(tile.count()) * tileCycles;
        }
        cycles = cost::besideMemory(cycles, cost::memoryFloor(target, c, weightBytes));
        result.push_back({makeChoice(c.op->getContext(), {{"column_block", block}, {"nr", nr}}), cycles});
      }
    }
    return result;
  }

  StorageRequest storage(const Contraction &, StrategyAttr choice, const TargetSpec &) const override {
    return {StorageRequest::Kind::Rows, true, choice.getInt("column_block", 0), 0};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    int64_t block = k.choice().getInt("column_block", 0), nr = k.choice().getInt("nr", 4);
    int64_t blocks = block ? llvm::divideCeil(c.cols, block) : 1;
    Value offsets = k.buffers["offsets"];
    auto plan = planTiles(c, k.lanes(), nr);
    bool split = k.splitsTiles(plan);
    IndexRange rows = split ? k.all(c.rows) : k.share(c.rows, blocks == 1 ? offsets : Value());

    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      auto pass = [&](Value number, bool first, bool last) {
        Value start = k.mul(number, c.rows);
        k.forRange(rows, [&](Value row) { emitRow(k, tile, base, row, k.add(start, row), first, last); });
      };
      pass(k.index(0), true, blocks == 1);
      if (blocks > 2)
        k.forRange({k.index(1), k.index(blocks - 1)}, [&](Value number) { pass(number, false, false); });
      if (blocks > 1)
        pass(k.index(blocks - 1), false, true);
    });
    return success();
  }

private:
  static void emitRow(KernelBuilder &k, const TileLoop &tile, KernelBuilder::TileBase base, Value row, Value segment,
                      bool first, bool last) {
    VectorType type = k.vectorType(k.lanes());
    Value values = k.buffers["values"], indices = k.buffers["indices"], offsets = k.buffers["offsets"];
    Value out = k.add(base.out, k.mul(row, k.c.outRowStride()));
    SmallVector<Value> init;
    for (const VectorPlace &place : tile.vectors)
      init.push_back(first ? k.zero(type) : k.loadOutput(k.output, out, place, type));
    Value lo = k.loadIndex(offsets, segment), hi = k.loadIndex(offsets, k.add(segment, 1));
    SmallVector<Value> sums = k.accumulate(lo, hi, init, [&](Value i, ValueRange acc) {
      Value in = k.add(base.in, k.loadIndex(indices, i));
      Value weight = k.broadcastLoad(values, i, type);
      SmallVector<Value> next;
      for (auto [place, sum] : llvm::zip(tile.vectors, acc))
        next.push_back(k.fma(weight, k.loadInput(in, place, type), sum));
      return next;
    });
    for (auto [place, sum] : llvm::zip(tile.vectors, sums)) {
      if (last)
        k.finish(sum, row, out, place);
      else
        k.storeOutput(sum, out, place);
    }
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getSingleRowBroadcastStrategy() {
  static const SingleRowBroadcast strategy;
  return strategy;
}
} // namespace mlir::gs
