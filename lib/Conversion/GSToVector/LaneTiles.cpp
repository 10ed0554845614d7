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

int64_t LaneTiles::linesToJoin(const Contraction &c, int64_t lanes) {
  int64_t end = c.lineLength % lanes;
  // A whole vector in front of the ends: no piece of one is read from in front of its line.
  if (coversShortLines(c, lanes) || !end || c.lineLength < lanes)
    return 1;
  int64_t n = std::min(c.lines, lanes / end);
  while (c.lines % n)
    --n;
  return n;
}

LaneTiles::LaneTiles(const Contraction &whole, int64_t lanes, const TargetSpec &target, int64_t maxInputs,
                     bool joinEnds)
    : c(whole), lanes(lanes) {
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
  heads = perLine;
  if (joinEnds && (joined = linesToJoin(c, lanes)) > 1) {
    heads = c.lineLength / lanes;
    perLine = heads + 1;
  }
  // What the first kernel writes, the second reads from the last cache level, of which others want a part.
  auto tryPlan = [&](bool shareSlices) {
    if (!findPlaces(shareSlices))
      return false;
    int64_t sliceBytes = slotSize() * c.elementType().getIntOrFloatBitWidth() / 8;
    divide(target.l3Bytes / 4 / std::max<int64_t>(1, sliceBytes));
    return !isRing() || extraSlices < maxInputs;
  };
  if (tryPlan(whole.outer > 1))
    return;
  c = whole;
  numRounds = outerChunks = 1;
  tryPlan(false);
}

bool LaneTiles::findPlaces(bool shareSlices) {
  // Chains of displacements one step apart; their lowest are the bases.
  llvm::DenseSet<int64_t> known(c.columnOffset.begin(), c.columnOffset.end());
  columnPlaces.clear();
  for (int64_t offset : c.columnOffset) {
    Place place{offset, 0, 0};
    for (; shareSlices && known.contains(place.base - c.outerStride); ++place.slice)
      place.base -= c.outerStride;
    for (; lineStep > 0 && known.contains(place.base - lineStep); ++place.line)
      place.base -= lineStep;
    columnPlaces.push_back(place);
  }
  DenseMap<int64_t, Place> last; // by displacement of the base: its highest line and slice
  SmallVector<int64_t> unordered;
  extraLines = extraSlices = 0;
  for (const Place &place : columnPlaces) {
    auto [entry, isNew] = last.try_emplace(place.base, place);
    if (isNew)
      unordered.push_back(place.base);
    entry->second.line = std::max(entry->second.line, place.line);
    entry->second.slice = std::max(entry->second.slice, place.slice);
    extraLines = std::max(extraLines, place.line);
    extraSlices = std::max(extraSlices, place.slice);
  }
  // A slice is copied with all bases, so each must reach as far as the others.
  if (llvm::any_of(last, [&](const auto &entry) { return entry.second.slice != extraSlices; }))
    return false;
  SmallVector<std::pair<int64_t, int64_t>> order; // the longest first, else in the order of columns
  for (auto [i, base] : llvm::enumerate(unordered))
    order.push_back({-last[base].line, int64_t(i)});
  llvm::sort(order);
  baseOffset.clear();
  extent.clear();
  reach.clear();
  DenseMap<int64_t, int64_t> number;
  for (auto [steps, i] : order) {
    number[unordered[i]] = bases();
    baseOffset.push_back(unordered[i]);
    extent.push_back(-steps);
  }
  for (int64_t i = 0; i < extraLines; ++i)
    reach.push_back(llvm::count_if(baseOffset, [&](int64_t base) { return last[base].line > i; }));
  for (Place &place : columnPlaces)
    place.base = number[place.base];
  linePitch = perLine * bases() * lanes;
  return true;
}

void LaneTiles::divide(int64_t maxSlots) {
  int64_t batch = c.batch, outer = c.outer;
  copiedSlices = slots = batch * (outer + extraSlices);
  if (batch * outer == 1 || slots <= maxSlots)
    return;
  // As many output slices per round as fit and divide all of them; at least one.
  int64_t most = std::clamp<int64_t>(maxSlots - extraSlices, 1, outer);
  while (outer % most)
    --most;
  c.outer = most;
  c.batch = 1;
  outerChunks = outer / most;
  numRounds = batch * outerChunks;
  slots = most + extraSlices;
}

int64_t LaneTiles::endBases(int64_t step) const {
  // Tiles begin at multiples of `joined`, and some line of the kernel later.
  int64_t later = std::max(step % joined, step - (lines - joined));
  if (later > extraLines)
    return 0;
  return later ? reach[later - 1] : bases();
}

VectorPlace LaneTiles::ends(int64_t pitch) const {
  int64_t count = c.lineLength % lanes;
  VectorPlace result{0, lanes, {}};
  for (int64_t line = 0; line < joined; ++line)
    result.segments.push_back({line * count, count, line * pitch + heads * lanes});
  return result;
}

int64_t LaneTiles::copiedVectors() const {
  int64_t perSlice = steps() * heads * bases();
  if (joined > 1)
    for (int64_t step = 0; step < steps(); ++step)
      perSlice += endBases(step);
  return copiedSlices * perSlice;
}

int64_t LaneTiles::displacement(int64_t column) const {
  const Place &place = columnPlaces[column];
  return (isRing() ? 0 : place.slice * slotSize()) + place.line * linePitch + place.base * lanes;
}

Value LaneTiles::firstSlice(KernelBuilder &k) const {
  if (outerChunks == 1)
    return k.index(0);
  return k.mul(arith::RemUIOp::create(k.b, k.round, k.index(outerChunks)).getResult(), c.outer);
}

Value LaneTiles::image(KernelBuilder &k) const {
  if (numRounds == outerChunks)
    return k.index(0);
  return arith::DivUIOp::create(k.b, k.round, k.index(outerChunks));
}

Value LaneTiles::isOwned(KernelBuilder &k) const {
  return arith::CmpIOp::create(k.b, arith::CmpIPredicate::ule, k.numThreads, k.index(owners));
}

Value LaneTiles::begin(KernelBuilder &k) const {
  if (owners == 1)
    return k.index(0);
  return arith::SelectOp::create(k.b, isOwned(k), k.mul(k.tid, ownSize()), k.index(0));
}

SmallVector<Value> LaneTiles::tileInputs(KernelBuilder &k, Value in, Value column) const {
  Value begin = this->begin(k);
  if (ownColumns) { // the code adds the displacement of the column, which is counted from the first one of all
    Value own = k.mul(arith::DivUIOp::create(k.b, in, k.index(bases())).getResult(), ownColumns);
    own = arith::SubIOp::create(k.b, own, k.mul(column, lanes));
    in = arith::SelectOp::create(k.b, isOwned(k), own, in);
  }
  if (!isRing())
    return {k.add(begin, in)};
  Value slice = k.add(firstSlice(k), arith::DivUIOp::create(k.b, in, k.index(slotSize())));
  Value within = arith::RemUIOp::create(k.b, in, k.index(slotSize()));
  SmallVector<Value> result;
  for (int64_t i = 0; i <= extraSlices; ++i) {
    Value slot = arith::RemUIOp::create(k.b, k.add(slice, i), k.index(slots));
    result.push_back(k.add(begin, k.add(within, k.mul(slot, slotSize()))));
  }
  return result;
}

Value LaneTiles::roundOutput(KernelBuilder &k) const {
  return k.add(k.mul(firstSlice(k), k.c.outSliceStride()), k.mul(image(k), k.c.outBatchStride()));
}

SmallVector<TileLoop> LaneTiles::plan() const {
  if (joined > 1) {
    TileLoop slices;
    if (c.batch > 1)
      slices.loops.push_back({c.batch, (c.outer + extraSlices) * slotSize(), c.outBatchStride()});
    if (c.outer > 1)
      slices.loops.push_back({c.outer, slotSize(), c.outSliceStride()});
    SmallVector<TileLoop> tiles{slices};
    tiles.front().loops.push_back({lines, linePitch, c.outLineStride()});
    tiles.front().loops.push_back({heads, bases() * lanes, lanes});
    tiles.front().vectors.push_back({0, lanes, {{0, lanes, 0}}});
    TileLoop &last = tiles.emplace_back(slices);
    last.inBase = heads * bases() * lanes;
    last.loops.push_back({lines / joined, joined * linePitch, joined * c.outLineStride()});
    last.vectors.push_back(ends(c.outLineStride()));
    return tiles;
  }
  SmallVector<TileLoop> tiles = planTiles(c, lanes, 1);
  bool isShort = coversShortLines(c, lanes);
  for (TileLoop &tile : tiles) {
    size_t next = 0;
    if (c.batch > 1)
      tile.loops[next++].inStride = (c.outer + extraSlices) * slotSize();
    if (c.outer > 1)
      tile.loops[next++].inStride = slotSize();
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

bool LaneTiles::isByColumn() const {
  if (numRounds > 1 || joined > 1 || extraLines || extraSlices || bases() != int64_t(columnPlaces.size()))
    return false;
  return llvm::all_of(llvm::enumerate(columnPlaces),
                      [](auto place) { return place.value().base == int64_t(place.index()); });
}

void LaneTiles::emitCopy(KernelBuilder &k) const { emitCopy(k, {k.index(0), k.index(bases())}, /*isBlock=*/false); }

void LaneTiles::emitBlock(KernelBuilder &k, IndexRange columns) const { emitCopy(k, columns, /*isBlock=*/true); }

void LaneTiles::emitCopy(KernelBuilder &k, IndexRange columns, bool isBlock) const {
  auto module = k.b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  SymbolTable symbols(module);
  auto constants = [&](StringRef name, ArrayRef<int32_t> values) -> Value {
    auto type = RankedTensorType::get({int64_t(values.size())}, k.b.getI32Type());
    memref::GlobalOp table;
    {
      OpBuilder::InsertionGuard guard(k.b);
      k.b.setInsertionPointToEnd(module.getBody());
      table = memref::GlobalOp::create(k.b, name, k.b.getStringAttr("private"),
                                       MemRefType::get(type.getShape(), k.b.getI32Type()),
                                       DenseElementsAttr::get(type, values), /*constant=*/true, IntegerAttr());
      symbols.insert(table);
    }
    return memref::GetGlobalOp::create(k.b, table.getType(), table.getSymName());
  };
  // Read in the order of the input, so that taps of a channel follow each other: in the order of columns each lies in
  // another page than the one before. Bases that reach farther stay in front. A block is copied in the order of
  // columns.
  auto numbers = llvm::seq<int32_t>(0, int32_t(bases()));
  SmallVector<int32_t> order(numbers.begin(), numbers.end());
  if (!isBlock)
    llvm::sort(order, [&](int32_t a, int32_t b) {
      return std::pair(-extent[a], baseOffset[a]) < std::pair(-extent[b], baseOffset[b]);
    });
  SmallVector<int32_t> from, to;
  for (int32_t base : order) {
    from.push_back(int32_t(baseOffset[base]));
    to.push_back(int32_t(base * lanes));
  }
  Value offsets = constants("lane_tile_bases", from), places = constants("lane_tile_places", to);
  VectorType type = k.vectorType(lanes);
  // Slices [first, first + count) of an image; or all of all images, one after the other.
  Value first = firstSlice(k), inImage = k.mul(image(k), c.inputBatchStride), count = k.index(slots);
  if (isRing()) {
    Value isFirst = arith::CmpIOp::create(k.b, arith::CmpIPredicate::eq, first, k.index(0));
    count = arith::SelectOp::create(k.b, isFirst, count, k.index(c.outer));
    first = arith::SelectOp::create(k.b, isFirst, first, k.add(first, extraSlices));
  }
  int64_t perImage = c.outer + extraSlices;
  // Alone with its copy, a thread makes all of it.
  Value begin = this->begin(k), part = k.tid, parts = k.numThreads;
  if (owners > 1) {
    Value owned = isOwned(k);
    part = arith::SelectOp::create(k.b, owned, k.index(0), part);
    parts = arith::SelectOp::create(k.b, owned, k.index(1), parts);
  }

  // A line of the input and of the copy, and which line of its slice it is.
  struct Step {
    Value line, in, out;
  };
  // Step `step`, counted over all slices.
  auto locate = [&](Value step) -> Step {
    Value line = step, in = inImage, slot = k.index(0);
    if (slots > 1) {
      line = arith::RemUIOp::create(k.b, step, k.index(steps()));
      Value slice = arith::DivUIOp::create(k.b, step, k.index(steps()));
      slot = slice;
      if (c.batch > 1) {
        in = k.add(in, k.mul(arith::DivUIOp::create(k.b, slice, k.index(perImage)).getResult(), c.inputBatchStride));
        slice = arith::RemUIOp::create(k.b, slice, k.index(perImage));
      }
      slice = k.add(slice, first);
      if (isRing())
        slot = arith::RemUIOp::create(k.b, slice, k.index(slots));
      in = k.add(in, k.mul(slice, c.outerStride));
    } else {
      in = k.add(in, k.mul(first, c.outerStride));
    }
    auto place = [&](int64_t size) { return isBlock ? ownPlace(size) : size; };
    Value out = k.add(k.mul(slot, place(slotSize())), k.mul(line, place(linePitch)));
    if (isBlock)
      out = arith::SubIOp::create(k.b, out, k.mul(columns.lo, lanes));
    return {line, k.add(in, k.mul(line, lineStep)), k.add(begin, out)};
  };
  // One vector of one base, at vector `vector` of its line.
  auto copyVector = [&](const Step &step, Value vector, const VectorPlace &place, Value base) {
    Value in = k.add(step.in, k.mul(vector, lanes));
    Value out = k.add(step.out, k.mul(vector, (isBlock ? ownColumns : this->bases()) * lanes));
    Value x = k.loadInput(k.add(in, k.loadIndex(offsets, base)), place, type);
    vector::StoreOp::create(k.b, x, k.scratch, ValueRange{k.add(out, k.loadIndex(places, base))});
  };
  // One vector of every base.
  auto copyVectors = [&](Value number, Value vector, const VectorPlace &place) {
    Step step = locate(number);
    Value bases = columns.hi, line = step.line;
    for (auto [extra, some] : llvm::enumerate(reach)) {
      if (some == this->bases())
        continue;
      Value beyond = arith::CmpIOp::create(k.b, arith::CmpIPredicate::eq, line, k.index(lines + int64_t(extra)));
      bases = arith::SelectOp::create(k.b, beyond, k.index(some), bases);
    }
    k.forRange({columns.lo, bases}, [&](Value base) { copyVector(step, vector, place, base); });
  };
  // This thread's share of so many pieces of each slice.
  auto share = [&](int64_t perSlice) -> IndexRange {
    Value total = k.mul(count, perSlice);
    auto bound = [&](Value number) -> Value {
      return arith::DivUIOp::create(k.b, arith::MulIOp::create(k.b, number, total), parts);
    };
    return {bound(part), bound(k.add(part, 1))};
  };

  int64_t whole = c.inputHasSlack ? heads : c.lineLength / lanes;
  VectorPlace full{0, lanes, {}}, end{0, c.lineLength - whole * lanes, {}};
  if (isBlock) // few tiles: the vectors of a column, most of them neighbours, one after the other
    return k.forRange(columns, [&](Value base) {
      for (int64_t number = 0; number < slots * steps(); ++number) {
        Step step = locate(k.index(number));
        for (int64_t vector = 0; vector < heads; ++vector)
          copyVector(step, k.index(vector), vector < whole ? full : end, base);
      }
    });
  if (whole)
    k.forRange(share(steps() * whole), [&](Value i) {
      Value step = i, vector = k.index(0);
      if (whole > 1) {
        step = arith::DivUIOp::create(k.b, i, k.index(whole));
        vector = arith::RemUIOp::create(k.b, i, k.index(whole));
      }
      copyVectors(step, vector, full);
    });
  if (joined > 1) {
    SmallVector<int32_t> counts;
    for (int64_t step = 0; step < steps(); ++step)
      counts.push_back(int32_t(endBases(step)));
    Value table = constants("lane_tile_ends", counts);
    VectorPlace place = ends(lineStep);
    k.forRange(share(steps()), [&](Value number) {
      Step step = locate(number);
      Value some = k.loadIndex(table, step.line);
      Value out = k.add(step.out, heads * this->bases() * lanes);
      k.forRange({k.index(0), some}, [&](Value base) {
        Value x = k.loadOutput(k.input, k.add(step.in, k.loadIndex(offsets, base)), place, type);
        vector::StoreOp::create(k.b, x, k.scratch, ValueRange{k.add(out, k.loadIndex(places, base))});
      });
    });
    return;
  }
  // Without slack behind a line, its last lanes are not there.
  if (whole < heads)
    k.forRange(share(steps()), [&](Value step) { copyVectors(step, k.index(whole), end); });
}
