//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records of engines, and the law against its closed forms: default record,
// two accumulators, a 1024 x 1024 product with 104 non-zeros in every row and a
// 3x3 convolution of 8x8x128 with 112, start-up excluded.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Law.h"
#include "gtest/gtest.h"
#include <array>
#include <cmath>

using namespace mlir::gse;

namespace {

const EngineSpec &engine(llvm::StringRef name = "gse-inorder2") {
  for (const EngineSpec &spec : getBuiltinEngines())
    if (spec.name == name)
      return spec;
  ADD_FAILURE() << "no engine " << name.str();
  return getBuiltinEngines().front();
}

/// GS(8, k) on 1024 rows with 104 non-zeros each.
double product(Loop loop, int64_t k, double scatter = 0, double occupancy = 1) {
  int64_t rows = 8 / k;
  return double(1024 / rows) * bundleCycles(engine(), loop, double(104 / k), occupancy, {k, 8, scatter});
}

TEST(Law, ProductsHaveTheirClosedForm) {
  EXPECT_EQ(denseCycles(engine(), 1024, 1024, 8), 168064);
  EXPECT_EQ(product(Loop::GatherScatter, 8), 72192);
  EXPECT_EQ(product(Loop::GatherScatter, 4), 61440);
  EXPECT_EQ(product(Loop::GatherScatter, 2), 52480);
  EXPECT_EQ(product(Loop::GatherScatter, 1), 48768);
  EXPECT_EQ(product(Loop::GatherScatterFused, 1), 42112);
  EXPECT_EQ(product(Loop::GatherScatter, 1, /*scatter=*/1), 48896);
  EXPECT_EQ(product(Loop::Block, 8), 85504);
  EXPECT_EQ(product(Loop::Block, 1), 62080);
  EXPECT_EQ(csrScalarCycles(engine(), std::vector<int64_t>(1024, 104), 8), 442368);
}

/// Cycles over 36 pixels and so many bundles, whose groups are cut into chunks.
double convolution(Loop loop, int64_t bundles, int64_t groups, bool summed) {
  double cycles = 0;
  forEachChunk(groups, [&](int64_t size) { cycles += chunkCycles(engine(), loop, size, 1, summed, 8); });
  return cycles * 36 * double(bundles);
}

TEST(Law, ConvolutionsHaveTheirClosedForm) {
  // Dense: 144 vectors of a row in chunks of 12.
  EXPECT_EQ(chunkCycles(engine(), Loop::ConvDense, 12, 1, true, 8) * 12 * 36 * 128, 1852416);
  EXPECT_EQ(convolution(Loop::ConvGatherScatter, 128, 14, true), 267264);
  EXPECT_EQ(convolution(Loop::ConvGatherScatter, 16, 112, false), 157248);
  EXPECT_EQ(convolution(Loop::ConvBlock, 128, 14, true), 308736);
  EXPECT_EQ(convolution(Loop::ConvBlock, 16, 112, false), 185472);
}

TEST(Law, SpeedUpsOverDenseAreThoseOfTheReference) {
  // Reference of an analytic model, 1024 x 1024 at 80, 90 and 95 %. It drew the number of groups of each bundle; where
  // that matters its digits are met within 4 %, else exactly.
  struct Column {
    const char *name;
    Loop loop;
    int64_t perRow;
    double occupancy, scatter;
    std::array<double, 3> expected;
    std::array<bool, 3> exact;
  };
  const Column columns[] = {
      {"GS(8,8)", Loop::GatherScatter, 8, 1, 0, {1.43, 2.35, 3.35}, {true, true, false}},
      {"GS(8,4)", Loop::GatherScatter, 4, 1, 0, {1.57, 2.77, 4.42}, {false, true, false}},
      {"GS(8,2)", Loop::GatherScatter, 2, 1, 0, {1.72, 3.25, 5.79}, {true, true, false}},
      {"GS(8,1)", Loop::GatherScatter, 1, 1, 0, {1.79, 3.50, 6.65}, {true, true, false}},
      {"GS_scatter(8,1)", Loop::GatherScatter, 1, 1, 1, {1.78, 3.48, 6.56}, {false, false, false}},
      {"fused", Loop::GatherScatterFused, 1, 1, 0, {2.08, 4.06, 7.65}, {true, false, false}},
      {"no residue rule", Loop::GatherScatter, 1, 2.57, 0, {1.37, 2.71, 5.20}, {false, true, false}},
      {"Block(1,8)", Loop::Block, 8, 1, 0, {1.17, 1.98, 3.05}, {true, false, true}},
      {"Block(8,1)", Loop::Block, 1, 1, 0, {1.40, 2.78, 5.27}, {true, false, false}},
      {"CSR + gather", Loop::CsrGather, 8, 2.44, 0, {1.16, 1.96, 2.96}, {false, false, false}}};
  auto printed = [](double ratio) { return std::round(ratio * 100) / 100; };
  for (size_t at = 0; at < 3; ++at) {
    double kept = 1024 * std::array{0.2, 0.1, 0.05}[at], dense = denseCycles(engine(), 1024, 1024, 8);
    for (const Column &column : columns) {
      double bundles = 1024.0 * static_cast<double>(column.perRow) / 8, groups = 1024 * kept / 8 / bundles;
      double ratio = dense / (bundles * bundleCycles(engine(), column.loop, groups, column.occupancy,
                                                     {column.perRow, 8, column.scatter}));
      EXPECT_NEAR(ratio, column.expected[at], 0.04 * ratio) << column.name;
      if (column.exact[at])
        EXPECT_DOUBLE_EQ(printed(ratio), column.expected[at]) << column.name;
    }
    // Rows of 204 or 205 weights and so on, as even as they can be.
    std::vector<int64_t> rows;
    for (int row = 0; row < 1024; ++row)
      rows.push_back(static_cast<int64_t>(std::floor((row + 1) * kept) - std::floor(row * kept)));
    EXPECT_DOUBLE_EQ(printed(dense / csrScalarCycles(engine(), rows, 8)), (std::array{0.20, 0.39, 0.74}[at]));
  }
}

TEST(Law, RowsOfAUnitShareTheirGathers) {
  LoopRun run;
  run.trips = run.gathers = run.gatherOccupancy = 100;
  run.steps = 4; // four rows: 4 loads of values and 1 of indices, 13 instructions, 80 bytes
  run.lanes = 8;
  LoopCycles cycles = loopCycles(engine(), Loop::GatherScatter, run);
  EXPECT_EQ(cycles.issue, 100 * 6.5);
  EXPECT_EQ(cycles.total - cycles.ends, 100 * 6.5);
}

TEST(Law, FairDenseConvolutionsSumLanesOnce) {
  // 8x8x128 to 128 channels, 3x3: 48 steps of three lines of the kernel and four output channels.
  LoopRun run;
  run.trips = 48;
  run.steps = 12;
  run.instructions = 30;
  run.perRow = 8;
  LoopCycles cycles = loopCycles(engine(), Loop::ConvDenseFair, run);
  EXPECT_EQ(cycles.total * 36 * 32, 860544);
  EXPECT_EQ(cycles.issue + cycles.port + cycles.arithmetic + cycles.chain + cycles.stream + cycles.ends, cycles.total);
}

TEST(Law, LoopsWithoutArithmeticCostTheirInstructions) {
  LoopRun run;
  run.trips = 10;
  run.steps = 0;
  run.instructions = 4;
  EXPECT_EQ(loopCycles(engine(), Loop::GatherScatter, run).total, 20);
}

TEST(Law, ConflictsCostOnlyWhereThePortBinds) {
  EXPECT_EQ(product(Loop::GatherScatter, 1, 0, 1.5), product(Loop::GatherScatter, 1)); // 3.5 by issue
  EXPECT_GT(product(Loop::GatherScatter, 1, 0, 2.57), 1.25 * product(Loop::GatherScatter, 1));
  Iteration iteration = iterationOf(Loop::GatherScatter, 8);
  EXPECT_EQ(iterationCycles(engine("gse-inorder1"), iteration, 2.57, 2).total, 7);
  EXPECT_EQ(iterationCycles(engine("gse-decoupled"), iteration, 2.57, 2).total, 3.5);
  EXPECT_EQ(iterationCycles(engine(), iteration, 2.57, 2).bound, Bound::Port);
  EXPECT_EQ(iterationCycles(engine("gse-bw8"), iteration, 1, 2).bound, Bound::Stream);
}

TEST(Law, ChunksAreCutLargestFirst) {
  std::vector<int64_t> sizes;
  forEachChunk(23, [&](int64_t size) { sizes.push_back(size); });
  EXPECT_EQ(sizes, (std::vector<int64_t>{8, 8, 4, 2, 1}));
}

TEST(EngineSpec, FieldsCanBeReplaced) {
  std::string message;
  auto emit = [&](const llvm::Twine &text) { message = text.str(); };
  auto spec = resolveEngine("gse-inorder2{tcm_bytes=32768, decoupled=1}", emit);
  ASSERT_TRUE(succeeded(spec));
  EXPECT_EQ(spec->tcmBytes, 32768);
  EXPECT_TRUE(spec->decoupled);
  EXPECT_EQ(spec->banks(), 8);
  for (auto [text, expected] : {std::pair("gse-fast", "unknown engine 'gse-fast'; use one of gse-inorder2, "),
                                {"gse-bw8{tcm=1}", "engine 'gse-bw8' has no field 'tcm'; there are issue_width, "},
                                {"gse-bw8{tcm_bytes=1}", "tcm_bytes = 1 is outside of 256 to 268435456"},
                                {"gse-bw8{tcm_bytes}", "'tcm_bytes' is not FIELD=INTEGER"},
                                {"gse-bw8{tcm_bytes=512", "expected '}' at the end"},
                                {"gse-bw8{vector_bits=96}", "vector_bits = 96 is not a power of two"}}) {
    message.clear();
    EXPECT_TRUE(failed(resolveEngine(text, emit))) << text;
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  }
}

TEST(EngineSpec, BuiltinRecordsResolveToThemselves) {
  for (const EngineSpec &spec : getBuiltinEngines()) {
    auto found = resolveEngine(spec.name, [](const llvm::Twine &text) { ADD_FAILURE() << text.str(); });
    ASSERT_TRUE(succeeded(found));
    EXPECT_EQ(*found, spec);
  }
}

} // namespace
