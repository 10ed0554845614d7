//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.polarized: the sign of each fragment whose weights have more energy. Exact.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/Signs.h"
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

FailureOr<Projection> PolarizedAttr::project(const Weight &dense, const ProjectOptions &options,
                                             EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  Projection projection = emptyProjection(dense);
  projection.ownDensity = true;
  Scores scoreOf(dense, options);
  SignedBits element(dense.elementType, dense.elementBytes);
  TileGrid(dense, 1, getN(), getOuter() ? View::ChannelOuter : View::ChannelInner)
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        double energy[2] = {0, 0}, sum = 0;
        for (int64_t col : columns) {
          energy[element.isNegative(element.load(dense.valueAt(rows[0], col)))] +=
              std::max(0.0, scoreOf.at(rows[0], col));
          sum += numberAt(dense, rows[0], col);
        }
        bool negative =
            options.polarity == ProjectOptions::Polarity::Sum && !std::isnan(sum) ? sum < 0 : energy[1] > energy[0];
        for (int64_t col : columns) {
          uint64_t bits = element.load(dense.valueAt(rows[0], col));
          projection.weight.mask[rows[0] * dense.cols + col] =
              (element.isZero(bits) || element.isNegative(bits) == negative) && scoreOf.at(rows[0], col) >= 0;
        }
      });
  finishProjection(dense, projection);
  return projection;
}
