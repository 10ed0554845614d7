//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Naked functions of encoded chunks, and the loops over chunks and tiles that
// call them: docs/Rationale/StraightLine.md.
//
//===----------------------------------------------------------------------===//
#include "StraightLineKernel.h"
#include "gs/Target/CPU/StraightLineX86.h"
#include "llvm/Support/Base64.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::gs;

namespace {

constexpr int64_t lanes = StraightLineKernel::lanes;
/// Chunks whose code and weights are fetched while one is running: with several in flight, memory is never idle.
constexpr int64_t chunksAhead = 2;
/// A pass over fewer tiles would fetch code and weights for too little work.
constexpr int64_t fewestTilesPerPiece = 8;
/// Threads share tiles if there are so many at least, else chunks.
constexpr int64_t fewestTilesToSplit = 12;
/// Code of a non-zero, its weight included.
constexpr double bytesPerNonZero = 10;
/// Threads that share tiles all fetch all of the code: at most so much of the time that two take for its arithmetic.
constexpr double mostFetched = 0.15;
/// Threads that each make an aligned copy of their own where all of them read it. Their work of copying does not become
/// less, so it pays for few.
constexpr int64_t copyOwners = 2;

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

} // namespace

static int64_t vectorBytes(const Contraction &c) { return lanes * c.elementType().getIntOrFloatBitWidth() / 8; }

double StraightLineKernel::bytesPerColumn(const Contraction &c, const LaneTiles *copy) {
  double elements = double(copy ? copy->copiedVectors() * lanes : c.inputSize);
  double tiles = double(copy ? copy->tiles() : countTiles(planTiles(c, lanes, 1)));
  double share = elements / std::max(1.0, tiles * double(c.cols)) / double(lanes);
  return std::min(1.0, share) * double(vectorBytes(c));
}

int64_t StraightLineKernel::tilesPerPiece(const Contraction &c, int64_t columns, const LaneTiles *copy,
                                          const TargetSpec &target) {
  // A copy counts as if its vectors were not shared: passes over more tiles than that were slower.
  double bytes = (copy ? double(vectorBytes(c)) : bytesPerColumn(c, nullptr)) * double(columns);
  // Sums that each block adds to stay, too.
  if (!copy && columns < c.cols)
    bytes += double(c.rows * vectorBytes(c));
  return std::max(fewestTilesPerPiece, int64_t(double(target.l2Bytes) / 2 / std::max(1.0, bytes)));
}

int64_t StraightLineKernel::mostColumns(const Contraction &c, int64_t tiles, const LaneTiles *copy,
                                        const TargetSpec &target) {
  double bytes = bytesPerColumn(c, copy) * double(std::min(fewestTilesPerPiece, tiles));
  return std::max<int64_t>(1, int64_t(double(target.l2Bytes) / 2 / bytes));
}

bool StraightLineKernel::splitsTiles(ArrayRef<TileLoop> plan, const TargetSpec &target) {
  // A thread that has its own lines reads what it wrote; with fewer tiles the code would be fetched for too little
  // work.
  int64_t tiles = countTiles(plan);
  double fetch = bytesPerNonZero / target.l3BytesPerCycle, compute = double(tiles) / 2 / target.fmaMemoryPerCycle;
  return tiles >= fewestTilesToSplit && fetch <= mostFetched * compute;
}

StraightLineKernel::StraightLineKernel(KernelBuilder &k, const LaneTiles *copy) : k(k), copy(copy) {
  auto type = cast<CompressedType>(k.c.weight().getType());
  rows = type.getPanelRows();
  groups = llvm::divideCeil(k.c.rows, rows);
  together = k.choice().getInt("together", 1);
  blocks = type.getColumnBlock() ? llvm::divideCeil(k.c.cols, type.getColumnBlock()) : 1;
}

void StraightLineKernel::setOwners(const Contraction &c, LaneTiles &copy, int64_t columns, const TargetSpec &target) {
  SmallVector<TileLoop> plan = copy.plan();
  if (splitsTiles(plan, target))
    return;
  int64_t piece = tilesPerPiece(c, columns ? columns : c.cols, &copy, target);
  bool inBlocks = columns && columns < c.cols && copy.isByColumn() && countTiles(plan) <= piece + piece / 2;
  copy.setOwners(copyOwners, inBlocks ? columns : 0);
}

bool StraightLineKernel::copiesBlocks() const { return copy && copy->copiesBlocks(); }

void StraightLineKernel::emitCopy() {
  if (!copiesBlocks())
    return copy->emitCopy(k);
  Value shared = arith::XOrIOp::create(k.b, copy->isOwned(k), arith::ConstantIntOp::create(k.b, 1, 1));
  auto branch = scf::IfOp::create(k.b, shared, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPoint(branch.thenBlock()->getTerminator());
  copy->emitCopy(k);
}

LogicalResult StraightLineKernel::emit() {
  const Contraction &c = k.c;
  SmallVector<TileLoop> plan = copy ? copy->plan() : planTiles(c, lanes, 1);
  roundOutput = copy ? copy->roundOutput(k) : k.index(0);
  if (!copy)
    for (TileLoop &tile : plan)
      tile.vectors.front() = shifted(tile.vectors.front());
  int64_t total = countTiles(plan);
  bool split = splitsTiles(plan, k.target);
  int64_t columns = cast<CompressedType>(c.weight().getType()).getColumnBlock();
  int64_t piece = tilesPerPiece(c, columns ? columns : c.cols, copy, k.target);
  bool whole = total <= piece + piece / 2;
  // The next code is fetched within the first half of a pass, so that it has arrived when the pass ends.
  tilesPerPass = std::max<int64_t>(1, whole ? total / 2 : piece);

  // Taps may be taken from vectors that end, for every tile, within the input.
  if (k.choice().getInt("windows", 0)) {
    int64_t last = 0;
    for (const TileLoop &tile : plan) {
      int64_t in = tile.inBase + tile.vectors.front().in;
      for (const TileLoop::Loop &loop : tile.loops)
        in += (loop.trip - 1) * loop.inStride;
      last = std::max(last, in);
    }
    readable = std::clamp<int64_t>(c.inputSize - last, 0, INT32_MAX / 4);
  }
  auto module = k.b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  SymbolTable symbols(module);
  memref::GlobalOp starts;
  if (failed(emitCode(symbols, starts)))
    return failure();
  code = LLVM::AddressOfOp::create(k.b, LLVM::LLVMPointerType::get(k.b.getContext()), function.getSymName());
  table = memref::GetGlobalOp::create(k.b, starts.getType(), starts.getSymName());
  if (!epilogueIsShort())
    sums = memref::AllocaOp::create(k.b, MemRefType::get({rows * lanes}, c.elementType()), k.b.getI64IntegerAttr(64));

  // Few tiles: threads share pairs of a turn of chunks and a tile, so that at most one turn is run by both. Where a
  // thread begins within the code, no chunk before has fetched it.
  int64_t turns = llvm::divideCeil(groups, together);
  IndexRange mine = k.all(turns), chunks = k.all(groups), pairs;
  if (!split) {
    pairs = k.share(turns * total);
    mine = {arith::DivUIOp::create(k.b, pairs.lo, k.index(total)),
            arith::DivUIOp::create(k.b, k.add(pairs.hi, total - 1), k.index(total))};
    chunks = chunksOf(mine);
    fetchFirst(chunks);
  }
  auto pass = [&](ArrayRef<TileLoop> loops, function_ref<SmallVector<IndexRange>(Value)> rangesOf) {
    auto block = [&](Value number, bool first, bool last) {
      if (copiesBlocks()) { // fresh in the second-level cache
        auto branch = scf::IfOp::create(k.b, copy->isOwned(k), /*withElseRegion=*/false);
        OpBuilder::InsertionGuard guard(k.b);
        k.b.setInsertionPoint(branch.thenBlock()->getTerminator());
        Value lo = k.mul(number, columns);
        copy->emitBlock(k, IndexRange{lo, arith::MinUIOp::create(k.b, k.add(lo, columns), k.index(c.cols))});
      }
      auto locate = [&](Value group) -> Chunk {
        Value chunk = k.add(k.mul(number, groups), group), later = k.add(chunk, chunksAhead);
        if (!split) { // behind this thread's last chunk of a block comes its first one of the next block
          Value beyond = arith::CmpIOp::create(k.b, arith::CmpIPredicate::uge, k.add(group, chunksAhead), chunks.hi);
          Value ofNext = k.add(arith::SubIOp::create(k.b, later, chunks.hi).getResult(), groups);
          if (!last)
            ofNext = k.add(ofNext, chunks.lo);
          later = arith::SelectOp::create(k.b, beyond, ofNext, later);
        }
        return locateChunk(group, chunk, later);
      };
      k.forRange(
          mine, [&](Value turn) { runTurn(loops, rangesOf(turn), turn, locate, k.mul(number, columns), first, last); });
    };
    block(k.index(0), true, blocks == 1);
    if (blocks > 2)
      k.forRange({k.index(1), k.index(blocks - 1)}, [&](Value number) { block(number, false, false); });
    if (blocks > 1)
      block(k.index(blocks - 1), false, true);
  };
  // All tiles in one pass over the code; or pieces of tiles whose activations stay in the second-level cache.
  if (whole) {
    pass(plan, [&](Value turn) {
      SmallVector<IndexRange> ranges;
      int64_t before = 0;
      for (const TileLoop &tile : plan) {
        ranges.push_back(split ? shareInTurn(k, tile.count(), turn) : tilesOf(k, pairs, turn, total, before, tile));
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

/// Fetches the first chunks of a thread's share if it does not begin with the first one of the code.
void StraightLineKernel::fetchFirst(IndexRange chunks) {
  if (k.isAlone)
    return;
  Value from = k.loadIndex(table, chunks.lo);
  Value to = k.loadIndex(table, arith::MinUIOp::create(k.b, k.add(chunks.lo, chunksAhead), chunks.hi));
  Value isFirst = arith::CmpIOp::create(k.b, arith::CmpIPredicate::eq, chunks.lo, k.index(0));
  to = arith::SelectOp::create(k.b, isFirst, from, to);
  auto loop = scf::ForOp::create(k.b, from, to, k.index(64));
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPoint(loop.getBody()->getTerminator());
  LLVM::Prefetch::create(k.b, atByte(k, code, loop.getInductionVar()), /*rw=*/0, /*hint=*/2, /*cache=*/1);
}

/// The chunks of so many turns.
IndexRange StraightLineKernel::chunksOf(IndexRange turns) {
  if (together == 1)
    return turns;
  return {k.mul(turns.lo, together), arith::MinUIOp::create(k.b, k.mul(turns.hi, together), k.index(groups))};
}

/// Each tile fetches its part of a later chunk. Behind the last chunk lies, most likely, the code of the next layer.
StraightLineKernel::Chunk StraightLineKernel::locateChunk(Value group, Value chunk, Value later) {
  Value begin = k.loadIndex(table, later);
  Value size = arith::SubIOp::create(k.b, k.loadIndex(table, k.add(later, 1)), begin);
  Value step = k.mul(arith::DivUIOp::create(k.b, size, k.index(64 * tilesPerPass)).getResult(), 64);
  return {group, atByte(k, code, k.loadIndex(table, chunk)), begin, step};
}

/// The chunks of one turn on the tiles of a pass: their code stays in the instruction cache.
void StraightLineKernel::runTurn(ArrayRef<TileLoop> plan, ArrayRef<IndexRange> ranges, Value turn,
                                 function_ref<Chunk(Value)> locate, Value column, bool first, bool last) {
  Chunk alone;
  if (together == 1)
    alone = locate(turn);
  Value passed = k.index(0);
  for (auto [tile, range] : llvm::zip_equal(plan, ranges)) {
    const VectorPlace &place = tile.vectors.front();
    k.forTiles(tile, range, [&](Value number, KernelBuilder::TileBase base) {
      Value done = k.add(passed, arith::SubIOp::create(k.b, number, range.lo).getResult());
      SmallVector<Value> x{k.add(base.in, place.in)};
      if (copy)
        x = copy->tileInputs(k, x.front(), column);
      for (Value &input : x)
        input = pointerTo(k, copy ? k.scratch : k.input, input);
      Value out = k.add(base.out, roundOutput);
      auto run = [&](const Chunk &chunk) {
        Value next = atByte(k, code, k.add(chunk.later, arith::MulIOp::create(k.b, done, chunk.step).getResult()));
        runTile(chunk.address, x, next, chunk.group, out, place, first, last);
      };
      if (together == 1)
        return run(alone);
      k.forRange(chunksOf({turn, k.add(turn, 1)}), [&](Value group) { run(locate(group)); });
    });
    passed = k.add(passed, arith::SubIOp::create(k.b, range.hi, range.lo).getResult());
  }
}

void StraightLineKernel::runTile(Value address, ValueRange x, Value next, Value group, Value out,
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
SmallVector<Value> StraightLineKernel::call(Value address, ValueRange x, Value next, ArrayRef<Value> init) {
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
bool StraightLineKernel::epilogueIsShort() const {
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
LogicalResult StraightLineKernel::emitCode(SymbolTable &symbols, memref::GlobalOp &starts) {
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
  SmallVector<uint32_t> columns, rowsOf;
  SmallVector<uint8_t> inputs;
  SmallVector<char> weights;
  for (int64_t block = 0; block < blocks; ++block)
    for (int64_t group = 0; group < groups; ++group) {
      int64_t chunk = group * blocks + block;
      uint32_t lo = (*offsets)[chunk], count = (*offsets)[chunk + 1] - lo;
      columns.assign(indices->begin() + lo, indices->begin() + lo + count);
      rowsOf.assign(masks->begin() + lo, masks->begin() + lo + count);
      inputs.assign(count, 0);
      if (copy)
        for (auto [column, input] : llvm::zip_equal(columns, inputs)) {
          input = static_cast<uint8_t>(copy->input(column));
          column = static_cast<uint32_t>(copy->displacement(column));
        }
      auto own = values->slice(firstWeight[chunk] * 4, (firstWeight[chunk + 1] - firstWeight[chunk]) * 4);
      weights.assign(own.begin(), own.end());
      // Every other chunk of a turn begins with what the one before loaded last.
      if (group % together % 2) {
        const char *end = own.end();
        weights.clear();
        for (uint32_t mask : llvm::reverse(rowsOf)) {
          end -= llvm::popcount(mask) * 4;
          weights.append(end, end + llvm::popcount(mask) * 4);
        }
        std::reverse(columns.begin(), columns.end());
        std::reverse(rowsOf.begin(), rowsOf.end());
        std::reverse(inputs.begin(), inputs.end());
      }
      table.push_back(static_cast<int32_t>(text.size()));
      (*encoder)->emitChunk(columns, inputs, rowsOf, weights, unsigned(std::min(rows, c.rows - group * rows)),
                            64 * tilesPerPass, uint64_t(readable), uint64_t(k.choice().getInt("columns_ahead", 0)),
                            text);
      while (text.size() % 64)
        text.push_back(0);
      if (text.size() > INT32_MAX / 2)
        return c.op->emitOpError("strategy straight-line: more than 1 GB of code");
    }
  // Beyond the last chunk, as if more of its size followed.
  int32_t last = int32_t(text.size()) - table.back();
  for (int64_t i = 0; i <= chunksAhead; ++i)
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
