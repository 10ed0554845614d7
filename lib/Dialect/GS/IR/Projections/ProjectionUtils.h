//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the projections of patterns share; private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PROJECTIONS_PROJECTIONUTILS_H
#define GS_LIB_DIALECT_GS_IR_PROJECTIONS_PROJECTIONUTILS_H

#include "../Patterns/TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Dialect/GS/IR/Projection.h"
#include <array>
#include <cmath>
#include <numeric>

namespace mlir::gs::detail {

/// A projection of `dense` that keeps nothing yet.
Projection emptyProjection(const Weight &dense);

/// Scores of a whole weight, row-major: squares, and the largest finite number for what is not one.
std::vector<double> scoresOf(const Weight &weight);

/// Numbers of the `count` largest scores, ascending; of equal ones the first.
std::vector<int64_t> largest(ArrayRef<double> scores, int64_t count);

/// `share` of `whole` in whole numbers, at most all.
int64_t shareOf(double share, int64_t whole);

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PROJECTIONS_PROJECTIONUTILS_H
