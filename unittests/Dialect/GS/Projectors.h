//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the tests of projectors share: a case for every pattern, random dense weights, and the properties that one
// projection must have.
//
//===----------------------------------------------------------------------===//
#ifndef GS_UNITTESTS_DIALECT_GS_PROJECTORS_H
#define GS_UNITTESTS_DIALECT_GS_PROJECTORS_H

#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Dialect/GS/IR/Projection.h"

namespace mlir::gs::test {

/// A pattern, and what a rate is rounded to: so many weights on a shape that its groups divide. 0: it says itself how
/// many weights stay.
struct ProjectorCase {
  const char *text;
  SmallVector<int64_t> shape;
  int64_t group;
};

/// One case or more of every pattern.
const std::vector<ProjectorCase> &projectorCases();

/// Projections, and what is true of all of them.
class ProjectorTest : public PatternTest {
protected:
  PatternAttrInterface parse(StringRef text);

  /// Keeps the weight (row, col) with this value, or what its element type makes of it.
  static void put(Weight &weight, int64_t row, int64_t col, double value);

  /// All weights kept; `zeros` of them zero, and some rows as a whole.
  Weight gaussian(ArrayRef<int64_t> shape, double zeros = 0, StringRef element = "f32");

  FailureOr<Projection> project(PatternAttrInterface pattern, const Weight &dense, const ProjectOptions &options);

  /// Whether the pattern takes the shape at all. A union with a last term that counts may have no projection.
  static bool fits(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type element);

  /// Values, mask and row order come back from the buffers.
  void expectPacks(PatternAttrInterface pattern, const Weight &weight, ArrayRef<int64_t> shape);

  /// Properties 1, 3, 5, 6, 7 of one projection: legal, P(P(W)) = P(W), never more than the largest weights, round
  /// trip, equal results for equal input.
  void expectProperties(PatternAttrInterface pattern, const Weight &dense, const ProjectOptions &options,
                        ArrayRef<int64_t> shape);

  static std::string trace(StringRef text, ArrayRef<int64_t> shape, double density);
};

} // namespace mlir::gs::test

#endif // GS_UNITTESTS_DIALECT_GS_PROJECTORS_H
