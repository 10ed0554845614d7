//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Legal 4x4 tiles of #gs.tile_4_2, as bits 4 * i + j.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_TILE42_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_TILE42_H

#include "Detection.h"

namespace mlir::gs::detection {

/// The tile at an aligned place.
inline unsigned tile42At(const Bits &bits, int64_t row, int64_t col) {
  unsigned tile = 0;
  for (unsigned i = 0; i < 4; ++i)
    tile |= static_cast<unsigned>(bits.extract(row + i, col, 4)) << 4 * i;
  return tile;
}

/// The first legal tile that contains this one; 0 if none does. `complement`: rows 0, 1 and rows 2, 3 complementary.
unsigned legalTile42(unsigned tile, bool complement);

/// Whether the tile contains a legal one.
bool containsTile42(unsigned tile, bool complement);

} // namespace mlir::gs::detection

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_TILE42_H
