//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A case for every pattern, and the properties that one projection must have.
//
//===----------------------------------------------------------------------===//
#include "Projectors.h"
#include "mlir/AsmParser/AsmParser.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

const std::vector<ProjectorCase> &mlir::gs::test::projectorCases() {
  static const std::vector<ProjectorCase> all = {
      {"#gs.unstructured", {12, 20}, 1},
      {"#gs.filter", {12, 20}, 20},
      {"#gs.channel", {12, 20}, 12},
      {"#gs.column", {12, 20}, 12},
      {"#gs.block<4x1>", {12, 20}, 4},
      {"#gs.block<3x2>", {12, 20}, 6},
      {"#gs.block<2x9, view = channel_outer>", {8, 6, 3, 3}, 18},
      {"#gs.same_block<2x3>", {8, 12}, 16},
      {"#gs.kernel_group<2x2>", {8, 6, 3, 3}, 36},
      {"#gs.kernel_group<1x1, balanced>", {8, 6, 3, 3}, 72},
      {"#gs.kgs<2x2>", {8, 6, 3, 3}, 4},
      {"#gs.kgs<2x2, locations = 4>", {8, 6, 3, 3}, 0},
      {"#gs.block_column<4x8>", {12, 24}, 4},
      {"#gs.block_column<4x8, prune_rows>", {12, 24}, 4},
      {"#gs.bcr<4x4>", {12, 20}, 16},
      {"#gs.nm<2 : 4>", {12, 20}, 0},
      {"#gs.nm<3 : 8, tile = 2x4>", {12, 20}, 0},
      {"#gs.nm<2 : 4, view = channel_outer>", {4, 4, 3, 3}, 0},
      {"#gs.window<3 : 16, rows = 4>", {8, 32}, 0},
      {"#gs.tile_4_2<row_column>", {8, 12}, 0},
      {"#gs.tile_4_2<complement>", {8, 12}, 0},
      {"#gs.gather_scatter<banks = 4, width = 1>", {12, 20}, 4},
      {"#gs.gather_scatter<banks = 4, width = 2>", {12, 20}, 4},
      {"#gs.gather_scatter<banks = 4, width = 4>", {12, 20}, 4},
      {"#gs.gather_scatter<banks = 4, width = 2, unit = 2x1>", {12, 20}, 8},
      {"#gs.gather_scatter<banks = 4, width = 1, unit = 2x2, tile = 8x16>", {16, 32}, 16},
      {"#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432]>", {8, 6, 3, 3}, 0},
      {"#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432], group = 2, connectivity>", {8, 6, 3, 3}, 8},
      {"#gs.unified<2x2>", {12, 20}, 0},
      {"#gs.polarized<4>", {12, 20}, 0},
      {"#gs.union<[#gs.block<4x1>, #gs.unstructured]>", {12, 20}, 5},
      {"#gs.union<[#gs.block<2x4>, #gs.block<4x2>]>", {12, 24}, 16},
      {"#gs.intersection<[#gs.block<4x4>, #gs.nm<2 : 4>]>", {12, 20}, 8},
      {"#gs.intersection<[#gs.block<4x4>, #gs.tile_4_2<row_column>]>", {12, 20}, 8},
      {"#gs.intersection<[#gs.block<2x4>, #gs.nm<2 : 4>], multiple = 2>", {12, 24}, 8},
      {"#gs.permuted<#gs.gather_scatter<banks = 4, width = 1>>", {12, 20}, 4},
      {"#gs.permuted<#gs.gather_scatter<banks = 4, width = 1, unit = 2x2, tile = 8x16>>", {16, 32}, 16},
      {"#gs.permuted<#gs.block<4x1>>", {12, 20}, 4},
      {"#gs.permuted<#gs.bcr<4x4>>", {12, 20}, 16},
      {"#gs.permuted<#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432], group = 4, connectivity>>",
       {8, 6, 3, 3},
       16},
  };
  return all;
}

PatternAttrInterface ProjectorTest::parse(StringRef text) {
  auto pattern = dyn_cast_or_null<PatternAttrInterface>(parseAttribute(text, &context));
  EXPECT_TRUE(pattern) << text.str() << ": " << diagnostics;
  return pattern;
}

void ProjectorTest::put(Weight &weight, int64_t row, int64_t col, double value) {
  if (weight.elementType.isF64())
    std::memcpy(weight.valueAt(row, col), &value, 8);
  float single = static_cast<float>(value);
  if (weight.elementType.isF32())
    std::memcpy(weight.valueAt(row, col), &single, 4);
  if (weight.elementType.isInteger(8))
    *weight.valueAt(row, col) = static_cast<char>(std::clamp<double>(std::round(value * 40), -127, 127));
  weight.mask[row * weight.cols + col] = 1;
}

Weight ProjectorTest::gaussian(ArrayRef<int64_t> shape, double zeros, StringRef element) {
  Weight weight = empty(shape, type(element));
  std::normal_distribution<double> normal;
  std::bernoulli_distribution isZero(zeros);
  for (int64_t row = 0; row < weight.rows; ++row) {
    bool dead = isZero(random);
    for (int64_t col = 0; col < weight.cols; ++col) {
      double value = normal(random);
      put(weight, row, col, dead || isZero(random) ? 0 : value);
    }
  }
  return weight;
}

FailureOr<Projection> ProjectorTest::project(PatternAttrInterface pattern, const Weight &dense,
                                             const ProjectOptions &options) {
  return cast<ProjectionAttrInterface>(pattern).project(dense, options, [&] { return emitError(); });
}

bool ProjectorTest::fits(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type element) {
  return succeeded(pattern.verifyPattern(shape, element, nullptr));
}

void ProjectorTest::expectPacks(PatternAttrInterface pattern, const Weight &weight, ArrayRef<int64_t> shape) {
  for (const Schema &schema : schemas(pattern, weight)) {
    FailureOr<std::vector<Buffer>> packed = pattern.pack(weight, schema, nullptr);
    if (failed(packed) && !schema.columnIndex.empty()) // not every group has one displacement
      continue;
    ASSERT_TRUE(succeeded(packed));
    FailureOr<Weight> unpacked =
        pattern.unpack(shape, weight.elementType, *packed, schema, [&] { return emitError(); });
    ASSERT_TRUE(succeeded(unpacked)) << diagnostics;
    EXPECT_TRUE(unpacked->values == weight.values) << "values differ";
    EXPECT_TRUE(unpacked->mask == weight.mask) << "masks differ";
    for (size_t at = 0; at < unpacked->rowOrder.size(); ++at) { // one order may stand for those of all columns of tiles
      auto position = static_cast<int64_t>(at) % weight.rows;
      EXPECT_EQ(unpacked->rowOrder[at],
                weight.rowOrder.empty() ? position : weight.rowOrder[at % weight.rowOrder.size()]);
    }
  }
}

void ProjectorTest::expectProperties(PatternAttrInterface pattern, const Weight &dense, const ProjectOptions &options,
                                     ArrayRef<int64_t> shape) {
  FailureOr<Projection> first = project(pattern, dense, options), again = project(pattern, dense, options);
  ASSERT_TRUE(succeeded(first) && succeeded(again)) << diagnostics;
  EXPECT_TRUE(succeeded(pattern.verifyMask(first->weight, [&] { return emitError(); }))) << diagnostics;
  EXPECT_DOUBLE_EQ(first->density, first->weight.density());
  EXPECT_TRUE(first->weight.mask == again->weight.mask && first->weight.values == again->weight.values &&
              first->weight.rowOrder == again->weight.rowOrder && first->groups == again->groups)
      << "not deterministic";
  if (options.rounding == ProjectOptions::Rounding::Budget) {
    FailureOr<Projection> twice = project(pattern, first->weight, options);
    ASSERT_TRUE(succeeded(twice)) << diagnostics;
    EXPECT_TRUE(first->weight.values == twice->weight.values) << "not idempotent";
  }
  // Nothing keeps more than as many of the largest weights.
  if (options.score == ProjectOptions::Score::Energy) {
    ProjectOptions free;
    free.density = first->density;
    FailureOr<Projection> most = project(parse("#gs.unstructured"), dense, free);
    ASSERT_TRUE(succeeded(most));
    EXPECT_LE(first->keptEnergy, most->keptEnergy + 1e-12);
  }
  expectPacks(pattern, first->weight, shape);
}

std::string ProjectorTest::trace(StringRef text, ArrayRef<int64_t> shape, double density) {
  std::string result = text.str() + " on";
  for (int64_t extent : shape)
    result += " " + std::to_string(extent);
  return result + ", density " + std::to_string(density);
}
