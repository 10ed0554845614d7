//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all strategies share when they emit a kernel: arguments, tile loops,
// row loops with the share of a thread, loads, the epilogue in the store.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOVECTOR_KERNELBUILDER_H
#define GS_CONVERSION_GSTOVECTOR_KERNELBUILDER_H

#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Conversion/GSToVector/TilePlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::gs {

/// Half-open range of loop indices.
struct IndexRange {
  Value lo, hi;
};

/// Lanes of a vector that go to consecutive places: lane i to `out` + i if `mask` (null: all) has it.
struct MaskedPlace {
  Value out, mask;
};

/// Transposes `square.size()` vectors of as many lanes (a power of two) in registers: what was lane j of vector i
/// becomes lane i of vector j.
void transposeSquare(ImplicitLocOpBuilder &b, MutableArrayRef<Value> square);

class KernelBuilder {
public:
  /// Base displacements of a tile: of the input and of the output (row 0).
  struct TileBase {
    Value in, out;
  };

  KernelBuilder(ImplicitLocOpBuilder &b, const Contraction &c, const TargetSpec &target) : b(b), c(c), target(target) {}

  ImplicitLocOpBuilder &b;
  const Contraction &c;
  const TargetSpec &target;
  /// What is stored of the results, if it is not they: its places are those of the contraction's destination.
  std::optional<StoredPool> pool;
  /// Flat arguments of the kernel function.
  Value input, output, tid, numThreads;
  /// One thread computes everything: a strip is its own.
  bool isAlone = false;
  /// Of a kernel with a plan: which of its kernels, the running round and the shared memory (null if there is none).
  int64_t step = 0;
  Value round, scratch;
  SmallVector<Value> epilogueOperands;
  llvm::StringMap<Value> buffers;

  int64_t lanes() const { return target.lanes(c.elementType().getIntOrFloatBitWidth()); }
  VectorType vectorType(int64_t n) const { return VectorType::get({n}, c.elementType()); }
  StrategyAttr choice() const { return c.strategy(); }

  Value index(int64_t value);
  Value add(Value a, int64_t constant);
  Value add(Value a, Value v);
  Value mul(Value a, int64_t constant);
  Value zero(VectorType type);
  /// memref element as index.
  Value loadIndex(Value memref, Value position);
  /// Scalar of `memref` in all lanes.
  Value broadcastLoad(Value memref, Value position, VectorType type);
  Value load(Value memref, Value position, VectorType type);
  Value fma(Value a, Value x, Value acc);
  /// Asks for what a stream that is now at `position` of `memref` will read so many bytes later. Hardware does so too,
  /// but stops at every page. A hint past the end of the buffer does no harm.
  void prefetch(Value memref, Value position, int64_t bytesAhead = 2048);
  /// Asks for the lines at `lines` (displacements) of the column whose index is at `position` of `indices`, or of the
  /// last one.
  void prefetchInput(Value base, Value indices, Value position, ArrayRef<int64_t> lines);
  /// Elements whose cache lines hold all vectors at these displacements, in any column.
  SmallVector<int64_t> linesOf(ArrayRef<int64_t> places) const;

  /// Vector of the input at a tile's place; lanes beyond the buffer are zero.
  Value loadInput(Value base, const VectorPlace &place, VectorType type);
  /// Vector of a buffer with the output's shape at a tile's place.
  Value loadOutput(Value memref, Value base, const VectorPlace &place, VectorType type);
  void storeOutput(Value value, Value base, const VectorPlace &place);
  /// Epilogue of sums of `row` whose operands do not depend on the place.
  Value applyRowEpilogue(Value sum, Value row);
  /// Epilogue of the sum of `row` at a tile's place, and its store. `outBase` is that of the row.
  void finish(Value sum, Value row, Value outBase, const VectorPlace &place);
  /// The same with masks known only when the kernel runs; places are displacements of row 0, `rowOffset` is that of
  /// `row`. If `isWhole` (null: never) is true, all lanes go to the first place.
  void finishMasked(Value sum, Value row, Value rowOffset, ArrayRef<MaskedPlace> places, Value isWhole = {});
  /// Epilogue with lanes along rows (one output column): operands are read at `row`, ..., then stored there.
  void finishRows(Value sum, Value row, int64_t valid);
  /// Row at a position of the packed weight: through its buffer `row_order`, if it has one.
  Value rowAt(Value position);
  /// `finishRows` of the rows at `position`, ...
  void finishRowsAt(Value sum, Value position, int64_t valid);
  /// The same for rows in any order: lane i is that of row `rows[i]` (vector of i32), for the first `valid` lanes.
  void finishRowList(Value sum, Value rows, int64_t valid);

  /// Whether threads share tiles (else they share row groups).
  bool splitsTiles(ArrayRef<TileLoop> plan) const;
  /// Calls `body` once per tile loop, inside the loops over its tiles; this thread's tiles if `split`.
  void forEachTile(ArrayRef<TileLoop> plan, bool split, function_ref<void(const TileLoop &, TileBase)> body);
  /// Calls `body` with number and bases of a tile, inside a loop over the tiles of `range` of one tile loop.
  void forTiles(const TileLoop &tile, IndexRange range, function_ref<void(Value, TileBase)> body);
  void forRange(IndexRange range, function_ref<void(Value)> body);
  /// Calls `body` inside a loop over pieces of at most `step` indices of `range`.
  void forPieces(IndexRange range, int64_t step, function_ref<void(IndexRange)> body);
  /// scf.for lo..hi with carried vectors; returns their final values.
  SmallVector<Value> accumulate(Value lo, Value hi, ArrayRef<Value> init,
                                function_ref<SmallVector<Value>(Value, ValueRange)> body);
  /// This thread's share of [0, n): equal counts, or equal work if `offsets` (n + 1 running counts) is given.
  IndexRange share(int64_t n, Value offsets = {});
  IndexRange all(int64_t n) { return {index(0), index(n)}; }

private:
  Value constantMask(int64_t from, int64_t to, int64_t n);
  Value applyEpilogue(Value sum, function_ref<Value(unsigned, VectorType)> operand);
};

} // namespace mlir::gs

#endif // GS_CONVERSION_GSTOVECTOR_KERNELBUILDER_H
