//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Packing of activation planes: zero padding and stride phases.
//
//===----------------------------------------------------------------------===//
#include "PackPlane.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Emits the copy of one channel. All extents are static, so that the nest has no branches.
class PlanePacker {
public:
  PlanePacker(ImplicitLocOpBuilder &b, PlaneAttr plane, Value input, Value output, int64_t lanes)
      : b(b), plane(plane), input(input), output(output), lanes(lanes),
        element(cast<MemRefType>(input.getType()).getElementType()) {
    int64_t used = plane.getPhaseSize();
    for (int64_t p : plane.getPhases())
      used *= p;
    maySpill = used + lanes <= plane.getSize();
  }

  void emitChannel(Value in, Value out) {
    size_t spatial = plane.getInput().size();
    int64_t phases = 1;
    for (int64_t p : plane.getPhases())
      phases *= p;
    for (int64_t i = 0; i < phases; ++i) {
      SmallVector<int64_t> phase(spatial);
      int64_t rest = i;
      for (size_t d = spatial; d-- > 0;) {
        phase[d] = rest % plane.getPhases()[d];
        rest /= plane.getPhases()[d];
      }
      emitDim(0, phase, in, add(out, i * plane.getPhaseSize()));
    }
    int64_t used = phases * plane.getPhaseSize();
    maySpill = false; // the next channel may be another thread's
    fillZero(add(out, used), plane.getSize() - used);
    maySpill = used + lanes <= plane.getSize();
  }

private:
  Value index(int64_t v) { return arith::ConstantIndexOp::create(b, v); }
  Value add(Value a, int64_t v) { return v ? arith::AddIOp::create(b, a, index(v)).getResult() : a; }
  Value mul(Value a, int64_t v) { return v == 1 ? a : arith::MulIOp::create(b, a, index(v)).getResult(); }
  Value add(Value a, Value v) { return arith::AddIOp::create(b, a, v); }
  VectorType vectorType(int64_t n) { return VectorType::get({n}, element); }

  Value mask(int64_t count, int64_t n) {
    SmallVector<bool> bits(n, false);
    std::fill(bits.begin(), bits.begin() + count, true);
    auto type = VectorType::get({n}, b.getI1Type());
    return arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, bits));
  }

  void loop(int64_t count, function_ref<void(Value)> body) {
    if (count <= 0)
      return;
    if (count == 1)
      return body(index(0));
    auto op = scf::ForOp::create(b, index(0), index(count), index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(op.getBody()->getTerminator());
    body(op.getInductionVar());
  }

  // Everything is written in ascending order, and what a vector holds behind the elements of a row are zeros. So whole
  // vectors may be stored wherever the channel is long enough: the spill is right, or is overwritten by what follows.

  /// Zeros that the copy of a row of `count` elements leaves behind it.
  int64_t spill(int64_t count, int64_t stride) const {
    return maySpill && stride <= 2 ? (lanes - count % lanes) % lanes : 0;
  }

  void store(Value v, Value out, int64_t count) {
    if (count == lanes || maySpill)
      vector::StoreOp::create(b, v, output, ValueRange{out});
    else
      vector::MaskedStoreOp::create(b, output, ValueRange{out}, mask(count, lanes), v);
  }

  void fillZero(Value out, int64_t count) {
    auto type = vectorType(lanes);
    Value zero = arith::ConstantOp::create(b, type, b.getZeroAttr(type));
    loop(count / lanes,
         [&](Value i) { vector::StoreOp::create(b, zero, output, ValueRange{add(out, mul(i, lanes))}); });
    if (int64_t rest = count % lanes; count > 0 && rest)
      store(zero, add(out, count - rest), rest);
  }

  /// count elements from in, in + stride, ... to out, out + 1, ...
  void copyRow(Value in, Value out, int64_t count, int64_t stride) {
    if (stride > 2) {
      loop(count, [&](Value i) {
        Value v = memref::LoadOp::create(b, input, ValueRange{add(in, mul(i, stride))});
        memref::StoreOp::create(b, v, output, ValueRange{add(out, i)});
      });
      return;
    }
    auto wide = vectorType(lanes * stride);
    auto chunk = [&](Value from, Value to, int64_t n) {
      int64_t span = (n - 1) * stride + 1; // never reads past the last element
      Value v;
      if (span == lanes * stride)
        v = vector::LoadOp::create(b, wide, input, ValueRange{from});
      else
        v = vector::MaskedLoadOp::create(b, wide, input, ValueRange{from}, mask(span, lanes * stride),
                                         arith::ConstantOp::create(b, wide, b.getZeroAttr(wide)));
      if (stride == 2)
        v = vector::DeinterleaveOp::create(b, v).getRes1();
      store(v, to, n);
    };
    loop(count / lanes, [&](Value i) { chunk(add(in, mul(i, lanes * stride)), add(out, mul(i, lanes)), lanes); });
    if (int64_t rest = count % lanes)
      chunk(add(in, (count - rest) * stride), add(out, count - rest), rest);
  }

  /// Dimension `d` and those inside of it. `zeroBefore`: the zeros in front of the first element are there already.
  void emitDim(size_t d, ArrayRef<int64_t> phase, Value in, Value out, bool zeroBefore = false) {
    int64_t stride = plane.getStrides()[d], pad = plane.getPads()[d], extent = plane.getExtents()[d];
    int64_t innerOut = 1, innerIn = 1;
    for (size_t e = d + 1; e < phase.size(); ++e) {
      innerOut *= plane.getExtents()[e];
      innerIn *= plane.getInput()[e];
    }
    auto [lo, hi] = inside(d, phase[d]);
    if (!zeroBefore)
      fillZero(out, lo * innerOut);
    Value from = add(in, (lo * stride + phase[d] - pad) * innerIn), to = add(out, lo * innerOut);
    int64_t behind = (extent - hi) * innerOut;
    if (hi > lo && d + 1 == phase.size()) {
      copyRow(from, to, hi - lo, stride);
      behind -= std::min(behind, spill(hi - lo, stride));
    } else if (hi > lo) {
      // In front of every row but the first there may be what the row before has spilled.
      bool covered = d + 2 == phase.size() && spillCoversNext(phase);
      if (covered)
        fillZero(to, inside(d + 1, phase[d + 1]).first);
      loop(hi - lo, [&](Value i) {
        emitDim(d + 1, phase, add(from, mul(i, stride * innerIn)), add(to, mul(i, innerOut)), covered);
      });
    }
    fillZero(add(out, extent * innerOut - behind), behind);
  }

  /// Elements [lo, hi) of a line of the plane come from the input.
  std::pair<int64_t, int64_t> inside(size_t d, int64_t phase) const {
    int64_t stride = plane.getStrides()[d], pad = plane.getPads()[d], extent = plane.getExtents()[d];
    auto firstAtLeast = [&](int64_t coordinate) {
      int64_t distance = coordinate - phase;
      return std::min<int64_t>(distance <= 0 ? 0 : llvm::divideCeil(distance, stride), extent);
    };
    int64_t lo = firstAtLeast(pad);
    return {lo, std::max(lo, firstAtLeast(pad + plane.getInput()[d]))};
  }

  /// Whether the zeros behind a row reach to the first element of the next one.
  bool spillCoversNext(ArrayRef<int64_t> phase) const {
    size_t last = phase.size() - 1;
    auto [lo, hi] = inside(last, phase[last]);
    return lo > 0 && hi > lo && spill(hi - lo, plane.getStrides()[last]) >= plane.getExtents()[last] - hi + lo;
  }

  ImplicitLocOpBuilder &b;
  PlaneAttr plane;
  Value input, output;
  int64_t lanes;
  Type element;
  bool maySpill = false;
};

} // namespace

void mlir::gs::emitPackPlane(ImplicitLocOpBuilder &b, PlaneAttr plane, int64_t channels, Value input, Value output,
                             Value tid, Value numThreads, int64_t lanes) {
  auto index = [&](int64_t v) -> Value { return arith::ConstantIndexOp::create(b, v); };
  auto bound = [&](Value part) -> Value {
    return arith::DivUIOp::create(b, arith::MulIOp::create(b, part, index(channels)), numThreads);
  };
  Value lo = bound(tid), hi = bound(arith::AddIOp::create(b, tid, index(1)));
  auto loop = scf::ForOp::create(b, lo, hi, index(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  int64_t inSize = 1;
  for (int64_t e : plane.getInput())
    inSize *= e;
  Value channel = loop.getInductionVar();
  Value in = arith::MulIOp::create(b, channel, index(inSize));
  Value out = arith::MulIOp::create(b, channel, index(plane.getSize()));
  PlanePacker(b, plane, input, output, lanes).emitChannel(in, out);
}
