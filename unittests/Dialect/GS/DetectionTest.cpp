//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Detectors find what a mask was made of, and complete it to a legal mask.
//
//===----------------------------------------------------------------------===//
#include "../../../lib/Dialect/GS/Transforms/Detection/Detection.h"
#include "TestWeights.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class DetectionTest : public PatternTest, public detection::Proposals {
protected:
  using Proposals::offer;
  void offer(detection::Candidate candidate, detection::Count count) override {
    PatternAttrInterface own = candidate.pattern;
    if (count != detection::Count::Exact || candidate.stored > limit ||
        failed(own.verifyPattern(shape, weight->elementType, nullptr)))
      return;
    Weight copy = *weight;
    if (candidate.complete && !candidate.complete(copy)) { // columns that the banks do not divide may leave no mask
      Attribute inner = own;
      if (auto permuted = dyn_cast<PermutedAttr>(inner))
        inner = permuted.getPattern();
      EXPECT_TRUE(isa<GatherScatterAttr>(inner));
      return;
    }
    bool legal = succeeded(own.verifyMask(copy, [&] { return emitError(); }));
    if (!candidate.complete && !legal)
      return; // tiles of which no legal one holds all weights
    EXPECT_TRUE(legal) << diagnostics;
    for (size_t i = 0; i < copy.mask.size(); ++i)
      ASSERT_TRUE(copy.mask[i] || !weight->mask[i]) << "a kept weight was lost";
    ASSERT_EQ(copy.values, weight->values) << "a value was changed";
    found.push_back(own);
    stored[own] = copy.numKept();
  }
  void refuse(PatternAttrInterface pattern, const Twine &reason) override { refusals[pattern] = reason.str(); }

  /// All patterns that hold with at most `maxFill` weights per kept one; each is completed and verified.
  void detect(const Weight &mask, ArrayRef<int64_t> weightShape, double maxFill) {
    found.clear();
    stored.clear();
    refusals.clear();
    weight = &mask;
    shape = weightShape;
    detection::Layer layer(mask, weightShape, maxFill);
    limit = layer.limit;
    detection::detectTiles(layer, *this);
    detection::detectProducts(layer, *this);
    detection::detectKernelPatterns(layer, *this);
    detection::detectWindows(layer, *this);
    detection::detectGatherScatter(layer, *this);
    detection::detectRowOrders(layer, *this);
    detection::detectUnions(layer, *this);
    detection::detectIntersections(layer, *this);
    detection::detectValues(layer, *this);
  }
  bool has(Attribute pattern) { return llvm::is_contained(found, pattern); }

  const Weight *weight = nullptr;
  ArrayRef<int64_t> shape;
  int64_t limit = 0;
  std::vector<Attribute> found;
  DenseMap<Attribute, int64_t> stored; ///< weights kept by the completed mask
  DenseMap<Attribute, std::string> refusals;
};

TEST_F(DetectionTest, Blocks) {
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{4, 1}, {8, 1}, {1, 4}, {4, 4}, {16, 2}}) {
    SmallVector<int64_t> extents = {32, 16, 3, 3};
    Weight mask = randomBlock(extents, type("f32"), rows, cols, 0.2);
    detect(mask, extents, 1.0);
    EXPECT_TRUE(has(BlockAttr::get(&context, rows, cols)));
    // One weight less breaks it, unless a zero may be kept.
    mask.mask[llvm::find(mask.mask, 1) - mask.mask.begin()] = 0;
    detect(mask, extents, 1.0);
    EXPECT_FALSE(has(BlockAttr::get(&context, rows, cols)));
    detect(mask, extents, 1.15);
    EXPECT_TRUE(has(BlockAttr::get(&context, rows, cols)));
  }
}

TEST_F(DetectionTest, GatherScatter) {
  for (auto [banks, width] : {std::pair<int64_t, int64_t>{16, 1}, {16, 16}, {8, 2}, {6, 3}, {16, 4}}) {
    SmallVector<int64_t> extents = {48, 96};
    Weight mask = randomGatherScatter(extents, type("f32"), banks, width, 0.2);
    detect(mask, extents, 1.0);
    EXPECT_TRUE(has(GatherScatterAttr::get(&context, banks, width)));
    mask.mask[llvm::find(mask.mask, 1) - mask.mask.begin()] = 0;
    detect(mask, extents, 1.15);
    EXPECT_TRUE(has(GatherScatterAttr::get(&context, banks, width)));
  }
}

TEST_F(DetectionTest, AnyMaskIsCompletedToALegalOne) {
  for (double density : {0.0, 0.1, 0.5, 0.9, 1.0})
    for (SmallVector<int64_t> extents : {SmallVector<int64_t>{1, 1}, {7, 33}, {16, 64}, {8, 4, 3, 3}, {5, 3, 2}}) {
      Weight mask = randomUnstructured(extents, type("f32"), density);
      detect(mask, extents, 3.0);
    }
}

} // namespace
