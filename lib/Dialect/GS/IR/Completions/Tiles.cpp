//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Smallest legal masks of patterns whose groups are kept as a whole.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

LogicalResult mlir::gs::detail::completeTiles(const Tiles &tiles, Weight &weight, EmitError emitError) {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  TileGrid grid(weight, tiles.rows, tiles.cols, tiles.view);
  int64_t perBundle = grid.tilesPerBundle(), period = tiles.count == Tiles::Count::Fixed ? tiles.countPeriod : 1;
  std::vector<SmallVector<int64_t>> kept(grid.numBundles());
  int64_t target = tiles.fixedCount;
  for (int64_t bundle = 0; bundle < grid.numBundles(); ++bundle) {
    grid.forEachKeptTile(grid.rows(bundle), [&](int64_t tile, int64_t) { kept[bundle].push_back(tile); });
    if (tiles.count == Tiles::Count::Equal)
      target = std::max(target, static_cast<int64_t>(kept[bundle].size()));
  }
  for (auto [bundle, chosen] : llvm::enumerate(kept)) {
    SmallVector<int64_t> rows = grid.rows(static_cast<int64_t>(bundle));
    if (tiles.count != Tiles::Count::Any) {
      // The lowest free tiles of each class make up what is missing.
      for (int64_t remainder = 0; remainder < period; ++remainder) {
        int64_t have = llvm::count_if(chosen, [&](int64_t tile) { return tile % period == remainder; });
        if (have > target)
          return Report(emitError) << tiles.countLabel << ": row " << static_cast<int64_t>(bundle) << " of "
                                   << tiles.noun << "s keeps " << have << ", more than " << target;
        for (int64_t tile = remainder; tile < perBundle && have < target; tile += period)
          if (!llvm::is_contained(ArrayRef<int64_t>(chosen), tile)) {
            chosen.push_back(tile);
            ++have;
          }
      }
    }
    for (int64_t tile : chosen)
      for (int64_t row : rows)
        for (int64_t col : grid.columns(tile))
          weight.mask[row * weight.cols + col] = 1;
  }
  return success();
}

LogicalResult BlockColumnAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  std::vector<uint8_t> live(weight.rows, !getPruneRows());
  for (int64_t row = 0; row < weight.rows; ++row)
    forEachKept(weight, row, 0, weight.cols, [&](int64_t) { live[row] = 1; });
  TileGrid grid(weight, getRows(), 1);
  for (int64_t strip = 0; strip < grid.numBundles(); ++strip) {
    SmallVector<int64_t> rows = grid.rows(strip);
    grid.forEachKeptTile(rows, [&](int64_t tile, int64_t) {
      for (int64_t row : rows)
        if (live[row])
          weight.mask[row * weight.cols + grid.columns(tile)[0]] = 1;
    });
  }
  return success();
}

LogicalResult BCRAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  TileGrid(weight, getRows(), getCols())
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        std::vector<uint8_t> usedRow(rows.size()), usedColumn(columns.size());
        for (auto [i, row] : llvm::enumerate(rows))
          for (auto [j, col] : llvm::enumerate(columns))
            if (weight.kept(row, col))
              usedRow[i] = usedColumn[j] = 1;
        for (auto [i, row] : llvm::enumerate(rows))
          for (auto [j, col] : llvm::enumerate(columns))
            if (usedRow[i] && usedColumn[j])
              weight.mask[row * weight.cols + col] = 1;
      });
  return success();
}

LogicalResult SameBlockAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  std::vector<uint8_t> used(getRows() * getCols());
  auto placeOf = [&](int64_t position, int64_t col) { return position % getRows() * getCols() + col % getCols(); };
  for (int64_t position = 0; position < weight.rows; ++position)
    forEachKept(weight, weight.rowAt(position), 0, weight.cols, [&](int64_t col) { used[placeOf(position, col)] = 1; });
  for (int64_t position = 0; position < weight.rows; ++position)
    for (int64_t col = 0; col < weight.cols; ++col)
      weight.mask[weight.rowAt(position) * weight.cols + col] |= used[placeOf(position, col)];
  return success();
}
