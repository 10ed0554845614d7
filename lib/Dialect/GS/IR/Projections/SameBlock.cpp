//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.same_block: the positions of the block whose sums over all tiles are largest. Exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> SameBlockAttr::project(const Weight &dense, const ProjectOptions &options,
                                             EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Scores scoreOf(dense, options);
  std::vector<double> scores(getRows() * getCols());
  auto placeOf = [&](int64_t position, int64_t col) { return position % getRows() * getCols() + col % getCols(); };
  for (int64_t position = 0; position < dense.rows; ++position)
    for (int64_t col = 0; col < dense.cols; ++col)
      addScore(scores[placeOf(position, col)], scoreOf.at(dense.rowAt(position), col));
  std::vector<uint8_t> kept(scores.size());
  Projection projection = emptyProjection(dense);
  for (int64_t at : largest(scores, shareOf(options.density, getRows() * getCols()))) {
    kept[at] = 1;
    ++projection.groups;
  }
  for (int64_t position = 0; position < dense.rows; ++position)
    for (int64_t col = 0; col < dense.cols; ++col)
      projection.weight.mask[dense.rowAt(position) * dense.cols + col] = kept[placeOf(position, col)];
  finishProjection(dense, projection);
  if (failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
