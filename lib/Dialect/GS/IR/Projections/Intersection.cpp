//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.intersection: each tile is worth its best mask of the second pattern, and the best tiles stay.
// Exact if the second pattern says itself how many weights stay and its own projection is.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/Composite.h"
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Numbers of the best tiles, of which each row of tiles keeps a multiple of `multiple`: runs of so many by falling
/// score, the best runs in all. Runs of a row bring less and less, so this is the best choice.
static std::vector<int64_t> bestRuns(ArrayRef<double> scores, int64_t perBundle, int64_t multiple, int64_t count) {
  int64_t runs = perBundle / multiple, bundles = static_cast<int64_t>(scores.size()) / perBundle;
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> byRun;
  for (int64_t bundle = 0; bundle < bundles; ++bundle) {
    auto begin = order.begin() + bundle * perBundle;
    std::stable_sort(begin, begin + perBundle, [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
    for (int64_t run = 0; run < runs; ++run) {
      byRun.push_back(0);
      for (int64_t i = 0; i < multiple; ++i)
        byRun.back() += scores[begin[run * multiple + i]];
    }
  }
  std::vector<int64_t> kept;
  for (int64_t run : largest(byRun, (2 * count + multiple) / (2 * multiple)))
    for (int64_t i = 0; i < multiple; ++i)
      kept.push_back(order[run / runs * perBundle + run % runs * multiple + i]);
  llvm::sort(kept);
  return kept;
}

FailureOr<Projection> IntersectionAttr::project(const Weight &dense, const ProjectOptions &options,
                                                EmitError emitError) const {
  SmallVector<int64_t, 3> shape = shapeOf(dense);
  if (failed(checkProjection(dense, options, emitError)) || failed(verifyPattern(shape, dense.elementType, emitError)))
    return failure();
  if (isa<UnifiedAttr>(Attribute(getInner())))
    return Report(emitError) << "CO-C2: " << getInner()
                             << " changes values, so there is no projection onto an intersection with it";
  TileGrid grid = tileGrid(getOuter().getGroupForm(shape), dense);
  std::vector<double> all = Scores(dense, options).all(), scores(all.size()), byTile;
  ProjectOptions inside = options;
  inside.density = std::sqrt(options.density); // where the second pattern does not say it
  std::vector<Weight> parts;
  double insideDensity = 0;
  int64_t insideWeights = 0;
  LogicalResult result = success();
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    if (failed(result))
      return;
    std::vector<double> own;
    for (int64_t row : rows)
      for (int64_t col : columns)
        own.push_back(all[row * dense.cols + col]);
    inside.scores = own;
    bool forbids = llvm::any_of(own, [](double score) { return score < 0; });
    Weight tile = partOf(dense, rows, columns);
    FailureOr<Projection> part =
        cast<ProjectionAttrInterface>(getInner()).project(tile, inside, forbids ? EmitError(nullptr) : emitError);
    if (failed(part) && !forbids) {
      result = failure();
      return;
    }
    // Tiles that need what must not stay do not say how full the others are.
    if (succeeded(part)) {
      insideDensity += part->density * double(own.size());
      insideWeights += static_cast<int64_t>(own.size());
    } else {
      part = emptyProjection(tile);
    }
    byTile.push_back(forbids && !part->weight.numKept() ? -1 : 0);
    for (size_t at = 0; at < own.size(); ++at)
      if (part->weight.mask[at])
        addScore(byTile.back(), own[at]);
    // The first pattern chooses among tiles by their sums.
    scores[rows[0] * dense.cols + columns[0]] = byTile.back();
    parts.push_back(std::move(part->weight));
  });
  if (failed(result))
    return failure();
  insideDensity /= double(std::max<int64_t>(1, insideWeights));
  double share = insideDensity > 0 ? std::min(1.0, options.density / insideDensity) : 0;
  std::vector<uint8_t> kept(byTile.size());
  if (getMultiple() > 1) {
    auto count = static_cast<int64_t>(byTile.size());
    for (int64_t tile : bestRuns(byTile, grid.tilesPerBundle(), getMultiple(), shareOf(share, count)))
      kept[tile] = 1;
  } else {
    ProjectOptions outside = options;
    outside.density = share;
    outside.scores = scores;
    FailureOr<Projection> tiles = cast<ProjectionAttrInterface>(getOuter()).project(dense, outside, emitError);
    if (failed(tiles))
      return failure();
    grid.forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
      kept[bundle * grid.tilesPerBundle() + tile] = tiles->weight.kept(rows[0], columns[0]);
    });
  }
  Projection projection = emptyProjection(dense);
  grid.forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    int64_t number = bundle * grid.tilesPerBundle() + tile;
    if (!kept[number])
      return;
    for (auto [i, row] : llvm::enumerate(rows))
      for (auto [j, col] : llvm::enumerate(columns))
        projection.weight.mask[row * dense.cols + col] = parts[number].mask[i * columns.size() + j];
  });
  projection.groups = projection.weight.numKept();
  finishProjection(dense, projection);
  if (failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
