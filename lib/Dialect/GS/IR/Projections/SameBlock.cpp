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
  if (failed(checkInput(dense, Schema(), emitError)))
    return failure();
  std::vector<double> scores(getRows() * getCols());
  for (int64_t row = 0; row < dense.rows; ++row)
    for (int64_t col = 0; col < dense.cols; ++col)
      scores[row % getRows() * getCols() + col % getCols()] += scoreAt(dense, row, col);
  std::vector<uint8_t> kept(scores.size());
  Projection projection = emptyProjection(dense);
  for (int64_t at : largest(scores, shareOf(options.density, getRows() * getCols()))) {
    kept[at] = 1;
    ++projection.groups;
  }
  for (int64_t row = 0; row < dense.rows; ++row)
    for (int64_t col = 0; col < dense.cols; ++col)
      projection.weight.mask[row * dense.cols + col] = kept[row % getRows() * getCols() + col % getCols()];
  finishProjection(dense, projection);
  return projection;
}
