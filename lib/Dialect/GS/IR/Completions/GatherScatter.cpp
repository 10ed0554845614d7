//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Smallest legal mask of #gs.gather_scatter: in each bundle the fewest groups for which zeros can be added so that all
// rows and residues count alike.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/GatherScatterGrid.h"
#include "../Patterns/TileUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

namespace {

/// Adds the units that a bundle lacks: a flow from rows with fewer than k * n units to residues with fewer than n, over
/// the free units of a row in a residue class.
class Filler {
public:
  /// `kept` is row-major, rows x cols; `full`: no row of the bundle is absent.
  Filler(MutableArrayRef<uint8_t> kept, int64_t rows, int64_t cols, int64_t banks, int64_t width, bool full)
      : kept(kept), rows(rows), cols(cols), banks(banks), width(width), full(full), free(rows * banks, 0),
        flow(rows * banks), rowKept(rows, 0), residueKept(banks, 0) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c) {
        bool is = kept[r * cols + c];
        rowKept[r] += is;
        residueKept[c % banks] += is;
        free[r * banks + c % banks] += !is;
      }
  }

  /// Fills; false if no number of groups will do.
  bool run() {
    int64_t n = *llvm::max_element(residueKept);
    for (int64_t count : rowKept)
      n = std::max(n, (count + width - 1) / width);
    if (n && cols < banks) // padding lanes of a ragged bundle find no residue
      return false;
    // A row has room for so many groups, and so has the smallest residue class of a full bundle.
    int64_t most = full ? std::min(cols / width, cols / banks * rows) : cols / width;
    for (; n <= most; ++n)
      if (flows(n)) {
        fill();
        return true;
      }
    return false;
  }

private:
  bool flows(int64_t n) {
    std::fill(flow.begin(), flow.end(), 0);
    need.assign(banks, n);
    for (int64_t j = 0; j < banks; ++j)
      need[j] -= residueKept[j];
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t i = rowKept[r]; i < width * n; ++i) {
        seen.assign(banks, 0);
        if (!augment(r))
          return false;
      }
    return true;
  }

  bool augment(int64_t row) {
    for (int64_t j = 0; j < banks; ++j) {
      if (seen[j] || flow[row * banks + j] == free[row * banks + j])
        continue;
      seen[j] = 1;
      if (need[j] > 0) {
        --need[j];
        ++flow[row * banks + j];
        return true;
      }
      for (int64_t other = 0; other < rows; ++other)
        if (other != row && flow[other * banks + j] && augment(other)) {
          --flow[other * banks + j];
          ++flow[row * banks + j];
          return true;
        }
    }
    return false;
  }

  void fill() {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c)
        if (uint8_t &is = kept[r * cols + c]; !is && flow[r * banks + c % banks]) {
          --flow[r * banks + c % banks];
          is = 1;
        }
  }

  MutableArrayRef<uint8_t> kept;
  int64_t rows, cols, banks, width;
  bool full;
  std::vector<int64_t> free, flow, rowKept, residueKept, need;
  std::vector<char> seen;
};

} // namespace

LogicalResult GatherScatterAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)) ||
      failed(verifyPattern(shapeOf(weight), weight.elementType, emitError)))
    return failure();
  GatherScatterGrid grid(*this, shapeOf(weight));
  std::vector<uint8_t> kept;
  return grid.forEachBundle([&](const GatherScatterGrid::Bundle &bundle) -> LogicalResult {
    int64_t begin = grid.tileBegin(bundle.columnTile), cols = grid.tileEnd(bundle.columnTile) - begin;
    kept.assign(bundle.size() * cols, 0);
    auto forEachWeight = [&](auto &&fn) {
      for (int64_t i = 0; i < bundle.size(); ++i) {
        int64_t first = (bundle.begin + i) * grid.unitRows;
        for (int64_t r = 0; r < grid.rowsOf(bundle.begin + i); ++r) {
          int64_t row = weight.rowAt(bundle.columnTile, first + r);
          for (int64_t j = 0; j < cols; ++j)
            for (int64_t c = 0, column = grid.columnOf(begin + j); c < grid.columnsOf(begin + j); ++c)
              fn(kept[i * cols + j], weight.mask[row * weight.cols + column + c]);
        }
      }
    };
    // A unit that keeps any weight keeps all.
    forEachWeight([](uint8_t &unit, uint8_t &bit) { unit |= bit; });
    if (!Filler(kept, bundle.size(), cols, grid.banks, grid.width, bundle.size() == grid.bundleUnits).run())
      return Report(emitError) << "GS-C3: no legal mask contains what bundle " << bundle.number
                               << " keeps: its rows or "
                               << "residues have too few columns";
    forEachWeight([](uint8_t &unit, uint8_t &bit) { bit = unit; });
    return success();
  });
}
