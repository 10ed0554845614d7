//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto patterns whose tiles live or die as a whole: the tiles of most energy. Exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Which tiles stay, of `bundles` rows of `perBundle` tiles each.
static std::vector<int64_t> choose(const Tiles &tiles, ArrayRef<double> scores, int64_t bundles, int64_t perBundle,
                                   double density) {
  if (tiles.count == Tiles::Count::Any)
    return largest(scores, shareOf(density, bundles * perBundle));
  // A number of its own for each class of tiles: of one remainder (Fixed), or of one row (Equal).
  int64_t period = tiles.count == Tiles::Count::Fixed ? tiles.countPeriod : 1;
  int64_t count = tiles.count == Tiles::Count::Fixed ? tiles.fixedCount : shareOf(density, perBundle);
  std::vector<int64_t> kept;
  for (int64_t bundle = 0; bundle < bundles; ++bundle)
    for (int64_t remainder = 0; remainder < period; ++remainder) {
      std::vector<double> own;
      for (int64_t tile = remainder; tile < perBundle; tile += period)
        own.push_back(scores[bundle * perBundle + tile]);
      for (int64_t number : largest(own, count))
        kept.push_back(bundle * perBundle + remainder + number * period);
    }
  llvm::sort(kept);
  return kept;
}

FailureOr<Projection> mlir::gs::detail::projectTiles(const Tiles &tiles, const Weight &dense,
                                                     const ProjectOptions &options, EmitError emitError) {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Scores scoreOf(dense, options);
  TileGrid grid(dense, tiles.rows, tiles.cols, tiles.view);
  std::vector<double> scores(grid.numBundles() * grid.tilesPerBundle());
  grid.forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    double &score = scores[bundle * grid.tilesPerBundle() + tile];
    for (int64_t row : rows)
      for (int64_t col : columns)
        addScore(score, scoreOf.at(row, col));
  });
  std::vector<int64_t> kept = choose(tiles, scores, grid.numBundles(), grid.tilesPerBundle(), options.density);
  Projection projection = emptyProjection(dense);
  auto next = kept.begin();
  grid.forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    if (next == kept.end() || *next != bundle * grid.tilesPerBundle() + tile)
      return;
    ++next;
    for (int64_t row : rows)
      for (int64_t col : columns)
        projection.weight.mask[row * dense.cols + col] = 1;
  });
  projection.groups = static_cast<int64_t>(kept.size());
  projection.ownDensity = tiles.count == Tiles::Count::Fixed;
  finishProjection(dense, projection);
  return projection;
}
