//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel of strategy straight-line: the code of all chunks, and the loops
// that call it.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_STRAIGHTLINEKERNEL_H
#define GS_LIB_CONVERSION_GSTOVECTOR_STRAIGHTLINEKERNEL_H

#include "LaneTiles.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::gs {

/// What the emission of one kernel knows. A chunk is up to 28 rows of the weight and one block of its columns; its code
/// runs on one vector of output columns, a tile.
class StraightLineKernel {
public:
  /// Output columns of a tile.
  static constexpr int64_t lanes = 16;
  /// Chunks that may run on a tile one after the other.
  static constexpr int64_t mostTogether = 2;
  /// Bytes of activations that one more tile brings for each weight column, `copy` being as below: a whole vector, or
  /// less where columns and tiles share elements, as the taps of a kernel do.
  static double bytesPerColumn(const Contraction &c, const LaneTiles *copy);
  /// Tiles of a pass over the code of blocks of so many columns: their activations fit half of the second-level cache,
  /// unless they are the fewest that are worth a pass.
  static int64_t tilesPerPiece(const Contraction &c, int64_t columns, const LaneTiles *copy, const TargetSpec &target);
  /// Columns of a block whose activations fit there with these few, too, in a layer of `tiles` tiles.
  static int64_t mostColumns(const Contraction &c, int64_t tiles, const LaneTiles *copy, const TargetSpec &target);

  /// Whether threads share tiles, and each fetches all of the code; else they share chunks of code, and each reads all
  /// activations.
  static bool splitsTiles(ArrayRef<TileLoop> plan, const TargetSpec &target);

  /// Decides which threads of a layer with blocks of `columns` columns (0: one block) have a copy of their own.
  static void setOwners(const Contraction &c, LaneTiles &copy, int64_t columns, const TargetSpec &target);

  /// `copy`: where the vectors of activations lie side by side; null: they are read where they are. The weight has
  /// layout masked_columns.
  StraightLineKernel(KernelBuilder &k, const LaneTiles *copy);

  LogicalResult emit();
  /// What of the copy is made before `emit` runs.
  void emitCopy();

private:
  /// Whether a thread with a copy of its own makes it block by block, as it goes.
  bool copiesBlocks() const;
  LogicalResult emitCode(SymbolTable &symbols, memref::GlobalOp &starts);
  void fetchFirst(IndexRange chunks);
  /// Rows of a chunk, its code, and what of a later one each tile fetches meanwhile.
  struct Chunk {
    Value group, address, later, step;
  };
  IndexRange chunksOf(IndexRange turns);
  /// Chunk `chunk`, while chunk `later` is fetched.
  Chunk locateChunk(Value group, Value chunk, Value later);
  /// Turn `turn`, whose first weight column is `column`.
  void runTurn(ArrayRef<TileLoop> plan, ArrayRef<IndexRange> ranges, Value turn, function_ref<Chunk(Value)> locate,
               Value column, bool first, bool last);
  void runTile(Value address, ValueRange x, Value next, Value group, Value out, const VectorPlace &place, bool first,
               bool last);
  SmallVector<Value> call(Value address, ValueRange x, Value next, ArrayRef<Value> init);
  bool epilogueIsShort() const;

  KernelBuilder &k;
  const LaneTiles *copy;
  int64_t rows = 0;     ///< of a chunk
  int64_t groups = 0;   ///< of rows
  int64_t blocks = 0;   ///< of columns
  int64_t together = 1; ///< chunks that run on a tile one after the other: a turn
  LLVM::LLVMFuncOp function;
  Value code, table, sums, roundOutput;
  int64_t tilesPerPass = 0;
  int64_t readable = 0; ///< elements from a tile's first on that windows may read; 0: no windows
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_STRAIGHTLINEKERNEL_H
