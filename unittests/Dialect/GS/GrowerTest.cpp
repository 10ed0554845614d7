//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Masks that change while a network is trained: frozen zeros stay, and live masks grow by whole groups.
//
//===----------------------------------------------------------------------===//
#include "Projectors.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class GrowerTest : public ProjectorTest {};

/// Frozen zeros, as in progressive pruning: what a first projection has pruned does not come back.
TEST_F(GrowerTest, ForbiddenWeightsGo) {
  int64_t frozen = 0;
  for (const ProjectorCase &c : projectorCases()) {
    PatternAttrInterface pattern = parse(c.text);
    if (!c.group)
      continue;
    SCOPED_TRACE(c.text);
    Weight dense = gaussian(c.shape);
    ProjectOptions options;
    options.density = 0.5;
    FailureOr<Projection> first = project(pattern, dense, options);
    ASSERT_TRUE(succeeded(first)) << diagnostics;
    std::vector<double> scores(dense.mask.size());
    for (size_t at = 0; at < scores.size(); ++at)
      scores[at] = first->weight.mask[at] ? std::abs(std::normal_distribution<double>()(random)) : -1;
    dense.rowOrder = first->weight.rowOrder;
    options.scores = scores;
    options.density = 0.2;
    for (auto method : {ProjectOptions::Method::Greedy, ProjectOptions::Method::Exact}) {
      options.method = method;
      diagnostics.clear();
      FailureOr<Projection> second = project(pattern, dense, options);
      if (failed(second)) {
        EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << diagnostics;
        continue;
      }
      ++frozen;
      EXPECT_TRUE(succeeded(pattern.verifyMask(second->weight, [&] { return emitError(); }))) << diagnostics;
      for (size_t at = 0; at < scores.size(); ++at)
        EXPECT_TRUE(scores[at] >= 0 || !second->weight.mask[at]);
    }
  }
  EXPECT_GT(frozen, 40);
}

/// Sparse training grows and prunes by turns: never an illegal mask, never more weights than agreed.
TEST_F(GrowerTest, GrowsAndPrunesByTurns) {
  int64_t grown = 0;
  for (const ProjectorCase &c : projectorCases()) {
    PatternAttrInterface pattern = parse(c.text);
    for (bool soft : {false, true}) { // EM: between 1 - s and less; EM&S: between 1 - s and more
      double target = 0.25, low = soft ? target : 0.15, high = soft ? 0.35 : target;
      SCOPED_TRACE(trace(c.text, c.shape, target) + (soft ? ", EM&S" : ", EM"));
      Weight live = gaussian(c.shape);
      for (int step = 0; step < 4; ++step) {
        ProjectOptions options;
        options.density = low;
        options.method = ProjectOptions::Method::Exact;
        FailureOr<Projection> pruned = project(pattern, live, options);
        ASSERT_TRUE(succeeded(pruned)) << diagnostics;
        std::vector<double> gradients(live.mask.size());
        for (double &gradient : gradients)
          gradient = std::abs(std::normal_distribution<double>()(random));
        diagnostics.clear();
        FailureOr<Projection> more = growMask(pattern, pruned->weight, gradients, high, [&] { return emitError(); });
        if (failed(more)) { // said why, and nothing has changed
          EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << diagnostics;
          EXPECT_TRUE(c.group == 0 || StringRef(c.text).contains("bcr") || StringRef(c.text).contains("union") ||
                      StringRef(c.text).contains("prune_rows"))
              << diagnostics;
          break;
        }
        ++grown;
        EXPECT_TRUE(succeeded(pattern.verifyMask(more->weight, [&] { return emitError(); }))) << diagnostics;
        EXPECT_LE(more->density * double(live.mask.size()), high * double(live.mask.size()) + double(c.group));
        for (size_t at = 0; at < live.mask.size(); ++at)
          EXPECT_TRUE(more->weight.mask[at] || !pruned->weight.mask[at]) << "a live weight went";
        EXPECT_EQ(more->weight.values, pruned->weight.values) << "new weights are zeros";
        expectPacks(pattern, more->weight, c.shape);
        live = more->weight;
        for (int64_t row = 0; row < live.rows; ++row) // a step of training: live weights move
          for (int64_t col = 0; col < live.cols; ++col)
            if (live.kept(row, col))
              put(live, row, col, std::normal_distribution<double>()(random));
      }
    }
  }
  EXPECT_GT(grown, 150);
}

} // namespace
