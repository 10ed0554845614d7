//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cheapest labelling of a graph with 0 and 1.
//
//===----------------------------------------------------------------------===//
#include "MinCut.h"
#include <algorithm>

using namespace mlir::gs;

void MinCut::addArc(int from, int to, int64_t capacity) {
  if (from == to || capacity == 0)
    return;
  adjacent[from].push_back(static_cast<int>(arcs.size()));
  arcs.push_back({to, capacity});
  adjacent[to].push_back(static_cast<int>(arcs.size()));
  arcs.push_back({from, 0});
}

/// Breadth-first search for a path from `zero` to `one` with capacity left; uses it up.
bool MinCut::augment() {
  std::vector<int> via(adjacent.size(), -1), queue{zero};
  for (size_t head = 0; head < queue.size() && via[one] < 0; ++head) {
    for (int arc : adjacent[queue[head]]) {
      int to = arcs[arc].to;
      if (arcs[arc].capacity == 0 || via[to] >= 0 || to == zero)
        continue;
      via[to] = arc;
      queue.push_back(to);
    }
  }
  if (via[one] < 0)
    return false;
  int64_t least = infinite;
  for (int node = one; node != zero; node = arcs[via[node] ^ 1].to)
    least = std::min(least, arcs[via[node]].capacity);
  for (int node = one; node != zero; node = arcs[via[node] ^ 1].to) {
    arcs[via[node]].capacity -= least;
    arcs[via[node] ^ 1].capacity += least;
  }
  return true;
}

std::vector<int> MinCut::solve() {
  while (augment()) {
  }
  std::vector<int> labels(adjacent.size(), none);
  auto spread = [&](int start, int label, bool residual) {
    std::vector<int> stack{start};
    labels[start] = label;
    while (!stack.empty()) {
      int node = stack.back();
      stack.pop_back();
      for (int arc : adjacent[node]) {
        int to = arcs[arc].to;
        if (labels[to] != none || (residual && arcs[arc].capacity == 0))
          continue;
        labels[to] = label;
        stack.push_back(to);
      }
    }
  };
  spread(zero, 0, /*residual=*/true);
  if (labels[one] == none)
    spread(one, 1, /*residual=*/false);
  return labels;
}
