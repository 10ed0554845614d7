//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dense weight pruned to a pattern: which weights stay.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_PROJECTION_H
#define GS_DIALECT_GS_IR_PROJECTION_H

#include "gs/Dialect/GS/IR/Storage.h"

namespace mlir::gs {

struct ProjectOptions {
  /// Share of weights to keep, 0 to 1. Patterns that say themselves how many weights they keep (N:M) ignore it.
  double density = 0.1;
};

/// What a projection keeps. A weight's score is its square; NaN counts as the largest, and of equal ones the first in
/// the order of the pattern stays.
struct Projection {
  Weight weight;           ///< values and mask; what is pruned is zero
  double density = 1;      ///< achieved
  double keptEnergy = 1;   ///< sum of scores kept / of all; 1 if all weights are zero
  int64_t groups = 0;      ///< stored groups, as in PatternAttrInterface::getStorage
  bool ownDensity = false; ///< the pattern itself says how many weights stay
};

/// Score of an element: its square.
double scoreAt(const Weight &weight, int64_t row, int64_t col);

/// Energy of a choice of weights: fills density and keptEnergy of a projection whose mask is made, and zeroes pruned
/// values.
void finishProjection(const Weight &dense, Projection &projection);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_PROJECTION_H
