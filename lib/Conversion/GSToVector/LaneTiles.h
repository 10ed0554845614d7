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
#include "gs/Conversion/GSToVector/TilePlan.h"

namespace mlir::gs {

/// The copy holds for each vector of output columns the vectors of activations of all weight columns, one after the
/// other:
///
///     copy[slice][line][vector of the line][base][lane]
///
/// Two weight columns whose displacements differ by a whole number of lines read the same vectors, some lines apart:
/// only the lower one is a base. So a 3x3 kernel has three bases per channel, and the copy three times the elements of
/// the input. The same holds for whole slices of a 3-D convolution.
///
/// Where lines fill no whole number of vectors, the ends of several lines can share one (`joinEnds`): two lines of
/// 56 are six vectors and one of two halves, not eight. A tap on another line reads the same ends from the next line
/// on, so the copy holds ends that begin at each line that some tap and some tile lead to:
///
///     copy[slice][line][vector of the line, then of the ends of it and the lines behind it][base][lane]
///
/// A copy beyond a share of the last cache level is made and used in rounds of output slices. Its slices are then a
/// ring: a round adds those that the one before did not read, in place of those that no round will read again. As
/// places in a ring turn from round to round, weight columns of different slices read from pointers of their own.
///
/// Where every thread reads the whole copy, a few threads each make one for themselves: lines that another core has
/// read since are slow to write again (docs/Rationale/Threads.md).
class LaneTiles {
public:
  /// At most `maxInputs` pointers may be used. `joinEnds` does nothing where it would save no vector.
  LaneTiles(const Contraction &whole, int64_t lanes, const TargetSpec &target, int64_t maxInputs, bool joinEnds);

  /// Lines whose ends share a vector; 1: none.
  static int64_t linesToJoin(const Contraction &c, int64_t lanes);

  int64_t rounds() const { return numRounds; }
  /// Elements of the copies that exist at one time, those of all owners.
  int64_t size() const { return std::max(slots * slotSize(), owners * ownSize()); }
  /// Up to `threads` threads each make and read a copy of their own, which lie one after the other; more threads share
  /// one, each making its part. With `columns`, for which `isByColumn` must hold, the own ones hold one block of so
  /// many weight columns at a time, so that the same memory, which stays in the second-level cache, serves all blocks.
  void setOwners(int64_t threads, int64_t columns = 0) {
    owners = threads;
    ownColumns = columns;
  }
  /// Whether own copies are made block by block.
  bool copiesBlocks() const { return ownColumns > 0; }
  /// Vectors that all rounds together copy.
  int64_t copiedVectors() const;
  /// Vectors of output columns of all rounds.
  int64_t tiles() const { return countTiles(plan()) * numRounds; }
  /// Vectors of the copy per vector of output columns.
  int64_t bases() const { return int64_t(baseOffset.size()); }
  /// Displacement of a weight column from the input of its tile.
  int64_t displacement(int64_t column) const;
  /// Which of the tile's inputs the column reads.
  int64_t input(int64_t column) const { return isRing() ? columnPlaces[column].slice : 0; }
  /// The tiles of a round with one vector each, reading the copy: those of `planTiles`, but for joined ends.
  SmallVector<TileLoop> plan() const;
  /// Displacements of a tile's inputs in the copy, `in` being that of `plan`; `column`, the first of the running block,
  /// matters for copies of blocks.
  SmallVector<Value> tileInputs(KernelBuilder &k, Value in, Value column) const;
  /// Displacement of the running round's output from the first one's.
  Value roundOutput(KernelBuilder &k) const;
  /// Emits this thread's share of the copy from `k.input` to `k.scratch`.
  void emitCopy(KernelBuilder &k) const;
  /// Whether vectors lie in the order of weight columns, one for each.
  bool isByColumn() const;
  /// This thread's own copy of the block of weight columns [lo, hi).
  void emitBlock(KernelBuilder &k, IndexRange columns) const;
  /// Whether so few threads run that each has a copy of its own.
  Value isOwned(KernelBuilder &k) const;

private:
  /// Where a weight column begins: so many lines and slices behind a base.
  struct Place {
    int64_t base, line, slice;
  };

  /// Finds bases and places; false if slices were to be shared and cannot be.
  bool findPlaces(bool shareSlices);
  /// Divides the slices into rounds of a copy of at most `maxSlots` slices.
  void divide(int64_t maxSlots);
  int64_t steps() const { return lines + extraLines; }
  /// Bases that read ends beginning at step `step`.
  int64_t endBases(int64_t step) const;
  /// The vector that holds the ends of `joined` lines; lines are `pitch` apart.
  VectorPlace ends(int64_t pitch) const;
  int64_t slotSize() const { return steps() * linePitch; }
  int64_t ownSize() const { return slots * ownPlace(slotSize()); }
  /// Where in a copy of one block lies what begins at `place`, a multiple of all bases, in that of all columns.
  int64_t ownPlace(int64_t place) const { return ownColumns ? place / bases() * ownColumns : place; }
  void emitCopy(KernelBuilder &k, IndexRange columns, bool isBlock) const;
  /// Displacement at which the copy that this thread reads begins.
  Value begin(KernelBuilder &k) const;
  bool isRing() const { return numRounds > 1 && extraSlices > 0; }
  /// Output slice, within its image, at which the running round begins.
  Value firstSlice(KernelBuilder &k) const;
  Value image(KernelBuilder &k) const;

  Contraction c; ///< of one round
  int64_t lanes;
  int64_t owners = 1, ownColumns = 0;
  int64_t numRounds = 1, outerChunks = 1, slots = 1, copiedSlices = 1;
  int64_t lines = 1;       ///< steps from vector to vector across lines
  int64_t lineStep = 0;    ///< input displacement of such a step
  int64_t perLine = 1;     ///< vectors along a line; with joined ends, theirs is one
  int64_t heads = 1;       ///< of these, the vectors that belong to one line
  int64_t joined = 1;      ///< lines whose ends share vectors
  int64_t extraLines = 0;  ///< steps beyond the last that lower bases reach
  int64_t extraSlices = 0; ///< slices beyond the last one that bases reach
  int64_t linePitch = 0;   ///< elements of the copy per step
  SmallVector<int64_t> baseOffset;
  SmallVector<int64_t> extent; ///< lines beyond its own that a base serves; falls
  SmallVector<Place> columnPlaces;
  /// How many bases reach step `lines + i`; those come first.
  SmallVector<int64_t> reach;
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_LANETILES_H
