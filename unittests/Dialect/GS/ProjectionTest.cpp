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

TEST_F(ProjectionTest, LegalIdempotentDeterministic) {
  for (StringRef text : {"#gs.unstructured",
                         "#gs.filter",
                         "#gs.channel",
                         "#gs.column",
                         "#gs.block<4x1>",
                         "#gs.block<3x2>",
                         "#gs.same_block<2x3>",
                         "#gs.kernel_group<1x1, balanced>",
                         "#gs.kgs<2x2>",
                         "#gs.kgs<2x2, locations = 4>",
                         "#gs.block_column<4x8>",
                         "#gs.bcr<4x4>",
                         "#gs.nm<2 : 4>",
                         "#gs.window<3 : 16, rows = 4>",
                         "#gs.tile_4_2<row_column>",
                         "#gs.tile_4_2<complement>",
                         "#gs.gather_scatter<banks = 4, width = 1>",
                         "#gs.gather_scatter<banks = 4, width = 2>",
                         "#gs.gather_scatter<banks = 4, width = 4>",
                         "#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432], connectivity>"})
    for (SmallVector<int64_t> shape :
         {SmallVector<int64_t>{1, 1}, {1, 9}, {9, 1}, {5, 16}, {8, 12}, {7, 37}, {4, 4, 3, 3}, {6, 2, 3, 3}}) {
      auto pattern = dyn_cast_or_null<PatternAttrInterface>(parseAttribute(text, &context));
      ASSERT_TRUE(pattern) << text.str() << ": " << diagnostics;
      if (failed(pattern.verifyPattern(shape, type("f32"), [&] { return emitError(); })))
        continue;
      for (double density : {0.0, 0.1, 0.5, 1.0}) {
        SCOPED_TRACE(testing::Message() << text.str() << " rows " << shape[0] << " columns " << shape[1] << " density "
                                        << density);
        Weight dense = gaussian(shape);
        FailureOr<Projection> first = project(pattern, dense, density), again = project(pattern, dense, density);
        ASSERT_TRUE(succeeded(first) && succeeded(again)) << diagnostics;
        EXPECT_TRUE(succeeded(pattern.verifyMask(first->weight, [&] { return emitError(); }))) << diagnostics;
        EXPECT_EQ(first->weight.mask, again->weight.mask);
        EXPECT_EQ(first->weight.values, again->weight.values);
        EXPECT_DOUBLE_EQ(first->density, first->weight.density());
        FailureOr<Projection> twice = project(pattern, first->weight, density);
        ASSERT_TRUE(succeeded(twice));
        EXPECT_EQ(first->weight.values, twice->weight.values) << "not idempotent";
        // Nothing keeps more than the largest weights do.
        FailureOr<Projection> free = project(parse("#gs.unstructured"), dense, first->density);
        ASSERT_TRUE(succeeded(free));
        EXPECT_LE(first->keptEnergy, free->keptEnergy + 1e-12);
        expectRoundTrip(pattern, first->weight, shape);
      }
    }
}

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

} // namespace
