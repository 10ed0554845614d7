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
#include "TileLoop.h"
#include "llvm/Support/MathExtras.h"
#include <functional>

using namespace mlir;
using namespace mlir::gs;

void TileLoop::listTiles() {
  // Outputs of each dimension, cut by phase and by tile.
  struct Part {
    int64_t phase, first, count;
  };
  std::array<SmallVector<Part>, 3> parts;
  for (int dim = 0; dim < 3; ++dim)
    for (int64_t phase = 0; phase < plan.phases[dim]; ++phase) {
      int64_t outputs = llvm::divideCeil(op.dims[dim].out - phase, plan.phases[dim]);
      for (int64_t first = 0; first < outputs; first += plan.out[dim])
        parts[dim].push_back({phase, first, std::min(plan.out[dim], outputs - first)});
    }
  for (int64_t image = 0; image < op.batch; ++image)
    for (const Part &d : parts[0])
      for (const Part &h : parts[1])
        for (const Part &w : parts[2])
          tiles.push_back(
              {image, {d.phase, h.phase, w.phase}, {d.first, h.first, w.first}, {d.count, h.count, w.count}});
}

TileLoop::Frames TileLoop::inputFrames(const Tile &tile) const {
  Frames frames;
  frames.bytes = op.channels() * op.bytes;
  frames.pitch = plan.in;
  frames.origin = tile.image;
  for (int dim = 0; dim < 3; ++dim) {
    const EngineDim &d = op.dims[dim];
    frames.extent[dim] = d.in;
    frames.step[dim] = plan.phases[dim];
    frames.count[dim] = (tile.count[dim] - 1) * d.stride + (d.kernel - 1) * plan.dilation(op, dim) + 1;
    frames.origin =
        frames.origin * d.in + tile.phase[dim] + tile.first[dim] * (plan.phases[dim] > 1 ? plan.phases[dim] : d.stride);
  }
  return frames;
}

TileLoop::Frames TileLoop::resultFrames(const Tile &tile) const {
  Frames frames;
  frames.bytes = resultRows * op.bytes;
  frames.pitch = plan.out;
  frames.count = tile.count;
  frames.step = plan.phases;
  frames.origin = tile.image;
  for (int dim = 0; dim < 3; ++dim) {
    frames.extent[dim] = op.dims[dim].out;
    frames.origin = frames.origin * op.dims[dim].out + tile.phase[dim] + tile.first[dim] * plan.phases[dim];
  }
  return frames;
}

SmallVector<Value> TileLoop::startCopy(const Frames &f, Value memory, Value tile, bool out) {
  SmallVector<Value> tokens;
  auto start = [&](int64_t at, int64_t inTile, int64_t bytes, int64_t rows, int64_t pitch, int64_t tilePitch) {
    Value from = at ? e.advance(memory, at * f.bytes) : memory, to = inTile ? e.advance(tile, inTile * f.bytes) : tile;
    if (rows == 1)
      pitch = tilePitch = 0;
    else if (out)
      std::swap(pitch, tilePitch);
    if (out)
      std::swap(from, to);
    tokens.push_back(gse::DmaStartOp::create(e.b, e.loc, gse::TokenType::get(e.b.getContext()), from, to, bytes, rows,
                                             pitch, tilePitch));
  };
  for (int64_t d = 0; d < f.count[0]; ++d) {
    int64_t slice = f.origin + d * f.step[0] * f.extent[1] * f.extent[2], tileSlice = d * f.pitch[1] * f.pitch[2];
    if (f.step[2] == 1) { // lines are contiguous
      start(slice, tileSlice, f.count[2] * f.bytes, f.count[1], f.step[1] * f.extent[2] * f.bytes,
            f.pitch[2] * f.bytes);
      continue;
    }
    for (int64_t h = 0; h < f.count[1]; ++h)
      start(slice + h * f.step[1] * f.extent[2], tileSlice + h * f.pitch[2], f.bytes, f.count[2], f.step[2] * f.bytes,
            f.bytes);
  }
  return tokens;
}

void TileLoop::waitFor(ArrayRef<Value> tokens) {
  for (Value token : tokens)
    gse::DmaWaitOp::create(e.b, e.loc, token);
}

void TileLoop::clearResults() {
  Value zero = e.splat(op.banks, 0);
  e.loop(plan.outputBytes / op.vectorBytes(), {resultRegion}, [&](Value, ValueRange at) -> SmallVector<Value> {
    e.store(zero, at[0], 0);
    return {e.advance(at[0], op.vectorBytes())};
  });
}

void TileLoop::emit(StringRef law, int64_t perRow, int64_t accumulators, function_ref<void()> compute) {
  listTiles();
  SmallVector<Value> regions;
  for (int64_t at = 0; at < plan.buffers; ++at)
    regions.push_back(e.alloc(plan.inputBytes, at * plan.inputBytes));
  if (keepsResults)
    resultRegion = e.alloc(plan.outputBytes, plan.buffers * plan.inputBytes);
  // The first copy is exposed.
  waitFor(startCopy(inputFrames(tiles.front()), e.x(), regions[0], /*out=*/false));
  e.region("sweep", law, perRow, accumulators, [&] {
    for (auto [number, tile] : llvm::enumerate(tiles)) {
      bool isLast = number + 1 == tiles.size();
      SmallVector<Value> next;
      Frames nextFrames = isLast ? Frames() : inputFrames(tiles[number + 1]);
      Value nextRegion = regions[(number + 1) % plan.buffers];
      if (!isLast && plan.buffers > 1)
        next = startCopy(nextFrames, e.x(), nextRegion, /*out=*/false);
      present = &tile;
      tileInput = regions[number % plan.buffers];
      Frames results = resultFrames(tile);
      std::array<int64_t, 3> extents = keepsResults ? results.pitch : results.extent;
      int64_t step = results.bytes;
      for (int dim = 2; dim >= 0; --dim) {
        resultSteps[dim] = step * (keepsResults ? 1 : results.step[dim]);
        step *= extents[dim];
      }
      if (keepsResults) {
        clearResults();
        tileResults = resultRegion;
      } else {
        tileResults = results.origin ? e.advance(e.y(), results.origin * results.bytes) : e.y();
      }
      compute();
      if (keepsResults)
        waitFor(startCopy(results, e.y(), resultRegion, /*out=*/true));
      if (!isLast && plan.buffers == 1)
        next = startCopy(nextFrames, e.x(), nextRegion, /*out=*/false);
      waitFor(next);
    }
  });
}

void TileLoop::forEachPixel(Value window, Value results, function_ref<void(Value, Value)> body) {
  int64_t inputStep = op.channels() * op.bytes;
  std::array<int64_t, 3> inputSteps;
  for (int dim = 2; dim >= 0; --dim) {
    inputSteps[dim] = inputStep * op.dims[dim].stride;
    inputStep *= plan.in[dim];
  }
  // The innermost loop is always there, as laws look at it; others only if they run more than once.
  std::function<void(int, Value, Value)> nest = [&](int dim, Value first, Value result) {
    if (dim == 3)
      return body(first, result);
    if (dim < 2 && present->count[dim] == 1)
      return nest(dim + 1, first, result);
    e.loop(present->count[dim], {first, result}, [&](Value, ValueRange at) -> SmallVector<Value> {
      nest(dim + 1, at[0], at[1]);
      return {e.advance(at[0], inputSteps[dim]), e.advance(at[1], resultSteps[dim])};
    });
  };
  nest(0, window, results);
}
