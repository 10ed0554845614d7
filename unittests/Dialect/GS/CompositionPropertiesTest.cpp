//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns made of patterns, drawn at random: what every projector, packing, growth and completion has to hold,
// whatever stands within what.
//
//===----------------------------------------------------------------------===//
#include "Projectors.h"
#include "mlir/AsmParser/AsmParser.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

/// Draws patterns by their assembly format; many of them do not fit the shape, which the verifier has to say.
class CompositionPropertiesTest : public ProjectorTest {
protected:
  StringRef oneOf(ArrayRef<StringRef> texts) { return texts[uniform(0, static_cast<int64_t>(texts.size()) - 1)]; }

  std::string tile() {
    return oneOf({"#gs.block<2x2>", "#gs.block<4x1>", "#gs.block<4x4>", "#gs.block<8x8>", "#gs.block<2x4>",
                  "#gs.block<1x4>", "#gs.block<1x8>", "#gs.block<4x16>", "#gs.block<2x9, view = channel_outer>",
                  "#gs.kgs<4x4>", "#gs.kernel_group<2x2>", "#gs.filter", "#gs.column", "#gs.channel"})
        .str();
  }
  std::string leaf() {
    if (uniform(0, 3) == 0)
      return tile();
    return oneOf({"#gs.unstructured", "#gs.nm<1 : 2>", "#gs.nm<2 : 4>", "#gs.nm<3 : 8, tile = 2x4>",
                  "#gs.tile_4_2<row_column>", "#gs.tile_4_2<complement>", "#gs.window<3 : 16, rows = 4>",
                  "#gs.gather_scatter<banks = 4, width = 1>", "#gs.gather_scatter<banks = 4, width = 2>",
                  "#gs.gather_scatter<banks = 2, width = 2, unit = 2x1>",
                  "#gs.gather_scatter<banks = 4, width = 2, tile = 4x8>", "#gs.block_column<4x8>", "#gs.bcr<4x4>",
                  "#gs.same_block<2x4>", "#gs.kernel_pattern<entries = 4, patterns = [27, 54, 216, 432]>"})
        .str();
  }
  std::string intersection(int depth) { return "#gs.intersection<[" + tile() + ", " + drawn(depth - 1) + "]>"; }
  std::string unionOf(int depth) {
    std::string text = "#gs.union<[";
    for (int64_t terms = uniform(1, 2); terms > 0; --terms)
      text += (uniform(0, 1) ? tile() : intersection(1)) + ", ";
    return text + drawn(depth - 1) + "]>";
  }
  std::string drawn(int depth) {
    int64_t kind = depth > 0 ? uniform(0, 2) : 0;
    return kind == 0 ? leaf() : kind == 1 ? intersection(depth) : unionOf(depth);
  }
  std::string composition() {
    std::string text = uniform(0, 1) ? intersection(3) : unionOf(3);
    return uniform(0, 3) ? text : "#gs.permuted<" + text + ">";
  }
  SmallVector<int64_t> shape() {
    static const std::vector<SmallVector<int64_t>> shapes = {
        {8, 16}, {12, 24}, {5, 16}, {16, 33}, {1, 32}, {9, 1}, {8, 4, 3, 3}, {8, 8, 3, 3}, {4, 8, 5}, {8, 4, 2, 2, 2}};
    return shapes[uniform(0, static_cast<int64_t>(shapes.size()) - 1)];
  }
  /// The next composition that fits a shape; what does not is refused with one message.
  std::tuple<std::string, PatternAttrInterface, SmallVector<int64_t>> next() {
    while (true) {
      std::string text = composition();
      SmallVector<int64_t> extents = shape();
      diagnostics.clear();
      auto pattern = dyn_cast_or_null<PatternAttrInterface>(parseAttribute(text, &context));
      if (pattern && succeeded(pattern.verifyPattern(extents, type("f32"), [&] { return emitError(); })))
        return {text, pattern, extents};
      EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << text << ": " << diagnostics;
    }
  }
};

TEST_F(CompositionPropertiesTest, LegalIdempotentDeterministicRoundTrip) {
  int64_t legal = 0, nested = 0, tried = 0;
  for (int trial = 0; trial < 600; ++trial) {
    auto [text, pattern, extents] = next();
    for (double density : {0.0, 0.3, 1.0}) {
      SCOPED_TRACE(trace(text, extents, density));
      ProjectOptions options;
      options.density = density;
      Weight dense = gaussian(extents, trial % 3 ? 0 : 0.3);
      diagnostics.clear();
      ++tried;
      if (failed(project(pattern, dense, options))) { // no room for a last term that counts, which is said once
        EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << diagnostics;
        EXPECT_TRUE(StringRef(text).contains("union")) << diagnostics;
        continue;
      }
      ++legal;
      nested += StringRef(text).count("union") + StringRef(text).count("intersection") > 1;
      expectProperties(pattern, dense, options, extents);
    }
  }
  EXPECT_GT(legal, tried * 3 / 4);
  EXPECT_GT(nested, 200);
}

/// The rate that was asked for, within one tile of every pattern that keeps or removes tiles.
TEST_F(CompositionPropertiesTest, RateWithinOneTile) {
  int64_t checked = 0;
  for (int trial = 0; trial < 300; ++trial) {
    auto [text, pattern, extents] = next();
    // Bundles, shapes and products are coarse on these small shapes, and a last term that counts says its own rate.
    if (StringRef(text).contains("union") || StringRef(text).contains("bcr") || StringRef(text).contains("_column") ||
        StringRef(text).contains("gather"))
      continue;
    for (double zeros : {0.0, 1.0}) { // what stays is a decision, not a value
      SCOPED_TRACE(trace(text, extents, 0.25));
      Weight dense = gaussian(extents, zeros);
      ProjectOptions options;
      options.density = 0.25;
      FailureOr<Projection> projection = project(pattern, dense, options);
      ASSERT_TRUE(succeeded(projection)) << diagnostics;
      if (projection->ownDensity)
        continue;
      options.density = 1;
      FailureOr<Projection> most = project(pattern, dense, options);
      ASSERT_TRUE(succeeded(most)) << diagnostics;
      auto first = pattern;
      if (auto permuted = dyn_cast<PermutedAttr>(Attribute(first)))
        first = permuted.getPattern();
      GroupForm tile = cast<IntersectionAttr>(Attribute(first)).getOuter().getGroupForm(extents);
      if ((tile.bundleRows < dense.rows && dense.rows % tile.bundleRows) ||
          (tile.width < dense.cols && dense.cols % tile.width))
        continue; // tiles of unlike sizes
      double weights = double(dense.rows * dense.cols);
      double group = double(std::min(tile.bundleRows, dense.rows) * std::min(tile.width, dense.cols));
      EXPECT_NEAR(projection->density * weights, std::min(0.25, most->density) * weights, group);
      ++checked;
    }
  }
  EXPECT_GT(checked, 60);
}

/// A live mask grows by whole groups, or the reason why it cannot is said and nothing changes.
TEST_F(CompositionPropertiesTest, Grows) {
  int64_t grown = 0;
  for (int trial = 0; trial < 400; ++trial) {
    auto [text, pattern, extents] = next();
    SCOPED_TRACE(trace(text, extents, 0.2));
    ProjectOptions options;
    options.density = 0.2;
    options.method = ProjectOptions::Method::Exact;
    FailureOr<Projection> pruned = project(pattern, gaussian(extents), options);
    if (failed(pruned))
      continue;
    std::vector<double> gradients(pruned->weight.mask.size());
    for (double &gradient : gradients)
      gradient = std::abs(std::normal_distribution<double>()(random));
    diagnostics.clear();
    FailureOr<Projection> more = growMask(pattern, pruned->weight, gradients, 0.5, [&] { return emitError(); });
    if (failed(more)) {
      EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << diagnostics;
      continue;
    }
    ++grown;
    EXPECT_TRUE(succeeded(pattern.verifyMask(more->weight, [&] { return emitError(); }))) << diagnostics;
    for (size_t at = 0; at < gradients.size(); ++at)
      EXPECT_TRUE(more->weight.mask[at] || !pruned->weight.mask[at]) << "a live weight went";
    EXPECT_EQ(more->weight.values, pruned->weight.values) << "new weights are zeros";
    expectPacks(pattern, more->weight, extents);
  }
  EXPECT_GT(grown, 60);
}

TEST_F(CompositionPropertiesTest, CompletionIsLegalAndLosesNothing) {
  int64_t completed = 0;
  for (int trial = 0; trial < 400; ++trial) {
    auto [text, pattern, extents] = next();
    for (double density : {0.0, 0.05, 0.3}) {
      SCOPED_TRACE(trace(text, extents, density));
      Weight mask = randomUnstructured(extents, type("f32"), density), whole = mask;
      auto projection = cast<ProjectionAttrInterface>(Attribute(pattern));
      diagnostics.clear();
      if (failed(projection.complete(whole, [&] { return emitError(); }))) {
        EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << diagnostics;
        continue;
      }
      ++completed;
      EXPECT_TRUE(succeeded(pattern.verifyMask(whole, [&] { return emitError(); }))) << diagnostics;
      EXPECT_TRUE(mask.values == whole.values);
      for (size_t at = 0; at < mask.mask.size(); ++at)
        EXPECT_TRUE(whole.mask[at] || !mask.mask[at]) << "a kept weight was lost";
      Weight again = whole;
      EXPECT_TRUE(succeeded(projection.complete(again, nullptr)));
      EXPECT_TRUE(again.mask == whole.mask) << "a legal mask needs no zeros";
      if (isa<PermutedAttr>(Attribute(pattern))) // whose buffers hold the order
        expectPacks(pattern, whole, extents);
      else
        expectRoundTrip(pattern, whole, extents);
    }
  }
  EXPECT_GT(completed, 500);
}

/// Every mask of 12 weights: what the verifier of a union takes can be divided among its terms, and if the last one is
/// free, so can nothing else. An exact projection onto an intersection keeps as much as the best of all legal masks.
TEST_F(CompositionPropertiesTest, AgainstAllMasks) {
  for (const char *text : {"#gs.union<[#gs.block<2x2>, #gs.unstructured]>",
                           "#gs.union<[#gs.block<2x1>, #gs.block<1x2>]>", "#gs.union<[#gs.block<1x2>, #gs.nm<1 : 2>]>",
                           "#gs.union<[#gs.intersection<[#gs.block<2x2>, #gs.nm<1 : 2>]>, #gs.block<1x2>]>",
                           "#gs.union<[#gs.intersection<[#gs.block<1x4>, #gs.nm<2 : 4>]>, #gs.unstructured]>"}) {
    SCOPED_TRACE(text);
    PatternAttrInterface pattern = parse(text);
    auto sum = cast<UnionAttr>(Attribute(pattern));
    Weight model = empty({2, 4}, type("f32"));
    auto withMask = [&](unsigned bits) {
      Weight weight = model;
      for (int at = 0; at < 8; ++at)
        weight.mask[at] = bits >> at & 1;
      return weight;
    };
    std::vector<bool> first, second;
    for (unsigned bits = 0; bits < 256; ++bits) {
      first.push_back(succeeded(sum.getTerms()[0].verifyMask(withMask(bits), nullptr)));
      second.push_back(succeeded(sum.getTerms()[1].verifyMask(withMask(bits), nullptr)));
    }
    int64_t legal = 0;
    for (unsigned bits = 0; bits < 256; ++bits) {
      bool divides = false;
      for (unsigned part = bits;; part = (part - 1) & bits) {
        divides |= first[part] && second[bits & ~part];
        if (part == 0)
          break;
      }
      bool accepted = succeeded(pattern.verifyMask(withMask(bits), nullptr));
      legal += accepted;
      EXPECT_TRUE(divides || !accepted) << bits;
      if (isa<UnstructuredAttr>(Attribute(sum.getTerms()[1]))) {
        EXPECT_EQ(divides, accepted) << bits;
      }
    }
    EXPECT_GT(legal, 0);
  }
  for (const char *text :
       {"#gs.intersection<[#gs.block<2x2>, #gs.nm<1 : 2>]>", "#gs.intersection<[#gs.block<1x4>, #gs.nm<3 : 4>]>",
        "#gs.intersection<[#gs.block<2x4>, #gs.nm<3 : 4, tile = 2x2>]>",
        "#gs.intersection<[#gs.column, #gs.nm<1 : 3, tile = 3x1>]>", "#gs.intersection<[#gs.filter, #gs.nm<1 : 2>]>"})
    for (double density : {0.1, 0.3, 0.5, 1.0}) {
      SCOPED_TRACE(testing::Message() << text << " at " << density);
      PatternAttrInterface pattern = parse(text);
      Weight dense = gaussian({3, 4});
      ProjectOptions options;
      options.density = density;
      FailureOr<Projection> projection = project(pattern, dense, options);
      ASSERT_TRUE(succeeded(projection)) << diagnostics;
      double best = 0, all = 0;
      for (unsigned bits = 0; bits < 1u << 12; ++bits) {
        double energy = 0;
        Weight mask = dense;
        for (int at = 0; at < 12; ++at) {
          mask.mask[at] = bits >> at & 1;
          energy += mask.mask[at] ? scoreAt(dense, at / 4, at % 4) : 0;
        }
        all = std::max(all, energy);
        if (energy > best && mask.numKept() == projection->weight.numKept() &&
            succeeded(pattern.verifyMask(mask, nullptr)))
          best = energy;
      }
      EXPECT_NEAR(projection->keptEnergy, best / all, 1e-12);
    }
}

} // namespace
