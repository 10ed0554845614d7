//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies of the activations of tiles.
//
//===----------------------------------------------------------------------===//
#include "PackedTiles.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Vectors of a plane whose places are written into the code.
constexpr int64_t maxStaticVectors = 64;

/// Whether several lines may become one: nothing lies between their results.
bool joinsLines(const Contraction &c, int64_t lanes) {
  return c.outer * c.lines > 1 && (c.lines == 1 || c.outLineStride() == c.lineLength) &&
         (c.outer == 1 || c.outSliceStride() == c.lines * c.lineLength) &&
         c.batch * llvm::divideCeil(c.outputsPerRow(), lanes) <= maxStaticVectors;
}

} // namespace

PackedTiles::PackedTiles(const Contraction &c, const TargetSpec &target, Cut cut)
    : c(c), lanes(target.lanes(c.elementType().getIntOrFloatBitWidth())), isFlat(joinsLines(c, lanes)) {
  // The rest of the cache is for a panel of weights, which streams through it, and results.
  maxElements = target.l2Bytes * 5 / 8 * 8 / c.elementType().getIntOrFloatBitWidth();
  if (isFlat) {
    Contraction line = c;
    line.lineLength = c.outputsPerRow();
    line.lines = line.outer = 1;
    plan = cut(line);
  } else {
    plan = cut(c);
  }
  count = countTiles(plan);
  for (const TileLoop &tile : plan)
    slot = std::max(slot, c.cols * pitch(tile));
  numRounds = llvm::divideCeil(count, std::max<int64_t>(1, maxElements / slot));
}

double PackedTiles::stores() const {
  double n = 0;
  for (const TileLoop &tile : plan)
    n += double(tile.count() * int64_t(tile.vectors.size() + tile.columns.size()));
  return n;
}

double PackedTiles::loads() const { return stores() + (isFlat ? double(c.batch * (c.outer * c.lines - 1)) : 0); }

int64_t PackedTiles::pitch(const TileLoop &tile) const {
  return int64_t(tile.vectors.size()) * lanes + llvm::alignTo(tile.columns.size(), lanes);
}

Value PackedTiles::bound(KernelBuilder &k, int64_t rounds) const {
  if (numRounds == 1)
    return k.index(rounds * count);
  return arith::DivUIOp::create(k.b, k.mul(k.add(k.round, rounds), count), k.index(numRounds));
}

void PackedTiles::forEachTile(KernelBuilder &k, bool split,
                              function_ref<void(const TileLoop &, KernelBuilder::TileBase, Value)> body) const {
  Value lo = bound(k, 0), hi = bound(k, 1);
  int64_t first = 0;
  for (const TileLoop &tile : plan) {
    int64_t n = tile.count(), begin = first;
    auto clamp = [&](Value v) -> Value {
      Value at = arith::SubIOp::create(k.b, arith::MaxUIOp::create(k.b, v, k.index(begin)), k.index(begin));
      return arith::MinUIOp::create(k.b, at, k.index(n));
    };
    IndexRange range = numRounds > 1 ? IndexRange{clamp(lo), clamp(hi)} : split ? k.share(n) : k.all(n);
    k.forTiles(tile, range, [&](Value t, KernelBuilder::TileBase base) {
      body(tile, base, k.mul(arith::SubIOp::create(k.b, k.add(t, begin), lo), slot));
    });
    first += n;
  }
}

void PackedTiles::emitCopy(KernelBuilder &k) const {
  if (isFlat)
    return emitFlatCopy(k);
  // Columns outside: they are read as they lie in memory.
  k.forRange(k.share(c.cols), [&](Value col) {
    Value displacement = k.loadIndex(k.buffers["indices"], col);
    forEachTile(k, /*split=*/false, [&](const TileLoop &tile, KernelBuilder::TileBase base, Value to) {
      copyTile(k, tile, k.add(base.in, displacement), k.add(to, k.mul(col, pitch(tile))));
    });
  });
}

void PackedTiles::copyTile(KernelBuilder &k, const TileLoop &tile, Value in, Value to) const {
  VectorType type = k.vectorType(tile.width(lanes)), one = k.vectorType(1);
  auto copy = [&](const VectorPlace &place, int64_t at, VectorType type) {
    vector::StoreOp::create(k.b, k.loadInput(in, place, type), k.scratch, ValueRange{k.add(to, at)});
  };
  int64_t at = 0;
  for (const VectorPlace &place : tile.vectors)
    copy(place, at++ * lanes, type);
  at *= lanes;
  for (const VectorPlace &place : tile.columns)
    copy(place, at++, one);
}

VectorPlace PackedTiles::placeOf(int64_t position, int64_t n) const {
  VectorPlace place;
  int64_t end = std::min(position + n, c.outputsPerRow());
  for (int64_t at = position, size; at < end; at += size) {
    int64_t line = at / c.lineLength, column = at % c.lineLength;
    size = std::min(end - at, c.lineLength - column);
    place.segments.push_back(
        {at - position, size, line / c.lines * c.outerStride + line % c.lines * c.lineStride + column});
  }
  return place;
}

void PackedTiles::emitFlatCopy(KernelBuilder &k) const {
  Value lo = bound(k, 0), hi = bound(k, 1);
  auto copyTile = [&](const TileLoop &tile, int64_t number, Value displacement, Value to) {
    // Tiles of an image lie along its only line; images are the outermost loop.
    int64_t position = tile.inBase, image = 0;
    for (size_t i = tile.loops.size(); i-- > 0; number /= tile.loops[i].trip) {
      int64_t at = number % tile.loops[i].trip;
      if (i == 0 && c.batch > 1)
        image = at * c.inputBatchStride;
      else
        position += at * tile.loops[i].inStride;
    }
    Value in = k.add(displacement, image);
    auto copy = [&](const VectorPlace &from, int64_t at, int64_t n) {
      Value loaded = k.loadOutput(k.input, in, placeOf(position + from.in, n), k.vectorType(n));
      vector::StoreOp::create(k.b, loaded, k.scratch, ValueRange{k.add(to, at)});
    };
    int64_t at = 0;
    for (const VectorPlace &place : tile.vectors)
      copy(place, at++ * lanes, tile.width(lanes));
    at *= lanes;
    for (const VectorPlace &place : tile.columns)
      copy(place, at++, 1);
  };
  k.forRange(k.share(c.cols), [&](Value col) {
    Value displacement = k.loadIndex(k.buffers["indices"], col);
    int64_t number = 0;
    for (const TileLoop &tile : plan)
      for (int64_t t = 0, n = tile.count(); t < n; ++t, ++number) {
        OpBuilder::InsertionGuard guard(k.b);
        Value place = k.index(number);
        if (numRounds > 1) {
          Value isHere = arith::AndIOp::create(k.b, arith::CmpIOp::create(k.b, arith::CmpIPredicate::ule, lo, place),
                                               arith::CmpIOp::create(k.b, arith::CmpIPredicate::ult, place, hi));
          auto branch = scf::IfOp::create(k.b, isHere);
          k.b.setInsertionPoint(branch.thenBlock()->getTerminator());
        }
        Value to = k.add(k.mul(arith::SubIOp::create(k.b, place, lo), slot), k.mul(col, pitch(tile)));
        copyTile(tile, t, displacement, to);
      }
  });
}
