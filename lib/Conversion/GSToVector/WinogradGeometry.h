//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles, blocks and rounds of the strategy winograd.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_WINOGRADGEOMETRY_H
#define GS_LIB_CONVERSION_GSTOVECTOR_WINOGRADGEOMETRY_H

#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Target/TargetSpec.h"

namespace mlir::gs::winograd {

/// Private memory of a thread is on its stack, which may be small.
constexpr int64_t maxPrivateBytes = 64 << 10;

/// Blocks of `rows` x `width` tiles that run the same code.
struct BlockGroup {
  int64_t firstRow, rows, rowTrips; ///< of tiles
  int64_t firstCol, width, colTrips;
  int64_t count;    ///< with the batch and the output's slices
  int64_t perRound; ///< most blocks of one round
  int64_t pitch;    ///< tiles per channel in the scratch memory
  int64_t scratch;  ///< where its blocks begin there
};

/// How the tiles of a convolution are cut into blocks, and blocks into rounds.
struct Geometry {
  int64_t tile, width, elements; ///< output tile, input tile, elements of one
  int64_t channels;              ///< that are summed: input channels times the kernel's depth
  int64_t tileRows, tileCols;
  int64_t lanes; ///< tiles of one row that are transformed together
  int64_t mr, nr, rounds = 1, scratch = 0;
  SmallVector<BlockGroup, 4> groups;

  int64_t panels(const Contraction &c) const { return llvm::divideCeil(c.rows, mr); }

  Geometry(const Contraction &c, int64_t tile, int64_t mr, int64_t nr, const TargetSpec &target);

  int64_t blockSize(const BlockGroup &g) const { return elements * channels * g.pitch; }
  int64_t maxPitch() const {
    int64_t most = 0;
    for (const BlockGroup &g : groups)
      most = std::max(most, g.pitch);
    return most;
  }
};

/// Slices of the kernel.
int64_t depthOf(const Contraction &c);

/// Vectors of the same width that are multiplied together.
struct Piece {
  int64_t first, count, lanes; ///< tile where it begins, vectors, tiles per vector
};

/// Pieces of at most `nr` vectors that cover `n` tiles: whole vectors, and a last one that may be half or a quarter.
/// Narrow vectors stand alone, because processors that split wide ones do badly on a mixture.
SmallVector<Piece> piecesOf(int64_t n, int64_t nr, int64_t lanes);

} // namespace mlir::gs::winograd

#endif // GS_LIB_CONVERSION_GSTOVECTOR_WINOGRADGEOMETRY_H
