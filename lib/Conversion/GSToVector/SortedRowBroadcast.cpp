//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy sorted-row-broadcast: any mask. Each weight is broadcast over NR
// vectors of activations, as in single-row-broadcast, but the rows of a block
// of columns are sorted by their number of weights: teams of four rows with
// equally many run in one loop, whose trip count is that of many loops before
// it, so that no loop end is mispredicted. The weights of a team's step are
// loaded together and, where that is cheaper than four broadcast loads, spread
// from the register. For few columns: docs/Rationale/SortedRows.md.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include "gs/Dialect/GS/IR/SortedRows.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;

namespace {

constexpr int64_t team = SortedRows::team;
/// How far ahead weights are asked for: they come from the last cache level or from memory.
constexpr int64_t prefetchBytes = 8192;
constexpr int64_t lineBytes = 64;

class SortedRowBroadcast : public Strategy {
public:
  StringRef name() const override { return "sorted-row-broadcast"; }
  bool runsInStrips(StrategyAttr) const override { return true; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (c.groups > 1)
      return "grouped convolution";
    if (c.columns() < 2)
      return "one output column: lanes run along non-zeros instead (lane-gather)";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &target) const override {
    return {
        {"column_block", 0, INT32_MAX}, {"nr", 1, target.vectorRegisters}, {"section", 1, INT32_MAX}, {"spread", 0, 1}};
  }

  bool storesOnce(StrategyAttr choice) const override { return choice.getInt("column_block", 0) == 0; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    int64_t most = llvm::divideCeil(c.lineLength, int64_t(target.lanes())) * c.lines;
    for (int64_t nr : {1, 2, 3, 4, 6}) {
      if ((team + 1) * nr + 2 > int64_t(target.vectorRegisters) || nr > most)
        continue;
      auto plan = planTiles(c, target.lanes(), nr, /*narrowAlone=*/true);
      for (int64_t block : {int64_t(0), int64_t(64), int64_t(128), int64_t(256), int64_t(512)})
        for (int64_t spread : {0, 1})
          if (block < c.cols)
            result.push_back(
                {makeChoice(c.op->getContext(),
                            {{"column_block", block}, {"nr", nr}, {"section", sectionRows(c)}, {"spread", spread}}),
                 cyclesOf(c, weight, target, plan, nr, block, spread != 0)});
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &) const override {
    return {StorageRequest::Kind::SortedRows, true, choice.getInt("column_block", 0),
            choice.getInt("section", sectionRows(c))};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    auto type = cast<CompressedType>(c.weight().getType());
    SortedRows form{type.getPanelRows(), type.getColumnBlock()};
    auto plan = planTiles(c, k.lanes(), k.choice().getInt("nr", 2), /*narrowAlone=*/true);
    bool split = k.splitsTiles(plan);
    int64_t sections = form.sections(c.rows), blocks = form.blocks(c.cols);
    int64_t blockStride = form.blockStride(c.columnOffset);
    IndexRange mine = split ? k.all(sections) : k.share(sections);
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      Tile t{k, tile, base, k.choice().getInt("spread", 0) != 0, linesPerTeam(c, blocks)};
      k.forRange(mine, [&](Value section) {
        Value chunk = k.mul(section, blocks);
        t.emitChunk(chunk, base.in, true, blocks == 1);
        if (blocks > 2)
          k.forRange({k.index(1), k.index(blocks - 1)}, [&](Value block) {
            t.emitChunk(k.add(chunk, block), k.add(base.in, k.mul(block, blockStride)), false, false);
          });
        if (blocks > 1)
          t.emitChunk(k.add(chunk, blocks - 1), k.add(base.in, (blocks - 1) * blockStride), false, true);
      });
    });
    return success();
  }

private:
  /// Long sections have longer runs, but are the smallest share of a thread.
  static int64_t sectionRows(const Contraction &c) {
    int64_t half = llvm::divideCeil(c.rows, 2), eighth = llvm::divideCeil(c.rows, 8);
    int64_t rows = std::max({std::min<int64_t>(256, half), eighth, int64_t(1)});
    return std::min<int64_t>(512, llvm::alignTo(rows, team));
  }

  static double cyclesOf(const Contraction &c, const WeightFacts &weight, const TargetSpec &t, ArrayRef<TileLoop> plan,
                         int64_t nr, int64_t block, bool spread) {
    bool aligned = cost::inputIsAligned(c, t.lanes());
    double blocks = block ? double(llvm::divideCeil(c.cols, block)) : 1, rows = double(c.rows);
    double nnz = double(weight.nonZeros);
    double indexBytes = SortedRows{sectionRows(c), block}.indexBits(c.columnOffset) / 8;
    double bytes = nnz * (4 + indexBytes) + blocks * rows * 4;
    double inputBytes = double(block ? block : c.cols) * double(nr * t.vectorBytes());
    // Rows of a run that are no team: one or two in each of some runs, whose number grows with the deviation of a
    // row's count.
    double perRow = nnz / rows / blocks, density = nnz / rows / double(std::max<int64_t>(1, c.cols));
    double runs = std::min(double(sectionRows(c)), 1 + 5 * std::sqrt(perRow * (1 - density)));
    double alone = std::min(1.0, runs * 1.5 / double(sectionRows(c)));
    double cycles = 0;
    for (const TileLoop &tile : plan) {
      double n = double(tile.vectors.size());
      double arithmetic = n / t.fmaPerCycle + (spread ? 0.5 / t.permutesPerCycle : 0);
      // An activation is a memory operand; one load gives the weights of a team.
      double rate = aligned ? t.fmaMemoryPerCycle : std::min(t.misalignedLoadsPerCycle, t.fmaMemoryPerCycle);
      double weights = spread ? 1 / double(team) / t.loadsPerCycle : 1 / t.broadcastsPerCycle;
      double loads = n / std::min(rate, t.loadsPerCycle) + weights;
      double lines = aligned ? n : 2 * n;
      // Each weight's index takes a slot of such a core, too.
      if (t.fmaPerCycle > 1)
        loads += 1 / rate;
      // Weights, indices and sums pass through the first level beside the activations of a block.
      loads += cost::refill(t, t.fmaMemoryPerCycle, lines, inputBytes / 0.75);
      double cache = lines * cost::vectorLoadCycles(t, inputBytes);
      double inTeam = std::max({arithmetic, loads, cache, double(t.fmaLatency) / double(team)}) + 0.3 / double(team);
      // A core with two multiply-adds per cycle waits for its operands, those of two lines above all
      // (docs/Rationale/CostModel.md).
      if (t.fmaPerCycle > 1)
        inTeam += (aligned ? 0.15 : 0.5) * loads;
      double steps = nnz * (inTeam * (1 - alone) + std::max(inTeam, double(t.fmaLatency)) * alone);
      // Per row and block: partial sums are stored and loaded again.
      double around = 1 + n / t.storesPerCycle + (blocks > 1 ? n / t.loadsPerCycle : 0);
      // Those of a section go to the second level and come from there.
      if (double sums = double(sectionRows(c)) * n * t.vectorBytes(); blocks > 1 && sums > double(t.l1Bytes))
        around += n * std::max(0.0, t.vectorBytes() / t.l2StoreBytesPerCycle - 1 / t.storesPerCycle) +
                  cost::refill(t, t.fmaMemoryPerCycle, n, sums);
      double tileCycles = steps + rows * blocks * around;
      // A loop end is mispredicted once per run.
      tileCycles += 20 * runs * blocks * rows / double(sectionRows(c));
      tileCycles = std::max(tileCycles, bytes / cost::streamBytesPerCycle(t, bytes));
      if (blocks > 1) // each section brings the activations to L1 once
        tileCycles += double(c.cols) * n * cost::vectorLoadCycles(t, double(c.inputSize) * 4) *
                      std::ceil(rows / double(sectionRows(c)));
      cycles += double(tile.count()) * tileCycles;
    }
    // Weights come from memory once per run, mostly while earlier ones are in use.
    cycles += 0.5 * bytes / t.dramBytesPerCycle;
    double floor = cost::memoryFloor(t, c, bytes);
    // Rows in no order are no streams that hardware follows: results that the second-level cache does not hold are
    // waited for behind every team (measured: docs/Rationale/SortedRows.md).
    bool isFar = double(c.rows) * double(c.columns()) * 4 > double(t.l2Bytes);
    return isFar ? cycles + floor : cost::besideMemory(cycles, floor);
  }

  /// Lines of values that a team reads, for prefetching.
  static int64_t linesPerTeam(const Contraction &c, int64_t blocks) {
    auto constant = c.weight().getDefiningOp<CompressedConstantOp>();
    int64_t weights = constant.getBuffer("values").getNumElements();
    int64_t bytes = weights * team * 4 / std::max<int64_t>(1, c.rows * blocks);
    return std::min<int64_t>(16, llvm::divideCeil(bytes, lineBytes) + 1);
  }

  /// The rows of one tile.
  struct Tile {
    KernelBuilder &k;
    const TileLoop &tile;
    KernelBuilder::TileBase base;
    bool spread;
    int64_t linesPerTeam;

    int64_t vectors() const { return tile.vectors.size(); }
    VectorType type() const { return k.vectorType(tile.width(k.lanes())); }

    /// One section in one block of columns, whose activations begin at `blockIn`.
    void emitChunk(Value chunk, Value blockIn, bool first, bool last) const {
      Value runs = k.buffers["runs"], offsets = k.buffers["offsets"];
      k.forRange({k.loadIndex(offsets, chunk), k.loadIndex(offsets, k.add(chunk, 1))}, [&](Value run) {
        auto word = [&](int64_t i) { return k.loadIndex(runs, k.add(k.mul(run, 4), i)); };
        Value weight = word(0), length = word(1), lo = word(2), hi = word(3);
        Value teams = arith::DivUIOp::create(k.b, arith::SubIOp::create(k.b, hi, lo), k.index(team));
        auto weightsBefore = [&](Value rows) { return k.add(weight, arith::MulIOp::create(k.b, rows, length)); };
        k.forRange({k.index(0), teams}, [&](Value number) {
          Value rowsBefore = k.mul(number, team);
          emitRows(team, k.add(lo, rowsBefore), weightsBefore(rowsBefore), length, blockIn, first, last);
        });
        k.forRange({k.mul(teams, team), arith::SubIOp::create(k.b, hi, lo)},
                   [&](Value row) { emitRows(1, k.add(lo, row), weightsBefore(row), length, blockIn, first, last); });
      });
    }

    /// `count` rows from a position on, whose interleaved weights begin at `weight`, `length` of each.
    void emitRows(int64_t count, Value position, Value weight, Value length, Value blockIn, bool first,
                  bool last) const {
      SmallVector<Value> rows, outs, init;
      for (int64_t r = 0; r < count; ++r) {
        rows.push_back(k.loadIndex(k.buffers["rows"], k.add(position, r)));
        outs.push_back(k.add(base.out, k.mul(rows.back(), k.c.outRowStride())));
        for (const VectorPlace &place : tile.vectors)
          init.push_back(first ? k.zero(type()) : k.loadOutput(k.output, outs.back(), place, type()));
      }
      Value values = k.buffers["values"], indices = k.buffers["indices"];
      if (count > 1) {
        int64_t indexBits = cast<MemRefType>(indices.getType()).getElementTypeBitWidth();
        for (int64_t line = 0; line < linesPerTeam; ++line)
          k.prefetch(values, weight, prefetchBytes + line * lineBytes);
        for (int64_t line = 0; line * 32 < linesPerTeam * indexBits; ++line)
          k.prefetch(indices, weight, prefetchBytes * indexBits / 32 + line * lineBytes);
      }
      SmallVector<Value> sums = k.accumulate(k.index(0), length, init, [&](Value i, ValueRange acc) {
        Value at = k.add(weight, k.mul(i, count));
        Value together;
        if (spread && count > 1) // frozen, so that LLVM does not make four broadcast loads of it again
          together = LLVM::FreezeOp::create(k.b, k.load(values, at, k.vectorType(count)));
        SmallVector<Value> next;
        for (int64_t r = 0; r < count; ++r) {
          Value in = k.add(blockIn, k.loadIndex(indices, k.add(at, r)));
          Value w;
          if (together) {
            SmallVector<int64_t> lane(type().getNumElements(), r);
            w = vector::ShuffleOp::create(k.b, together, together, lane);
          } else {
            w = k.broadcastLoad(values, k.add(at, r), type());
          }
          for (int64_t j = 0; j < vectors(); ++j)
            next.push_back(k.fma(w, k.loadInput(in, tile.vectors[j], type()), acc[r * vectors() + j]));
        }
        return next;
      });
      for (int64_t r = 0; r < count; ++r)
        for (int64_t j = 0; j < vectors(); ++j) {
          Value sum = sums[r * vectors() + j];
          if (last)
            k.finish(sum, rows[r], outs[r], tile.vectors[j]);
          else
            k.storeOutput(sum, outs[r], tile.vectors[j]);
        }
    }
  };
};

} // namespace

namespace mlir::gs {
const Strategy &getSortedRowBroadcastStrategy() {
  static const SortedRowBroadcast strategy;
  return strategy;
}
} // namespace mlir::gs
