//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.block_column: the columns of strips of most energy, then the rows of most energy in them, then
// the columns once more among these rows. Each step is exact, together they are not.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> BlockColumnAttr::project(const Weight &dense, const ProjectOptions &options,
                                               EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Tiles tiles;
  tiles.rows = getRows();
  tiles.cols = 1;
  if (!getPruneRows())
    return projectTiles(tiles, dense, options, emitError);
  // A row is a coarse thing to remove: rows go by the fourth root of the density, columns by the rest.
  double rowShare = std::pow(options.density, 0.25);
  ProjectOptions columns = options;
  columns.density = options.density > 0 ? options.density / rowShare : 0;
  FailureOr<Projection> projection = projectTiles(tiles, dense, columns, emitError);
  if (failed(projection))
    return failure();
  Scores scoreOf(dense, options);
  std::vector<double> scores(dense.rows);
  std::vector<uint8_t> kept(dense.rows);
  for (int64_t row = 0; row < dense.rows; ++row)
    forEachKept(projection->weight, row, 0, dense.cols,
                [&](int64_t col) { scores[row] += std::max(0.0, scoreOf.at(row, col)); });
  for (int64_t row : largest(scores, shareOf(rowShare, dense.rows)))
    kept[row] = 1;
  // What the rows took along, and what they left more than asked, is set right by the columns of their rows.
  Weight &weight = projection->weight;
  std::fill(weight.mask.begin(), weight.mask.end(), 0);
  TileGrid grid(dense, getRows(), 1);
  std::vector<double> byColumn;
  std::vector<int64_t> sizes;
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> cols) {
    byColumn.push_back(0);
    sizes.push_back(llvm::count_if(rows, [&](int64_t row) { return kept[row] != 0; }));
    for (int64_t row : rows)
      if (kept[row])
        addScore(byColumn.back(), scoreOf.at(row, cols[0]));
  });
  std::vector<int64_t> order(byColumn.size());
  std::iota(order.begin(), order.end(), 0);
  auto gain = [&](int64_t column) { return sizes[column] ? byColumn[column] / double(sizes[column]) : -1.0; };
  llvm::stable_sort(order, [&](int64_t a, int64_t b) { return gain(a) > gain(b); });
  std::vector<uint8_t> chosen(order.size());
  int64_t left = shareOf(options.density, dense.rows * dense.cols);
  for (int64_t column : order)
    if (sizes[column] && byColumn[column] >= 0 && 2 * left >= sizes[column]) {
      chosen[column] = 1;
      left -= sizes[column];
    }
  projection->groups = 0;
  grid.forEachTile([&](int64_t strip, int64_t column, ArrayRef<int64_t> rows, ArrayRef<int64_t> cols) {
    if (!chosen[strip * dense.cols + column])
      return;
    ++projection->groups;
    for (int64_t row : rows)
      weight.mask[row * dense.cols + cols[0]] = kept[row];
  });
  finishProjection(dense, *projection);
  return projection;
}
