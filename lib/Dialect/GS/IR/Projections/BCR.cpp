//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.bcr: in each block the best columns, then the best rows, as many as make the density. Idempotent,
// not exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> BCRAttr::project(const Weight &dense, const ProjectOptions &options, EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Scores scoreOf(dense, options);
  Projection projection = emptyProjection(dense);
  double side = std::sqrt(options.density);
  double open = 0; // weights that the blocks so far should have kept, and did not
  TileGrid(dense, getRows(), getCols())
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        open += options.density * double(rows.size() * columns.size());
        int64_t wanted = std::clamp<int64_t>(std::llround(open), 0, int64_t(rows.size() * columns.size()));
        if (!wanted)
          return;
        int64_t keptColumns = std::max<int64_t>(1, shareOf(side, int64_t(columns.size())));
        keptColumns = std::clamp<int64_t>(keptColumns, llvm::divideCeil(wanted, rows.size()), wanted);
        std::vector<double> byColumn(columns.size());
        for (auto [j, col] : llvm::enumerate(columns))
          for (int64_t row : rows)
            byColumn[j] += std::max(0.0, scoreOf.at(row, col));
        std::vector<int64_t> cols = largest(byColumn, keptColumns);
        std::vector<double> byRow(rows.size());
        for (auto [i, row] : llvm::enumerate(rows))
          for (int64_t j : cols)
            byRow[i] += std::max(0.0, scoreOf.at(row, columns[j]));
        int64_t keptRows = std::max<int64_t>(1, std::llround(double(wanted) / double(cols.size())));
        for (int64_t i : largest(byRow, keptRows))
          for (int64_t j : cols)
            projection.weight.mask[rows[i] * dense.cols + columns[j]] = 1;
        open -= double(std::min<int64_t>(keptRows, rows.size()) * int64_t(cols.size()));
      });
  projection.groups = projection.weight.numKept();
  finishProjection(dense, projection);
  if (failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
