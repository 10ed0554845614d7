//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//
// Properties of projections onto every pattern that has one.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/Projection.h"
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "mlir/AsmParser/AsmParser.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class ProjectionTest : public PatternTest {
protected:
  Weight gaussian(ArrayRef<int64_t> shape) {
    Weight weight = empty(shape, type("f32"));
    std::normal_distribution<float> normal;
    for (int64_t row = 0; row < weight.rows; ++row)
      for (int64_t col = 0; col < weight.cols; ++col) {
        float value = normal(random);
        std::memcpy(weight.valueAt(row, col), &value, sizeof value);
        weight.mask[row * weight.cols + col] = 1;
      }
    return weight;
  }

  FailureOr<Projection> project(PatternAttrInterface pattern, const Weight &dense, double density) {
    ProjectOptions options;
    options.density = density;
    return cast<ProjectionAttrInterface>(pattern).project(dense, options, [&] { return emitError(); });
  }

  PatternAttrInterface parse(StringRef text) { return cast<PatternAttrInterface>(parseAttribute(text, &context)); }
};

/// Twelve units: every choice of as many of them is tried.
TEST_F(ProjectionTest, TilesAreExact) {
  struct Case {
    StringRef pattern;
    SmallVector<int64_t> shape;
    int64_t rows, cols;
  };
  for (const Case &c : {Case{"#gs.unstructured", {3, 4}, 1, 1},
                        {"#gs.block<2x1>", {6, 4}, 2, 1},
                        {"#gs.block<2x3>", {8, 9}, 2, 3},
                        {"#gs.filter", {12, 5}, 1, 5},
                        {"#gs.column", {5, 12}, 5, 1}})
    for (int64_t kept = 0; kept <= 12; kept += 3) {
      SCOPED_TRACE(c.pattern.str());
      Weight dense = gaussian(c.shape);
      FailureOr<Projection> projection = project(parse(c.pattern), dense, double(kept) / 12);
      ASSERT_TRUE(succeeded(projection));
      std::vector<double> energy;
      double all = 0, best = 0;
      for (int64_t row = 0; row < dense.rows; row += c.rows)
        for (int64_t col = 0; col < dense.cols; col += c.cols) {
          energy.push_back(0);
          for (int64_t i = 0; i < c.rows; ++i)
            for (int64_t j = 0; j < c.cols; ++j)
              energy.back() += scoreAt(dense, row + i, col + j);
          all += energy.back();
        }
      ASSERT_EQ(energy.size(), 12u);
      for (unsigned choice = 0; choice < 1u << 12; ++choice) {
        if (llvm::popcount(choice) != kept)
          continue;
        double sum = 0;
        for (int unit = 0; unit < 12; ++unit)
          sum += choice >> unit & 1 ? energy[unit] : 0;
        best = std::max(best, sum);
      }
      EXPECT_NEAR(projection->keptEnergy, best / all, 1e-12);
    }
}

/// Every legal mask of so many weights is tried.
TEST_F(ProjectionTest, ExactOnesAreBest) {
  struct Case {
    const char *pattern;
    SmallVector<int64_t> shape;
    int64_t unitRows = 1, unitCols = 1; ///< weights that live or die together; at most 16 of them
  };
  for (const Case &c : {Case{"#gs.unstructured", {3, 4}},
                        {"#gs.filter", {4, 3}},
                        {"#gs.channel", {2, 2, 3}},
                        {"#gs.column", {2, 2, 3}},
                        {"#gs.block<2x2>", {3, 4}},
                        {"#gs.block<2x3, view = channel_outer>", {2, 2, 3}},
                        {"#gs.same_block<2x2>", {4, 3}},
                        {"#gs.kernel_group<1x1>", {2, 3, 2}},
                        {"#gs.kernel_group<1x1, balanced>", {2, 3, 2}},
                        {"#gs.kgs<1x2>", {2, 2, 3}},
                        {"#gs.kgs<1x2, locations = 1>", {2, 2, 3}},
                        {"#gs.block_column<2x2>", {4, 3}},
                        {"#gs.nm<2 : 3>", {3, 4}},
                        {"#gs.nm<2 : 4, tile = 2x2>", {4, 3}},
                        {"#gs.window<3 : 16, rows = 1>", {1, 16}},
                        {"#gs.tile_4_2<row_column>", {4, 4}},
                        {"#gs.tile_4_2<complement>", {4, 4}},
                        {"#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432], connectivity>", {1, 1, 3, 3}},
                        {"#gs.polarized<3>", {3, 4}},
                        {"#gs.intersection<[#gs.block<2x2>, #gs.nm<1 : 2>]>", {3, 4}},
                        {"#gs.intersection<[#gs.block<1x2>, #gs.nm<1 : 2>], multiple = 2>", {3, 4}},
                        {"#gs.gather_scatter<banks = 2, width = 1>", {2, 6}},
                        {"#gs.gather_scatter<banks = 2, width = 1>", {4, 3}},
                        {"#gs.gather_scatter<banks = 2, width = 2>", {3, 4}},
                        {"#gs.gather_scatter<banks = 4, width = 2>", {2, 6}},
                        {"#gs.gather_scatter<banks = 3, width = 1>", {3, 4}},
                        {"#gs.gather_scatter<banks = 3, width = 1>", {2, 6}}, // ragged
                        {"#gs.gather_scatter<banks = 4, width = 1>", {3, 4}}, // ragged
                        {"#gs.gather_scatter<banks = 2, width = 1, unit = 2x1>", {8, 3}, 2, 1},
                        {"#gs.gather_scatter<banks = 2, width = 2, tile = 1x2>", {3, 4}}})
    for (double density : {0.0, 0.2, 0.34, 0.5, 0.67, 0.84, 1.0}) {
      SCOPED_TRACE(testing::Message() << c.pattern << " at " << density);
      PatternAttrInterface pattern = parse(c.pattern);
      ASSERT_TRUE(pattern) << diagnostics;
      Weight dense = gaussian(c.shape);
      ProjectOptions options;
      options.density = density;
      options.method = ProjectOptions::Method::Exact;
      FailureOr<Projection> projection =
          cast<ProjectionAttrInterface>(pattern).project(dense, options, [&] { return emitError(); });
      ASSERT_TRUE(succeeded(projection)) << diagnostics;
      int64_t kept = projection->weight.numKept(), across = dense.cols / c.unitCols;
      int64_t units = dense.rows / c.unitRows * across;
      ASSERT_LE(units, 16);
      double best = 0, all = 0;
      for (int64_t row = 0; row < dense.rows; ++row)
        for (int64_t col = 0; col < dense.cols; ++col)
          all += scoreAt(dense, row, col);
      bool own = isa<PolarizedAttr>(Attribute(pattern)); // any number may stay
      for (unsigned bits = 0; bits < 1u << units; ++bits) {
        if (!own && llvm::popcount(bits) * c.unitRows * c.unitCols != kept)
          continue;
        double energy = 0;
        Weight mask = dense;
        for (int64_t row = 0; row < dense.rows; ++row)
          for (int64_t col = 0; col < dense.cols; ++col) {
            bool is = bits >> (row / c.unitRows * across + col / c.unitCols) & 1;
            mask.mask[row * dense.cols + col] = is;
            energy += is ? scoreAt(dense, row, col) : 0;
          }
        if (energy > best && succeeded(pattern.verifyMask(mask, nullptr)))
          best = energy;
      }
      EXPECT_NEAR(projection->keptEnergy, best / all, 1e-12);
    }
}

TEST_F(ProjectionTest, UnifiedIsBest) {
  for (int64_t free = 0; free <= 6; ++free) {
    Weight dense = gaussian({4, 6});
    FailureOr<Projection> projection = project(parse("#gs.unified<2x2>"), dense, double(free) / 6);
    ASSERT_TRUE(succeeded(projection));
    EXPECT_EQ(projection->groups, free);
    // What is lost: over blocks that are not free, the squares less their mean magnitude's.
    std::vector<double> errors;
    double all = 0;
    for (int64_t row = 0; row < 4; row += 2)
      for (int64_t col = 0; col < 6; col += 2) {
        double sum = 0, squares = 0;
        for (int64_t at = 0; at < 4; ++at) {
          double score = scoreAt(dense, row + at / 2, col + at % 2);
          squares += score;
          sum += std::sqrt(score);
        }
        errors.push_back(squares - sum * sum / 4);
        all += squares;
      }
    llvm::sort(errors);
    double lost = 0;
    for (int64_t block = 0; block < 6 - free; ++block)
      lost += errors[block];
    EXPECT_NEAR(projection->keptEnergy, 1 - lost / all, 1e-9);
    double measured = 0;
    for (int64_t row = 0; row < 4; ++row)
      for (int64_t col = 0; col < 6; ++col) {
        float before = 0, after = 0;
        std::memcpy(&before, dense.valueAt(row, col), 4);
        std::memcpy(&after, projection->weight.valueAt(row, col), 4);
        measured += std::pow(double(before) - double(after), 2);
      }
    EXPECT_NEAR(measured, lost, 1e-5);
  }
}

TEST_F(ProjectionTest, PolarityBySum) {
  Weight dense = empty({1, 3}, type("f32"));
  for (auto [col, value] : {std::pair(0, 3.0f), {1, -2.0f}, {2, -2.0f}}) {
    std::memcpy(dense.valueAt(0, col), &value, 4);
    dense.mask[col] = 1;
  }
  ProjectOptions options;
  auto polarized = cast<ProjectionAttrInterface>(Attribute(parse("#gs.polarized<3>")));
  FailureOr<Projection> byEnergy = polarized.project(dense, options, nullptr);
  options.polarity = ProjectOptions::Polarity::Sum;
  FailureOr<Projection> bySum = polarized.project(dense, options, nullptr);
  ASSERT_TRUE(succeeded(byEnergy) && succeeded(bySum));
  EXPECT_EQ(byEnergy->weight.mask, (std::vector<uint8_t>{1, 0, 0}));
  EXPECT_EQ(bySum->weight.mask, (std::vector<uint8_t>{0, 1, 1}));
}

/// The exact choice keeps no less than the greedy one at the same number of groups, and both hit the budget.
TEST_F(ProjectionTest, ExactKeepsMoreThanGreedy) {
  for (auto [banks, width] : {std::pair(8, 1), {8, 2}, {8, 8}, {16, 4}})
    for (double density : {0.05, 0.1, 0.3, 0.6}) {
      Weight dense = gaussian({64, 128});
      auto pattern = cast<ProjectionAttrInterface>(Attribute(GatherScatterAttr::get(&context, banks, width)));
      ProjectOptions options;
      options.density = density;
      FailureOr<Projection> greedy = pattern.project(dense, options, nullptr);
      options.method = ProjectOptions::Method::Exact;
      FailureOr<Projection> exact = pattern.project(dense, options, nullptr);
      ASSERT_TRUE(succeeded(greedy) && succeeded(exact));
      EXPECT_EQ(greedy->groups, exact->groups);
      EXPECT_EQ(exact->groups, std::llround(density * 64 * 128 / banks));
      EXPECT_GE(exact->keptEnergy, greedy->keptEnergy - 1e-12);
      EXPECT_LE(exact->keptEnergy, greedy->keptEnergy * 1.03);
    }
}

/// By the rule of the public code each bundle rounds up, so that small ones keep more than asked for.
TEST_F(ProjectionTest, PublishedRounding) {
  Weight dense = gaussian({512, 1024});
  ProjectOptions options;
  options.rounding = ProjectOptions::Rounding::Published;
  auto density = [&](int64_t banks, int64_t width, double asked) {
    options.density = asked;
    FailureOr<Projection> projection =
        cast<ProjectionAttrInterface>(Attribute(GatherScatterAttr::get(&context, banks, width)))
            .project(dense, options, nullptr);
    EXPECT_TRUE(succeeded(projection));
    return projection->density;
  };
  EXPECT_NEAR(density(8, 8, 0.05), 0.053, 0.001);
  EXPECT_NEAR(density(16, 16, 0.1), 0.107, 0.001);
  EXPECT_NEAR(density(8, 1, 0.1), 0.1, 0.001);
  EXPECT_EQ(density(8, 1, 0.0005), 0); // as good as all is pruned
  EXPECT_EQ(density(8, 1, 1), 1);
}

/// Rows of unequal scale: neighbours in a better order lose less.
TEST_F(ProjectionTest, OrdersOfRows) {
  std::lognormal_distribution<double> scale(0, 0.5);
  Weight dense = gaussian({64, 128});
  for (int64_t row = 0; row < dense.rows; ++row) {
    auto factor = static_cast<float>(scale(random));
    for (int64_t col = 0; col < dense.cols; ++col) {
      float value = 0;
      std::memcpy(&value, dense.valueAt(row, col), 4);
      value *= factor;
      std::memcpy(dense.valueAt(row, col), &value, 4);
    }
  }
  for (auto [name, gain] : {std::pair("gather_scatter<banks = 8, width = 1>", 1.05),
                            {"block<8x1>", 1.05},
                            {"gather_scatter<banks = 8, width = 1, unit = 2x1>", 1.02}}) {
    std::string plain = std::string("#gs.") + name;
    FailureOr<Projection> as = project(parse(plain), dense, 0.1);
    FailureOr<Projection> ordered = project(parse("#gs.permuted<" + plain + ">"), dense, 0.1);
    ASSERT_TRUE(succeeded(as) && succeeded(ordered));
    EXPECT_EQ(as->groups, ordered->groups);
    EXPECT_GE(ordered->keptEnergy, as->keptEnergy * gain) << name;
  }
  // Rows of a block whose weights lie in the same columns are found, wherever they lie.
  Weight planted = empty({32, 48}, type("f32"));
  SmallVector<int64_t> order = randomOrder(32);
  for (int64_t position = 0; position < 32; ++position)
    for (int64_t col = 0; col < 48; ++col) {
      float value = col % 8 == position / 4 ? 1.0f + 0.01f * float(position) : 0.0f;
      std::memcpy(planted.valueAt(order[position], col), &value, 4);
      planted.mask[order[position] * 48 + col] = 1;
    }
  FailureOr<Projection> found = project(parse("#gs.permuted<#gs.block<4x1>>"), planted, 0.125);
  ASSERT_TRUE(succeeded(found));
  EXPECT_EQ(found->keptEnergy, 1);
}

} // namespace
