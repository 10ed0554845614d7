//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy row-list-broadcast: rows of a strip share columns in part, such as
// the kept rows of a block, or the tiles of a union. Two passes into one
// accumulator, the strip's rows of the output in the first-level cache: lists of
// rows that share lists of columns, on NR vectors, a loaded vector of
// activations feeding all rows of its list; then row by row what no other row
// shares, on a wider tile, because that is little, and the epilogue. The lists
// come from the mask (RowLists.h).
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include "gs/Dialect/GS/IR/RowLists.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class RowListBroadcast : public Strategy {
public:
  StringRef name() const override { return "row-list-broadcast"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (weight.form.stripRows < 2)
      return weight.form.sharedRows > 1
                 ? "groups of rows share all their columns and need no lists of rows (row-group-broadcast)"
                 : "no rows share columns by the pattern, not even in part";
    if (c.columns() < 2)
      return "one output column: lanes run along non-zeros instead (sliding-window-permute)";
    if (c.groups > 1 && weight.form.rowOrder)
      return "rows that the pattern puts side by side may belong to several convolution groups";
    if (c.groups > 1 && c.rowsPerGroup() % stripRowsOf(weight.form))
      return "a strip of rows would straddle two convolution groups";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    return {{"mr", 2, std::max<int64_t>(2, std::min(maxRows, stripOf(c)))},
            {"nr", 1, target.vectorRegisters},
            {"wide", 1, target.vectorRegisters},
            {"columns", 1, INT32_MAX}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    int64_t strip = stripOf(c), lanes = target.lanes();
    bool aligned = cost::inputIsAligned(c, lanes);
    for (int64_t columns : {4, 12}) {
      std::vector<Shared> shared = sharedBy(c, weight, {strip, strip, columns});
      for (int64_t mr : {2, 4, 6, 8, 16}) {
        if (mr > strip)
          continue;
        // Lists and their columns, by number of rows.
        std::vector<double> lists(mr + 1), places(mr + 1);
        lists[1] = double(c.rows);
        for (const Shared &list : shared) {
          int64_t parts = llvm::divideCeil(list.rows, mr);
          for (int64_t part = 0; part < parts; ++part) {
            int64_t v = list.rows * (part + 1) / parts - list.rows * part / parts;
            lists[v] += v > 1;
            places[v] += double(list.columns);
          }
        }
        double bytes = double(c.rows) * 4;
        for (int64_t v = 1; v <= mr; ++v)
          bytes += places[v] * double(v * 4 + 4) + lists[v] * double(v > 1 ? mr * 4 + 8 : 0);
        for (int64_t nr : {1, 2, 3, 4, 6, 8})
          for (int64_t parts : {1, 2, 3, 4}) {
            int64_t wide = nr * parts;
            if (mr * nr + nr + 1 > target.vectorRegisters || wide > maxWide || wide + 2 > target.vectorRegisters)
              continue;
            double cycles = 0;
            auto plan = planTiles(c, lanes, wide);
            for (const TileLoop &tile : plan) {
              auto n = static_cast<int64_t>(tile.vectors.size());
              double inputBytes = double(c.cols * c.groups) * double(n * target.vectorBytes());
              double tileCycles = 0;
              // Per list a loop of unknown length; its sums are loaded and stored again, after zeros were stored.
              double access = 1 / target.storesPerCycle + 1 / target.loadsPerCycle;
              for (int64_t first = 0; first < n; first += nr) {
                int64_t here = std::min(nr, n - first);
                for (int64_t v = 2; v <= mr; ++v)
                  tileCycles += places[v] * cost::scatteredStep(target, v, here, inputBytes, aligned, /*asks=*/false) +
                                lists[v] * (14 + double(v * here) * access);
              }
              tileCycles += places[1] * cost::tileStep(target, 1, n, inputBytes, aligned) +
                            double(c.rows) * (14 + double(n) * (access + 1 / target.storesPerCycle));
              tileCycles = std::max(tileCycles, bytes / cost::streamBytesPerCycle(target, bytes));
              cycles += double(tile.count()) * tileCycles;
            }
            double scatter = weight.form.rowOrder ? double(countTiles(plan)) * cost::scatteredRows(target, c) : 0;
            cycles = std::max(cycles, cost::memoryFloor(target, c, bytes)) + scatter;
            result.push_back(
                {makeChoice(c.op->getContext(), {{"columns", columns}, {"mr", mr}, {"nr", nr}, {"wide", wide}}),
                 cycles});
          }
      }
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &) const override {
    StorageRequest request{StorageRequest::Kind::RowLists, true, 0, rowsOf(c, choice)};
    request.fewestColumns = choice.getInt("columns", defaultColumns);
    return request;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    int64_t nr = k.choice().getInt("nr", 4);
    Kernel kernel{k, rowsOf(c, k.choice()), nr, stripOf(c)};
    if (failed(kernel.findSizes()))
      return failure();
    auto plan = planTiles(c, k.lanes(), k.choice().getInt("wide", nr));
    bool split = k.splitsTiles(plan);
    int64_t strips = llvm::divideCeil(c.rows, kernel.strip);
    IndexRange range = split ? k.all(strips) : k.share(strips, k.buffers["work"]);
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      k.forRange(range, [&](Value strip) { kernel.emitStrip(tile, base, strip); });
    });
    return success();
  }

private:
  /// More rows would not fit the registers of any target.
  static constexpr int64_t maxRows = 64;
  static constexpr int64_t defaultRows = 4, defaultColumns = 8;
  /// Wider tiles gain nothing more.
  static constexpr int64_t maxWide = 12;

  static int64_t stripOf(const Contraction &c) { return stripRowsOf(c.pattern().getGroupForm(c.weightShape())); }
  static int64_t rowsOf(const Contraction &c, StrategyAttr choice) {
    return choice.getInt("mr", std::min(defaultRows, stripOf(c)));
  }

  /// So many rows share so many columns; one row shares them with none.
  struct Shared {
    int64_t rows, columns;
  };
  static std::vector<Shared> sharedBy(const Contraction &c, const WeightFacts &weight, const RowListForm &form) {
    int64_t strips = llvm::divideCeil(c.rows, form.stripRows);
    if (!weight.weight) // as if all rows of a strip shared their columns
      return std::vector<Shared>(strips, {form.stripRows, (weight.nonZeros + c.rows - 1) / c.rows});
    std::vector<Shared> result;
    for (int64_t strip = 0; strip < strips; ++strip)
      for (const RowList &list : rowListsOf(*weight.weight, form, strip))
        result.push_back({static_cast<int64_t>(list.rows.size()), static_cast<int64_t>(list.columns.size())});
    return result;
  }

  /// What the emission of one kernel knows.
  struct Kernel {
    KernelBuilder &k;
    int64_t mr, nr, strip;
    SmallVector<int64_t> sizes = {}; ///< rows of the lists that there are, falling

    LogicalResult findSizes();
    void emitStrip(const TileLoop &tile, KernelBuilder::TileBase base, Value number);
    void emitList(ArrayRef<VectorPlace> vectors, KernelBuilder::TileBase base, Value list, int64_t v);
    void emitRest(const TileLoop &tile, KernelBuilder::TileBase base, Value position);
    SmallVector<Value> sum(ArrayRef<VectorPlace> vectors, Value in, IndexRange places, Value weights, int64_t v,
                           ArrayRef<Value> init);
    Value outOf(KernelBuilder::TileBase base, Value row) { return k.add(base.out, k.mul(row, k.c.outRowStride())); }
  };
};

/// No loop is emitted for lists of sizes that the weight does not have.
LogicalResult RowListBroadcast::Kernel::findSizes() {
  std::vector<char> storage;
  auto constant = k.c.weight().getDefiningOp<CompressedConstantOp>();
  FailureOr<ArrayRef<char>> raw = getRawData(constant.getBuffer("lists"), storage);
  if (failed(raw))
    return k.c.op->emitOpError("buffer 'lists' of its weight cannot be read");
  ArrayRef<int32_t> lists(reinterpret_cast<const int32_t *>(raw->data()), raw->size() / 4);
  for (int64_t v = mr; v > 1; --v)
    for (size_t entry = mr - v; entry + 1 < lists.size(); entry += mr - 1)
      if (lists[entry] != lists[entry + 1]) {
        sizes.push_back(v);
        break;
      }
  return success();
}

/// The rows of a strip on one tile.
void RowListBroadcast::Kernel::emitStrip(const TileLoop &tile, KernelBuilder::TileBase base, Value number) {
  VectorType type = k.vectorType(k.lanes());
  Value first = k.mul(number, strip);
  IndexRange rows{first, arith::MinUIOp::create(k.b, k.add(first, strip), k.index(k.c.rows))};
  Value zero = k.zero(type);
  if (!sizes.empty())
    k.forRange(rows, [&](Value position) {
      Value out = outOf(base, k.rowAt(position));
      for (const VectorPlace &place : tile.vectors)
        k.storeOutput(zero, out, place);
    });
  ArrayRef<VectorPlace> all = tile.vectors;
  for (size_t begin = 0; begin < all.size(); begin += nr)
    for (int64_t v : sizes) {
      Value entry = k.add(k.mul(number, mr - 1), mr - v), lists = k.buffers["lists"];
      k.forRange({k.loadIndex(lists, entry), k.loadIndex(lists, k.add(entry, 1))}, [&](Value list) {
        emitList(all.slice(begin, std::min<size_t>(nr, all.size() - begin)), base, list, v);
      });
    }
  k.forRange(rows, [&](Value position) { emitRest(tile, base, position); });
}

/// Adds a list of `v` rows to the output.
void RowListBroadcast::Kernel::emitList(ArrayRef<VectorPlace> vectors, KernelBuilder::TileBase base, Value list,
                                        int64_t v) {
  VectorType type = k.vectorType(k.lanes());
  SmallVector<Value> outs, init;
  Value member = k.mul(list, mr);
  for (int64_t i = 0; i < v; ++i) {
    outs.push_back(outOf(base, k.loadIndex(k.buffers["rows"], k.add(member, i))));
    for (const VectorPlace &place : vectors)
      init.push_back(k.loadOutput(k.output, outs[i], place, type));
  }
  Value lo = k.loadIndex(k.buffers["columns"], list), hi = k.loadIndex(k.buffers["columns"], k.add(list, 1));
  SmallVector<Value> sums = sum(vectors, base.in, {lo, hi}, k.loadIndex(k.buffers["starts"], list), v, init);
  const Value *next = sums.begin();
  for (Value out : outs)
    for (const VectorPlace &place : vectors)
      k.storeOutput(*next++, out, place);
}

/// Adds what is left of the row at a position, and finishes it.
void RowListBroadcast::Kernel::emitRest(const TileLoop &tile, KernelBuilder::TileBase base, Value position) {
  VectorType type = k.vectorType(k.lanes());
  Value row = k.rowAt(position), out = outOf(base, row);
  SmallVector<Value> init;
  for (const VectorPlace &place : tile.vectors)
    init.push_back(sizes.empty() ? k.zero(type) : k.loadOutput(k.output, out, place, type));
  auto elements = [&](StringRef name) { return cast<MemRefType>(k.buffers[name].getType()).getNumElements(); };
  auto constant = k.c.weight().getDefiningOp<CompressedConstantOp>();
  int64_t more = 0; // weights of lists of several rows have fewer indices
  if (constant.getBuffer("values").getNumElements())
    more = elements("values") - elements("indices");
  Value lo = k.loadIndex(k.buffers["rests"], position), hi = k.loadIndex(k.buffers["rests"], k.add(position, 1));
  SmallVector<Value> sums = sum(tile.vectors, base.in, {lo, hi}, k.add(lo, more), 1, init);
  for (auto [place, value] : llvm::zip_equal(tile.vectors, sums))
    k.finish(value, row, out, place);
}

/// `init` plus the products of `v` rows with the activations at `places`; their weights begin at `weights`.
SmallVector<Value> RowListBroadcast::Kernel::sum(ArrayRef<VectorPlace> vectors, Value in, IndexRange places,
                                                 Value weights, int64_t v, ArrayRef<Value> init) {
  VectorType type = k.vectorType(k.lanes());
  return k.accumulate(places.lo, places.hi, init, [&](Value place, ValueRange acc) {
    Value at = k.add(in, k.loadIndex(k.buffers["indices"], place));
    Value first = k.add(weights, k.mul(arith::SubIOp::create(k.b, place, places.lo), v));
    SmallVector<Value> x, next;
    for (const VectorPlace &where : vectors)
      x.push_back(k.loadInput(at, where, type));
    for (int64_t i = 0; i < v; ++i) {
      Value weight = k.broadcastLoad(k.buffers["values"], k.add(first, i), type);
      for (Value vector : x)
        next.push_back(k.fma(weight, vector, acc[next.size()]));
    }
    return next;
  });
}

} // namespace

namespace mlir::gs {
const Strategy &getRowListBroadcastStrategy() {
  static const RowListBroadcast strategy;
  return strategy;
}
} // namespace mlir::gs
