//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.nm<n : m>: the n largest of each window. Exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> NMAttr::project(const Weight &dense, const ProjectOptions &options, EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Scores scoreOf(dense, options);
  Projection projection = emptyProjection(dense);
  projection.ownDensity = true;
  TileGrid(dense, getTileRows(), getTileCols(), getOuter() ? View::ChannelOuter : View::ChannelInner)
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        std::vector<double> scores;
        for (int64_t row : rows)
          for (int64_t col : columns)
            scores.push_back(scoreOf.at(row, col));
        for (int64_t at : largest(scores, getN()))
          projection.weight.mask[rows[at / columns.size()] * dense.cols + columns[at % columns.size()]] = 1;
        ++projection.groups;
      });
  finishProjection(dense, projection);
  if (failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
