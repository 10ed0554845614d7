//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy straight-line: any mask. Code without loops or indices for chunks of
// up to 28 rows and one vector of columns: each activation vector is loaded
// once and feeds every row of the chunk that uses it. The plan (which column
// feeds which rows) is the weight's layout `masked_columns`; the code is
// encoded through LLVM's MC layer. The reasons: docs/Rationale/StraightLine.md.
//
//===----------------------------------------------------------------------===//
#include "StraightLineKernel.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Runtime/gsrt.h"
#include "gs/Target/CPU/StraightLineX86.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;

namespace {

constexpr int64_t lanes = StraightLineKernel::lanes;
/// A chunk's code should stay in the first-level instruction cache while it runs over all tiles.
constexpr double chunkBytes = 24 << 10;
/// Bytes of an instruction that asks for a vector.
constexpr double prefetchBytes = 8;
/// Columns ahead that code asks for: fewer come too late, more are gone again.
constexpr int64_t fewestColumnsAhead = 8, mostColumnsAhead = 16;

class StraightLine : public Strategy {
public:
  StringRef name() const override { return "straight-line"; }
  bool runsInStrips(StrategyAttr choice) const override { return !copies(choice) && !choice.getInt("windows", 0); }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &target) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (target.vectorBits != 512 || !(target.requiredCpuFeatures & GSRT_CPU_AVX512F))
      return "the target has no AVX-512";
    if (!c.elementType().isF32())
      return "the elements are not f32";
    if (c.groups > 1)
      return "grouped convolution";
    if (c.columns() < lanes || (!c.inputHasSlack && c.lineLength < lanes))
      return "fewer output columns than a vector has lanes";
    if (c.columnOffset.empty() || c.columnOffset.back() > INT32_MAX / 4 ||
        *llvm::max_element(c.columnOffset) > INT32_MAX / 4)
      return "a displacement does not fit the instruction";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &) const override {
    return {{"aligned_copy", 0, 2},
            {"column_block", 0, INT32_MAX},
            {"columns_ahead", 0, 64},
            {"rows", 1, StraightLineX86::maxRows},
            {"together", 1, StraightLineKernel::mostTogether},
            {"windows", 0, 1}};
  }

  bool storesStrided() const override { return true; }
  bool storesOnce(StrategyAttr choice) const override { return choice.getInt("column_block", 0) == 0; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<int64_t> heights{rowsPerChunk(c.rows)};
    // Rows that share their columns are loaded for once if no chunk ends between them.
    if (int64_t whole = rowsPerChunk(c.rows, weight.form.sharedRows); whole != heights.front())
      heights.push_back(whole);
    SmallVector<Candidate> result;
    for (int64_t rows : heights) {
      double loads = loadsOf(c, weight, rows);
      if (cost::inputIsAligned(c, lanes)) {
        if (packs(c, weight, target, rows, loads))
          result.push_back(candidate(c, weight, target, rows, loads, copyOfVectors));
        else
          result.push_back(candidate(c, weight, target, rows, loads, noCopy, columnsAhead(c, target)));
        continue;
      }
      result.push_back(candidate(c, weight, target, rows, loads, noCopy));
      if (c.inputHasSlack && windowsOf(c).shifts > 0) {
        result.push_back(candidate(c, weight, target, rows, loads, noCopyButWindows));
        // Lines that come from afar take slots that multiply-adds with memory operands need.
        if (target.fmaBroadcastPerCycle > 1)
          result.push_back(candidate(c, weight, target, rows, loads, noCopyButWindows, /*ahead=*/0, /*small=*/true));
      }
      result.push_back(candidate(c, weight, target, rows, loads, copyOfVectors));
      if (LaneTiles::linesToJoin(c, lanes) > 1)
        result.push_back(candidate(c, weight, target, rows, loads, copyWithJoinedEnds));
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &) const override {
    return {StorageRequest::Kind::MaskedColumns, !copies(choice), choice.getInt("column_block", 0),
            choice.getInt("rows", rowsPerChunk(c.rows))};
  }

  /// The plan becomes code, and the weights lie beside it.
  bool readsBuffer(StringRef) const override { return false; }

  KernelPlan plan(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    if (!copies(choice))
      return {};
    LaneTiles tiles = copyOf(c, choice, target);
    return {2, tiles.rounds(), tiles.size()};
  }

  double laneUse(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    if (!copies(choice))
      return Strategy::laneUse(c, choice, target);
    LaneTiles tiles = lanesOf(c, choice.getInt("aligned_copy", 0), target);
    return double(c.columns()) / double(tiles.tiles() * lanes);
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    CompressedType type = cast<CompressedType>(c.weight().getType());
    if (type.getLayout() != "masked_columns" || type.getPanelRows() > StraightLineX86::maxRows)
      return c.op->emitOpError("strategy straight-line needs a weight of layout masked_columns with at most ")
             << StraightLineX86::maxRows << " rows per chunk";
    if (k.choice().getInt("windows", 0) && (copies(k.choice()) || c.isStrip))
      return c.op->emitOpError(
          "strategy straight-line takes windows = 1 from the whole input itself: aligned_copy must "
          "be 0, and the op may not run in strips");
    std::optional<LaneTiles> copy;
    if (copies(k.choice()))
      copy = copyOf(c, k.choice(), k.target);
    if (copy && k.step == 0) {
      StraightLineKernel(k, &*copy).emitCopy();
      return success();
    }
    return StraightLineKernel(k, copy ? &*copy : nullptr).emit();
  }

private:
  /// Values of `aligned_copy`; the last is `windows`.
  enum Copy { noCopy, copyOfVectors, copyWithJoinedEnds, noCopyButWindows };

  static bool copies(StrategyAttr choice) { return choice.getInt("aligned_copy", 0) != noCopy; }
  static LaneTiles lanesOf(const Contraction &c, int64_t copy, const TargetSpec &target) {
    return LaneTiles(c, lanes, target, StraightLineX86::maxInputs, copy == copyWithJoinedEnds);
  }
  /// The copy that `choice` asks for, and whose it is.
  static LaneTiles copyOf(const Contraction &c, StrategyAttr choice, const TargetSpec &target) {
    LaneTiles tiles = lanesOf(c, choice.getInt("aligned_copy", 0), target);
    StraightLineKernel::setOwners(c, tiles, choice.getInt("column_block", 0), target);
    return tiles;
  }

  /// Equal chunks of at most 28 rows, made of units of so many.
  static int64_t rowsPerChunk(int64_t rows, int64_t unit = 1) {
    int64_t most = StraightLineX86::maxRows;
    if (unit > most)
      unit = 1;
    int64_t units = llvm::divideCeil(rows, unit);
    return llvm::divideCeil(units, llvm::divideCeil(units, most / unit)) * unit;
  }

  /// Activation vectors that all chunks of `rows` rows load on one tile: the columns that one of its rows keeps.
  static double loadsOf(const Contraction &c, const WeightFacts &weight, int64_t rows) {
    int64_t groups = llvm::divideCeil(c.rows, rows), loads = 0;
    if (!weight.weight) {
      double density = double(weight.nonZeros) / double(c.rows * c.cols);
      int64_t unit = std::clamp<int64_t>(weight.form.sharedRows, 1, rows);
      return double(groups * c.cols) * (1 - std::pow(1 - density, double(rows) / double(unit)));
    }
    std::vector<uint8_t> used(c.cols);
    for (int64_t group = 0; group < groups; ++group) {
      std::fill(used.begin(), used.end(), 0);
      for (int64_t row = group * rows; row < std::min(c.rows, (group + 1) * rows); ++row) {
        const uint8_t *kept = weight.weight->mask.data() + row * c.cols;
        for (int64_t col = 0; col < c.cols; ++col)
          used[col] |= kept[col];
      }
      loads += llvm::count_if(used, [](uint8_t u) { return u != 0; });
    }
    return double(loads);
  }

  static int64_t tilesOf(const Contraction &c, const LaneTiles *copy) {
    return copy ? copy->tiles() : countTiles(planTiles(c, lanes, 1));
  }

  /// Bytes of the instructions of all chunks.
  static double codeBytes(const Contraction &c, const WeightFacts &weight, double loads, const LaneTiles *copy,
                          int64_t ahead) {
    bool aligned = copy || cost::inputIsAligned(c, lanes);
    return 7.1 * double(weight.nonZeros) + ((aligned ? 7.5 : 10) + (ahead ? prefetchBytes : 0)) * loads;
  }

  /// Columns of a block, 0 for all: the code of a chunk and the activations of its tiles stay in the caches.
  static int64_t columnBlock(const Contraction &c, const WeightFacts &weight, const TargetSpec &target, int64_t rows,
                             double loads, const LaneTiles *copy, int64_t ahead) {
    auto chunk = int64_t(codeBytes(c, weight, loads, copy, ahead) / double(llvm::divideCeil(c.rows, rows)));
    int64_t most = StraightLineKernel::mostColumns(c, tilesOf(c, copy), copy, target);
    int64_t blocks = std::max<int64_t>(1, llvm::divideCeil(chunk, int64_t(chunkBytes)));
    blocks = std::max<int64_t>(blocks, llvm::divideCeil(c.cols, most));
    return blocks == 1 ? 0 : llvm::divideCeil(c.cols, blocks);
  }

  /// Whether vectors that are aligned where they are should lie side by side, tile by tile: no hardware prefetcher asks
  /// for others, and half of the time of a load from the second-level cache is then hidden by nothing, or less where
  /// the code itself asks (measured: docs/Rationale/Goals.md). The copy goes through the caches once, and many chunks
  /// read it.
  static bool packs(const Contraction &c, const WeightFacts &weight, const TargetSpec &target, int64_t rows,
                    double loads) {
    LaneTiles copied = lanesOf(c, copyOfVectors, target);
    double tiles = double(copied.tiles()), vectors = double(copied.copiedVectors()), bytes = target.vectorBytes();
    double passTiles = std::min(tiles, double(StraightLineKernel::tilesPerPiece(c, c.cols, &copied, target)));
    double share = columnsAhead(c, target) ? 0.45 : 0.5;
    double saved = share * tiles * loads * cost::vectorLoadCycles(target, double(c.cols) * passTiles * bytes);
    // A copy that is made block by block goes no farther than a block.
    int64_t block = columnBlock(c, weight, target, rows, loads, &copied, /*ahead=*/0);
    StraightLineKernel::setOwners(c, copied, block, target);
    double fresh = copied.copiesBlocks() ? vectors * double(block) / double(c.cols) : vectors;
    double spent = vectors * (1 / target.storesPerCycle + 2 * cost::vectorLoadCycles(target, 2 * fresh * bytes));
    return saved > 2 * spent;
  }

  /// How many columns ahead the code asks for vectors that are aligned where they are, in the order of columns; 0: it
  /// does not. A vector that comes from the second level costs half a cycle more than one that was asked for, as the
  /// multiply-adds that wait for it are issued twice (measured: docs/Rationale/Goals.md).
  static int64_t columnsAhead(const Contraction &c, const TargetSpec &target) {
    double tiles = double(countTiles(planTiles(c, lanes, 1)));
    double saved = 0.25 * tiles * cost::vectorLoadCycles(target, double(c.cols) * tiles * target.vectorBytes());
    double spent = prefetchBytes / target.dramBytesPerCycle; // the code is longer
    // Vectors side by side are seen by hardware.
    bool sideBySide = llvm::all_of(llvm::zip(c.columnOffset, llvm::drop_begin(c.columnOffset)),
                                   [](auto pair) { return std::get<1>(pair) - std::get<0>(pair) == lanes; });
    if (sideBySide || saved < 4 * spent)
      return 0;
    int64_t stay = cost::columnsThatStay(c, target, 1);
    int64_t ahead = std::min({mostColumnsAhead, stay / 4, c.cols / 4}); // the first ones of a tile come too late
    return ahead >= fewestColumnsAhead ? ahead : 0;
  }

  /// How the activations of all columns of one tile come into registers: what StraightLineX86 does with windows.
  struct Windows {
    int64_t vectors = 0, shifts = 0;
  };
  static Windows windowsOf(const Contraction &c) {
    SmallVector<int64_t> places(c.columnOffset);
    llvm::sort(places);
    Windows result;
    for (size_t i = 0, end; i < places.size(); i = end) {
      // A run of columns, each less than a vector behind the one before.
      for (end = i + 1; end < places.size() && places[end] - places[end - 1] <= lanes;)
        ++end;
      if (end - i < 3) {
        result.vectors += int64_t(end - i);
        continue;
      }
      int64_t loads = llvm::divideCeil(places[end - 1] - places[i], lanes) + 1;
      result.vectors += loads;
      for (size_t j = i; j < end; ++j)
        result.shifts += (places[j] - places[i]) % lanes != 0;
    }
    return result;
  }

  /// Lines that misaligned vectors of all columns of one tile touch, two each; taps next to each other share them.
  static int64_t linesOf(const Contraction &c) {
    SmallVector<int64_t> places(c.columnOffset);
    llvm::sort(places);
    int64_t lines = 0, next = 0; // the first line that no column touched yet
    for (int64_t place : places) {
      int64_t first = place / lanes, end = first + 2;
      lines += end - std::max(first, next);
      next = end;
    }
    return lines;
  }

  /// Bytes of lines of one tile that stay in the first-level cache beside weights and lines of the next tile. Where
  /// multiply-adds with memory operands take all load slots, a third of it was faster than a half or a sixth, as fast
  /// as a quarter (docs/Rationale/StraightLine.md).
  static int64_t bytesThatStay(const TargetSpec &target) {
    return target.l1Bytes / (target.fmaBroadcastPerCycle > 1 ? 3 : 2);
  }

  /// Lines that come to the first-level cache for so many misaligned loads of one tile: those of neighbouring taps come
  /// once if a block's stay there.
  static double linesThatCome(const Contraction &c, const TargetSpec &target, double loads, int64_t groups,
                              int64_t blocks) {
    int64_t lines = linesOf(c);
    bool stay = lines * target.vectorBytes() / blocks <= bytesThatStay(target);
    return stay ? std::min(2 * loads, double(groups * lines)) : 2 * loads;
  }

  /// Blocks of columns whose lines of one tile stay.
  static int64_t blocksThatStay(const Contraction &c, const TargetSpec &target) {
    return llvm::divideCeil(linesOf(c) * target.vectorBytes(), std::max<int64_t>(1, bytesThatStay(target)));
  }

  /// Chunks of `bytes` bytes of code that run on a tile one after the other, so that a later one finds activations in
  /// the first-level cache: where lines from afar take slots that multiply-adds with memory operands need, and the code
  /// still stays in its cache.
  static int64_t chunksTogether(const TargetSpec &target, int64_t groups, int64_t columns, double bytes) {
    int64_t most = StraightLineKernel::mostTogether;
    bool fits =
        columns * target.vectorBytes() <= target.l1Bytes && double(most) * bytes <= 0.75 * double(target.l1CodeBytes);
    return target.fmaBroadcastPerCycle > 1 && groups >= most && fits ? most : 1;
  }

  Candidate candidate(const Contraction &c, const WeightFacts &weight, const TargetSpec &target, int64_t rows,
                      double loads, Copy copy, int64_t ahead = 0, bool small = false) const {
    std::optional<LaneTiles> copied;
    if (copy == copyOfVectors || copy == copyWithJoinedEnds)
      copied = lanesOf(c, copy, target);
    int64_t groups = llvm::divideCeil(c.rows, rows);
    bool aligned = copied || cost::inputIsAligned(c, lanes);
    const LaneTiles *copiedTo = copied ? &*copied : nullptr;
    double tiles = double(tilesOf(c, copiedTo)), nnz = double(weight.nonZeros);
    double code = codeBytes(c, weight, loads, copiedTo, ahead);
    int64_t block = columnBlock(c, weight, target, rows, loads, copiedTo, ahead);
    int64_t blocks = block ? llvm::divideCeil(c.cols, block) : 1;
    if (small && blocks < blocksThatStay(c, target)) {
      block = llvm::divideCeil(c.cols, blocksThatStay(c, target));
      blocks = llvm::divideCeil(c.cols, block);
    }

    // Per tile: arithmetic, load ports, and the cache that holds the activations of a block: between two uses of one
    // lie all tiles of a pass.
    int64_t columns = block ? block : c.cols;
    double passTiles = std::min(tiles, double(StraightLineKernel::tilesPerPiece(c, columns, copiedTo, target)));
    double xBytes = double(columns) * StraightLineKernel::bytesPerColumn(c, copiedTo) * passTiles;
    double fma = nnz / std::min(target.fmaPerCycle, target.fmaBroadcastPerCycle);
    double vectors = loads, shifts = 0;
    if (copy == noCopyButWindows) {
      Windows windows = windowsOf(c);
      vectors = std::min(loads, double(groups * windows.vectors));
      shifts = loads * double(windows.shifts) / double(c.cols) / target.permutesPerCycle;
    }
    double lines = aligned ? loads : linesThatCome(c, target, loads, groups, blocks);
    int64_t together = aligned ? chunksTogether(target, groups, columns, code / double(groups * blocks)) : 1;
    if (together > 1) { // measured: what a chunk loaded last, a third of the cache, serves the next one
      double stay = double(target.l1Bytes) / 3 / double(columns * target.vectorBytes());
      lines *= 1 - std::min(1.0, stay) * double(together - 1) / double(together);
    }
    double arriving = vectors / (aligned ? target.loadsPerCycle : target.misalignedLoadsPerCycle);
    arriving += cost::refill(target, target.fmaBroadcastPerCycle, lines, xBytes);
    double ports = 0.5 * nnz / target.fmaBroadcastPerCycle + arriving;
    double cache = lines * cost::vectorLoadCycles(target, xBytes);
    double slowest = std::max({fma, ports, cache, shifts});
    double perTile = slowest + 0.1 * (std::min(fma, ports) + std::min(fma, cache) + std::min(fma, shifts));
    // Where every multiply-add is a load at more than one per cycle, vectors that arrive do not hide; without a copy or
    // windows as little as in row kernels.
    if (target.fmaBroadcastPerCycle > 1)
      perTile += (copy == noCopy ? 0.5 : 0.3) * std::min(fma, arriving);
    // Whatever else a chunk does besides storing runs beside the next one.
    double perStore = 1 / target.storesPerCycle, perSum = 0;
    double farStore = std::max(perStore, target.vectorBytes() / target.l2StoreBytesPerCycle);
    if (blocks > 1) { // partial sums wait in the output
      perSum = 1 / target.loadsPerCycle;
      // In the second level, unless they are few.
      double sums = double(c.rows) * passTiles * target.vectorBytes();
      double share = std::min(1.0, 4 * sums / double(target.l2Bytes));
      perSum += share * (farStore - perStore + cost::refill(target, target.fmaBroadcastPerCycle, 1, sums));
    }
    double perChunk = double(rows) * (perStore + perSum);
    double cycles = tiles * (perTile + double(groups * blocks) * perChunk);
    if (copied) {
      double vectors = double(copied->copiedVectors());
      cycles += vectors * (farStore + 1 / target.misalignedLoadsPerCycle) + 1000;
      // A copy beyond the second level is written to the next one and comes from there; twice as long where nothing
      // hides it (measured: docs/Rationale/CostModel.md).
      double bytes = vectors * target.vectorBytes(), times = target.fmaBroadcastPerCycle > 1 ? 2 : 1;
      if (bytes > double(target.l2Bytes))
        cycles += times * (bytes / target.l3StoreBytesPerCycle + bytes / target.l3BytesPerCycle);
    }
    // Code and weights come from memory once per run. Half of that is hidden at best, while an earlier chunk is
    // running; less where chunks run on so few tiles that fetching takes about as long as computing (measured at one to
    // three tiles: docs/Rationale/SortedRows.md).
    double bytes = code + 4 * nnz, fetch = bytes / target.dramBytesPerCycle;
    // Each further piece of tiles fetches all of it again; multiply-adds at one per cycle leave time for that.
    if (double pieces = std::ceil(tiles / passTiles); tiles > 1.5 * passTiles && target.fmaBroadcastPerCycle > 1)
      fetch += (pieces - 1) * bytes / cost::streamBytesPerCycle(target, bytes);
    cycles += fetch * std::clamp(0.66 * fetch / cycles, 0.5, 1.0);
    cycles = std::max(cycles, cost::memoryFloor(target, c, nnz * 4));
    // Against sparse rows, which spend four bytes per non-zero on an index.
    double extraBytes = std::max(0.0, code - 4 * nnz);
    SmallVector<std::pair<StringRef, int64_t>> parameters{{"aligned_copy", copied ? copy : noCopy},
                                                          {"column_block", block}};
    if (ahead)
      parameters.push_back({"columns_ahead", ahead});
    parameters.push_back({"rows", rows});
    if (together > 1)
      parameters.push_back({"together", together});
    if (copy == noCopyButWindows)
      parameters.push_back({"windows", 1});
    return {makeChoice(c.op->getContext(), parameters), cycles, extraBytes};
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getStraightLineStrategy() {
  static const StraightLine strategy;
  return strategy;
}
} // namespace mlir::gs
