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

class PatternAttrInterface;

/// How a dense weight is pruned. What a pattern does not know of it ignores.
struct ProjectOptions {
  /// Share of weights to keep, 0 to 1. Patterns that say themselves how many weights they keep (N:M) ignore it; of
  /// `#gs.unified` it is the share of blocks that stay free.
  double density = 0.1;
  /// What makes a weight worth keeping: its square, whose sum is kept in the exact projections, or its magnitude.
  enum class Score { Energy, Magnitude } score = Score::Energy;
  /// Scores in place of those of the weight, row-major, one per weight: the importance that a pruner has computed. NaN
  /// counts as the largest; what has a negative score never stays (zeros that are frozen), and a pattern that needs it
  /// is an error. Empty: `score` tells.
  ArrayRef<double> scores;
  /// For patterns with both: a fast choice that keeps nearly as much, or the best one (GS: minimum-cost flow).
  enum class Method { Greedy, Exact } method = Method::Greedy;
  /// How many groups GS gets: as many as the density says, or by the rule of the published code, which rounds the
  /// groups of each bundle by itself and so exceeds the density.
  enum class Rounding { Budget, Published } rounding = Rounding::Budget;
  /// Which sign a fragment of `#gs.polarized` keeps: that of more energy (exact), or that of its sum.
  enum class Polarity { Energy, Sum } polarity = Polarity::Energy;
};

/// What a projection keeps. A weight's score is its square; NaN counts as the largest, of zeros those that the mask of
/// the weight keeps come first, and of equal ones the first in the order of the pattern stays.
struct Projection {
  Weight weight;           ///< values, mask and row order; what is pruned is zero
  double density = 1;      ///< achieved
  double keptEnergy = 1;   ///< energy kept / of all: 1 - |W - P|^2 / |W|^2; 1 if all weights are zero
  int64_t groups = 0;      ///< stored groups, as in PatternAttrInterface::getStorage
  bool ownDensity = false; ///< the pattern itself says how many weights stay
};

/// Score of an element: its square.
double scoreAt(const Weight &weight, int64_t row, int64_t col);

/// Energy of a choice of weights: fills density and keptEnergy of a projection whose mask is made, and zeroes pruned
/// values.
void finishProjection(const Weight &dense, Projection &projection);

/// The mask of a live weight with more weights, whole groups of the pattern, up to `density`: those of the largest
/// scores (row-major; the gradients of a sparse training, say). The new ones are kept zeros, none of the old ones goes.
/// Fails if no legal mask of that density contains the live one, or the pattern does not choose its density.
FailureOr<Projection> growMask(PatternAttrInterface pattern, const Weight &live, ArrayRef<double> scores,
                               double density, EmitError emitError);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_PROJECTION_H
