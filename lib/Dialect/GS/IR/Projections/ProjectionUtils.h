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

/// Checks what a caller may have got wrong in the weight and the options; `rowOrders` as in checkInput.
LogicalResult checkProjection(const Weight &dense, const ProjectOptions &options, EmitError emitError,
                              int64_t rowOrders = 1);

/// The number that an element of a weight holds.
double numberAt(const Weight &weight, int64_t row, int64_t col);

/// What makes each weight worth keeping. Finite: what is no number or too large counts as the largest.
class Scores {
public:
  Scores(const Weight &weight, const ProjectOptions &options) : weight(weight), options(options) {}
  /// -1 for a weight that must not stay.
  double at(int64_t row, int64_t col) const;
  /// All of them, row-major.
  std::vector<double> all() const;

private:
  const Weight &weight;
  const ProjectOptions &options;
};

/// A projection of `dense` that keeps nothing yet.
Projection emptyProjection(const Weight &dense);

/// Adds the score of a weight to that of its group: a group with a weight that must not stay must not, either.
inline void addScore(double &sum, double score) { sum = sum < 0 || score < 0 ? -1 : sum + score; }

/// If scores forbid weights: that the pattern holds without them.
LogicalResult checkForbidden(PatternAttrInterface pattern, const Projection &projection, const ProjectOptions &options,
                             EmitError emitError);

/// Numbers of the `count` largest scores, ascending; of equal ones the first. Negative ones are none.
std::vector<int64_t> largest(ArrayRef<double> scores, int64_t count);

/// `share` of `whole` in whole numbers, at most all.
int64_t shareOf(double share, int64_t whole);

/// Rows [0, rows) x columns [0, cols) of a weight given by their numbers, as a weight of its own.
Weight partOf(const Weight &weight, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns);

/// An order of the rows of columns [begin, end) in which the pattern loses less: rows with similar numbers of weights
/// or with weights in similar columns become neighbours. Empty: as they are.
SmallVector<int64_t> searchRowOrder(PatternAttrInterface pattern, const Weight &dense, const ProjectOptions &options,
                                    int64_t begin, int64_t end);

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PROJECTIONS_PROJECTIONUTILS_H
