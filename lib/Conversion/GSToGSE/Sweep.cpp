//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix times many vectors, or a convolution: chunks of groups stay in
// registers and are swept over the pixels of a tile.
//
//===----------------------------------------------------------------------===//
#include "Kernels.h"
#include "TileLoop.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Sizes of chunks, as the law cuts them.
constexpr std::array<int64_t, 4> chunkSizes = {8, 4, 2, 1};

class Sweep {
public:
  Sweep(OpBuilder &builder, EngineOp &op, MutableArrayRef<SweepPart> parts, const EngineVariant &variant,
        const TilePlan &plan)
      : e(builder, op), op(op), parts(parts), variant(variant), first(parts.front().stream),
        scatters(!first.rowOrder.empty()), tiles(e, plan, parts, first.bundles() * first.bundleRows(),
                                                 variant.fp32 ? TileLoop::Results::Wide
                                                 : scatters   ? TileLoop::Results::Kept
                                                              : TileLoop::Results::InPlace,
                                                 scatters),
        half(op.banks / 2) {}

  gse::KernelOp emit() {
    e.begin();
    for (auto [number, part] : llvm::enumerate(parts)) {
      std::string suffix = number ? "_" + std::to_string(number) : "";
      GroupStream &s = part.stream;
      Constants &own = constants.emplace_back();
      own.weights = e.data("stream" + suffix, s.values, 2 * op.vectorBytes());
      own.indices = s.joined ? own.weights : e.data("indices" + suffix, s.indices, 2 * op.vectorBytes());
      own.counts = e.data("chunks" + suffix, chunkCounts(s));
      if (scatters)
        own.rows = e.rowData("rows" + suffix, s.rowOrder);
    }
    for (auto [part, own] : llvm::zip(parts, constants))
      e.armStream(own.weights, part.stream.offsets.back() * groupBytes(part.stream));
    std::string law = first.sweepLoop.str() + (variant.fp32 ? "-fp32" : "");
    tiles.emit(
        law, first.width, variant.accumulators, [&](size_t part) { emitPart(parts[part].stream, constants[part]); },
        [&] {
          if (variant.fp32)
            emitRounding();
        });
    return e.end();
  }

private:
  struct Constants {
    Value weights, indices, counts, rows;
  };

  int64_t indexLanes(const GroupStream &s) const { return s.access == GroupStream::Access::Gather ? s.lanes : 1; }
  int64_t groupBytes(const GroupStream &s) const {
    return (s.lanes * s.unitSize() + (s.joined ? indexLanes(s) : 0)) * op.bytes;
  }
  int64_t indexBytes(const GroupStream &s) const { return s.joined ? groupBytes(s) : indexLanes(s) * op.bytes; }
  /// Bytes of a sum.
  int64_t sumBytes() const { return variant.fp32 ? 4 : op.bytes; }
  /// Groups of units take the registers of several.
  static int64_t largestChunk(const GroupStream &s) {
    int64_t most = chunkSizes.front();
    while (most > 1 && most * s.unitSize() > chunkSizes.front())
      most /= 2;
    return most;
  }

  /// How many chunks of each size every bundle has.
  static std::vector<int32_t> chunkCounts(const GroupStream &s) {
    std::vector<int32_t> all(s.bundles() * chunkSizes.size());
    for (int64_t bundle = 0; bundle < s.bundles(); ++bundle) {
      int64_t left = s.offsets[bundle + 1] - s.offsets[bundle];
      for (auto [place, size] : llvm::enumerate(chunkSizes)) {
        if (size > largestChunk(s))
          continue;
        all[bundle * chunkSizes.size() + place] = static_cast<int32_t>(left / size);
        left %= size;
      }
    }
    return all;
  }

  void emitPart(const GroupStream &s, const Constants &own) {
    SmallVector<Value> inits = {own.weights, own.indices, own.counts, tiles.sums()};
    if (scatters)
      inits.push_back(own.rows);
    // Sums that are scattered are found by their rows alone; those in f32 wait in the order of bundles.
    bool byRow = scatters && !variant.fp32;
    e.loop(s.bundles(), inits, [&](Value, ValueRange carried) {
      SmallVector<Value> state = {carried[0], carried[1]};
      SmallVector<Value> rows;
      Value zero = e.constant(0);
      if (byRow)
        rows = loadRows(s, carried[4]);
      for (auto [place, size] : llvm::enumerate(chunkSizes)) {
        if (size > largestChunk(s))
          continue;
        Value count = e.load(e.b.getI32Type(), carried[2], static_cast<int64_t>(place) * 4);
        state = llvm::to_vector(e.loop(zero, count, state, [&, size = size](Value, ValueRange at) {
          return emitChunk(s, size, at[0], at[1], carried[3], rows);
        }));
      }
      state.push_back(e.advance(carried[2], 4 * chunkSizes.size()));
      state.push_back(byRow ? Value(carried[3]) : e.advance(carried[3], s.bundleRows() * sumBytes()));
      if (scatters)
        state.push_back(e.advance(carried[4], s.bundleRows() * op.bytes));
      return state;
    });
  }

  /// The rows of each vector of results of a bundle.
  SmallVector<Value> loadRows(const GroupStream &s, Value from) {
    SmallVector<Value> rows;
    for (int64_t unit = 0; unit < s.unitRows; ++unit)
      rows.push_back(e.load(e.indexVector(s.vectorRows()), from, unit * s.vectorRows() * op.bytes));
    return rows;
  }

  /// A factor as it is multiplied: as it is, or even and odd lanes in f32.
  SmallVector<Value> factor(Value value) {
    if (!variant.fp32)
      return {value};
    auto type = VectorType::get({half}, e.b.getF32Type());
    return {gse::WidenOp::create(e.b, e.loc, type, value, false), gse::WidenOp::create(e.b, e.loc, type, value, true)};
  }

  /// What a pixel holds of the results of unit row `unit`. Sums in f32 of several lanes per row are one vector; with a
  /// row in each lane even and odd ones are apart.
  SmallVector<Value> loadSums(const GroupStream &s, Value from, int64_t unit, ArrayRef<Value> rows) {
    int64_t lanes = s.vectorRows();
    if (!variant.fp32 && !rows.empty())
      return {gse::GatherOp::create(e.b, e.loc, e.vector(lanes), from, 0, rows[unit], false)};
    if (!variant.fp32)
      return {e.load(e.vector(lanes), from, unit * lanes * op.bytes)};
    SmallVector<Value> sums;
    int64_t count = s.width == 1 ? 2 : 1;
    for (int64_t part = 0; part < count; ++part)
      sums.push_back(
          e.load(VectorType::get({lanes / count}, e.b.getF32Type()), from, (unit * lanes + part * lanes / count) * 4));
    return sums;
  }

  void storeSums(const GroupStream &s, ArrayRef<Value> sums, Value to, int64_t unit, ArrayRef<Value> rows) {
    if (!variant.fp32 && !rows.empty()) {
      gse::ScatterOp::create(e.b, e.loc, sums[0], to, 0, rows[unit]);
      return;
    }
    int64_t bytes = s.vectorRows() / static_cast<int64_t>(sums.size()) * sumBytes();
    for (auto [part, sum] : llvm::enumerate(sums))
      e.store(sum, to, unit * s.vectorRows() * sumBytes() + static_cast<int64_t>(part) * bytes);
  }

  using Turns = SmallVector<SmallVector<Value>>; ///< sums that take turns, each in its parts

  SmallVector<Value> emitChunk(const GroupStream &s, int64_t size, Value values, Value places, Value results,
                               ArrayRef<Value> rows) {
    SmallVector<SmallVector<Value>> weights; // [group][unit row][unit column]
    SmallVector<Value> groupIndices;
    int64_t offset = s.joined ? s.lanes * s.unitSize() * op.bytes : 0;
    for (int64_t group = 0; group < size; ++group) {
      for (int64_t place = 0; place < s.unitSize(); ++place)
        weights.push_back(
            factor(e.load(e.vector(s.lanes), values, group * groupBytes(s) + place * s.lanes * op.bytes)));
      if (s.access == GroupStream::Access::Gather)
        groupIndices.push_back(e.load(e.indexVector(s.lanes), places, group * indexBytes(s) + offset));
    }
    tiles.forEachPixel(tiles.window(), results, [&](Value window, Value result) {
      SmallVector<SmallVector<Value>> before;
      for (int64_t unit = 0; unit < s.unitRows; ++unit)
        before.push_back(loadSums(s, result, unit, rows));
      SmallVector<Turns> sums(s.unitRows);
      for (int64_t group = 0; group < size; ++group)
        for (int64_t col = 0; col < s.unitCols; ++col) {
          Value element = s.access == GroupStream::Access::Gather
                              ? Value(gse::GatherOp::create(e.b, e.loc, e.vector(s.lanes), window, col * op.bytes,
                                                            groupIndices[group], s.bankDistinct))
                              : emitShared(s, window, places, group * indexBytes(s));
          SmallVector<Value> wide = factor(element);
          for (int64_t unit = 0; unit < s.unitRows; ++unit)
            accumulate(sums[unit], group * s.unitCols + col, weights[group * s.unitSize() + unit * s.unitCols + col],
                       wide, s.width == 1 ? ArrayRef<Value>(before[unit]) : ArrayRef<Value>());
        }
      for (int64_t unit = 0; unit < s.unitRows; ++unit)
        storeSums(s, finish(s, sums[unit], before[unit]), result, unit, rows);
    });
    Value next = e.advance(values, size * groupBytes(s));
    return {next, s.joined ? next : e.advance(places, size * indexBytes(s))};
  }

  /// An activation that all lanes share, or that begins the columns of a block.
  Value emitShared(const GroupStream &s, Value window, Value places, int64_t offset) {
    Value index = e.load(e.indexType(), places, offset);
    Value place = gse::AddpIndexOp::create(e.b, e.loc, e.tcm, window, index, op.bytes);
    if (s.access == GroupStream::Access::Splat)
      return gse::LoadSplatOp::create(e.b, e.loc, e.vector(s.lanes), place, 0);
    return e.load(e.vector(s.lanes), place, 0);
  }

  /// Sums take turns; the first one begins with what the pixel holds if every lane has a row.
  void accumulate(Turns &sums, int64_t number, ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> before) {
    auto turn = static_cast<size_t>(number % variant.accumulators);
    bool isNew = turn == sums.size();
    if (isNew)
      sums.emplace_back();
    for (auto [part, factors] : llvm::enumerate(llvm::zip(a, b))) {
      auto [one, other] = factors;
      Value start = !isNew ? sums[turn][part] : turn == 0 && !before.empty() ? before[part] : Value();
      Value sum = start ? Value(gse::FmaOp::create(e.b, e.loc, one.getType(), one, other, start))
                        : Value(gse::MulOp::create(e.b, e.loc, one.getType(), one, other));
      isNew ? sums[turn].push_back(sum) : (void)(sums[turn][part] = sum);
    }
  }

  /// All turns as one, neighbours first; lanes of a row summed and added to what was there.
  SmallVector<Value> finish(const GroupStream &s, Turns &sums, ArrayRef<Value> before) {
    while (sums.size() > 1) {
      Turns halves;
      for (size_t at = 0; at < sums.size(); at += 2) {
        if (at + 1 == sums.size()) {
          halves.push_back(sums[at]);
          continue;
        }
        SmallVector<Value> &both = halves.emplace_back();
        for (auto [one, other] : llvm::zip(sums[at], sums[at + 1]))
          both.push_back(e.add(one, other));
      }
      sums = halves;
    }
    if (s.width == 1)
      return sums[0];
    if (!variant.fp32)
      return {e.add(e.reduce(sums[0][0], s.width), before[0])};
    Value even = e.reduce(sums[0][0], s.width / 2), odd = e.reduce(sums[0][1], s.width / 2);
    return {e.add(e.add(even, odd), before[0])};
  }

  /// Rounds the sums of a tile to its results.
  void emitRounding() {
    const GroupStream &s = first;
    int64_t lanes = s.vectorRows();
    tiles.forEachWidePixel([&](Value wide, Value result) {
      SmallVector<Value> inits = {wide, result};
      if (scatters)
        inits.push_back(constants.front().rows);
      e.loop(s.bundles(), inits, [&](Value, ValueRange at) {
        for (int64_t unit = 0; unit < s.unitRows; ++unit) {
          SmallVector<Value> sums = loadSums(s, at[0], unit, {});
          // Sums side by side have none to be interleaved with: adding zeros leaves them as they are.
          bool alone = sums.size() == 1;
          if (alone)
            sums.push_back(gse::SplatOp::create(e.b, e.loc, cast<VectorType>(sums[0].getType()), llvm::APFloat(0.0)));
          Value narrow = gse::NarrowOp::create(e.b, e.loc, e.vector(alone ? 2 * lanes : lanes), sums[0], sums[1]);
          if (alone)
            narrow = e.reduce(narrow, 2);
          if (scatters) {
            Value rows = e.load(e.indexVector(lanes), at[2], unit * lanes * op.bytes);
            gse::ScatterOp::create(e.b, e.loc, narrow, result, 0, rows);
          } else {
            e.store(narrow, at[1], unit * lanes * op.bytes);
          }
        }
        SmallVector<Value> next = {e.advance(at[0], s.bundleRows() * 4), e.advance(at[1], s.bundleRows() * op.bytes)};
        if (scatters)
          next.push_back(e.advance(at[2], s.bundleRows() * op.bytes));
        return next;
      });
    });
  }

  EngineBuilder e;
  EngineOp &op;
  MutableArrayRef<SweepPart> parts;
  EngineVariant variant;
  const GroupStream &first;
  bool scatters;
  TileLoop tiles;
  int64_t half; ///< lanes of a vector of f32
  SmallVector<Constants> constants;
};

} // namespace

gse::KernelOp mlir::gs::emitSweep(OpBuilder &builder, EngineOp &op, MutableArrayRef<SweepPart> parts,
                                  const EngineVariant &variant, const TilePlan &plan) {
  return Sweep(builder, op, parts, variant, plan).emit();
}
