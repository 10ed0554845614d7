//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cutting output columns into tiles of vectors.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/TilePlan.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Builds the plan for one kind of contraction; holds what all tile loops share.
class Planner {
public:
  Planner(const Contraction &c, int64_t lanes, int64_t maxVectors, bool narrowAlone, int64_t maxColumns)
      : c(c), lanes(lanes), maxVectors(maxVectors), narrowAlone(narrowAlone), maxColumns(maxColumns) {}

  SmallVector<TileLoop> plan() {
    // Short lines at a pitch that divides the vector: one vector covers several lines.
    if (coversShortLines(c, lanes))
      planShortLines(lanes / c.lineStride);
    else if (int64_t vectorsPerLine = llvm::divideCeil(c.lineLength, lanes); vectorsPerLine * 2 <= maxVectors)
      planWholeLines(vectorsPerLine);
    else
      planLongLines();
    return std::move(result);
  }

private:
  TileLoop begin() {
    TileLoop tile;
    if (c.batch > 1)
      tile.loops.push_back({c.batch, c.inputBatchStride, c.outBatchStride()});
    if (c.outer > 1)
      tile.loops.push_back({c.outer, c.outerStride, c.outSliceStride()});
    return tile;
  }

  void add(TileLoop tile) {
    if (tile.count() > 0 && !tile.vectors.empty())
      result.push_back(std::move(tile));
  }

  /// Vectors [first, first + count) of the line at displacement (in, out).
  void addLineVectors(TileLoop &tile, int64_t in, int64_t out, int64_t first, int64_t count) {
    for (int64_t v = first; v < first + count; ++v) {
      int64_t n = std::min(lanes, c.lineLength - v * lanes);
      tile.vectors.push_back({in + v * lanes, c.inputHasSlack ? lanes : n, {{0, n, out + v * lanes}}});
    }
  }

  /// Each vector covers `perVector` lines of one slice.
  void planShortLines(int64_t perVector) {
    int64_t linesPerTile = maxVectors * perVector;
    auto addTile = [&](int64_t firstLine, int64_t lines, int64_t trips) {
      TileLoop tile = begin();
      tile.inBase = firstLine * c.lineStride;
      tile.outBase = firstLine * c.outLineStride();
      tile.loops.push_back({trips, lines * c.lineStride, lines * c.outLineStride()});
      for (int64_t l = 0; l < lines; l += perVector) {
        VectorPlace place{l * c.lineStride, lanes, {}};
        for (int64_t i = 0; i < std::min(perVector, lines - l); ++i)
          place.segments.push_back({i * c.lineStride, c.lineLength, (l + i) * c.outLineStride()});
        tile.vectors.push_back(std::move(place));
      }
      add(std::move(tile));
    };
    int64_t full = c.lines / linesPerTile;
    if (full)
      addTile(0, linesPerTile, full);
    if (int64_t rest = c.lines % linesPerTile)
      addTile(full * linesPerTile, rest, 1);
  }

  /// Each tile covers several whole lines.
  void planWholeLines(int64_t vectorsPerLine) {
    int64_t linesPerTile = maxVectors / vectorsPerLine;
    // Equal tiles if the lines divide evenly with little loss, else full tiles and a rest.
    for (int64_t n = linesPerTile; n * 4 >= linesPerTile * 3 && n > 1; --n)
      if (c.lines % n == 0) {
        linesPerTile = n;
        break;
      }
    auto addTile = [&](int64_t firstLine, int64_t lines, int64_t trips) {
      TileLoop tile = begin();
      tile.inBase = firstLine * c.lineStride;
      tile.outBase = firstLine * c.outLineStride();
      tile.loops.push_back({trips, lines * c.lineStride, lines * c.outLineStride()});
      for (int64_t l = 0; l < lines; ++l)
        addLineVectors(tile, l * c.lineStride, l * c.outLineStride(), 0, vectorsPerLine);
      add(std::move(tile));
    };
    int64_t full = c.lines / linesPerTile;
    if (full)
      addTile(0, linesPerTile, full);
    if (int64_t rest = c.lines % linesPerTile)
      addTile(full * linesPerTile, rest, 1);
  }

  /// Each line is cut into several tiles.
  void planLongLines() {
    int64_t vectorsPerLine = llvm::divideCeil(c.lineLength, lanes), wholeVectors = c.lineLength / lanes;
    int64_t lastLanes = c.lineLength % lanes;
    if (int64_t tiles = llvm::divideCeil(wholeVectors, maxVectors);
        lastLanes > 0 && tiles > 0 && wholeVectors % tiles == 0 && lastLanes % tiles == 0 &&
        lastLanes / tiles <= maxColumns)
      return planEqualTiles(tiles, wholeVectors / tiles, lastLanes / tiles);
    bool splitLast = narrowAlone && wholeVectors > 0 && lastLanes > 0 && lastLanes * 2 <= lanes;
    int64_t together = splitLast ? wholeVectors : vectorsPerLine;
    int64_t perTile = llvm::divideCeil(together, llvm::divideCeil(together, maxVectors));
    int64_t full = wholeVectors / perTile; // tiles of whole vectors only
    auto addTile = [&](int64_t first, int64_t count, int64_t trips) {
      TileLoop tile = begin();
      tile.loops.push_back({c.lines, c.lineStride, c.outLineStride()});
      tile.loops.push_back({trips, count * lanes, count * lanes});
      tile.inBase = tile.outBase = first * lanes;
      addLineVectors(tile, -tile.inBase, -tile.outBase, first, count);
      add(std::move(tile));
    };
    addTile(0, perTile, full);
    addTile(full * perTile, together - full * perTile, 1);
    if (splitLast)
      addTile(wholeVectors, 1, 1);
  }

  /// Each line is cut into `tiles` tiles of whole vectors and single columns behind them.
  void planEqualTiles(int64_t tiles, int64_t vectors, int64_t columns) {
    TileLoop tile = begin();
    int64_t width = vectors * lanes + columns;
    tile.loops.push_back({c.lines, c.lineStride, c.outLineStride()});
    tile.loops.push_back({tiles, width, width});
    addLineVectors(tile, 0, 0, 0, vectors);
    for (int64_t column = vectors * lanes; column < width; ++column)
      tile.columns.push_back({column, 1, {{0, 1, column}}});
    add(std::move(tile));
  }

  const Contraction &c;
  int64_t lanes, maxVectors;
  bool narrowAlone;
  int64_t maxColumns;
  SmallVector<TileLoop> result;
};

} // namespace

bool mlir::gs::coversShortLines(const Contraction &c, int64_t lanes) {
  return c.lines > 1 && c.lineStride >= c.lineLength && c.lineStride * 2 <= lanes && lanes % c.lineStride == 0;
}

SmallVector<TileLoop> mlir::gs::planTiles(const Contraction &c, int64_t lanes, int64_t maxVectors, bool narrowAlone,
                                          int64_t maxColumns) {
  return Planner(c, lanes, maxVectors, narrowAlone, maxColumns).plan();
}

int64_t mlir::gs::countTiles(ArrayRef<TileLoop> plan) {
  int64_t n = 0;
  for (const TileLoop &tile : plan)
    n += tile.count();
  return n;
}

int64_t mlir::gs::countVectors(ArrayRef<TileLoop> plan) {
  int64_t n = 0;
  for (const TileLoop &tile : plan)
    n += tile.count() * tile.vectors.size();
  return n;
}
