//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every projector has to hold, for every pattern: legal masks, the rate asked for, P(P(W)) = P(W), never more than
// the largest weights keep, round trips, equal results for equal input, masks by decision, growth by whole groups; and
// completion to the smallest legal mask.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Dialect/GS/IR/Projection.h"
#include "mlir/AsmParser/AsmParser.h"
#include <cmath>
#include <set>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

/// A pattern, and what a rate is rounded to: so many weights on a shape that its groups divide. 0: it says itself how
/// many weights stay.
struct Case {
  const char *text;
  SmallVector<int64_t> shape;
  int64_t group;
};

const std::vector<Case> &cases() {
  static const std::vector<Case> all = {
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

class ProjectorPropertiesTest : public PatternTest {
protected:
  PatternAttrInterface parse(StringRef text) {
    auto pattern = dyn_cast_or_null<PatternAttrInterface>(parseAttribute(text, &context));
    EXPECT_TRUE(pattern) << text.str() << ": " << diagnostics;
    return pattern;
  }

  void put(Weight &weight, int64_t row, int64_t col, double value) {
    if (weight.elementType.isF64())
      std::memcpy(weight.valueAt(row, col), &value, 8);
    float single = static_cast<float>(value);
    if (weight.elementType.isF32())
      std::memcpy(weight.valueAt(row, col), &single, 4);
    if (weight.elementType.isInteger(8))
      *weight.valueAt(row, col) = static_cast<char>(std::clamp<double>(std::round(value * 40), -127, 127));
    weight.mask[row * weight.cols + col] = 1;
  }

  /// All weights kept; `zeros` of them zero, and some rows as a whole.
  Weight gaussian(ArrayRef<int64_t> shape, double zeros = 0, StringRef element = "f32") {
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

  FailureOr<Projection> project(PatternAttrInterface pattern, const Weight &dense, const ProjectOptions &options) {
    return cast<ProjectionAttrInterface>(pattern).project(dense, options, [&] { return emitError(); });
  }

  /// Whether the pattern takes the shape at all. A union with a last term that counts may have no projection.
  bool fits(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type element) {
    return succeeded(pattern.verifyPattern(shape, element, nullptr));
  }

  /// Values, mask and row order come back from the buffers.
  void expectPacks(PatternAttrInterface pattern, const Weight &weight, ArrayRef<int64_t> shape) {
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
      for (size_t at = 0; at < unpacked->rowOrder.size(); ++at) // one order may stand for those of all columns of tiles
        EXPECT_EQ(unpacked->rowOrder[at], weight.rowOrder[at % weight.rowOrder.size()]);
    }
  }

  /// Properties 1, 3, 5, 6, 7 of one projection.
  void expectProperties(PatternAttrInterface pattern, const Weight &dense, const ProjectOptions &options,
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

  static std::string trace(StringRef text, ArrayRef<int64_t> shape, double density) {
    std::string result = text.str() + " on";
    for (int64_t extent : shape)
      result += " " + std::to_string(extent);
    return result + ", density " + std::to_string(density);
  }
};

/// Patterns that have no projection would be missing here, and so would those that nobody thought of.
TEST_F(ProjectorPropertiesTest, EveryPatternHasAProjector) {
  std::set<std::string> known;
  for (const Case &c : cases()) {
    StringRef name = StringRef(c.text).drop_front(strlen("#gs."));
    known.insert(name.take_until([](char letter) { return letter == '<'; }).str());
    EXPECT_TRUE(isa<ProjectionAttrInterface>(parse(c.text))) << c.text;
  }
  EXPECT_EQ(known.size(), 20u);
}

TEST_F(ProjectorPropertiesTest, LegalIdempotentDeterministicRoundTrip) {
  for (const Case &c : cases()) {
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
  for (const Case &c : cases()) {
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
  for (const Case &c : cases())
    for (StringRef element : {"f64", "i8"}) {
      PatternAttrInterface pattern = parse(c.text);
      SCOPED_TRACE(trace(c.text, c.shape, 0.25) + " " + element.str());
      ProjectOptions options;
      options.density = 0.25;
      expectProperties(pattern, gaussian(c.shape, 0.1, element), options, c.shape);
    }
}

TEST_F(ProjectorPropertiesTest, RateWithinOneGroup) {
  for (const Case &c : cases()) {
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
  for (const Case &c : cases()) {
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
  for (const Case &c : cases()) {
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

/// Frozen zeros, as in progressive pruning: what a first projection has pruned does not come back.
TEST_F(ProjectorPropertiesTest, ForbiddenWeightsGo) {
  int64_t frozen = 0;
  for (const Case &c : cases()) {
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
TEST_F(ProjectorPropertiesTest, Grower) {
  int64_t grown = 0;
  for (const Case &c : cases()) {
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

TEST_F(ProjectorPropertiesTest, CompletionIsLegalAndLosesNothing) {
  int64_t completed = 0;
  for (const Case &c : cases()) {
    auto pattern = cast<ProjectionAttrInterface>(Attribute(parse(c.text)));
    auto verifier = cast<PatternAttrInterface>(Attribute(pattern));
    for (const SmallVector<int64_t> &shape :
         std::vector<SmallVector<int64_t>>{c.shape, {1, 9}, {7, 37}, {6, 2, 3, 3}}) {
      if (!fits(verifier, shape, type("f32")))
        continue;
      for (double density : {0.0, 0.05, 0.2, 0.6}) {
        SCOPED_TRACE(trace(c.text, shape, density));
        Weight mask = randomUnstructured(shape, type("f32"), density), whole = mask;
        diagnostics.clear();
        if (failed(pattern.complete(whole, [&] { return emitError(); }))) {
          EXPECT_EQ(StringRef(diagnostics).count('\n'), 1u) << diagnostics;
          continue;
        }
        ++completed;
        EXPECT_TRUE(succeeded(verifier.verifyMask(whole, [&] { return emitError(); }))) << diagnostics;
        EXPECT_TRUE(mask.values == whole.values);
        for (size_t at = 0; at < mask.mask.size(); ++at)
          EXPECT_TRUE(whole.mask[at] || !mask.mask[at]) << "a kept weight was lost";
        Weight again = whole;
        EXPECT_TRUE(succeeded(pattern.complete(again, nullptr)));
        EXPECT_TRUE(again.mask == whole.mask) << "a legal mask needs no zeros";
      }
    }
  }
  EXPECT_GT(completed, 200);
}

/// All masks of at most 12 weights: none that is legal and contains the given one has fewer weights.
TEST_F(ProjectorPropertiesTest, CompletionIsSmallest) {
  struct Small {
    const char *text;
    SmallVector<int64_t> shape;
  };
  for (const Small &c : {Small{"#gs.block<2x2>", {3, 4}},
                         {"#gs.filter", {4, 3}},
                         {"#gs.column", {3, 4}},
                         {"#gs.kernel_group<1x1, balanced>", {2, 3, 2}},
                         {"#gs.block_column<2x2, prune_rows>", {4, 3}},
                         {"#gs.bcr<2x3>", {4, 3}},
                         {"#gs.same_block<2x2>", {4, 3}},
                         {"#gs.nm<2 : 3>", {3, 4}},
                         {"#gs.gather_scatter<banks = 2, width = 1>", {4, 3}},
                         {"#gs.gather_scatter<banks = 2, width = 1>", {3, 4}},
                         {"#gs.gather_scatter<banks = 2, width = 2>", {3, 4}},
                         {"#gs.gather_scatter<banks = 4, width = 2>", {3, 4}},
                         {"#gs.gather_scatter<banks = 3, width = 1>", {2, 6}},
                         {"#gs.permuted<#gs.gather_scatter<banks = 2, width = 1>>", {4, 3}},
                         {"#gs.intersection<[#gs.block<2x2>, #gs.nm<1 : 2>]>", {3, 4}},
                         {"#gs.intersection<[#gs.block<1x2>, #gs.nm<1 : 2>], multiple = 2>", {3, 4}}}) {
    auto pattern = cast<ProjectionAttrInterface>(Attribute(parse(c.text)));
    auto verifier = cast<PatternAttrInterface>(Attribute(pattern));
    Weight model = empty(c.shape, type("f32"));
    ASSERT_EQ(model.mask.size(), 12u);
    std::vector<unsigned> legal;
    auto withMask = [&](unsigned bits) {
      Weight weight = model;
      for (int at = 0; at < 12; ++at)
        weight.mask[at] = bits >> at & 1;
      return weight;
    };
    for (unsigned bits = 0; bits < 1u << 12; ++bits)
      if (succeeded(verifier.verifyMask(withMask(bits), nullptr)))
        legal.push_back(bits);
    for (int trial = 0; trial < 200; ++trial) {
      unsigned bits = static_cast<unsigned>(random() & random() & 0xfff);
      int smallest = 13;
      for (unsigned whole : legal)
        if ((bits & ~whole) == 0)
          smallest = std::min(smallest, llvm::popcount(whole));
      Weight weight = withMask(bits);
      bool done = succeeded(pattern.complete(weight, nullptr));
      EXPECT_EQ(done, smallest < 13) << c.text << " " << bits;
      if (done)
        EXPECT_EQ(weight.numKept(), smallest) << c.text << " " << bits;
    }
  }
}

} // namespace
