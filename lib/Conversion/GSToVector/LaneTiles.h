//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A copy of a contraction's activations in which every vector that a kernel
// loads begins at a multiple of the vector's size.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_LANETILES_H
#define GS_LIB_CONVERSION_GSTOVECTOR_LANETILES_H

#include "gs/Conversion/GSToVector/KernelBuilder.h"

namespace mlir::gs {

/// The copy holds for each vector of output columns the vectors of activations of all weight columns, one after the
/// other:
///
///     copy[batch][outer][line][vector of the line][base][lane]
///
/// Two weight columns whose displacements differ by a whole number of lines read the same vectors, some lines apart:
/// only the lower one is a base. So a 3x3 kernel has three bases per channel, and the copy three times the elements of
/// the input.
///
/// A copy beyond a share of the last cache level is made and used in rounds of whole slices (of the batch, or of the
/// depth of a 3-D convolution), each of which writes over the one before.
class LaneTiles {
public:
  LaneTiles(const Contraction &whole, int64_t lanes, const TargetSpec &target);

  int64_t rounds() const { return numRounds; }
  /// Elements of the copy of one round.
  int64_t size() const { return c.batch * c.outer * (lines + extraLines) * linePitch; }
  /// Vectors of the copy per vector of output columns.
  int64_t bases() const { return int64_t(baseOffset.size()); }
  /// Displacement of a weight column from its tile.
  int64_t displacement(int64_t column) const { return columnDisplacement[column]; }
  /// The tiles of `planTiles` of a round with one vector each, reading the copy.
  SmallVector<TileLoop> plan() const;
  /// Displacement of the running round's output from the first one's.
  Value roundOutput(KernelBuilder &k) const;
  /// Emits this thread's share of the copy from `k.input` to `k.scratch`.
  void emitCopy(KernelBuilder &k) const;

private:
  /// `perOuter` for each chunk of slices along the depth, `perBatch` for each image.
  Value ofRound(KernelBuilder &k, int64_t perOuter, int64_t perBatch) const;

  Contraction c; ///< of one round
  int64_t lanes;
  int64_t numRounds = 1, outerChunks = 1;
  int64_t lines = 1;      ///< steps from vector to vector across lines
  int64_t lineStep = 0;   ///< input displacement of such a step
  int64_t perLine = 1;    ///< vectors along a line
  int64_t extraLines = 0; ///< steps beyond the last that lower bases reach
  int64_t linePitch = 0;  ///< elements of the copy per step
  SmallVector<int64_t> baseOffset, columnDisplacement;
  /// How many bases reach step `lines + i`; those come first.
  SmallVector<int64_t> reach;
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_LANETILES_H
