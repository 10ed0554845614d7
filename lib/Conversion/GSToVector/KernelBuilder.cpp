//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Building blocks of kernels.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::gs;

void mlir::gs::transposeSquare(ImplicitLocOpBuilder &b, MutableArrayRef<Value> square) {
  // Blocks of half, a quarter, ... of the square's size are exchanged.
  auto lanes = static_cast<int64_t>(square.size());
  for (int64_t distance = lanes / 2; distance > 0; distance /= 2)
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & distance)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t k = 0; k < lanes; ++k) {
        low.push_back(k & distance ? lanes + k - distance : k);
        high.push_back(k & distance ? lanes + k : k + distance);
      }
      Value upper = square[i], lower = square[i + distance];
      square[i] = vector::ShuffleOp::create(b, upper, lower, low);
      square[i + distance] = vector::ShuffleOp::create(b, upper, lower, high);
    }
}

Value KernelBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
Value KernelBuilder::add(Value a, int64_t constant) {
  return constant ? arith::AddIOp::create(b, a, index(constant)).getResult() : a;
}
Value KernelBuilder::add(Value a, Value v) { return arith::AddIOp::create(b, a, v); }
Value KernelBuilder::mul(Value a, int64_t constant) {
  return constant == 1 ? a : arith::MulIOp::create(b, a, index(constant)).getResult();
}
Value KernelBuilder::zero(VectorType type) { return arith::ConstantOp::create(b, type, b.getZeroAttr(type)); }

Value KernelBuilder::loadIndex(Value memref, Value position) {
  Value value = memref::LoadOp::create(b, memref, ValueRange{position});
  // Narrow indices are unsigned.
  if (value.getType().getIntOrFloatBitWidth() < 32)
    return arith::IndexCastUIOp::create(b, b.getIndexType(), value);
  return arith::IndexCastOp::create(b, b.getIndexType(), value);
}

Value KernelBuilder::broadcastLoad(Value memref, Value position, VectorType type) {
  return vector::BroadcastOp::create(b, type, memref::LoadOp::create(b, memref, ValueRange{position}));
}

Value KernelBuilder::load(Value memref, Value position, VectorType type) {
  return vector::LoadOp::create(b, type, memref, ValueRange{position});
}

void KernelBuilder::prefetch(Value memref, Value position, int64_t bytesAhead) {
  int64_t elements = bytesAhead * 8 / cast<MemRefType>(memref.getType()).getElementTypeBitWidth();
  memref::PrefetchOp::create(b, memref, ValueRange{add(position, elements)}, /*isWrite=*/false, /*localityHint=*/3,
                             /*isDataCache=*/true);
}

void KernelBuilder::prefetchInput(Value base, Value indices, Value position, ArrayRef<int64_t> lines) {
  int64_t last = cast<MemRefType>(indices.getType()).getNumElements() - 1;
  Value at = add(base, loadIndex(indices, arith::MinUIOp::create(b, position, index(last))));
  for (int64_t line : lines)
    prefetch(input, add(at, line), /*bytesAhead=*/0);
}

SmallVector<int64_t> KernelBuilder::linesOf(ArrayRef<int64_t> places) const {
  constexpr int64_t lineBits = 512;
  const int64_t lineLength = lineBits / int64_t(c.elementType().getIntOrFloatBitWidth());
  SmallVector<int64_t> all(places);
  // A vector that is not aligned may end in another line than it begins in.
  if (!cost::inputIsAligned(c, lanes()))
    for (int64_t place : places)
      all.push_back(place + lanes() - 1);
  llvm::sort(all);
  // What lies between two elements that are at most a line apart is in the line of one of them.
  SmallVector<int64_t> lines;
  for (size_t i = 0; i < all.size(); ++i)
    if (lines.empty() || i + 1 == all.size() || all[i + 1] - lines.back() > lineLength)
      lines.push_back(all[i]);
  return lines;
}

Value KernelBuilder::fma(Value a, Value x, Value acc) { return vector::FMAOp::create(b, a, x, acc); }

Value KernelBuilder::constantMask(int64_t from, int64_t to, int64_t n) {
  SmallVector<bool> bits(n, false);
  std::fill(bits.begin() + from, bits.begin() + to, true);
  auto type = VectorType::get({n}, b.getI1Type());
  return arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, bits));
}

Value KernelBuilder::loadInput(Value base, const VectorPlace &place, VectorType type) {
  Value position = add(base, place.in);
  if (place.readable >= type.getNumElements())
    return load(input, position, type);
  return vector::MaskedLoadOp::create(b, type, input, ValueRange{position},
                                      constantMask(0, place.readable, type.getNumElements()), zero(type));
}

Value KernelBuilder::loadOutput(Value memref, Value base, const VectorPlace &place, VectorType type) {
  int64_t n = type.getNumElements();
  Value result;
  for (const Segment &s : place.segments) {
    Value position = add(base, s.out - s.lane);
    if (s.count == n)
      return load(memref, position, type);
    // Lanes outside of the segment keep what earlier segments loaded.
    result = vector::MaskedLoadOp::create(b, type, memref, ValueRange{position},
                                          constantMask(s.lane, s.lane + s.count, n), result ? result : zero(type));
  }
  return result;
}

void KernelBuilder::storeOutput(Value value, Value base, const VectorPlace &place) {
  int64_t n = cast<VectorType>(value.getType()).getNumElements();
  for (const Segment &s : place.segments) {
    Value position = add(base, s.out - s.lane);
    if (s.count == n) {
      vector::StoreOp::create(b, value, output, ValueRange{position});
      continue;
    }
    // Pieces of whole registers can be stored without a mask, each by a store of its own.
    int64_t least = 128 / cast<VectorType>(value.getType()).getElementTypeBitWidth();
    SmallVector<std::pair<int64_t, int64_t>> pieces;
    if (s.lane % least == 0 && s.count % least == 0)
      for (int64_t lane = s.lane, end = s.lane + s.count, size; lane < end; lane += size) {
        // The largest piece that begins at a multiple of its size.
        for (size = n / 2; lane % size || lane + size > end;)
          size /= 2;
        pieces.push_back({lane, size});
      }
    double cycles = double(pieces.size()) / target.narrowStoresPerCycle;
    if (pieces.empty() || cycles > target.maskedStoreCycles) {
      vector::MaskedStoreOp::create(b, output, ValueRange{position}, constantMask(s.lane, s.lane + s.count, n), value);
      continue;
    }
    for (auto [lane, size] : pieces) {
      Value piece = vector::ExtractStridedSliceOp::create(b, value, ArrayRef<int64_t>{lane}, ArrayRef<int64_t>{size},
                                                          ArrayRef<int64_t>{1});
      vector::StoreOp::create(b, piece, output, ValueRange{add(position, lane)});
    }
  }
}

Value KernelBuilder::applyEpilogue(Value sum, function_ref<Value(unsigned, VectorType)> operand) {
  Region &region = c.epilogue();
  if (region.empty())
    return sum;
  Block &block = region.front();
  int64_t n = cast<VectorType>(sum.getType()).getNumElements();
  IRMapping map;
  map.map(block.getArgument(0), sum);
  for (unsigned i = 1; i < block.getNumArguments(); ++i)
    map.map(block.getArgument(i), operand(i - 1, VectorType::get({n}, block.getArgument(i).getType())));
  // Constants may stand in the region or, hoisted by canonicalisation, in front of the op; the verifier lets in no
  // other value from outside.
  auto lookup = [&](Value v) -> Value {
    if (Value known = map.lookupOrNull(v))
      return known;
    auto type = VectorType::get({n}, v.getType());
    Attribute value = v.getDefiningOp<arith::ConstantOp>().getValue();
    return arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, value));
  };
  for (Operation &op : block.without_terminator()) {
    if (isa<arith::ConstantOp>(op))
      continue;
    SmallVector<Type> types;
    for (Type type : op.getResultTypes())
      types.push_back(VectorType::get({n}, type));
    SmallVector<Value> operands;
    for (Value v : op.getOperands())
      operands.push_back(lookup(v));
    OperationState state(b.getLoc(), op.getName(), operands, types, op.getAttrs());
    Operation *vectorOp = b.create(state);
    for (auto [from, to] : llvm::zip(op.getResults(), vectorOp->getResults()))
      map.map(from, to);
  }
  return lookup(block.getTerminator()->getOperand(0));
}

Value KernelBuilder::applyRowEpilogue(Value sum, Value row) {
  return applyEpilogue(sum, [&](unsigned i, VectorType type) {
    bool isScalar = cast<ShapedType>(c.epilogueOperands()[i].getType()).getRank() == 0;
    return broadcastLoad(epilogueOperands[i], isScalar ? index(0) : row, type);
  });
}

void KernelBuilder::finish(Value sum, Value row, Value outBase, const VectorPlace &place) {
  ValueRange operands = c.epilogueOperands();
  Value result = applyEpilogue(sum, [&](unsigned i, VectorType type) -> Value {
    auto shape = cast<ShapedType>(operands[i].getType());
    if (shape.getShape() == cast<ShapedType>(c.init().getType()).getShape())
      return loadOutput(epilogueOperands[i], outBase, place, type);
    return broadcastLoad(epilogueOperands[i], shape.getRank() == 0 ? index(0) : row, type);
  });
  storeOutput(result, outBase, place);
}

void KernelBuilder::finishMasked(Value sum, Value row, Value rowOffset, ArrayRef<MaskedPlace> places, Value isWhole) {
  if (isWhole) {
    // The same for all rows of a tile, so that the branch is predicted; a masked store costs more than a plain one.
    auto branch = scf::IfOp::create(b, isWhole, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    finishMasked(sum, row, rowOffset, {{places.front().out, Value()}});
    b.setInsertionPointToStart(branch.elseBlock());
    finishMasked(sum, row, rowOffset, places);
    return;
  }
  ValueRange operands = c.epilogueOperands();
  Value result = applyEpilogue(sum, [&](unsigned i, VectorType type) -> Value {
    auto shape = cast<ShapedType>(operands[i].getType());
    if (shape.getShape() != cast<ShapedType>(c.init().getType()).getShape())
      return broadcastLoad(epilogueOperands[i], shape.getRank() == 0 ? index(0) : row, type);
    Value loaded = zero(type);
    for (const MaskedPlace &place : places) {
      Value at = add(place.out, rowOffset);
      loaded = place.mask
                   ? vector::MaskedLoadOp::create(b, type, epilogueOperands[i], ValueRange{at}, place.mask, loaded)
                         .getResult()
                   : load(epilogueOperands[i], at, type);
    }
    return loaded;
  });
  for (const MaskedPlace &place : places) {
    Value at = add(place.out, rowOffset);
    if (place.mask)
      vector::MaskedStoreOp::create(b, output, ValueRange{at}, place.mask, result);
    else
      vector::StoreOp::create(b, result, output, ValueRange{at});
  }
}

void KernelBuilder::finishRows(Value sum, Value row, int64_t valid) {
  ValueRange operands = c.epilogueOperands();
  int64_t n = cast<VectorType>(sum.getType()).getNumElements();
  VectorPlace place{0, valid, {{0, valid, 0}}};
  Value result = applyEpilogue(sum, [&](unsigned i, VectorType type) -> Value {
    if (cast<ShapedType>(operands[i].getType()).getRank() == 0)
      return broadcastLoad(epilogueOperands[i], index(0), type);
    return loadOutput(epilogueOperands[i], row, place, type);
  });
  (void)n;
  storeOutput(result, row, place);
}

Value KernelBuilder::rowAt(Value position) {
  Value order = buffers.lookup("row_order");
  return order ? loadIndex(order, position) : position;
}

void KernelBuilder::finishRowsAt(Value sum, Value position, int64_t valid) {
  Value order = buffers.lookup("row_order");
  if (!order)
    return finishRows(sum, position, valid);
  int64_t n = cast<VectorType>(sum.getType()).getNumElements();
  auto type = VectorType::get({n}, b.getI32Type());
  Value rows = valid == n ? load(order, position, type)
                          : vector::MaskedLoadOp::create(b, type, order, ValueRange{position},
                                                         constantMask(0, valid, n), zero(type))
                                .getResult();
  finishRowList(sum, rows, valid);
}

void KernelBuilder::finishRowList(Value sum, Value rows, int64_t valid) {
  ValueRange operands = c.epilogueOperands();
  Value first = index(0), mask = constantMask(0, valid, cast<VectorType>(sum.getType()).getNumElements());
  Value result = applyEpilogue(sum, [&](unsigned i, VectorType type) -> Value {
    if (cast<ShapedType>(operands[i].getType()).getRank() == 0)
      return broadcastLoad(epilogueOperands[i], first, type);
    return vector::GatherOp::create(b, type, epilogueOperands[i], ValueRange{first}, rows, mask, zero(type));
  });
  vector::ScatterOp::create(b, /*resultType=*/Type(), output, ValueRange{first}, rows, mask, result);
}

bool KernelBuilder::splitsTiles(ArrayRef<TileLoop> plan) const {
  // Enough tiles that halves, quarters... of them are balanced; otherwise rows are shared by work.
  return countTiles(plan) >= 16;
}

void KernelBuilder::forEachTile(ArrayRef<TileLoop> plan, bool split,
                                function_ref<void(const TileLoop &, TileBase)> body) {
  for (const TileLoop &tile : plan)
    forTiles(tile, split ? share(tile.count()) : all(tile.count()), [&](Value, TileBase base) { body(tile, base); });
}

void KernelBuilder::forTiles(const TileLoop &tile, IndexRange range, function_ref<void(Value, TileBase)> body) {
  forRange(range, [&](Value t) {
    Value in = index(tile.inBase), out = index(tile.outBase + c.outOffset()), rest = t;
    for (size_t i = tile.loops.size(); i-- > 0;) {
      const TileLoop::Loop &loop = tile.loops[i];
      if (loop.trip == 1)
        continue;
      Value position = rest;
      bool outermost = true;
      for (size_t j = 0; j < i; ++j)
        outermost &= tile.loops[j].trip == 1;
      if (!outermost) {
        position = arith::RemUIOp::create(b, rest, index(loop.trip));
        rest = arith::DivUIOp::create(b, rest, index(loop.trip));
      }
      in = add(in, mul(position, loop.inStride));
      out = add(out, mul(position, loop.outStride));
    }
    body(t, {in, out});
  });
}

void KernelBuilder::forPieces(IndexRange range, int64_t step, function_ref<void(IndexRange)> body) {
  auto loop = scf::ForOp::create(b, range.lo, range.hi, index(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  Value lo = loop.getInductionVar();
  body({lo, arith::MinUIOp::create(b, add(lo, step), range.hi)});
}

void KernelBuilder::forRange(IndexRange range, function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, range.lo, range.hi, index(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

SmallVector<Value> KernelBuilder::accumulate(Value lo, Value hi, ArrayRef<Value> init,
                                             function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(b, lo, hi, index(1), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(loop.getBody());
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, next);
  return SmallVector<Value>(loop.getResults());
}

IndexRange KernelBuilder::share(int64_t n, Value offsets) {
  if (isAlone)
    return all(n);
  auto bound = [&](Value part) -> Value {
    if (!offsets)
      return arith::DivUIOp::create(b, mul(part, n), numThreads);
    // First group whose running count reaches part / numThreads of the total.
    Value wanted = arith::MulIOp::create(b, part, loadIndex(offsets, index(n)));
    SmallVector<Value> found = accumulate(index(0), index(n), {index(0)}, [&](Value g, ValueRange count) {
      Value reached = arith::MulIOp::create(b, loadIndex(offsets, g), numThreads);
      Value below = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, reached, wanted);
      Value one = arith::IndexCastUIOp::create(b, b.getIndexType(), below);
      return SmallVector<Value>{add(count[0], one)};
    });
    return found[0];
  };
  Value next = add(tid, 1);
  if (!offsets)
    return {bound(tid), bound(next)};
  // The last thread takes everything that is left, empty groups at the end included.
  Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, numThreads);
  return {bound(tid), arith::SelectOp::create(b, isLast, index(n), bound(next))};
}
