//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.tile_4_2: the legal tile that keeps most, by enumeration. Exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> Tile42Attr::project(const Weight &dense, const ProjectOptions &options,
                                          EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Scores scoreOf(dense, options);
  if (dense.rows % 4 || dense.cols % 4)
    return Report(emitError) << "TT-C1: " << dense.rows << " rows and " << dense.cols
                             << " columns are not both multiples of 4";
  std::vector<unsigned> masks = tile42Library(getComplement());
  Projection projection = emptyProjection(dense);
  projection.ownDensity = true;
  TileGrid(dense, 4, 4).forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    std::array<double, 16> scores;
    for (int at = 0; at < 16; ++at)
      scores[at] = scoreOf.at(rows[at / 4], columns[at % 4]);
    unsigned best = 0;
    double bestScore = -2;
    for (unsigned mask : masks) {
      double score = 0;
      for (int at = 0; at < 16; ++at)
        if (mask >> at & 1)
          addScore(score, scores[at]);
      if (score > bestScore) {
        best = mask;
        bestScore = score;
      }
    }
    for (int at = 0; at < 16; ++at)
      projection.weight.mask[rows[at / 4] * dense.cols + columns[at % 4]] = best >> at & 1;
    ++projection.groups;
  });
  finishProjection(dense, projection);
  if (failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
