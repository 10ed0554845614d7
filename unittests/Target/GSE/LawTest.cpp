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
