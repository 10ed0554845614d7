//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every projector has to hold, for every pattern: legal masks, the rate asked for, P(P(W)) = P(W), never more than
// the largest weights keep, round trips, equal results for equal input, masks by decision.
//
//===----------------------------------------------------------------------===//
#include "Projectors.h"
#include <cmath>
#include <set>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class ProjectorPropertiesTest : public ProjectorTest {};

/// Patterns that have no projection would be missing here, and so would those that nobody thought of.
TEST_F(ProjectorPropertiesTest, EveryPatternHasAProjector) {
  std::set<std::string> known;
  for (const ProjectorCase &c : projectorCases()) {
    StringRef name = StringRef(c.text).drop_front(strlen("#gs."));
    known.insert(name.take_until([](char letter) { return letter == '<'; }).str());
    EXPECT_TRUE(isa<ProjectionAttrInterface>(parse(c.text))) << c.text;
  }
  EXPECT_EQ(known.size(), 20u);
}

TEST_F(ProjectorPropertiesTest, LegalIdempotentDeterministicRoundTrip) {
  for (const ProjectorCase &c : projectorCases()) {
    PatternAttrInterface pattern = parse(c.text);
    std::vector<SmallVector<int64_t>> shapes = {{1, 1},  {1, 9},       {9, 1},       {5, 16},   {16, 33},
                                                {7, 37}, {4, 4, 3, 3}, {6, 2, 3, 3}, {3, 5, 2}, {5, 3, 2, 2, 2}};
    shapes.push_back(c.shape);
    for (ArrayRef<int64_t> shape : shapes) {
      if (!fits(pattern, shape, type("f32")))
        continue;
      // A last term that counts has no room on some shapes; that is one diagnostic.
      for (double density : {0.0, 0.1, 0.5, 1.0})
        for (double zeros : {0.0, 0.3}) {
          SCOPED_TRACE(trace(c.text, shape, density));
          ProjectOptions options;
          options.density = density;
          expectProperties(pattern, gaussian(shape, zeros), options, shape);
        }
    }
  }
}

TEST_F(ProjectorPropertiesTest, OptionsKeepTheProperties) {
  for (const ProjectorCase &c : projectorCases()) {
    PatternAttrInterface pattern = parse(c.text);
    for (const SmallVector<int64_t> &shape : std::vector<SmallVector<int64_t>>{c.shape, {7, 37}}) {
      if (!fits(pattern, shape, type("f32")))
        continue;
      for (int which = 0; which < 4; ++which) {
        SCOPED_TRACE(trace(c.text, shape, 0.3) + ", option " + std::to_string(which));
        ProjectOptions options;
        options.density = 0.3;
        if (which == 0)
          options.score = ProjectOptions::Score::Magnitude;
        if (which == 1)
          options.method = ProjectOptions::Method::Exact;
        if (which == 2)
          options.rounding = ProjectOptions::Rounding::Published;
        if (which == 3)
          options.polarity = ProjectOptions::Polarity::Sum;
        expectProperties(pattern, gaussian(shape), options, shape);
      }
    }
  }
}

TEST_F(ProjectorPropertiesTest, OtherElementTypes) {
  for (const ProjectorCase &c : projectorCases())
    for (StringRef element : {"f64", "i8"}) {
      PatternAttrInterface pattern = parse(c.text);
      SCOPED_TRACE(trace(c.text, c.shape, 0.25) + " " + element.str());
      ProjectOptions options;
      options.density = 0.25;
      expectProperties(pattern, gaussian(c.shape, 0.1, element), options, c.shape);
    }
}

TEST_F(ProjectorPropertiesTest, RateWithinOneGroup) {
  for (const ProjectorCase &c : projectorCases()) {
    PatternAttrInterface pattern = parse(c.text);
    for (double zeros : {0.0, 1.0}) // what stays is a decision, not a value
      for (double density : {0.0, 0.05, 0.1, 0.25, 0.4, 0.5}) {
        SCOPED_TRACE(trace(c.text, c.shape, density));
        Weight dense = gaussian(c.shape, zeros);
        ProjectOptions options;
        options.density = density;
        FailureOr<Projection> projection = project(pattern, dense, options);
        ASSERT_TRUE(succeeded(projection)) << diagnostics;
        EXPECT_EQ(projection->ownDensity, c.group == 0);
        if (!c.group)
          continue;
        options.density = 1; // a library of shapes has no room for all weights
        FailureOr<Projection> most = project(pattern, dense, options);
        ASSERT_TRUE(succeeded(most)) << diagnostics;
        double weights = double(dense.rows * dense.cols);
        EXPECT_NEAR(projection->density * weights, std::min(density, most->density) * weights, double(c.group));
      }
  }
}

TEST_F(ProjectorPropertiesTest, NumbersThatAreNone) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (const ProjectorCase &c : projectorCases()) {
    PatternAttrInterface pattern = parse(c.text);
    for (double value : {nan, inf, -inf}) {
      SCOPED_TRACE(trace(c.text, c.shape, 0.3) + ", " + std::to_string(value));
      Weight dense = gaussian(c.shape);
      int64_t row = uniform(0, dense.rows - 1), col = uniform(0, dense.cols - 1);
      put(dense, row, col, value);
      for (auto method : {ProjectOptions::Method::Greedy, ProjectOptions::Method::Exact}) {
        ProjectOptions options;
        options.density = 0.3;
        options.method = method;
        FailureOr<Projection> projection = project(pattern, dense, options), again = project(pattern, dense, options);
        ASSERT_TRUE(succeeded(projection) && succeeded(again)) << diagnostics;
        EXPECT_TRUE(succeeded(pattern.verifyMask(projection->weight, [&] { return emitError(); }))) << diagnostics;
        EXPECT_EQ(projection->weight.mask, again->weight.mask);
        EXPECT_FALSE(std::isnan(projection->keptEnergy));
        // It counts as the largest weight, so it stays wherever one weight can be kept for itself.
        if (method == ProjectOptions::Method::Exact || !isa<GatherScatterAttr>(Attribute(pattern))) {
          EXPECT_TRUE(projection->weight.kept(row, col));
        }
      }
    }
  }
}

TEST_F(ProjectorPropertiesTest, RefusesWrongOptions) {
  for (const ProjectorCase &c : projectorCases()) {
    PatternAttrInterface pattern = parse(c.text);
    Weight dense = gaussian(c.shape);
    for (int which = 0; which < 2; ++which) {
      std::vector<double> few(3, 1.0);
      ProjectOptions options;
      if (which == 0)
        options.density = std::numeric_limits<double>::quiet_NaN();
      if (which == 1)
        options.scores = few;
      diagnostics.clear();
      EXPECT_TRUE(failed(project(pattern, dense, options))) << c.text << " " << which;
      EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << c.text << ": " << diagnostics;
    }
  }
}

} // namespace
