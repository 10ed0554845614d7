//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The canonical geometry of a sparsity pattern. Passes and strategies see this
// form and buffer names, never the class of the attribute.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_GROUPFORM_H
#define GS_DIALECT_GS_IR_GROUPFORM_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>

namespace mlir::gs {

/// How (channel, kernel location) pairs become columns of the weight matrix.
/// Inner: col = loc * I + i; Outer: col = i * L + loc; Any: the pattern does not depend on it.
enum class View { Any, ChannelInner, ChannelOuter };

/// Which columns the lanes of a group may use.
enum class Support {
  Contiguous, ///< the r x c tile at an aligned position; all lanes of a column share it
  PerLane,    ///< every lane has a column of its own, restricted by `LaneRule`
  Shared,     ///< a list of rows times a list of columns or locations
  Dictionary  ///< positions named by an id
};

/// Restriction of the columns of a group with per-lane support.
enum class LaneRule { None, ResiduesMod, Window };

/// How many groups there are and where their number stands.
enum class Outer {
  All,         ///< every possible group is stored
  FixedCount,  ///< the same number in every bundle
  Offsets,     ///< running counts per bundle
  OffsetsIndex ///< running counts per bundle and a position per group
};

/// Canonical geometry of a pattern on one weight matrix of M rows and K columns.
struct GroupForm {
  View view = View::Any;
  int64_t bundleRows = 1; ///< rows that are processed together (R; V for a V x 1 block; 1 for unstructured)
  int64_t lanes = 1;      ///< stored weights of one group (B; r * c for a block; 1 for unstructured)
  int64_t width = 1;      ///< lanes of one row: row of lane j in the bundle = j / width
  int64_t unitRows = 1;   ///< rows of weights per lane
  int64_t unitCols = 1;   ///< columns of weights per lane
  Support support = Support::PerLane;
  LaneRule laneRule = LaneRule::None;
  int64_t laneRulePeriod = 0; ///< B for ResiduesMod, w for Window
  Outer outer = Outer::Offsets;
  int64_t fixedCount = 0; ///< groups per bundle under Outer::FixedCount
  /// Extents of the tiles of the weight that have bundles and counts of their own, 0 x 0 if the weight is one tile.
  int64_t tileRows = 0, tileCols = 0;
  bool rowOrder = false; ///< rows are permuted before bundles are formed
  /// So many consecutive rows (by position, from a multiple of it) keep the same columns in every legal mask; 1 if the
  /// pattern promises nothing. The rows of a block, the filters of a kernel group, all rows of a column.
  int64_t sharedRows = 1;
  /// So many consecutive rows (by position, from a multiple of it) may share columns in part: those of a block of which
  /// some rows are pruned, or of the tiles of a union. Which rows share which columns, only the mask tells. 1 if the
  /// pattern promises nothing beyond `sharedRows`.
  int64_t stripRows = 1;
  /// Name of the buffer that holds one column per lane (PerLane) or per group (Contiguous); empty if positions in tiles
  /// are stored instead.
  llvm::StringRef indexBuffer = "indices";

  /// The geometry of the same pattern on rows that stand in the pattern's order.
  GroupForm inOrder() const {
    GroupForm form = *this;
    form.rowOrder = false;
    return form;
  }
  bool isTiled() const { return tileRows != 0; }
  /// True if a group is a vector of lanes with a single weight each, whose columns differ in their residues. The groups
  /// of all tiles of a bundle's rows are groups of the bundle as well.
  bool hasResidueLanes() const {
    return support == Support::PerLane && laneRule == LaneRule::ResiduesMod && unitRows == 1 && unitCols == 1;
  }
  int64_t numBundles(int64_t rows) const { return (rows + bundleRows - 1) / bundleRows; }
  /// True if all rows of a bundle share one column per group (V x 1 blocks), so that a loaded activation serves all.
  bool rowsShareColumn() const { return support == Support::Contiguous && lanes == bundleRows && width == 1; }
  /// True if each `height` consecutive rows of a weight of `rows` rows, from a multiple of `height`, keep the same
  /// columns, so that the weight is a legal `height` x 1 block weight.
  bool sharesRows(int64_t height, int64_t rows) const {
    return !rowOrder && height > 1 && sharedRows > 1 && (sharedRows % height == 0 || sharedRows >= rows);
  }
  /// Heights worth packing such groups with, from 2 to `most`, falling: the rows of the pattern's own groups, their
  /// halves and quarters, and powers of two; empty if no rows share columns.
  SmallVector<int64_t> groupHeights(int64_t rows, int64_t most) const;
  /// Number that every possible height divides; 0 if any height is possible.
  int64_t heightsDivide(int64_t rows) const { return sharedRows >= rows ? 0 : sharedRows; }
  /// True if every stored group uses one column only, so that groups can be sorted into column blocks.
  bool oneColumnPerGroup() const {
    return laneRule == LaneRule::None && unitCols == 1 &&
           (rowsShareColumn() || (support == Support::PerLane && lanes == 1));
  }
  /// One line such as "inner, group 4 rows x 16 lanes (width 4), per-lane residues mod 16, offsets".
  void print(llvm::raw_ostream &os) const;
};

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_GROUPFORM_H
