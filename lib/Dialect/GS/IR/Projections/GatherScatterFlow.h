//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The best choice of units in one bundle of #gs.gather_scatter.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PROJECTIONS_GATHERSCATTERFLOW_H
#define GS_LIB_DIALECT_GS_IR_PROJECTIONS_GATHERSCATTERFLOW_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace mlir::gs::detail {

/// Scores of the units of a bundle in a tile, row-major; what has a negative one must not stay. Tiles begin at a
/// multiple of the banks.
struct BundleScores {
  int64_t rows = 0, cols = 0;
  ArrayRef<double> at;
};

/// Transportation from rows (k units per group) to residues (one per group; a row without weights supplies what a
/// ragged bundle lacks): the units of most score for 0, 1, 2, ... groups, one after the other. An arc (row, residue)
/// yields its units by falling score, so shortest augmenting paths are exact (Dijkstra on reduced costs), and those of
/// one more group start from the optimum for one less. The optima are concave in the number of groups.
class BundleFlow {
public:
  BundleFlow(const BundleScores &scores, int64_t banks, int64_t width);

  int64_t groups() const { return granted; }
  /// Score that one more group brings; none if the bundle has no room for it. Not negative.
  std::optional<double> nextGain();
  /// Takes the group that nextGain has found.
  void grant();
  /// Marks the units of the granted groups, row-major.
  void write(MutableArrayRef<uint8_t> kept);

private:
  struct Change {
    int32_t row, residue, amount;
  };
  int64_t arcOf(int64_t row, int64_t residue) const { return row * banks + residue; }
  double scoreOf(int64_t arc, int64_t entry) const { return scores[entries[begin[arc] + entry]]; }
  /// Sorts an arc's entries up to one past those taken, and notes what the next one brings and the last one costs.
  void refresh(int64_t row, int64_t residue);
  void move(int64_t row, int64_t residue, int64_t amount);
  /// One more unit from a row with supply to a residue with demand; false if no path leads there.
  bool augment();
  void undo();

  int64_t banks, width, cols, realRows, rows; ///< rows: with that of the absent ones, last
  std::vector<double> scores;
  std::vector<int32_t> entries;      ///< [arc] places in `scores`, by falling score up to `sorted`
  std::vector<int64_t> begin;        ///< [arc] first entry
  std::vector<int32_t> sorted, flow; ///< [arc] entries in order; units taken
  std::vector<double> cost, refund;  ///< [row][residue] of one unit more; [residue][row] of one less
  std::vector<double> rowPotential, residuePotential;
  std::vector<double> rowDistance, residueDistance;
  std::vector<int32_t> rowParent, residueParent;
  std::vector<uint8_t> rowDone, residueDone;
  std::vector<int32_t> supply, demand;
  std::vector<Change> log; ///< of the group that is not granted yet
  int64_t granted = 0;
  double total = 0, pendingTotal = 0;
  enum class Next { Unknown, Found, None } next = Next::Unknown;
};

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PROJECTIONS_GATHERSCATTERFLOW_H
