//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tiles of a sweep, their copies, and the loops over their pixels.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_TILELOOP_H
#define GS_LIB_CONVERSION_GSTOGSE_TILELOOP_H

#include "EngineBuilder.h"

namespace mlir::gs {

/// Walks over the tiles of an op, copies the activations of each into the TCM, the next one beside the computation if
/// there are two regions, and builds loops over the pixels of a tile.
class TileLoop {
public:
  /// `resultRows`: rows of a pixel of the result. With `keepsResults` the results of a tile lie in the TCM, from zeros,
  /// and are copied out after it.
  TileLoop(EngineBuilder &e, const TilePlan &plan, int64_t resultRows, bool keepsResults)
      : e(e), op(e.op), plan(plan), resultRows(resultRows), keepsResults(keepsResults) {}

  /// The kernel's body: `law`, `perRow` and `accumulators` describe its region, `compute` a tile.
  void emit(StringRef law, int64_t perRow, int64_t accumulators, function_ref<void()> compute);

  /// A loop over the pixels of the present tile. `window` and `results` are those of the first pixel; the body gets
  /// those of its own.
  void forEachPixel(Value window, Value results, function_ref<void(Value window, Value result)> body);

  /// Where the results of the present tile begin.
  Value results() const { return tileResults; }
  /// First activation of the present tile.
  Value window() const { return tileInput; }

private:
  struct Tile {
    int64_t image = 0;
    std::array<int64_t, 3> phase, first, count; ///< outputs phase + phases * (first + i)
  };
  /// A copy of so many frames, `step` apart in memory, to or from a tile; one token for each instruction.
  struct Frames {
    std::array<int64_t, 3> extent, count, step, pitch; ///< of the tensor; of the copy; of the tile
    int64_t origin, bytes;                             ///< first frame; bytes of one
  };
  void listTiles();
  Frames inputFrames(const Tile &tile) const;
  Frames resultFrames(const Tile &tile) const;
  SmallVector<Value> startCopy(const Frames &frames, Value memory, Value tile, bool out);
  void waitFor(ArrayRef<Value> tokens);
  void clearResults();

  EngineBuilder &e;
  EngineOp &op;
  TilePlan plan;
  int64_t resultRows;
  bool keepsResults;
  SmallVector<Tile> tiles;
  const Tile *present = nullptr;
  Value tileInput, tileResults, resultRegion;
  std::array<int64_t, 3> resultSteps; ///< bytes from pixel to pixel in each dimension
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_TILELOOP_H
