//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Aligned copies of activations.
//
//===----------------------------------------------------------------------===//
#include "LaneTiles.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;

LaneTiles::LaneTiles(const Contraction &whole, int64_t lanes, const TargetSpec &target) : c(whole), lanes(lanes) {
  // As planTiles cuts: several short lines in one vector, or one line in several vectors.
  if (coversShortLines(c, lanes)) {
    int64_t perVector = lanes / c.lineStride;
    lines = llvm::divideCeil(c.lines, perVector);
    lineStep = perVector * c.lineStride;
  } else {
    lines = c.lines;
    lineStep = c.lines > 1 ? c.lineStride : 0;
    perLine = llvm::divideCeil(c.lineLength, lanes);
  }

  // Chains of displacements one step apart; their lowest are the bases.
  DenseMap<int64_t, int64_t> length; // by lowest displacement: steps to the highest
  llvm::DenseSet<int64_t> known(c.columnOffset.begin(), c.columnOffset.end());
  auto lowest = [&](int64_t offset) {
    while (lineStep > 0 && known.contains(offset - lineStep))
      offset -= lineStep;
    return offset;
  };
  for (int64_t offset : c.columnOffset) {
    int64_t low = lowest(offset), steps = lineStep ? (offset - low) / lineStep : 0;
    auto [entry, isNew] = length.try_emplace(low, steps);
    if (isNew)
      baseOffset.push_back(low);
    entry->second = std::max(entry->second, steps);
    extraLines = std::max(extraLines, steps);
  }
  SmallVector<std::pair<int64_t, int64_t>> order; // the longest first, else in the order of columns
  for (auto [i, base] : llvm::enumerate(baseOffset))
    order.push_back({-length[base], int64_t(i)});
  llvm::sort(order);
  SmallVector<int64_t> unordered = std::move(baseOffset);
  baseOffset.clear();
  for (auto [steps, i] : order)
    baseOffset.push_back(unordered[i]);
  for (int64_t i = 0; i < extraLines; ++i)
    reach.push_back(llvm::count_if(baseOffset, [&](int64_t base) { return length[base] > i; }));

  linePitch = perLine * bases() * lanes;
  DenseMap<int64_t, int64_t> number;
  for (auto [i, base] : llvm::enumerate(baseOffset))
    number[base] = int64_t(i);
  for (int64_t offset : c.columnOffset) {
    int64_t low = lowest(offset), steps = lineStep ? (offset - low) / lineStep : 0;
    columnDisplacement.push_back(steps * linePitch + number[low] * lanes);
  }

  // What the first kernel writes, the second reads from the last cache level, of which others want a part.
  int64_t sliceBytes = (lines + extraLines) * linePitch * c.elementType().getIntOrFloatBitWidth() / 8;
  int64_t slices = c.batch * c.outer,
          most = std::max<int64_t>(1, target.l3Bytes / 4 / std::max<int64_t>(1, sliceBytes));
  if (slices <= most)
    return;
  int64_t batch = c.batch, outer = c.outer;
  auto divisor = [&](int64_t n) { // the largest that fits
    int64_t d = std::min(n, most);
    while (n % d)
      --d;
    return d;
  };
  c.outer = divisor(outer);
  c.batch = 1;
  outerChunks = outer / c.outer;
  numRounds = batch * outerChunks;
}

Value LaneTiles::ofRound(KernelBuilder &k, int64_t perOuter, int64_t perBatch) const {
  if (numRounds == 1)
    return k.index(0);
  Value chunk = arith::RemUIOp::create(k.b, k.round, k.index(outerChunks));
  Value image = arith::DivUIOp::create(k.b, k.round, k.index(outerChunks));
  return k.add(k.mul(chunk, perOuter), k.mul(image, perBatch));
}

Value LaneTiles::roundOutput(KernelBuilder &k) const {
  return ofRound(k, c.outer * c.lines * c.lineLength, k.c.rows * k.c.outputsPerRow());
}

SmallVector<TileLoop> LaneTiles::plan() const {
  SmallVector<TileLoop> tiles = planTiles(c, lanes, 1);
  bool isShort = coversShortLines(c, lanes);
  for (TileLoop &tile : tiles) {
    size_t next = 0;
    int64_t slice = (lines + extraLines) * linePitch;
    if (c.batch > 1)
      tile.loops[next++].inStride = c.outer * slice;
    if (c.outer > 1)
      tile.loops[next++].inStride = slice;
    // The vectors before this plan's first one: lines of short lines, else vectors of the line.
    if (isShort)
      tile.inBase = tile.inBase / lineStep * linePitch;
    else
      tile.inBase = tile.inBase / lanes * bases() * lanes;
    tile.loops[next++].inStride = linePitch;
    if (next < tile.loops.size())
      tile.loops[next].inStride = bases() * lanes;
    tile.vectors.front().in = 0;
    tile.vectors.front().readable = lanes;
  }
  return tiles;
}

void LaneTiles::emitCopy(KernelBuilder &k) const {
  auto module = k.b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  SymbolTable symbols(module);
  memref::GlobalOp table;
  {
    OpBuilder::InsertionGuard guard(k.b);
    k.b.setInsertionPointToEnd(module.getBody());
    SmallVector<int32_t> offsets(baseOffset.begin(), baseOffset.end());
    auto type = RankedTensorType::get({bases()}, k.b.getI32Type());
    table = memref::GlobalOp::create(
        k.b, "lane_tile_bases", k.b.getStringAttr("private"), MemRefType::get(type.getShape(), k.b.getI32Type()),
        DenseElementsAttr::get(type, ArrayRef<int32_t>(offsets)), /*constant=*/true, IntegerAttr());
    symbols.insert(table);
  }
  Value offsets = memref::GetGlobalOp::create(k.b, table.getType(), table.getSymName());
  Value roundInput = ofRound(k, c.outer * c.outerStride, c.inputBatchStride);
  VectorType type = k.vectorType(lanes);
  int64_t steps = lines + extraLines, slices = c.batch * c.outer;

  // One vector of every base, at step `step` (counted over all slices) and vector `vector` of its line.
  auto copyVectors = [&](Value step, Value vector, const VectorPlace &place) {
    Value line = step, in = roundInput, count = k.index(bases());
    if (slices > 1) {
      line = arith::RemUIOp::create(k.b, step, k.index(steps));
      Value slice = arith::DivUIOp::create(k.b, step, k.index(steps));
      Value batch = slice;
      if (c.outer > 1) {
        batch = arith::DivUIOp::create(k.b, slice, k.index(c.outer));
        in = k.add(in, k.mul(arith::RemUIOp::create(k.b, slice, k.index(c.outer)).getResult(), c.outerStride));
      }
      in = k.add(in, k.mul(batch, c.inputBatchStride));
    }
    in = k.add(k.add(in, k.mul(line, lineStep)), k.mul(vector, lanes));
    for (auto [extra, some] : llvm::enumerate(reach)) {
      if (some == bases())
        continue;
      Value beyond = arith::CmpIOp::create(k.b, arith::CmpIPredicate::eq, line, k.index(lines + int64_t(extra)));
      count = arith::SelectOp::create(k.b, beyond, k.index(some), count);
    }
    Value out = k.add(k.mul(step, linePitch), k.mul(vector, bases() * lanes));
    k.forRange({k.index(0), count}, [&](Value base) {
      Value x = k.loadInput(k.add(in, k.loadIndex(offsets, base)), place, type);
      vector::StoreOp::create(k.b, x, k.scratch, ValueRange{k.add(out, k.mul(base, lanes))});
    });
  };

  int64_t whole = c.inputHasSlack ? perLine : c.lineLength / lanes, total = slices * steps;
  VectorPlace full{0, lanes, {}};
  if (whole)
    k.forRange(k.share(total * whole), [&](Value i) {
      Value step = i, vector = k.index(0);
      if (whole > 1) {
        step = arith::DivUIOp::create(k.b, i, k.index(whole));
        vector = arith::RemUIOp::create(k.b, i, k.index(whole));
      }
      copyVectors(step, vector, full);
    });
  // Without slack behind a line, its last lanes are not there.
  if (whole < perLine)
    k.forRange(k.share(total), [&](Value step) {
      copyVectors(step, k.index(whole), VectorPlace{0, c.lineLength - whole * lanes, {}});
    });
}
