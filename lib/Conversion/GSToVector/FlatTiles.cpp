//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles that ignore the ends of lines.
//
//===----------------------------------------------------------------------===//
#include "FlatTiles.h"

using namespace mlir;
using namespace mlir::gs;

std::optional<FlatTiles> FlatTiles::plan(const Contraction &c, int64_t lanes, int64_t maxVectors, int64_t rows) {
  FlatTiles f;
  f.lanes = lanes;
  f.lines = c.lines;
  f.lineLength = c.lineLength;
  f.pitch = c.lines > 1 ? c.lineStride : c.lineLength;
  f.slices = c.batch * c.outer;
  // A vector may touch two lines, not three.
  if (f.lines > 1 && (f.pitch < f.lineLength || f.pitch + 1 < lanes || !c.inputHasSlack))
    return std::nullopt;
  int64_t whole = f.length() / lanes, rest = f.length() % lanes;
  // A column with lanes along rows takes one operation where a vector of columns takes one per row.
  bool single = rest > 0 && rest <= std::min<int64_t>(2, rows / 2) && whole > 0;
  if (f.lines == 1 && !single)
    return std::nullopt;
  f.columns = single ? rest : 0;
  int64_t all = single || rest == 0 ? whole : whole + 1;
  if (!single && rest && !c.inputHasSlack)
    return std::nullopt;
  f.vectors = llvm::divideCeil(all, llvm::divideCeil(all, maxVectors));
  f.tiles = all / f.vectors;
  f.lastVectors = all % f.vectors;
  // Single columns alone would wait for their own sums.
  if (f.columns && f.lastVectors == 0) {
    f.lastVectors = f.vectors;
    --f.tiles;
  }
  return f;
}

void FlatTiles::forEachTile(KernelBuilder &k, bool split, function_ref<void(const Tile &)> body) const {
  const Contraction &c = k.c;
  auto loop = [&](int64_t count, int64_t first, int64_t vectorsHere, int64_t columnsHere) {
    int64_t total = count * slices;
    if (total == 0)
      return;
    k.forRange(split ? k.share(total) : k.all(total), [&](Value t) {
      Tile tile;
      Value number = t, slice = k.index(0);
      if (slices > 1) {
        slice = arith::DivUIOp::create(k.b, t, k.index(count));
        number = arith::RemUIOp::create(k.b, t, k.index(count));
      }
      tile.position = k.add(k.mul(number, vectors * lanes), first);
      Value batch = slice, outer = slice;
      tile.in = tile.position;
      tile.out = k.index(c.outOffset());
      if (c.batch > 1) {
        batch = arith::DivUIOp::create(k.b, slice, k.index(c.outer));
        outer = arith::RemUIOp::create(k.b, slice, k.index(c.outer));
        tile.in = k.add(tile.in, k.mul(batch, c.inputBatchStride));
        tile.out = k.add(tile.out, k.mul(batch, c.outBatchStride()));
      }
      if (c.outer > 1) {
        tile.in = k.add(tile.in, k.mul(outer, c.outerStride));
        tile.out = k.add(tile.out, k.mul(outer, c.outSliceStride()));
      }
      tile.vectors = vectorsHere;
      tile.columns = columnsHere;
      addPlaces(k, tile);
      body(tile);
    });
  };
  loop(tiles, 0, vectors, 0);
  if (lastVectors || columns)
    loop(1, tiles * vectors * lanes, lastVectors, columns);
}

void FlatTiles::addPlaces(KernelBuilder &k, Tile &tile) const {
  auto ints = VectorType::get({lanes}, k.b.getI32Type());
  auto spread = [&](Value v) -> Value {
    return vector::BroadcastOp::create(k.b, ints, arith::IndexCastOp::create(k.b, k.b.getI32Type(), v));
  };
  auto below = [&](Value v, Value limit) -> Value {
    return arith::CmpIOp::create(k.b, arith::CmpIPredicate::ult, v, limit);
  };
  SmallVector<int32_t> numbers = llvm::to_vector(llvm::seq<int32_t>(0, lanes));
  for (int64_t v = 0; v < tile.vectors; ++v) {
    Value position = k.add(tile.position, v * lanes);
    SmallVector<MaskedPlace, 2> places;
    if (isOneLine()) {
      places.push_back({k.add(tile.out, position), Value()});
      tile.isWhole.push_back({});
    } else {
      Value line = arith::DivUIOp::create(k.b, position, k.index(pitch));
      Value column = arith::RemUIOp::create(k.b, position, k.index(pitch));
      Value out = k.add(k.add(tile.out, k.mul(line, k.c.outLineStride())), column);
      tile.isWhole.push_back(
          lineLength < lanes
              ? Value()
              : arith::CmpIOp::create(k.b, arith::CmpIPredicate::ule, column, k.index(lineLength - lanes)).getResult());
      Value iota = arith::ConstantOp::create(k.b, ints, DenseElementsAttr::get(ints, ArrayRef(numbers)));
      Value columns = arith::AddIOp::create(k.b, iota, spread(column));
      // Lanes of this line, and those of the next one, if there is one.
      places.push_back({out, below(columns, spread(k.index(lineLength)))});
      Value hasNext = arith::CmpIOp::create(k.b, arith::CmpIPredicate::ult, line, k.index(lines - 1));
      Value limit = arith::SelectOp::create(k.b, hasNext, k.index(lineLength), k.index(0));
      Value next = arith::SubIOp::create(k.b, columns, spread(k.index(pitch)));
      places.push_back({k.add(out, k.c.outLineStride() - pitch), below(next, spread(limit))});
    }
    tile.places.push_back(std::move(places));
  }
  // Single columns end the last line.
  for (int64_t i = 0; i < tile.columns; ++i)
    tile.columnPlaces.push_back(k.add(tile.out, (lines - 1) * k.c.outLineStride() + lineLength - tile.columns + i));
}
