//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decomposition of a regular bipartite multigraph into perfect matchings.
//
//===----------------------------------------------------------------------===//
#include "GatherScatterMatching.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::gs::detail;

BundleMatcher::BundleMatcher(int64_t banks)
    : banks(banks), words((banks + 63) / 64), next(banks * banks), last(banks * banks), headColumn(banks * banks),
      adjacent(banks * words), residueDegree(banks), nodeOf(banks), via(banks), residueOf(banks), scratch(words),
      queue(banks) {}

void BundleMatcher::reset(int64_t newDegree) {
  degree = newDegree;
  entries.resize(banks * degree);
  llvm::fill(next, 0);
  llvm::fill(last, 0);
  llvm::fill(adjacent, 0);
  llvm::fill(residueDegree, 0);
}

void BundleMatcher::setColumns(int64_t node, ArrayRef<int32_t> columns) {
  // Counting sort by residue; stable, so that columns stay ascending within a residue.
  int32_t *begin = next.data() + node * banks, *end = last.data() + node * banks;
  for (int32_t column : columns)
    ++end[column % banks];
  int32_t position = node * degree;
  for (int64_t residue = 0; residue < banks; ++residue) {
    begin[residue] = position;
    residueDegree[residue] += end[residue];
    if (end[residue])
      adjacency(node)[residue / 64] |= uint64_t(1) << (residue % 64);
    position += end[residue];
    end[residue] = begin[residue];
  }
  for (int32_t column : columns)
    entries[end[column % banks]++] = column;
  for (int64_t residue = 0; residue < banks; ++residue)
    if (begin[residue] != end[residue])
      heads(node)[residue] = entries[begin[residue]];
}

void BundleMatcher::fillVirtual(int64_t first) {
  int64_t residue = 0, missing = degree - residueDegree[0];
  std::vector<int32_t> columns;
  for (int64_t node = first; node < banks; ++node) {
    columns.clear();
    while (static_cast<int64_t>(columns.size()) < degree) {
      while (missing <= 0 && ++residue < banks)
        missing = degree - residueDegree[residue];
      if (residue == banks)
        break; // The graph is not regular; takeMatching will fail.
      columns.push_back(residue);
      --missing;
    }
    setColumns(node, columns);
  }
}

bool BundleMatcher::augment(int64_t node) {
  llvm::fill(scratch, ~uint64_t(0));
  int64_t head = 0, tail = 0;
  queue[tail++] = node;
  while (head < tail) {
    int32_t from = queue[head++];
    for (int64_t word = 0; word < words; ++word) {
      uint64_t reach = adjacency(from)[word] & scratch[word];
      scratch[word] &= ~reach;
      for (; reach; reach &= reach - 1) {
        int64_t residue = word * 64 + llvm::countr_zero(reach);
        via[residue] = from;
        if (nodeOf[residue] >= 0) {
          queue[tail++] = nodeOf[residue];
          continue;
        }
        // Flip the path: every node on it moves to the residue that it reached.
        for (int64_t current = residue; current >= 0;) {
          int32_t mover = via[current];
          int64_t previous = residueOf[mover];
          nodeOf[current] = mover;
          residueOf[mover] = current;
          current = mover == node ? -1 : previous;
        }
        return true;
      }
    }
  }
  return false;
}

LogicalResult BundleMatcher::takeMatching(MutableArrayRef<int32_t> columns) {
  llvm::fill(nodeOf, -1);
  llvm::fill(residueOf, -1);
  llvm::fill(scratch, ~uint64_t(0));
  for (int64_t node = 0; node < banks; ++node) {
    int64_t best = -1;
    for (int64_t word = 0; word < words; ++word)
      for (uint64_t reach = adjacency(node)[word] & scratch[word]; reach; reach &= reach - 1) {
        int64_t residue = word * 64 + llvm::countr_zero(reach);
        if (best < 0 || heads(node)[residue] < heads(node)[best])
          best = residue;
      }
    if (best < 0)
      continue;
    residueOf[node] = best;
    nodeOf[best] = node;
    scratch[best / 64] &= ~(uint64_t(1) << (best % 64));
  }
  for (int64_t node = 0; node < banks; ++node)
    if (residueOf[node] < 0 && !augment(node))
      return failure();
  for (int64_t node = 0; node < banks; ++node) {
    int64_t residue = residueOf[node], arc = node * banks + residue;
    columns[node] = headColumn[arc];
    if (++next[arc] == last[arc])
      adjacency(node)[residue / 64] &= ~(uint64_t(1) << (residue % 64));
    else
      headColumn[arc] = entries[next[arc]];
  }
  return success();
}
