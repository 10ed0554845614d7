//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.kernel_pattern: for each group of filters and channel the mask of the library that keeps most,
// then the kernels that keep most. Jointly exact for the given order of filters.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> KernelPatternAttr::project(const Weight &dense, const ProjectOptions &options,
                                                 EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Scores scoreOf(dense, options);
  if (dense.locations != 9 || dense.rows % getGroup())
    return Report(emitError) << "KP-C1: a weight of " << dense.rows << " filters and " << dense.locations
                             << " kernel locations has no 3x3 kernels in groups of " << getGroup();
  TileGrid grid(dense, getGroup(), 9, View::ChannelOuter);
  int64_t kernels = grid.numBundles() * grid.tilesPerBundle();
  std::vector<double> scores(kernels);
  std::vector<int64_t> masks(kernels);
  grid.forEachTile([&](int64_t group, int64_t channel, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    std::array<double, 9> byPosition = {};
    for (int64_t row : rows)
      for (auto [bit, col] : llvm::enumerate(columns))
        addScore(byPosition[bit], scoreOf.at(row, col));
    int64_t kernel = group * grid.tilesPerBundle() + channel;
    scores[kernel] = -1;
    for (int64_t mask : getPatterns()) {
      double score = 0;
      for (int bit = 0; bit < 9; ++bit)
        if (mask >> bit & 1)
          addScore(score, byPosition[bit]);
      if (score > scores[kernel]) {
        scores[kernel] = score;
        masks[kernel] = mask;
      }
    }
  });
  std::vector<uint8_t> kept(kernels, !getConnectivity());
  if (getConnectivity())
    for (int64_t kernel : largest(scores, shareOf(options.density * 9 / double(getEntries()), kernels)))
      kept[kernel] = 1;
  Projection projection = emptyProjection(dense);
  projection.ownDensity = !getConnectivity();
  grid.forEachTile([&](int64_t group, int64_t channel, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    int64_t kernel = group * grid.tilesPerBundle() + channel;
    if (!kept[kernel])
      return;
    for (int64_t row : rows)
      for (auto [bit, col] : llvm::enumerate(columns))
        projection.weight.mask[row * dense.cols + col] = masks[kernel] >> bit & 1;
    ++projection.groups;
  });
  finishProjection(dense, projection);
  if (failed(checkForbidden(*this, projection, options, emitError)))
    return failure();
  return projection;
}
