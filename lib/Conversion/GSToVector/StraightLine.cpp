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
#include "LaneTiles.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Runtime/gsrt.h"
#include "gs/Target/CPU/StraightLineX86.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/Support/Base64.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;

namespace {

constexpr int64_t lanes = 16;
/// A chunk's code should stay in the first-level instruction cache while it runs over all tiles.
constexpr double chunkBytes = 24 << 10;

/// Tiles of a pass over the code: their activations fit half of the second-level cache.
int64_t tilesPerPiece(const Contraction &c, int64_t columns, const TargetSpec &target) {
  return std::max<int64_t>(8, target.l2Bytes / 2 /
                                  std::max<int64_t>(1, columns * lanes * c.elementType().getIntOrFloatBitWidth() / 8));
}

class StraightLine : public Strategy {
public:
  StringRef name() const override { return "straight-line"; }
  bool runsInStrips(StrategyAttr choice) const override { return !copies(choice); }

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
    return {{"aligned_copy", 0, 2}, {"column_block", 0, INT32_MAX}, {"rows", 1, StraightLineX86::maxRows}};
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
        result.push_back(candidate(c, weight, target, rows, loads, packs(c, target, loads) ? copyOfVectors : noCopy));
        continue;
      }
      result.push_back(candidate(c, weight, target, rows, loads, noCopy));
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
    LaneTiles tiles = lanesOf(c, choice.getInt("aligned_copy", 0), target);
    return {2, tiles.rounds(), tiles.size()};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    CompressedType type = cast<CompressedType>(c.weight().getType());
    if (type.getLayout() != "masked_columns" || type.getPanelRows() > StraightLineX86::maxRows)
      return c.op->emitOpError("strategy straight-line needs a weight of layout masked_columns with at most ")
             << StraightLineX86::maxRows << " rows per chunk";
    std::optional<LaneTiles> copy;
    if (copies(k.choice()))
      copy = lanesOf(c, k.choice().getInt("aligned_copy", 0), k.target);
    if (copy && k.step == 0) {
      copy->emitCopy(k);
      return success();
    }
    Kernel kernel(k, copy ? &*copy : nullptr);
    kernel.rows = type.getPanelRows();
    kernel.groups = llvm::divideCeil(c.rows, kernel.rows);
    kernel.blocks = type.getColumnBlock() ? llvm::divideCeil(c.cols, type.getColumnBlock()) : 1;
    return kernel.emit();
  }

private:
  /// Values of `aligned_copy`.
  enum Copy { noCopy, copyOfVectors, copyWithJoinedEnds };

  static bool copies(StrategyAttr choice) { return choice.getInt("aligned_copy", 0) != noCopy; }
  static LaneTiles lanesOf(const Contraction &c, int64_t copy, const TargetSpec &target) {
    return LaneTiles(c, lanes, target, StraightLineX86::maxInputs, copy == copyWithJoinedEnds);
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

  /// Whether vectors that are aligned where they are should lie side by side, tile by tile: no hardware prefetcher asks
  /// for others, and half of the time of a load from the second-level cache is then hidden by nothing (measured:
  /// docs/Rationale/Goals.md). The copy goes through the caches once, and many chunks read it.
  static bool packs(const Contraction &c, const TargetSpec &target, double loads) {
    LaneTiles copied = lanesOf(c, copyOfVectors, target);
    double tiles = double(copied.tiles()), vectors = double(copied.copiedVectors()), bytes = target.vectorBytes();
    double passTiles = std::min(tiles, double(tilesPerPiece(c, c.cols, target)));
    double saved = 0.5 * tiles * loads * cost::vectorLoadCycles(target, double(c.cols) * passTiles * bytes);
    double spent = vectors * (1 / target.storesPerCycle + 2 * cost::vectorLoadCycles(target, 2 * vectors * bytes));
    return saved > 2 * spent;
  }

  Candidate candidate(const Contraction &c, const WeightFacts &weight, const TargetSpec &target, int64_t rows,
                      double loads, Copy copy) const {
    std::optional<LaneTiles> copied;
    if (copy)
      copied = lanesOf(c, copy, target);
    int64_t groups = llvm::divideCeil(c.rows, rows);
    bool aligned = copy || cost::inputIsAligned(c, lanes);
    double tiles = double(copied ? copied->tiles() : countTiles(planTiles(c, lanes, 1))), nnz = double(weight.nonZeros);
    double code = 7.1 * nnz + (aligned ? 7.5 : 10) * loads;
    int64_t blocks = std::max<int64_t>(1, llvm::divideCeil(int64_t(code / double(groups)), int64_t(chunkBytes)));
    int64_t block = blocks == 1 ? 0 : llvm::divideCeil(c.cols, blocks);

    // Per tile: arithmetic, load ports, and the cache that holds the activations of a block: between two uses of one
    // lie all tiles of a pass. A misaligned vector comes from two lines.
    int64_t columns = block ? block : c.cols;
    double passTiles = std::min(tiles, double(tilesPerPiece(c, columns, target)));
    double xBytes = double(columns) * lanes * 4 * passTiles;
    double fma = nnz / target.fmaPerCycle;
    double ports = 0.5 * nnz / target.fmaBroadcastPerCycle +
                   loads / (aligned ? target.loadsPerCycle : target.misalignedLoadsPerCycle);
    double cache = loads * cost::vectorLoadCycles(target, xBytes) * (aligned ? 1 : 2);
    double slowest = std::max({fma, ports, cache});
    double perTile = slowest + 0.1 * (std::min(fma, ports) + std::min(fma, cache));
    // Whatever else a chunk does besides storing runs beside the next one.
    double perChunk = double(rows) / target.storesPerCycle;
    if (blocks > 1) // partial sums wait in the output
      perChunk += double(rows) * 1 / target.loadsPerCycle;
    double cycles = tiles * (perTile + double(groups * blocks) * perChunk);
    if (copied) {
      double vectors = double(copied->copiedVectors());
      cycles += vectors * (1 / target.storesPerCycle + 1 / target.misalignedLoadsPerCycle) + 1000;
    }
    // Code and weights come from memory once per run. Half of that is hidden at best, while an earlier chunk is
    // running; less where chunks run on so few tiles that fetching takes about as long as computing (measured at one to
    // three tiles: docs/Rationale/SortedRows.md).
    double fetch = (code + 4 * nnz) / target.dramBytesPerCycle;
    cycles += fetch * std::clamp(0.66 * fetch / cycles, 0.5, 1.0);
    cycles = std::max(cycles, cost::memoryFloor(target, c, nnz * 4));
    // Against sparse rows, which spend four bytes per non-zero on an index.
    double extraBytes = std::max(0.0, code - 4 * nnz);
    return {makeChoice(c.op->getContext(), {{"aligned_copy", copy}, {"column_block", block}, {"rows", rows}}), cycles,
            extraBytes};
  }

  /// What the emission of one kernel knows.
  struct Kernel {
    Kernel(KernelBuilder &k, const LaneTiles *copy) : k(k), copy(copy) {}

    KernelBuilder &k;
    const LaneTiles *copy; ///< null: activations are read where they are
    int64_t rows = 0, groups = 0, blocks = 0;
    LLVM::LLVMFuncOp function;
    Value code, table, sums, roundOutput;
    int64_t tilesPerPass = 0;

    LogicalResult emit();
    LogicalResult emitCode(SymbolTable &symbols, memref::GlobalOp &starts);
    void runChunk(ArrayRef<TileLoop> plan, ArrayRef<IndexRange> ranges, Value group, Value chunk, bool first,
                  bool last);
    void runTile(Value address, ValueRange x, Value next, Value group, Value out, const VectorPlace &place, bool first,
                 bool last);
    SmallVector<Value> call(Value address, ValueRange x, Value next, ArrayRef<Value> init);
    bool epilogueIsShort() const;
  };
};

/// Chunks whose code and weights are fetched while one is running: with several in flight, memory is never idle.
constexpr int64_t chunksAhead = 2;
/// Threads share tiles if there are so many, else chunks.
constexpr int64_t fewestTilesToSplit = 12;

/// A vector that ends beyond the buffer moves back; the lanes that it shares with its neighbour are not stored.
VectorPlace shifted(VectorPlace place) {
  int64_t shift = lanes - place.readable;
  place.in -= shift;
  place.readable = lanes;
  for (Segment &segment : place.segments)
    segment.lane += shift;
  return place;
}

Value toI64(KernelBuilder &k, Value index) { return arith::IndexCastOp::create(k.b, k.b.getI64Type(), index); }

Value pointerTo(KernelBuilder &k, Value memref, Value element) {
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(k.b, memref);
  if (!cast<MemRefType>(memref.getType()).getLayout().isIdentity()) // begins within a buffer
    element = k.add(element, memref::ExtractStridedMetadataOp::create(k.b, memref).getOffset());
  return LLVM::IntToPtrOp::create(k.b, LLVM::LLVMPointerType::get(k.b.getContext()),
                                  toI64(k, k.add(base, k.mul(element, 4))));
}

Value atByte(KernelBuilder &k, Value base, Value byte) {
  return LLVM::GEPOp::create(k.b, LLVM::LLVMPointerType::get(k.b.getContext()), k.b.getI8Type(), base,
                             ArrayRef<LLVM::GEPArg>{toI64(k, byte)});
}

/// This thread's share of [0, n) for a chunk: where n does not divide, each thread has the tile that is left in turn.
IndexRange shareInTurn(KernelBuilder &k, int64_t n, Value group) {
  Value turn = arith::RemUIOp::create(k.b, group, k.numThreads);
  auto bound = [&](Value part) -> Value {
    return arith::DivUIOp::create(k.b, k.add(k.mul(part, n), turn), k.numThreads);
  };
  return {bound(k.tid), bound(k.add(k.tid, 1))};
}

/// The tiles of one loop of a chunk that are in `pairs`, [0, chunks * total) with the tiles of a chunk side by side;
/// `before` of them come before those of this loop.
IndexRange tilesOf(KernelBuilder &k, IndexRange pairs, Value group, int64_t total, int64_t before,
                   const TileLoop &tile) {
  Value first = k.add(k.mul(group, total), before);
  auto bound = [&](Value pair) -> Value {
    Value from = arith::SubIOp::create(k.b, arith::MaxUIOp::create(k.b, pair, first), first);
    return arith::MinUIOp::create(k.b, from, k.index(tile.count()));
  };
  return {bound(pairs.lo), bound(pairs.hi)};
}

LogicalResult StraightLine::Kernel::emit() {
  const Contraction &c = k.c;
  SmallVector<TileLoop> plan = copy ? copy->plan() : planTiles(c, lanes, 1);
  roundOutput = copy ? copy->roundOutput(k) : k.index(0);
  if (!copy)
    for (TileLoop &tile : plan)
      tile.vectors.front() = shifted(tile.vectors.front());
  // A thread that has its own lines reads what it wrote; with fewer tiles the code would be fetched for too little
  // work.
  int64_t total = countTiles(plan);
  bool split = total >= fewestTilesToSplit;
  int64_t columns = cast<CompressedType>(c.weight().getType()).getColumnBlock();
  int64_t piece = tilesPerPiece(c, columns ? columns : c.cols, k.target);
  bool whole = total <= piece + piece / 2;
  // The next code is fetched within the first half of a pass, so that it has arrived when the pass ends.
  tilesPerPass = std::max<int64_t>(1, whole ? total / 2 : piece);

  auto module = k.b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  SymbolTable symbols(module);
  memref::GlobalOp starts;
  if (failed(emitCode(symbols, starts)))
    return failure();
  code = LLVM::AddressOfOp::create(k.b, LLVM::LLVMPointerType::get(k.b.getContext()), function.getSymName());
  table = memref::GetGlobalOp::create(k.b, starts.getType(), starts.getSymName());
  if (!epilogueIsShort())
    sums = memref::AllocaOp::create(k.b, MemRefType::get({rows * lanes}, c.elementType()), k.b.getI64IntegerAttr(64));

  // Few tiles: threads share pairs of a chunk and a tile, so that at most one chunk is run by both.
  IndexRange mine = k.all(groups), pairs;
  if (!split) {
    pairs = k.share(groups * total);
    mine = {arith::DivUIOp::create(k.b, pairs.lo, k.index(total)),
            arith::DivUIOp::create(k.b, k.add(pairs.hi, total - 1), k.index(total))};
  }
  auto pass = [&](ArrayRef<TileLoop> loops, function_ref<SmallVector<IndexRange>(Value)> rangesOf) {
    auto block = [&](Value number, bool first, bool last) {
      k.forRange(mine, [&](Value group) {
        runChunk(loops, rangesOf(group), group, k.add(k.mul(number, groups), group), first, last);
      });
    };
    block(k.index(0), true, blocks == 1);
    if (blocks > 2)
      k.forRange({k.index(1), k.index(blocks - 1)}, [&](Value number) { block(number, false, false); });
    if (blocks > 1)
      block(k.index(blocks - 1), false, true);
  };
  // All tiles in one pass over the code; or pieces of tiles whose activations stay in the second-level cache.
  if (whole) {
    pass(plan, [&](Value group) {
      SmallVector<IndexRange> ranges;
      int64_t before = 0;
      for (const TileLoop &tile : plan) {
        ranges.push_back(split ? shareInTurn(k, tile.count(), group) : tilesOf(k, pairs, group, total, before, tile));
        before += tile.count();
      }
      return ranges;
    });
    return success();
  }
  for (const TileLoop &tile : plan)
    k.forPieces(split ? k.share(tile.count()) : k.all(tile.count()), piece,
                [&](IndexRange tiles) { pass(tile, [&](Value) { return SmallVector<IndexRange>{tiles}; }); });
  return success();
}

/// One chunk on the tiles of a pass: its code stays in the instruction cache.
void StraightLine::Kernel::runChunk(ArrayRef<TileLoop> plan, ArrayRef<IndexRange> ranges, Value group, Value chunk,
                                    bool first, bool last) {
  Value address = atByte(k, code, k.loadIndex(table, chunk));
  // Each tile fetches its part of a later chunk. Behind the last chunk lies, most likely, the code of the next layer.
  Value begin = k.loadIndex(table, k.add(chunk, chunksAhead));
  Value size = arith::SubIOp::create(k.b, begin, k.loadIndex(table, k.add(chunk, chunksAhead - 1)));
  Value step = k.mul(arith::DivUIOp::create(k.b, size, k.index(64 * tilesPerPass)).getResult(), 64);
  Value passed = k.index(0);
  for (auto [tile, range] : llvm::zip_equal(plan, ranges)) {
    const VectorPlace &place = tile.vectors.front();
    k.forTiles(tile, range, [&](Value number, KernelBuilder::TileBase base) {
      Value done = k.add(passed, arith::SubIOp::create(k.b, number, range.lo).getResult());
      Value next = atByte(k, code, k.add(begin, arith::MulIOp::create(k.b, done, step).getResult()));
      SmallVector<Value> x{k.add(base.in, place.in)};
      if (copy)
        x = copy->tileInputs(k, x.front());
      for (Value &input : x)
        input = pointerTo(k, copy ? k.scratch : k.input, input);
      runTile(address, x, next, group, k.add(base.out, roundOutput), place, first, last);
    });
    passed = k.add(passed, arith::SubIOp::create(k.b, range.hi, range.lo).getResult());
  }
}

void StraightLine::Kernel::runTile(Value address, ValueRange x, Value next, Value group, Value out,
                                   const VectorPlace &place, bool first, bool last) {
  const Contraction &c = k.c;
  VectorType vector = k.vectorType(lanes);
  Value firstRow = k.mul(group, rows);
  Value outFirst = k.add(out, k.mul(firstRow, c.outRowStride()));
  int64_t inLast = c.rows - (groups - 1) * rows; // rows of the last group
  Value isFull;
  if (inLast < rows)
    isFull = arith::CmpIOp::create(k.b, arith::CmpIPredicate::ne, group, k.index(groups - 1));
  auto rowOut = [&](int64_t r) { return k.add(outFirst, r * c.outRowStride()); };
  // Calls `body` for rows [lo, hi), which all groups have or only full ones.
  auto forRows = [&](function_ref<void(int64_t, int64_t)> body) {
    body(0, inLast);
    if (!isFull)
      return;
    auto branch = scf::IfOp::create(k.b, isFull, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPoint(branch.thenBlock()->getTerminator());
    body(inLast, rows);
  };

  // Sums begin at zero, or where the block before left them. A row beyond the last group's reads any that is there.
  SmallVector<Value> init;
  for (int64_t r = 0; r < rows; ++r) {
    if (first) {
      init.push_back(k.zero(vector));
      continue;
    }
    Value row = rowOut(r);
    if (r >= inLast)
      row = arith::SelectOp::create(k.b, isFull, row, outFirst);
    init.push_back(k.loadOutput(k.output, row, place, vector));
  }
  SmallVector<Value> results = call(address, x, next, init);

  if (!last)
    return forRows([&](int64_t lo, int64_t hi) {
      for (int64_t r = lo; r < hi; ++r)
        k.storeOutput(results[r], rowOut(r), place);
    });
  if (!sums)
    return forRows([&](int64_t lo, int64_t hi) {
      for (int64_t r = lo; r < hi; ++r)
        k.finish(results[r], k.add(firstRow, r), rowOut(r), place);
    });
  for (int64_t r = 0; r < rows; ++r)
    vector::StoreOp::create(k.b, results[r], sums, ValueRange{k.index(r * lanes)});
  Value left = arith::SubIOp::create(k.b, k.index(c.rows), firstRow);
  k.forRange({k.index(0), arith::MinUIOp::create(k.b, left, k.index(rows))}, [&](Value r) {
    k.finish(k.load(sums, k.mul(r, lanes), vector), k.add(firstRow, r), k.add(outFirst, k.mul(r, c.outRowStride())),
             place);
  });
}

/// Calls a chunk: sums come and go in registers, so that the epilogue is ordinary vector code.
SmallVector<Value> StraightLine::Kernel::call(Value address, ValueRange x, Value next, ArrayRef<Value> init) {
  // Below the stack pointer the compiler may keep values of a function that calls nothing it knows of.
  std::string text = "leaq -128(%rsp), %rsp; callq *%rax; leaq 128(%rsp), %rsp", constraints;
  llvm::raw_string_ostream os(constraints);
  for (int64_t r = 0; r < rows; ++r)
    os << "={zmm" << r << "},";
  os << "{rax},{rcx}";
  for (size_t i = 0; i < x.size(); ++i)
    os << ",{" << StraightLineX86::inputRegisters[i] << "}";
  for (int64_t r = 0; r < rows; ++r)
    os << "," << r;
  for (int64_t r = rows; r < 32; ++r)
    os << ",~{zmm" << r << "}";
  os << ",~{rsi},~{rdx},~{memory},~{flags},~{dirflag},~{fpsr}";
  SmallVector<Value> operands{address, next};
  operands.append(x.begin(), x.end());
  operands.append(init.begin(), init.end());
  Type vector = init.front().getType(), result = vector;
  if (rows > 1)
    result = LLVM::LLVMStructType::getLiteral(k.b.getContext(), SmallVector<Type>(rows, vector));
  Value value =
      LLVM::InlineAsmOp::create(k.b, result, operands, text, constraints, /*has_side_effects=*/true,
                                /*is_align_stack=*/false, LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
          .getRes();
  if (rows == 1)
    return {value};
  SmallVector<Value> results;
  for (int64_t r = 0; r < rows; ++r)
    results.push_back(LLVM::ExtractValueOp::create(k.b, value, r));
  return results;
}

/// Whether the epilogue may be repeated for every row: else the sums go through memory to a loop over rows.
bool StraightLine::Kernel::epilogueIsShort() const {
  if (k.c.epilogue().empty())
    return true;
  int64_t count = 0;
  for (Operation &op : k.c.epilogue().front().without_terminator()) {
    if (isa<arith::ConstantOp>(op))
      continue;
    if (!isa<arith::ArithDialect>(op.getDialect()) || ++count > 4)
      return false;
  }
  return true;
}

/// A naked function that holds code and weights of all chunks in the order of their execution, and where each begins.
LogicalResult StraightLine::Kernel::emitCode(SymbolTable &symbols, memref::GlobalOp &starts) {
  const Contraction &c = k.c;
  auto constant = c.weight().getDefiningOp<CompressedConstantOp>();
  std::vector<char> valueBytes, indexBytes, rowBytes, offsetBytes;
  auto bytes = [&](StringRef name, std::vector<char> &storage) -> FailureOr<ArrayRef<char>> {
    FailureOr<ArrayRef<char>> raw = getRawData(constant.getBuffer(name), storage);
    if (failed(raw))
      return c.op->emitOpError("buffer '") << name << "' of its weight cannot be read";
    return raw;
  };
  auto words = [&](StringRef name, std::vector<char> &storage) -> FailureOr<ArrayRef<uint32_t>> {
    FailureOr<ArrayRef<char>> raw = bytes(name, storage);
    if (failed(raw))
      return failure();
    return ArrayRef<uint32_t>(reinterpret_cast<const uint32_t *>(raw->data()), raw->size() / 4);
  };
  auto indices = words("indices", indexBytes), masks = words("rows", rowBytes), offsets = words("offsets", offsetBytes);
  FailureOr<ArrayRef<char>> values = bytes("values", valueBytes);
  if (failed(indices) || failed(masks) || failed(offsets) || failed(values))
    return failure();
  llvm::Expected<std::unique_ptr<StraightLineX86>> encoder = StraightLineX86::create();
  if (!encoder)
    return c.op->emitOpError("strategy straight-line: ") << llvm::toString(encoder.takeError());

  // Where the weights of each chunk begin: those of a group of rows lie together.
  SmallVector<int64_t> firstWeight{0};
  for (int64_t chunk = 0; chunk < groups * blocks; ++chunk) {
    int64_t count = 0;
    for (uint32_t i = (*offsets)[chunk]; i < (*offsets)[chunk + 1]; ++i)
      count += llvm::popcount((*masks)[i]);
    firstWeight.push_back(firstWeight.back() + count);
  }
  SmallVector<char, 0> text;
  SmallVector<int32_t> table;
  SmallVector<uint32_t> columns;
  SmallVector<uint8_t> inputs;
  for (int64_t block = 0; block < blocks; ++block)
    for (int64_t group = 0; group < groups; ++group) {
      int64_t chunk = group * blocks + block;
      uint32_t lo = (*offsets)[chunk], count = (*offsets)[chunk + 1] - lo;
      columns.assign(indices->begin() + lo, indices->begin() + lo + count);
      inputs.assign(count, 0);
      if (copy)
        for (auto [column, input] : llvm::zip_equal(columns, inputs)) {
          input = static_cast<uint8_t>(copy->input(column));
          column = static_cast<uint32_t>(copy->displacement(column));
        }
      table.push_back(static_cast<int32_t>(text.size()));
      (*encoder)->emitChunk(columns, inputs, masks->slice(lo, count),
                            values->slice(firstWeight[chunk] * 4, (firstWeight[chunk + 1] - firstWeight[chunk]) * 4),
                            unsigned(std::min(rows, c.rows - group * rows)), 64 * tilesPerPass, text);
      while (text.size() % 64)
        text.push_back(0);
      if (text.size() > INT32_MAX / 2)
        return c.op->emitOpError("strategy straight-line: more than 1 GB of code");
    }
  // Beyond the last chunk, as if more of its size followed.
  int32_t last = int32_t(text.size()) - table.back();
  for (int64_t i = 0; i < chunksAhead; ++i)
    table.push_back(static_cast<int32_t>(text.size()) + int32_t(i) * last);

  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToEnd(cast<ModuleOp>(symbols.getOp()).getBody());
  auto tableType = RankedTensorType::get({int64_t(table.size())}, k.b.getI32Type());
  starts = memref::GlobalOp::create(k.b, "straight_line_starts", k.b.getStringAttr("private"),
                                    MemRefType::get(tableType.getShape(), k.b.getI32Type()),
                                    DenseElementsAttr::get(tableType, ArrayRef<int32_t>(table)), /*constant=*/true,
                                    IntegerAttr());
  symbols.insert(starts);
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(k.b.getContext()), {});
  function = LLVM::LLVMFuncOp::create(k.b, "straight_line_code", type, LLVM::Linkage::Internal);
  function.setAlignment(64);
  function.setPassthroughAttr(k.b.getStrArrayAttr({"naked", "noinline"}));
  symbols.insert(function);
  k.b.setInsertionPointToStart(function.addEntryBlock(k.b));
  // Bytes as data of the function's section: the assembler has nothing to parse but a string.
  std::string assembly = ".base64 \"" + llvm::encodeBase64(text) + "\"";
  LLVM::InlineAsmOp::create(k.b, TypeRange(), ValueRange(), assembly, "", /*has_side_effects=*/true,
                            /*is_align_stack=*/false, LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
  LLVM::UnreachableOp::create(k.b);
  return success();
}

} // namespace

namespace mlir::gs {
const Strategy &getStraightLineStrategy() {
  static const StraightLine strategy;
  return strategy;
}
} // namespace mlir::gs
