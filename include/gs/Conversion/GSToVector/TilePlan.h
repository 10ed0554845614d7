//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the output columns of a contraction are cut into tiles of vectors.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOVECTOR_TILEPLAN_H
#define GS_CONVERSION_GSTOVECTOR_TILEPLAN_H

#include "gs/Dialect/GS/IR/Contraction.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

namespace mlir::gs {

/// Lanes [lane, lane + count) of a vector go to `out` (displacement of lane `lane` from the tile's output base).
struct Segment {
  int64_t lane, count, out;
};

/// One vector of a tile: where it is read and where its lanes are stored.
struct VectorPlace {
  int64_t in = 0;       ///< displacement from the tile's input base
  int64_t readable = 0; ///< lanes that may be read; the rest lies outside of the buffer
  SmallVector<Segment, 2> segments;
};

/// A set of equal tiles: nested loops of (trip, input stride, output stride) around `vectors`.
struct TileLoop {
  struct Loop {
    int64_t trip, inStride, outStride;
  };
  SmallVector<Loop, 4> loops;
  int64_t inBase = 0, outBase = 0;
  SmallVector<VectorPlace> vectors;
  SmallVector<VectorPlace, 0> columns; ///< Single columns behind the vectors.

  /// Lanes of the narrowest register (a quarter, a half or all of `lanes`) that holds what is stored of every vector.
  int64_t width(int64_t lanes) const {
    int64_t used = 0;
    for (const VectorPlace &place : vectors)
      for (const Segment &s : place.segments)
        used = std::max(used, s.lane + s.count);
    return std::clamp<int64_t>(llvm::PowerOf2Ceil(used), std::min<int64_t>(4, lanes), lanes);
  }
  int64_t count() const {
    int64_t n = 1;
    for (const Loop &l : loops)
      n *= l.trip;
    return n;
  }
};

/// Tiles of at most `maxVectors` vectors of `lanes` elements that together cover every output column exactly once.
/// All vectors of a TileLoop have static places, so that tails are masks and not branches. With `narrowAlone` a last
/// vector of which at most half is used is a tile of its own, for kernels that compute it in a narrower register.
/// For kernels that have another way for single columns, a line is cut into equal tiles of whole vectors with at most
/// `maxColumns` columns behind them, if that leaves no rest: 49 columns are three vectors of 16 and one column.
SmallVector<TileLoop> planTiles(const Contraction &c, int64_t lanes, int64_t maxVectors, bool narrowAlone = false,
                                int64_t maxColumns = 0);

/// Whether one vector covers several short lines (a pitch that divides the vector).
bool coversShortLines(const Contraction &c, int64_t lanes);

/// Number of tiles and of vectors (lane waste included) of a plan.
int64_t countTiles(ArrayRef<TileLoop> plan);
int64_t countVectors(ArrayRef<TileLoop> plan);

} // namespace mlir::gs

#endif // GS_CONVERSION_GSTOVECTOR_TILEPLAN_H
