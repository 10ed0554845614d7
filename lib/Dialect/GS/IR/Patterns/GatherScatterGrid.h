//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A weight cut as #gs.gather_scatter cuts it: units, bundles of unit rows, and
// tiles with bundles of their own.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PATTERNS_GATHERSCATTERGRID_H
#define GS_LIB_DIALECT_GS_IR_PATTERNS_GATHERSCATTERGRID_H

#include "PackUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

namespace mlir::gs::detail {

/// Numbers of a #gs.gather_scatter on a weight of this shape. Unit rows count positions of the row order; unit columns
/// count the channels of a location in steps of `unitCols`, location by location, so that they ascend with the columns.
struct GatherScatterGrid {
  GatherScatterGrid(GatherScatterAttr pattern, ArrayRef<int64_t> shape);

  int64_t banks, width, bundleUnits; ///< B, k, R = B / k
  int64_t unitRows, unitCols;        ///< r, c
  int64_t rows, channels, locations;
  int64_t unitsDown, unitsPerLocation, unitsAcross; ///< the weight in units
  int64_t bandUnits, tileUnits;                     ///< a tile in units; the last ones of a row or column are smaller
  int64_t bands, columnTiles, bundlesPerBand;

  bool hasUnits() const { return unitRows != 1 || unitCols != 1; }
  int64_t numTiles() const { return bands * columnTiles; }

  /// First column of a unit column; that of `unitsAcross` is the number of columns.
  int64_t columnOf(int64_t unit) const {
    return unit / unitsPerLocation * channels + unit % unitsPerLocation * unitCols;
  }
  int64_t columnsOf(int64_t unit) const { return std::min(unitCols, channels - unit % unitsPerLocation * unitCols); }
  int64_t unitOf(int64_t col) const { return col / channels * unitsPerLocation + col % channels / unitCols; }
  int64_t rowsOf(int64_t unitRow) const { return std::min(unitRows, rows - unitRow * unitRows); }

  /// Unit columns of a column of tiles.
  int64_t tileBegin(int64_t columnTile) const { return columnTile * tileUnits; }
  int64_t tileEnd(int64_t columnTile) const { return std::min(unitsAcross, (columnTile + 1) * tileUnits); }

  /// Rows of units [begin, end) that one bundle of one tile holds.
  struct Bundle {
    int64_t band, columnTile, number; ///< of the tile, and in it
    int64_t begin, end;
    int64_t size() const { return end - begin; }
  };
  /// Calls fn(bundle) -> LogicalResult for the bundles of all tiles in the order of storage, until one fails.
  template <typename Fn> LogicalResult forEachBundle(Fn &&fn) const {
    for (int64_t band = 0; band < bands; ++band)
      for (int64_t columnTile = 0; columnTile < columnTiles; ++columnTile) {
        int64_t end = std::min(unitsDown, (band + 1) * bandUnits);
        for (int64_t begin = band * bandUnits, number = 0; begin < end; begin += bundleUnits, ++number)
          if (failed(fn(Bundle{band, columnTile, number, begin, std::min(end, begin + bundleUnits)})))
            return failure();
      }
    return success();
  }
  /// Position of the count in front of a bundle's groups in `offsets`.
  int64_t offsetOf(const Bundle &bundle) const {
    return (bundle.band * columnTiles + bundle.columnTile) * (bundlesPerBand + 1) + bundle.number;
  }
};

/// Lists the kept units of rows of units. Units are looked up once per weight.
class UnitReader {
public:
  UnitReader(const GatherScatterGrid &grid, const Weight &weight);
  /// Unit columns that row `unitRow` keeps in a column of tiles, ascending. A unit that is kept in part fails with
  /// GS-C7.
  LogicalResult read(int64_t unitRow, int64_t columnTile, std::vector<int32_t> &units, EmitError emitError);

private:
  const GatherScatterGrid &grid;
  const Weight &weight;
  std::vector<int32_t> unitOfColumn; ///< empty without units
  std::vector<int32_t> counts;       ///< kept weights per unit, all zero between calls
};

/// First columns of the columns of tiles that have row orders of their own: {0} for every other pattern.
SmallVector<int64_t> columnTilesOf(PatternAttrInterface pattern, ArrayRef<int64_t> shape);

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PATTERNS_GATHERSCATTERGRID_H
