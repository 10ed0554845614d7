//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A copy of the activations of tiles, column after column, in whole aligned
// vectors.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_PACKEDTILES_H
#define GS_LIB_CONVERSION_GSTOVECTOR_PACKEDTILES_H

#include "gs/Conversion/GSToVector/KernelBuilder.h"

namespace mlir::gs {

/// The copy holds what the tiles of a round read:
///
///     scratch[tile][weight column][vector, then the single columns][lane]
///
/// Where results lie without gaps, tiles know no lines: a vector of the copy begins where the last one ended, and takes
/// what is missing from the next line. So lines of 28 or 14 pixels leave no lane empty. The places of all vectors are
/// static then, so that this is for planes of few vectors.
///
/// A copy larger than the second-level cache's share is made and used in rounds of tiles.
class PackedTiles {
public:
  using Cut = function_ref<SmallVector<TileLoop>(const Contraction &)>;
  /// `cut` gives the tiles of a contraction.
  PackedTiles(const Contraction &c, const TargetSpec &target, Cut cut);

  ArrayRef<TileLoop> tiles() const { return plan; }
  int64_t rounds() const { return numRounds; }
  int64_t scratchElements() const { return llvm::divideCeil(count, numRounds) * slot; }
  /// Whether no address is computed from the number of a tile: several loops of tiles take divisions.
  bool isStatic() const { return isFlat; }
  /// Whether one tile fits the cache.
  bool fits() const { return slot <= maxElements; }
  /// Vectors that are loaded for one weight column, those that only end a line included.
  double loads() const;
  /// Vectors that are stored for one weight column.
  double stores() const;
  /// Elements from a column of a tile to the next one: its vectors, then its single columns.
  int64_t pitch(const TileLoop &tile) const;

  /// Emits this thread's share of the copy from `k.input` to `k.scratch`.
  void emitCopy(KernelBuilder &k) const;
  /// Calls `body` with every tile of the running round, or this thread's if `split`, and where its copy begins.
  void forEachTile(KernelBuilder &k, bool split,
                   function_ref<void(const TileLoop &, KernelBuilder::TileBase, Value)> body) const;

private:
  /// First tile of the running round, or that behind its last one.
  Value bound(KernelBuilder &k, int64_t rounds) const;
  void copyTile(KernelBuilder &k, const TileLoop &tile, Value in, Value to) const;
  void emitFlatCopy(KernelBuilder &k) const;
  /// Where `n` results from `position` on, and not beyond the last one, have their activations.
  VectorPlace placeOf(int64_t position, int64_t n) const;

  const Contraction &c;
  int64_t lanes, maxElements;
  bool isFlat;
  SmallVector<TileLoop> plan;
  int64_t count = 0, slot = 0, numRounds = 1;
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_PACKEDTILES_H
