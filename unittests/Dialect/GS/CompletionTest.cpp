//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Completion to a legal mask, and to the smallest one.
//
//===----------------------------------------------------------------------===//
#include "Projectors.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class CompletionTest : public ProjectorTest {};

TEST_F(CompletionTest, IsLegalAndLosesNothing) {
  int64_t completed = 0;
  for (const ProjectorCase &c : projectorCases()) {
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
TEST_F(CompletionTest, IsSmallest) {
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
