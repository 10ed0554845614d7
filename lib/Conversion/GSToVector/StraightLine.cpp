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
// encoded through LLVM's MC layer.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
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

class StraightLine : public Strategy {
public:
  StringRef name() const override { return "straight-line"; }

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
    return {{"column_block", 0, INT32_MAX}, {"rows", 1, StraightLineX86::maxRows}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    int64_t rows = rowsPerChunk(c.rows), groups = llvm::divideCeil(c.rows, rows);
    auto plan = planTiles(c, lanes, 1);
    double tiles = double(countTiles(plan)), nnz = double(weight.nonZeros), density = nnz / double(c.rows * c.cols);
    // Columns that a chunk loads: those that one of its rows keeps.
    double loads = double(groups * c.cols) * (1 - std::pow(1 - density, double(rows)));
    double code = 7.1 * nnz + 10 * loads + double(groups) * 28 * 14;
    int64_t blocks = std::max<int64_t>(1, llvm::divideCeil(int64_t(code / double(groups)), int64_t(chunkBytes)));
    int64_t block = blocks == 1 ? 0 : llvm::divideCeil(c.cols, blocks);
    double xBytes = double(c.cols) * lanes * 4;
    double x = loads * std::max(1.0 / target.loadsPerCycle, cost::vectorLoadCycles(target, xBytes) * 0.5);
    double fma = nnz / target.fmaPerCycle, load = 0.5 * nnz / target.fmaBroadcastPerCycle + x;
    // Sums go through memory to the epilogue; partial sums come back for every further block.
    double perChunk = double(rows) * (2 / target.storesPerCycle + 2 / target.loadsPerCycle) + 40;
    double perTile = std::max(fma, load) + 0.2 * std::min(fma, load) + double(groups * blocks) * perChunk;
    // The first tile of a chunk runs while its code arrives from a further cache.
    double fetch =
        code / (code > 0.5 * double(target.l2Bytes) ? target.codeL3BytesPerCycle : target.codeL2BytesPerCycle);
    double cycles = std::max(tiles * perTile + std::max(0.0, fetch - perTile), cost::memoryFloor(target, c, nnz * 4));
    // Against sparse rows, which spend four bytes per non-zero on an index.
    double extraBytes = std::max(0.0, code - 4 * nnz);
    return {{makeChoice(c.op->getContext(), {{"column_block", block}, {"rows", rows}}), cycles, extraBytes}};
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &) const override {
    return {StorageRequest::Kind::MaskedColumns, true, choice.getInt("column_block", 0),
            choice.getInt("rows", rowsPerChunk(c.rows))};
  }

  /// The plan becomes code; only the weights are data.
  bool readsBuffer(StringRef buffer) const override { return buffer == "values"; }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    CompressedType type = cast<CompressedType>(c.weight().getType());
    if (type.getLayout() != "masked_columns" || type.getPanelRows() > StraightLineX86::maxRows)
      return c.op->emitOpError("strategy straight-line needs a weight of layout masked_columns with at most ")
             << StraightLineX86::maxRows << " rows per chunk";
    int64_t rows = type.getPanelRows(), groups = llvm::divideCeil(c.rows, rows);
    int64_t blocks = type.getColumnBlock() ? llvm::divideCeil(c.cols, type.getColumnBlock()) : 1;
    auto module = k.b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
    SymbolTable symbols(module);
    LLVM::LLVMFuncOp function;
    memref::GlobalOp starts;
    if (failed(emitCode(k, rows, groups, blocks, symbols, function, starts)))
      return failure();

    auto pointer = LLVM::LLVMPointerType::get(k.b.getContext());
    Value code = LLVM::AddressOfOp::create(k.b, pointer, function.getSymName());
    Value table = memref::GetGlobalOp::create(k.b, starts.getType(), starts.getSymName());
    Value sums =
        memref::AllocaOp::create(k.b, MemRefType::get({rows * lanes}, c.elementType()), k.b.getI64IntegerAttr(64));
    VectorType vector = k.vectorType(lanes);
    auto pointerType =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(k.b.getContext()), {pointer, pointer, pointer});
    auto plan = planTiles(c, lanes, 1);
    bool split = k.splitsTiles(plan);
    IndexRange mine = split ? k.all(groups) : k.share(groups);

    int64_t piece = tilesPerPiece(c, k.target);
    // A network's code and weights do not fit the second-level cache: each tile fetches its part of what the next chunk
    // needs.
    auto prefetchNext = [&](Value tile, IndexRange tiles, Value group, int64_t block) {
      Value next = k.add(k.mul(k.add(group, 1), blocks), block);
      next = k.mul(arith::MinUIOp::create(k.b, next, k.index(groups * blocks - 1)).getResult(), 2);
      Value count = arith::SubIOp::create(k.b, tiles.hi, tiles.lo), done = arith::SubIOp::create(k.b, tile, tiles.lo);
      auto fetch = [&](Value base, Value first, Value end) {
        // Whole lines per tile; the sizes are run-time values, so that LLVM does not unroll these loops.
        Value bytes = arith::CeilDivUIOp::create(k.b, arith::SubIOp::create(k.b, end, first).getResult(), count);
        Value step = k.mul(arith::CeilDivUIOp::create(k.b, bytes, k.index(64)), 64);
        Value lo = k.add(first, arith::MulIOp::create(k.b, done, step).getResult());
        auto loop = scf::ForOp::create(k.b, lo, arith::MinUIOp::create(k.b, k.add(lo, step), end), k.index(64));
        OpBuilder::InsertionGuard guard(k.b);
        k.b.setInsertionPoint(loop.getBody()->getTerminator());
        Value address = LLVM::GEPOp::create(k.b, pointer, k.b.getI8Type(), base,
                                            ArrayRef<LLVM::GEPArg>{toI64(k, loop.getInductionVar())});
        LLVM::Prefetch::create(k.b, address, /*rw=*/0, /*hint=*/2, /*cache=*/1);
      };
      fetch(code, k.loadIndex(table, next), k.loadIndex(table, k.add(next, 2)));
      fetch(pointerTo(k, k.buffers["values"], k.index(0)), k.mul(k.loadIndex(table, k.add(next, 1)), 4),
            k.mul(k.loadIndex(table, k.add(next, 3)), 4));
    };

    // One chunk on the tiles of a piece: its code stays in the instruction cache.
    auto runChunk = [&](const TileLoop &tile, IndexRange tiles, Value group, int64_t block) {
      VectorPlace place = shifted(tile.vectors[0]);
      Value firstRow = k.mul(group, rows);
      Value left = arith::SubIOp::create(k.b, k.index(c.rows), firstRow);
      Value rowsHere = arith::MinUIOp::create(k.b, left, k.index(rows));
      Value entry = k.mul(k.add(k.mul(group, blocks), block), 2);
      Value address = LLVM::GEPOp::create(k.b, pointer, k.b.getI8Type(), code,
                                          ArrayRef<LLVM::GEPArg>{toI64(k, k.loadIndex(table, entry))});
      Value weights = pointerTo(k, k.buffers["values"], k.loadIndex(table, k.add(entry, 1)));
      k.forTiles(tile, tiles, [&](Value number, KernelBuilder::TileBase base) {
        prefetchNext(number, tiles, group, block);
        auto forRows = [&](function_ref<void(Value, Value, Value)> body) {
          k.forRange({k.index(0), rowsHere}, [&](Value r) {
            Value row = k.add(firstRow, r);
            body(row, k.mul(r, lanes), k.add(base.out, k.mul(row, c.outputsPerRow())));
          });
        };
        if (block > 0)
          forRows([&](Value, Value at, Value out) {
            vector::StoreOp::create(k.b, k.loadOutput(k.output, out, place, vector), sums, ValueRange{at});
          });
        Value x = pointerTo(k, k.input, k.add(base.in, place.in));
        LLVM::CallOp::create(k.b, pointerType, ValueRange{address, x, weights, pointerTo(k, sums, k.index(0))});
        forRows([&](Value row, Value at, Value out) {
          Value sum = k.load(sums, at, vector);
          if (block + 1 == blocks)
            k.finish(sum, row, out, place);
          else
            k.storeOutput(sum, out, place);
        });
      });
    };
    // Pieces of tiles whose activations stay in the second-level cache while all chunks pass over them; within a piece,
    // one reduction block after the other.
    for (const TileLoop &tile : plan)
      k.forPieces(split ? k.share(tile.count()) : k.all(tile.count()), piece, [&](IndexRange tiles) {
        for (int64_t block = 0; block < blocks; ++block)
          k.forRange(mine, [&](Value group) { runChunk(tile, tiles, group, block); });
      });
    return success();
  }

private:
  /// Equal chunks of at most 28 rows.
  static int64_t rowsPerChunk(int64_t rows) {
    return llvm::divideCeil(rows, llvm::divideCeil(rows, int64_t(StraightLineX86::maxRows)));
  }

  static int64_t tilesPerPiece(const Contraction &c, const TargetSpec &target) {
    return std::max<int64_t>(8, target.l2Bytes / 2 / std::max<int64_t>(1, c.cols * lanes * 4));
  }

  /// A vector that ends beyond the buffer moves back; the lanes that it shares with its neighbour are not stored.
  static VectorPlace shifted(VectorPlace place) {
    int64_t shift = lanes - place.readable;
    place.in -= shift;
    place.readable = lanes;
    for (Segment &segment : place.segments)
      segment.lane += shift;
    return place;
  }

  static Value toI64(KernelBuilder &k, Value index) { return arith::IndexCastOp::create(k.b, k.b.getI64Type(), index); }

  static Value pointerTo(KernelBuilder &k, Value memref, Value element) {
    Value base = memref::ExtractAlignedPointerAsIndexOp::create(k.b, memref);
    return LLVM::IntToPtrOp::create(k.b, LLVM::LLVMPointerType::get(k.b.getContext()),
                                    toI64(k, k.add(base, k.mul(element, 4))));
  }

  /// A naked function that holds the code of all chunks, and where each chunk's code and weights start.
  static LogicalResult emitCode(KernelBuilder &k, int64_t rows, int64_t groups, int64_t blocks, SymbolTable &symbols,
                                LLVM::LLVMFuncOp &function, memref::GlobalOp &starts) {
    auto constant = k.c.weight().getDefiningOp<CompressedConstantOp>();
    std::vector<char> indexBytes, rowBytes, offsetBytes;
    auto words = [&](StringRef name, std::vector<char> &storage) -> FailureOr<ArrayRef<uint32_t>> {
      FailureOr<ArrayRef<char>> raw = getRawData(constant.getBuffer(name), storage);
      if (failed(raw))
        return k.c.op->emitOpError("buffer '") << name << "' of its weight cannot be read";
      return ArrayRef<uint32_t>(reinterpret_cast<const uint32_t *>(raw->data()), raw->size() / 4);
    };
    auto indices = words("indices", indexBytes), masks = words("rows", rowBytes),
         offsets = words("offsets", offsetBytes);
    if (failed(indices) || failed(masks) || failed(offsets))
      return failure();
    llvm::Expected<std::unique_ptr<StraightLineX86>> encoder = StraightLineX86::create();
    if (!encoder)
      return k.c.op->emitOpError("strategy straight-line: ") << llvm::toString(encoder.takeError());

    SmallVector<char, 0> code;
    SmallVector<int32_t> table;
    int64_t weight = 0;
    for (int64_t chunk = 0; chunk < groups * blocks; ++chunk) {
      uint32_t lo = (*offsets)[chunk], count = (*offsets)[chunk + 1] - lo;
      int64_t rowsHere = std::min(rows, k.c.rows - chunk / blocks * rows);
      uint64_t start = (*encoder)->emitChunk(indices->slice(lo, count), masks->slice(lo, count), unsigned(rowsHere),
                                             chunk % blocks != 0, code);
      if (code.size() > INT32_MAX)
        return k.c.op->emitOpError("strategy straight-line: more than 2 GB of code");
      table.push_back(static_cast<int32_t>(start));
      table.push_back(static_cast<int32_t>(weight));
      for (uint32_t i = lo; i < lo + count; ++i)
        weight += llvm::popcount((*masks)[i]);
    }

    // The end of the last chunk, so that the size of each is known.
    table.push_back(static_cast<int32_t>(code.size()));
    table.push_back(static_cast<int32_t>(weight));

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
    std::string text = ".base64 \"" + llvm::encodeBase64(code) + "\"";
    LLVM::InlineAsmOp::create(k.b, TypeRange(), ValueRange(), text, "", /*has_side_effects=*/true,
                              /*is_align_stack=*/false, LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
    LLVM::UnreachableOp::create(k.b);
    return success();
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getStraightLineStrategy() {
  static const StraightLine strategy;
  return strategy;
}
} // namespace mlir::gs
