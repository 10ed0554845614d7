//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cheapest labelling against enumeration.
//
//===----------------------------------------------------------------------===//
#include "../../../lib/Dialect/GS/Transforms/MinCut.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir::gs;

namespace {

struct Arc {
  int from, to;
  int64_t capacity;
};

/// Cost of labels given as bits; nodes 0 and 1 are the fixed ones.
int64_t costOf(const std::vector<Arc> &arcs, unsigned labels) {
  auto label = [&](int node) { return node < 2 ? node : (labels >> (node - 2)) & 1; };
  int64_t cost = 0;
  for (const Arc &arc : arcs)
    if (label(arc.from) == 0 && label(arc.to) == 1)
      cost += arc.capacity;
  return cost;
}

TEST(MinCut, EqualsEnumeration) {
  std::mt19937 random(7);
  constexpr int variables = 7;
  for (int round = 0; round < 200; ++round) {
    std::vector<Arc> arcs;
    MinCut cut;
    for (int i = 0; i < variables; ++i)
      EXPECT_EQ(cut.addNode(), i + 2);
    for (int i = 0, count = 4 + round % 20; i < count; ++i) {
      Arc arc{int(random() % (variables + 2)), int(random() % (variables + 2)), int64_t(random() % 9)};
      arcs.push_back(arc);
      cut.addArc(arc.from, arc.to, arc.capacity);
    }
    std::vector<int> labels = cut.solve();
    unsigned found = 0;
    for (int i = 0; i < variables; ++i)
      found |= unsigned(labels[i + 2] == 1) << i;
    int64_t best = INT64_MAX;
    unsigned ones = 0; // nodes that are 1 in any cheapest labelling
    for (unsigned candidate = 0; candidate < (1u << variables); ++candidate)
      best = std::min(best, costOf(arcs, candidate));
    for (unsigned candidate = 0; candidate < (1u << variables); ++candidate)
      if (costOf(arcs, candidate) == best)
        ones |= candidate;
    EXPECT_EQ(costOf(arcs, found), best) << "round " << round;
    for (int i = 0; i < variables; ++i)
      if (labels[i + 2] != MinCut::none) {
        EXPECT_EQ(labels[i + 2] == 1, bool((ones >> i) & 1)) << "round " << round << ", node " << i + 2;
      }
  }
}

TEST(MinCut, LeavesUnconnectedNodesOpen) {
  MinCut cut;
  int a = cut.addNode(), b = cut.addNode(), c = cut.addNode();
  cut.addArc(a, b, 3);
  cut.addArc(MinCut::zero, c, 2);
  std::vector<int> labels = cut.solve();
  EXPECT_EQ(labels[a], MinCut::none);
  EXPECT_EQ(labels[b], MinCut::none);
  EXPECT_EQ(labels[c], 0);
}

TEST(MinCut, InfiniteArcsAreNeverCut) {
  MinCut cut;
  int a = cut.addNode(), b = cut.addNode();
  cut.addArc(MinCut::zero, a, MinCut::infinite);
  cut.addArc(a, b, 1);
  cut.addArc(b, MinCut::one, MinCut::infinite);
  std::vector<int> labels = cut.solve();
  EXPECT_EQ(labels[a], 0);
  EXPECT_EQ(labels[b], 1);
}

} // namespace
