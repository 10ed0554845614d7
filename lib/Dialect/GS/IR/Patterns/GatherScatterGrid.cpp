//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Units, bundles and tiles of #gs.gather_scatter.
//
//===----------------------------------------------------------------------===//
#include "GatherScatterGrid.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

GatherScatterGrid::GatherScatterGrid(GatherScatterAttr pattern, ArrayRef<int64_t> shape)
    : banks(pattern.getBanks()), width(pattern.getWidth()), bundleUnits(banks / width), unitRows(pattern.getUnitRows()),
      unitCols(pattern.getUnitCols()), rows(shape[0]), channels(shape[1]),
      locations(ShapedType::getNumElements(shape.drop_front(2))), unitsDown(llvm::divideCeil(rows, unitRows)),
      unitsPerLocation(llvm::divideCeil(channels, unitCols)), unitsAcross(unitsPerLocation * locations),
      bandUnits(pattern.getTileRows() ? std::min(pattern.getTileRows() / unitRows, unitsDown) : unitsDown),
      tileUnits(pattern.getTileCols() ? std::min(pattern.getTileCols() / unitCols, unitsAcross) : unitsAcross),
      bands(llvm::divideCeil(unitsDown, bandUnits)), columnTiles(llvm::divideCeil(unitsAcross, tileUnits)),
      bundlesPerBand(llvm::divideCeil(bandUnits, bundleUnits)) {}

UnitReader::UnitReader(const GatherScatterGrid &grid, const Weight &weight) : grid(grid), weight(weight) {
  if (!grid.hasUnits())
    return;
  for (int64_t col = 0; col < weight.cols; ++col)
    unitOfColumn.push_back(static_cast<int32_t>(grid.unitOf(col)));
  counts.resize(grid.unitsAcross);
}

LogicalResult UnitReader::read(int64_t unitRow, int64_t columnTile, std::vector<int32_t> &units, EmitError emitError) {
  units.clear();
  int64_t firstUnit = grid.tileBegin(columnTile), lastUnit = grid.tileEnd(columnTile);
  int64_t begin = grid.columnOf(firstUnit), end = grid.columnOf(lastUnit);
  if (!grid.hasUnits()) {
    forEachKept(weight, weight.rowAt(columnTile, unitRow), begin, end,
                [&](int64_t col) { units.push_back(static_cast<int32_t>(col)); });
    return success();
  }
  int64_t rows = grid.rowsOf(unitRow), first = unitRow * grid.unitRows;
  for (int64_t i = 0; i < rows; ++i)
    forEachKept(weight, weight.rowAt(columnTile, first + i), begin, end,
                [&](int64_t col) { ++counts[unitOfColumn[col]]; });
  LogicalResult result = success();
  for (int64_t unit = firstUnit; unit < lastUnit; ++unit) {
    int64_t count = std::exchange(counts[unit], 0), whole = rows * grid.columnsOf(unit);
    if (!count)
      continue;
    units.push_back(static_cast<int32_t>(unit));
    if (count != whole && succeeded(result))
      result = Report(emitError) << "GS-C7: unit of " << rows << "x" << grid.columnsOf(unit) << " weights at row "
                                 << weight.rowAt(columnTile, first) << ", column " << grid.columnOf(unit) << " keeps "
                                 << count << " of them, expected " << whole << " or none";
  }
  return result;
}

SmallVector<int64_t> mlir::gs::detail::columnTilesOf(PatternAttrInterface pattern, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> begins{0};
  auto groups = dyn_cast<GatherScatterAttr>(Attribute(pattern));
  if (!groups || !groups.getTileCols())
    return begins;
  GatherScatterGrid grid(groups, shape);
  for (int64_t tile = 1; tile < grid.columnTiles; ++tile)
    begins.push_back(grid.columnOf(grid.tileBegin(tile)));
  return begins;
}
