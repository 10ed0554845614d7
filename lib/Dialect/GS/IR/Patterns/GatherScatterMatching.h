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
#ifndef GS_LIB_DIALECT_GS_IR_PATTERNS_GATHERSCATTERMATCHING_H
#define GS_LIB_DIALECT_GS_IR_PATTERNS_GATHERSCATTERMATCHING_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace mlir::gs::detail {

/// The entries of one bundle of GS(B,k) as a multigraph: B nodes (k per row) by B residues, one edge per kept weight.
/// Every node and every residue has degree n; by Koenig's theorem the edges fall into n perfect matchings, each of
/// which is a group. Nodes of absent rows are virtual: their edges carry no weight, only a residue.
///
/// Deterministic: a matching first gives each node, in order, its edge of lowest column to a free residue, and
/// completes what is left by shortest augmenting paths, lowest residue first.
class BundleMatcher {
public:
  explicit BundleMatcher(int64_t banks);

  /// Starts a bundle of degree `degree`.
  void reset(int64_t degree);
  /// Gives `node` its `degree` columns, ascending.
  void setColumns(int64_t node, ArrayRef<int32_t> columns);
  /// Fills nodes from `first` on with the residues that lack edges.
  void fillVirtual(int64_t first);
  /// Takes a perfect matching off the graph: columns[node] is the column of the node's edge (of a virtual node its
  /// residue). Fails only if the graph is not regular.
  LogicalResult takeMatching(MutableArrayRef<int32_t> columns);

private:
  bool augment(int64_t node);
  int32_t *heads(int64_t node) { return headColumn.data() + node * banks; }
  uint64_t *adjacency(int64_t node) { return adjacent.data() + node * words; }

  int64_t banks, words, degree = 0;
  std::vector<int32_t> entries;       ///< [node][degree] columns by (residue, column)
  std::vector<int32_t> next, last;    ///< [node][residue] range of entries that are left
  std::vector<int32_t> headColumn;    ///< [node][residue] lowest column left; meaningless if none is
  std::vector<uint64_t> adjacent;     ///< [node] bit set of residues with an edge left
  std::vector<int32_t> residueDegree; ///< [residue] edges given so far
  std::vector<int32_t> nodeOf, via;   ///< [residue] matched node; node that reached it in the search
  std::vector<int32_t> residueOf;     ///< [node] matched residue
  std::vector<uint64_t> scratch;      ///< bit set of residues: free in the seed, unseen in the search
  std::vector<int32_t> queue;
};

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PATTERNS_GATHERSCATTERMATCHING_H
