//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles of a plane without regard to its lines: vectors run over line ends and
// through the padding, where their lanes are computed but not stored. One or
// two columns left over are computed with lanes along rows.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_FLATTILES_H
#define GS_LIB_CONVERSION_GSTOVECTOR_FLATTILES_H

#include "gs/Conversion/GSToVector/KernelBuilder.h"

namespace mlir::gs {

/// The tiles of one slice (batch, depth) are `tiles` of `vectors` vectors each, then one of `lastVectors` vectors and
/// `columns` single columns.
struct FlatTiles {
  int64_t lanes, pitch, lines, lineLength;
  int64_t tiles, vectors, lastVectors, columns;
  int64_t slices;

  /// Plan for at most `maxVectors` vectors and kernels of `rows` rows; nullopt if `c` gains nothing by it.
  static std::optional<FlatTiles> plan(const Contraction &c, int64_t lanes, int64_t maxVectors, int64_t rows);

  /// Positions of a slice, those between lines included.
  int64_t length() const { return (lines - 1) * pitch + lineLength; }
  /// Places of whole lanes are static if there is but one line.
  bool isOneLine() const { return lines == 1; }
  int64_t tilesPerSlice() const { return tiles + (lastVectors || columns ? 1 : 0); }

  /// Tile `t` of all: where it reads and stores.
  struct Tile {
    Value in;        ///< displacement of its first position in the input
    Value out;       ///< displacement of its slice in the output (row 0)
    Value position;  ///< first position in the slice
    int64_t vectors; ///< static: how many
    int64_t columns;
    /// Per vector, where its lanes go.
    SmallVector<SmallVector<MaskedPlace, 2>> places;
    /// Per vector, whether all lanes go to the first place; null if they always do.
    SmallVector<Value> isWhole;
    /// Per single column, its displacement from `out`.
    SmallVector<Value> columnPlaces;
  };
  /// Calls `body` in loops over the tiles; this thread's share of them if `split`.
  void forEachTile(KernelBuilder &k, bool split, function_ref<void(const Tile &)> body) const;

private:
  void addPlaces(KernelBuilder &k, Tile &tile) const;
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_FLATTILES_H
