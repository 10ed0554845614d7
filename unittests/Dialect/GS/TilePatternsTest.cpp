//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns whose tiles live or die as a whole: every random choice of tiles is
// legal and survives packing, every weight that is flipped afterwards breaks
// the mask.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "mlir/AsmParser/AsmParser.h"
#include <functional>
#include <map>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

/// A pattern with its definition by logical coordinates: the name of the tile of (filter, channel, location).
struct TileRule {
  const char *pattern;
  const char *keepLabel;
  std::function<int64_t(int64_t filter, int64_t channel, int64_t location)> tile;
};

const TileRule rules[] = {
    {"#gs.filter", "FL-C1", [](int64_t o, int64_t, int64_t) { return o; }},
    {"#gs.channel", "CH-C1", [](int64_t, int64_t i, int64_t) { return i; }},
    {"#gs.column", "CL-C1", [](int64_t, int64_t i, int64_t l) { return i * 100 + l; }},
    {"#gs.kernel_group<4x2>", "VK-C2", [](int64_t o, int64_t i, int64_t) { return o / 4 * 1000 + i / 2; }},
    {"#gs.kernel_group<1x1>", "VK-C2", [](int64_t o, int64_t i, int64_t) { return o * 1000 + i; }},
    {"#gs.kgs<4x2>", "KG-C2", [](int64_t o, int64_t i, int64_t l) { return (o / 4 * 1000 + i / 2) * 1000 + l; }},
};

class TilePatternsTest : public PatternTest {
protected:
  PatternAttrInterface parse(StringRef text) {
    return llvm::cast<PatternAttrInterface>(parseAttribute(text, &context));
  }

  /// A weight that keeps each tile of the rule with this probability.
  Weight randomTiles(const TileRule &rule, ArrayRef<int64_t> shape, Type elementType, double density) {
    Weight weight = empty(shape, elementType);
    std::map<int64_t, bool> kept;
    std::bernoulli_distribution coin(density);
    for (int64_t row = 0; row < weight.rows; ++row)
      for (int64_t col = 0; col < weight.cols; ++col) {
        auto [it, isNew] = kept.try_emplace(rule.tile(row, col % weight.channels, col / weight.channels), false);
        if (isNew)
          it->second = coin(random);
        if (it->second)
          keep(weight, row, col);
      }
    return weight;
  }
};

TEST_F(TilePatternsTest, RoundTrip) {
  for (const TileRule &rule : rules)
    for (StringRef element : {"f32", "bf16", "i8"})
      for (double density : {0.0, 0.2, 0.6, 1.0})
        for (SmallVector<int64_t> shape : {SmallVector<int64_t>{4, 2, 2}, {12, 6, 5}, {8, 10, 3, 3}, {4, 2, 1, 3, 2}})
          expectRoundTrip(parse(rule.pattern), randomTiles(rule, shape, type(element), density), shape);
}

TEST_F(TilePatternsTest, MatricesToo) {
  for (const TileRule &rule : rules)
    if (StringRef(rule.pattern) != "#gs.kgs<4x2>") // needs kernel locations
      for (double density : {0.0, 0.3, 1.0})
        for (SmallVector<int64_t> shape : {SmallVector<int64_t>{4, 2}, {20, 34}})
          expectRoundTrip(parse(rule.pattern), randomTiles(rule, shape, type("f32"), density), shape);
}

TEST_F(TilePatternsTest, EveryFlipBreaksTheMask) {
  for (const TileRule &rule : rules) {
    SCOPED_TRACE(rule.pattern);
    Weight weight = randomTiles(rule, {8, 4, 3, 1}, type("f32"), 0.5);
    for (size_t i = 0; i < weight.mask.size(); ++i) {
      weight.mask[i] ^= 1;
      expectMaskError(parse(rule.pattern), weight, rule.keepLabel);
      weight.mask[i] ^= 1;
    }
  }
}

TEST_F(TilePatternsTest, CountsAreChecked) {
  Weight weight = empty({4, 4, 2, 2}, type("f32"));
  auto keepGroup = [&](int64_t filters, int64_t channels, int64_t location) {
    for (int64_t o = filters * 2; o < filters * 2 + 2; ++o)
      for (int64_t i = channels * 2; i < channels * 2 + 2; ++i)
        keep(weight, o, location * 4 + i);
  };
  for (int64_t filters : {0, 1})
    for (int64_t channels : {0, 1})
      for (int64_t location : {filters + channels, int64_t(3)})
        keepGroup(filters, channels, location);
  expectRoundTrip(parse("#gs.kgs<2x2, locations = 2>"), weight, {4, 4, 2, 2});
  keepGroup(1, 0, 0);
  expectMaskError(parse("#gs.kgs<2x2, locations = 2>"), weight,
                  "KG-C3: row 1 of groups keeps 3 in place 0, expected 2");

  Weight kernels = empty({3, 4, 1, 2}, type("f32"));
  for (auto [o, i] : {std::pair(0, 1), {0, 3}, {1, 0}, {1, 1}, {2, 2}, {2, 3}})
    for (int64_t location : {0, 1})
      keep(kernels, o, location * 4 + i);
  expectRoundTrip(parse("#gs.kernel_group<1x1, balanced>"), kernels, {3, 4, 1, 2});
  keep(kernels, 2, 0);
  keep(kernels, 2, 4);
  expectMaskError(parse("#gs.kernel_group<1x1, balanced>"), kernels,
                  "CN-C2: row 2 of kernel groups keeps 3, expected 2");
}

TEST_F(TilePatternsTest, BlocksCutEitherView) {
  // Kernel locations are neighbours in the channel-outer view, channels in the other.
  Weight weight = empty({2, 3, 1, 4}, type("f32"));
  for (int64_t location : {0, 1, 2, 3})
    for (int64_t row : {0, 1})
      keep(weight, row, location * 3 + 1);
  expectRoundTrip(parse("#gs.block<2x4, view = channel_outer>"), weight, {2, 3, 1, 4});
  expectMaskError(parse("#gs.block<2x4>"), weight, "BK-C2");
}

} // namespace
