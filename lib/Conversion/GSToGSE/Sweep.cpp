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
#include "gs/Target/GSE/Law.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Sizes of chunks, as the law cuts them.
constexpr std::array<int64_t, 4> chunkSizes = {8, 4, 2, 1};

class Sweep {
public:
  Sweep(OpBuilder &builder, EngineOp &op, GroupStream &stream, const EngineVariant &variant, const TilePlan &plan)
      : e(builder, op), op(op), s(stream), variant(variant),
        tiles(e, plan, stream.bundles() * stream.bundleRows(), !stream.rowOrder.empty()),
        indexLanes(stream.access == GroupStream::Access::Gather ? stream.lanes : 1) {}

  gse::KernelOp emit() {
    e.begin();
    weights = e.data("stream", s.values, 2 * op.vectorBytes());
    indices = s.joined ? weights : e.data("indices", s.indices, 2 * op.vectorBytes());
    counts = e.data("chunks", chunkCounts());
    if (!s.rowOrder.empty())
      rows = e.rowData("rows", s.rowOrder);
    e.armStream(weights, s.offsets.back() * groupBytes());
    tiles.emit(s.sweepLoop, s.width, variant.accumulators, [&] { emitTile(); });
    return e.end();
  }

private:
  int64_t groupBytes() const { return (s.lanes + (s.joined ? indexLanes : 0)) * op.bytes; }
  int64_t indexBytes() const { return s.joined ? groupBytes() : indexLanes * op.bytes; }

  /// How many chunks of each size every bundle has.
  std::vector<int32_t> chunkCounts() const {
    std::vector<int32_t> all(s.bundles() * chunkSizes.size());
    for (int64_t bundle = 0; bundle < s.bundles(); ++bundle)
      gse::forEachChunk(s.offsets[bundle + 1] - s.offsets[bundle], [&](int64_t size) {
        ++all[bundle * chunkSizes.size() + (llvm::find(chunkSizes, size) - chunkSizes.begin())];
      });
    return all;
  }

  void emitTile() {
    SmallVector<Value> inits = {weights, indices, counts, tiles.results()};
    if (rows)
      inits.push_back(rows);
    e.loop(s.bundles(), inits, [&](Value, ValueRange carried) {
      SmallVector<Value> state = {carried[0], carried[1]};
      Value zero = e.constant(0), rowIndices;
      if (rows)
        rowIndices = e.load(e.indexVector(s.bundleRows()), carried[4], 0);
      for (auto [place, size] : llvm::enumerate(chunkSizes)) {
        Value count = e.load(e.b.getI32Type(), carried[2], static_cast<int64_t>(place) * 4);
        state = llvm::to_vector(e.loop(zero, count, state, [&, size = size](Value, ValueRange at) {
          return emitChunk(size, at[0], at[1], carried[3], rowIndices);
        }));
      }
      state.push_back(e.advance(carried[2], 4 * chunkSizes.size()));
      // Scattered results are found by their rows alone.
      state.push_back(rows ? Value(carried[3]) : e.advance(carried[3], s.bundleRows() * op.bytes));
      if (rows)
        state.push_back(e.advance(carried[4], s.bundleRows() * op.bytes));
      return state;
    });
  }

  SmallVector<Value> emitChunk(int64_t size, Value values, Value places, Value results, Value rowIndices) {
    SmallVector<Value> vectors, groupIndices;
    int64_t offset = s.joined ? s.lanes * op.bytes : 0;
    for (int64_t group = 0; group < size; ++group) {
      vectors.push_back(e.load(e.vector(s.lanes), values, group * groupBytes()));
      if (s.access == GroupStream::Access::Gather)
        groupIndices.push_back(e.load(e.indexVector(s.lanes), places, group * indexBytes() + offset));
    }
    tiles.forEachPixel(tiles.window(), results, [&](Value window, Value result) {
      auto partial = e.vector(s.bundleRows());
      Value before = rows ? Value(gse::GatherOp::create(e.b, e.loc, partial, result, 0, rowIndices, false))
                          : e.load(partial, result, 0);
      SmallVector<Value> sums;
      for (int64_t group = 0; group < size; ++group) {
        Value element = s.access == GroupStream::Access::Gather
                            ? Value(gse::GatherOp::create(e.b, e.loc, e.vector(s.lanes), window, 0, groupIndices[group],
                                                          s.bankDistinct))
                            : emitShared(window, places, group * indexBytes());
        accumulate(sums, group, vectors[group], element, before);
      }
      while (sums.size() > 1) { // neighbours first
        SmallVector<Value> halves;
        for (size_t at = 0; at < sums.size(); at += 2)
          halves.push_back(e.add(sums[at], sums[at + 1]));
        sums = halves;
      }
      Value sum = s.width > 1 ? e.add(e.reduce(sums[0], s.width), before) : sums[0];
      if (rows)
        gse::ScatterOp::create(e.b, e.loc, sum, result, 0, rowIndices);
      else
        e.store(sum, result, 0);
    });
    Value next = e.advance(values, size * groupBytes());
    return {next, s.joined ? next : e.advance(places, size * indexBytes())};
  }

  /// An activation that all lanes share, or that begins the columns of a block.
  Value emitShared(Value window, Value places, int64_t offset) {
    Value index = e.load(e.indexType(), places, offset);
    Value place = gse::AddpIndexOp::create(e.b, e.loc, e.tcm, window, index, op.bytes);
    if (s.access == GroupStream::Access::Splat)
      return gse::LoadSplatOp::create(e.b, e.loc, e.vector(s.lanes), place, 0);
    return e.load(e.vector(s.lanes), place, 0);
  }

  /// Sums take turns; the first one begins with what the pixel holds if every lane has a row.
  void accumulate(SmallVectorImpl<Value> &sums, int64_t group, Value value, Value element, Value before) {
    auto turn = static_cast<size_t>(group % variant.accumulators);
    Value start = turn < sums.size() ? sums[turn] : turn == 0 && s.width == 1 ? before : Value();
    Value sum = start ? Value(gse::FmaOp::create(e.b, e.loc, value.getType(), value, element, start))
                      : Value(gse::MulOp::create(e.b, e.loc, value.getType(), value, element));
    if (turn < sums.size())
      sums[turn] = sum;
    else
      sums.push_back(sum);
  }

  EngineBuilder e;
  EngineOp &op;
  GroupStream &s;
  EngineVariant variant;
  TileLoop tiles;
  int64_t indexLanes;
  Value weights, indices, counts, rows;
};

} // namespace

gse::KernelOp mlir::gs::emitSweep(OpBuilder &builder, EngineOp &op, GroupStream &stream, const EngineVariant &variant,
                                  const TilePlan &plan) {
  return Sweep(builder, op, stream, variant, plan).emit();
}
