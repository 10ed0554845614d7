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
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_MINCUT_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_MINCUT_H

#include <cstdint>
#include <vector>

namespace mlir::gs {

/// Finds the labelling with the least cost, where an arc from u to v costs its capacity if u has label 0 and v has
/// label 1 (minimum cut by augmenting paths; graphs of some thousand nodes).
class MinCut {
public:
  static constexpr int zero = 0; ///< node whose label is 0
  static constexpr int one = 1;  ///< node whose label is 1
  static constexpr int64_t infinite = INT64_MAX / 4;

  int addNode() {
    adjacent.emplace_back();
    return static_cast<int>(adjacent.size()) - 1;
  }
  void addArc(int from, int to, int64_t capacity);

  /// The labels of all nodes. Of several cheapest labellings the one with the most 1s; a node that no chain of arcs
  /// connects with the node `one` keeps `none` unless it is connected with `zero`.
  std::vector<int> solve();
  static constexpr int none = -1;

private:
  struct Arc {
    int to;
    int64_t capacity; ///< what is left
  };
  bool augment();

  std::vector<Arc> arcs; ///< arc i and its reverse i ^ 1
  std::vector<std::vector<int>> adjacent = std::vector<std::vector<int>>(2);
};

} // namespace mlir::gs

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_MINCUT_H
