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

TileLoop::Frames TileLoop::inputFrames(const Tile &tile, const SweepPart &part) const {
  Frames frames;
  frames.bytes = part.op->channels() * op.bytes;
  frames.memoryBytes = op.frameChannels * op.bytes;
  frames.memoryBegin = part.op->channelBegin * op.bytes;
  frames.pitch = part.plan.in;
  frames.origin = tile.image;
  for (int dim = 0; dim < 3; ++dim) {
    const EngineDim &d = part.op->dims[dim];
    frames.extent[dim] = d.in;
    frames.step[dim] = plan.phases[dim];
    frames.count[dim] =
        (tile.count[dim] - 1) * d.stride + (d.kernel - 1) * plan.dilation(op, dim) + 1 + (dim == 2 ? op.slack : 0);
    frames.origin = frames.origin * d.in + d.begin + tile.phase[dim] +
                    tile.first[dim] * (plan.phases[dim] > 1 ? plan.phases[dim] : d.stride);
  }
  return frames;
}

TileLoop::Frames TileLoop::resultFrames(const Tile &tile) const {
  Frames frames;
  frames.bytes = frames.memoryBytes = resultRows * op.bytes;
  frames.memoryBegin = 0;
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
    int64_t place = at * f.memoryBytes + f.memoryBegin;
    Value from = place ? e.advance(memory, place) : memory, to = inTile ? e.advance(tile, inTile * f.bytes) : tile;
    if (rows == 1)
      pitch = tilePitch = 0;
    else if (out)
      std::swap(pitch, tilePitch);
    if (out)
      std::swap(from, to);
    tokens.push_back(gse::DmaStartOp::create(e.b, e.loc, gse::TokenType::get(e.b.getContext()), from, to, bytes, rows,
                                             pitch, tilePitch));
  };
  bool contiguous = f.step[2] == 1 && f.bytes == f.memoryBytes; // lines are
  for (int64_t d = 0; d < f.count[0]; ++d) {
    int64_t slice = f.origin + d * f.step[0] * f.extent[1] * f.extent[2], tileSlice = d * f.pitch[1] * f.pitch[2];
    if (contiguous) {
      start(slice, tileSlice, f.count[2] * f.bytes, f.count[1], f.step[1] * f.extent[2] * f.bytes,
            f.pitch[2] * f.bytes);
      continue;
    }
    for (int64_t h = 0; h < f.count[1]; ++h)
      start(slice + h * f.step[1] * f.extent[2], tileSlice + h * f.pitch[2], f.bytes, f.count[2],
            f.step[2] * f.memoryBytes, f.bytes);
  }
  return tokens;
}

void TileLoop::waitFor(ArrayRef<Value> tokens) {
  for (Value token : tokens)
    gse::DmaWaitOp::create(e.b, e.loc, token);
}

void TileLoop::clear(Value region, int64_t bytes) {
  Value zero = e.splat(op.banks, 0);
  e.loop(llvm::divideCeil(bytes, op.vectorBytes()), {region}, [&](Value, ValueRange at) -> SmallVector<Value> {
    e.store(zero, at[0], 0);
    return {e.advance(at[0], op.vectorBytes())};
  });
}

void TileLoop::beginTile(const Tile &tile) {
  present = &tile;
  Frames results = resultFrames(tile);
  std::array<int64_t, 3> extents = keepsResults ? results.pitch : results.extent;
  int64_t step = results.bytes;
  for (int dim = 2; dim >= 0; --dim) {
    resultSteps[dim] = step * (keepsResults ? 1 : results.step[dim]);
    step *= extents[dim];
  }
  int64_t pixels = plan.out[0] * plan.out[1] * plan.out[2];
  if (kind == Results::Wide)
    clear(wideRegion, pixels * resultRows * 4);
  if (keepsResults) {
    clear(resultRegion, pixels * results.bytes);
    tileResults = resultRegion;
  } else {
    tileResults = results.origin ? e.advance(e.y(), results.origin * results.bytes) : e.y();
  }
}

void TileLoop::emit(StringRef law, int64_t perRow, int64_t accumulators, function_ref<void(size_t)> compute,
                    function_ref<void()> finish) {
  listTiles();
  SmallVector<Value> regions;
  for (int64_t at = 0; at < plan.buffers; ++at)
    regions.push_back(e.alloc(plan.inputBytes, at * plan.inputBytes));
  int64_t end = plan.buffers * plan.inputBytes, pixels = plan.out[0] * plan.out[1] * plan.out[2];
  if (kind == Results::Wide) {
    int64_t bytes = llvm::alignTo(pixels * resultRows * 4, op.vectorBytes());
    wideRegion = e.alloc(bytes, end);
    end += bytes;
  }
  if (keepsResults)
    resultRegion = e.alloc(llvm::alignTo(pixels * resultRows * op.bytes, op.vectorBytes()), end);
  size_t steps = tiles.size() * parts.size();
  auto copyOf = [&](size_t step) {
    return startCopy(inputFrames(tiles[step / parts.size()], parts[step % parts.size()]), e.x(),
                     regions[step % plan.buffers], /*out=*/false);
  };
  // The first copy is exposed.
  waitFor(copyOf(0));
  e.region("sweep", law, perRow, accumulators, [&] {
    for (size_t step = 0; step < steps; ++step) {
      bool isLast = step + 1 == steps, endsTile = (step + 1) % parts.size() == 0;
      const Tile &tile = tiles[step / parts.size()];
      SmallVector<Value> next;
      if (!isLast && plan.buffers > 1)
        next = copyOf(step + 1);
      part = &parts[step % parts.size()];
      tileInput = regions[step % plan.buffers];
      if (step % parts.size() == 0)
        beginTile(tile);
      compute(step % parts.size());
      if (endsTile && finish)
        finish();
      if (endsTile && keepsResults)
        waitFor(startCopy(resultFrames(tile), e.y(), resultRegion, /*out=*/true));
      if (!isLast && plan.buffers == 1)
        next = copyOf(step + 1);
      waitFor(next);
    }
  });
}

TileLoop::Steps TileLoop::inputSteps(const SweepPart &part) const {
  Steps steps;
  int64_t step = part.op->channels() * op.bytes;
  for (int dim = 2; dim >= 0; --dim) {
    steps[dim] = step * op.dims[dim].stride;
    step *= part.plan.in[dim];
  }
  return steps;
}

TileLoop::Steps TileLoop::tileSteps(int64_t bytes) const {
  return {bytes * plan.out[2] * plan.out[1], bytes * plan.out[2], bytes};
}

void TileLoop::forEach(Value first, const Steps &firstSteps, Value second, const Steps &secondSteps,
                       function_ref<void(Value, Value)> body) {
  // The innermost loop is always there, as laws look at it; others only if they run more than once.
  std::function<void(int, Value, Value)> nest = [&](int dim, Value one, Value other) {
    if (dim == 3)
      return body(one, other);
    if (dim < 2 && present->count[dim] == 1)
      return nest(dim + 1, one, other);
    e.loop(present->count[dim], {one, other}, [&](Value, ValueRange at) -> SmallVector<Value> {
      nest(dim + 1, at[0], at[1]);
      return {e.advance(at[0], firstSteps[dim]), e.advance(at[1], secondSteps[dim])};
    });
  };
  nest(0, first, second);
}

void TileLoop::forEachPixel(Value window, Value sums, function_ref<void(Value, Value)> body) {
  forEach(window, inputSteps(*part), sums, kind == Results::Wide ? tileSteps(resultRows * 4) : resultSteps, body);
}

void TileLoop::forEachWidePixel(function_ref<void(Value, Value)> body) {
  forEach(wideRegion, tileSteps(resultRows * 4), tileResults, resultSteps, body);
}
