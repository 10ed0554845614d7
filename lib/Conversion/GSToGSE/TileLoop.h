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
#include "Kernels.h"

namespace mlir::gs {

/// Walks over the tiles of an op and, in each, over the parts of its columns; copies their activations into the TCM,
/// the next ones beside the computation if there are two regions, and builds loops over the pixels of a tile.
class TileLoop {
public:
  /// Where the results of a tile are summed.
  enum class Results {
    InPlace, ///< in memory
    Kept,    ///< in the TCM, from zeros; they are copied out after the last part
    Wide     ///< in the TCM as f32, from zeros; `finish` rounds them. Kept in the TCM as well if `scatters`
  };
  using Steps = std::array<int64_t, 3>; ///< bytes from pixel to pixel in each dimension

  /// `parts` are the op and its plan, or pieces of the op. `resultRows`: rows of a pixel of the result.
  TileLoop(EngineBuilder &e, const TilePlan &plan, ArrayRef<SweepPart> parts, int64_t resultRows, Results kind,
           bool scatters = false)
      : e(e), op(e.op), plan(plan), parts(parts), resultRows(resultRows), kind(kind),
        keepsResults(kind == Results::Kept || scatters) {}

  /// The kernel's body: `law`, `perRow` and `accumulators` describe its region, `compute` a part of a tile by number,
  /// `finish` what comes after the last part.
  void emit(StringRef law, int64_t perRow, int64_t accumulators, function_ref<void(size_t)> compute,
            function_ref<void()> finish = nullptr);

  /// A loop over the pixels of the present tile. `window` and `sums` are those of the first pixel; the body gets those
  /// of its own.
  void forEachPixel(Value window, Value sums, function_ref<void(Value window, Value sums)> body);
  /// The same over sums in f32 and results.
  void forEachWidePixel(function_ref<void(Value wide, Value result)> body);

  /// Where the sums of the present tile begin.
  Value sums() const { return kind == Results::Wide ? wideRegion : tileResults; }
  /// First activation of the present part of a tile.
  Value window() const { return tileInput; }

private:
  struct Tile {
    int64_t image = 0;
    std::array<int64_t, 3> phase, first, count; ///< outputs phase + phases * (first + i)
  };
  /// A copy of so many frames, `step` apart in memory, to or from a tile; one token for each instruction.
  struct Frames {
    std::array<int64_t, 3> extent, count, step, pitch; ///< of the tensor; of the copy; of the tile
    int64_t origin, bytes;                             ///< first frame; bytes of one that are copied
    int64_t memoryBytes, memoryBegin;                  ///< of a frame in memory, and where the copied ones begin
  };
  void listTiles();
  Frames inputFrames(const Tile &tile, const SweepPart &part) const;
  Frames resultFrames(const Tile &tile) const;
  SmallVector<Value> startCopy(const Frames &frames, Value memory, Value tile, bool out);
  void waitFor(ArrayRef<Value> tokens);
  void clear(Value region, int64_t bytes);
  void beginTile(const Tile &tile);
  Steps inputSteps(const SweepPart &part) const;
  /// Of a tile in the TCM with so many bytes per pixel.
  Steps tileSteps(int64_t bytes) const;
  void forEach(Value first, const Steps &firstSteps, Value second, const Steps &secondSteps,
               function_ref<void(Value, Value)> body);

  EngineBuilder &e;
  EngineOp &op;
  TilePlan plan;
  ArrayRef<SweepPart> parts;
  int64_t resultRows;
  Results kind;
  bool keepsResults;
  SmallVector<Tile> tiles;
  const Tile *present = nullptr;
  const SweepPart *part = nullptr;
  Value tileInput, tileResults, resultRegion, wideRegion;
  Steps resultSteps;
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_TILELOOP_H
