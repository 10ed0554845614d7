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
#include "WinogradGeometry.h"
#include <tuple>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::winograd;

/// Tiles in a block's row: longer rows of tiles are cut.
static constexpr int64_t maxBlockWidth = 64;

static int64_t pitchOf(int64_t rows, int64_t width, int64_t lanes, int64_t vector) {
  return llvm::alignTo((rows - 1) * width + llvm::alignTo(width, lanes), vector);
}

Geometry::Geometry(const Contraction &c, int64_t tile, int64_t mr, int64_t nr, const TargetSpec &target)
    : tile(tile), width(tile + 2), elements(width * width), channels(c.cols / 9),
      tileRows(llvm::divideCeil(c.lines, tile)), tileCols(llvm::divideCeil(c.lineLength, tile)), mr(mr), nr(nr) {
  int64_t vector = target.lanes(c.elementType().getIntOrFloatBitWidth());
  int64_t bytes = c.elementType().getIntOrFloatBitWidth() / 8;
  lanes = std::clamp<int64_t>(llvm::PowerOf2Ceil(tileCols), 4, vector);
  // The last segment is never empty, and the only one that has a ragged tile.
  int64_t segments = (tileCols - 1) / maxBlockWidth, rest = tileCols - segments * maxBlockWidth;
  int64_t widest = segments ? maxBlockWidth : tileCols;
  // The smallest block that wastes fewest lanes, within private memory and most of the second cache level: small
  // blocks are shared among threads as a whole, so that what a thread transforms stays in its own caches.
  int64_t best = 1, bestVectors = INT64_MAX;
  for (int64_t rows = 1; rows <= tileRows; ++rows) {
    int64_t pitch = pitchOf(rows, widest, lanes, vector);
    if (rows > 1 && (elements * mr * pitch * bytes > maxPrivateBytes ||
                     elements * channels * pitch * bytes > target.l2Bytes * 5 / 8))
      break;
    int64_t vectors =
        tileRows / rows * llvm::divideCeil(rows * widest, vector) + llvm::divideCeil(tileRows % rows * widest, vector);
    if (vectors < bestVectors) {
      best = rows;
      bestVectors = vectors;
    }
  }
  int64_t blocks = 0;
  auto add = [&](int64_t firstRow, int64_t rows, int64_t rowTrips, int64_t firstCol, int64_t cols, int64_t colTrips) {
    if (rows * rowTrips * cols * colTrips == 0)
      return;
    groups.push_back({firstRow, rows, rowTrips, firstCol, cols, colTrips, c.batch * c.outer * rowTrips * colTrips, 0,
                      pitchOf(rows, cols, lanes, vector), 0});
    blocks = std::max(blocks, groups.back().count);
  };
  int64_t whole = tileRows / best;
  for (auto [first, rows, trips] : {std::tuple{int64_t(0), best, whole}, {whole * best, tileRows % best, int64_t(1)}}) {
    add(first, rows, trips, 0, maxBlockWidth, segments);
    add(first, rows, trips, segments * maxBlockWidth, rest, 1);
  }
  // Few blocks per round: what one step writes, the next reads from the cache.
  int64_t budget = target.l2Bytes * 3 / 4 / bytes;
  rounds = std::max<int64_t>(1, blocks);
  while (rounds > 1) {
    int64_t size = 0;
    for (const BlockGroup &g : groups)
      size += llvm::divideCeil(g.count, rounds - 1) * elements * channels * g.pitch;
    if (size > budget)
      break;
    --rounds;
  }
  for (BlockGroup &g : groups) {
    g.perRound = llvm::divideCeil(g.count, rounds);
    g.scratch = scratch;
    scratch += g.perRound * blockSize(g);
  }
}

int64_t winograd::depthOf(const Contraction &c) { return c.weightShape().size() == 5 ? c.weightShape()[2] : 1; }

SmallVector<Piece> winograd::piecesOf(int64_t n, int64_t nr, int64_t lanes) {
  int64_t last = std::max<int64_t>(4, llvm::PowerOf2Ceil(n % lanes)), whole = n / lanes;
  bool narrow = n % lanes && last < lanes;
  if (n % lanes && !narrow)
    ++whole;
  SmallVector<Piece> pieces;
  int64_t count = llvm::divideCeil(whole, nr);
  for (int64_t i = 0; i < count; ++i)
    pieces.push_back({i * whole / count * lanes, (i + 1) * whole / count - i * whole / count, lanes});
  if (narrow)
    pieces.push_back({whole * lanes, 1, last});
  return pieces;
}
