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

/// A thread's number and how many there are.
struct ThreadShare {
  Value tid, numThreads;

  Value isFirst(ImplicitLocOpBuilder &b) const {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, tid, arith::ConstantIndexOp::create(b, 0));
  }
  Value isLast(ImplicitLocOpBuilder &b) const {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next(b), numThreads);
  }
  /// Its part of [0, n).
  std::pair<Value, Value> of(ImplicitLocOpBuilder &b, int64_t n) const {
    auto bound = [&](Value part) -> Value {
      return arith::DivUIOp::create(b, arith::MulIOp::create(b, part, arith::ConstantIndexOp::create(b, n)),
                                    numThreads);
    };
    return {bound(tid), bound(next(b))};
  }

private:
  Value next(ImplicitLocOpBuilder &b) const {
    return arith::AddIOp::create(b, tid, arith::ConstantIndexOp::create(b, 1));
  }
};

/// Whether threads share the lines of every channel instead of channels: where these are few, as those of an image.
/// With many, halves of small planes lie so close together that one core's prefetches take lines from the other, which
/// costs more than a convolution gains whose threads share pixels (docs/Rationale/Threads.md).
bool sharesLines(PlaneAttr plane, int64_t channels) {
  constexpr int64_t fewChannels = 16, fewestLines = 8;
  ArrayRef<int64_t> extents = plane.getExtents();
  return channels < fewChannels && extents.size() > 1 && extents.front() >= fewestLines;
}

/// Emits the copy of one channel. All extents are static, so that the nest has no branches.
class PlanePacker {
public:
  PlanePacker(ImplicitLocOpBuilder &b, PlaneAttr plane, Value input, Value output, int64_t lanes)
      : b(b), plane(plane), input(input), output(output), lanes(lanes),
        element(cast<MemRefType>(output.getType()).getElementType()) {
    int64_t used = plane.getPhaseSize();
    for (int64_t p : plane.getPhases())
      used *= p;
    maySpill = used + lanes <= plane.getSize();
  }

  /// `lines`: this thread's share of the outermost extent; all of it without.
  void emitChannel(Value in, Value out, std::optional<ThreadShare> lines) {
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
      Value to = add(out, i * plane.getPhaseSize());
      if (!lines)
        emitDim(0, phase, in, to);
      else if (lineSize(plane.getExtents()) >= lanes)
        emitShare(*lines, phase, in, to);
      else // what a short line spills would reach beyond the last line of a share
        withoutSpill([&] { emitShare(*lines, phase, in, to); });
    }
    int64_t used = phases * plane.getPhaseSize();
    // The next channel may be another thread's.
    auto fillRest = [&] { withoutSpill([&] { fillZero(add(out, used), plane.getSize() - used); }); };
    if (!lines)
      fillRest();
    else if (used < plane.getSize())
      onlyIf(lines->isLast(b), fillRest);
  }

  /// Zeros around what the input would fill, which is there already.
  void emitBorders(Value out) {
    // Lines of the input and what lies between them, from the inside out: a line, a slice, all slices.
    maySpill = false;
    size_t spatial = plane.getInput().size();
    int64_t first = 0;
    for (size_t d = 0; d < spatial; ++d)
      first = first * plane.getExtents()[d] + plane.getPads()[d];
    fillZero(out, first);
    int64_t end = first + emitGaps(0, add(out, first));
    fillZero(add(out, end), plane.getSize() - end);
  }

private:
  /// The lines of this thread. Nothing may be spilled into those of the next one, and nothing has been into the first
  /// one of them.
  void emitShare(const ThreadShare &share, ArrayRef<int64_t> phase, Value in, Value out) {
    int64_t extent = plane.getExtents()[0], lineOut = lineSize(plane.getExtents()), lineIn = lineSize(plane.getInput());
    int64_t stride = plane.getStrides()[0];
    auto [lo, hi] = inside(0, phase[0]);
    Value from = add(in, (lo * stride + phase[0] - plane.getPads()[0]) * lineIn), to = add(out, lo * lineOut);
    // Zeros in front of the first line are the first thread's, those behind the last one the last thread's.
    onlyIf(share.isFirst(b), [&] { withoutSpill([&] { fillZero(out, lo * lineOut); }); });
    if (hi > lo) {
      auto [begin, end] = share.of(b, hi - lo);
      Value isSome = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, begin, end);
      onlyIf(isSome, [&] {
        bool covered = phase.size() == 2 && spillCoversNext(phase);
        if (covered)
          fillZero(add(to, mul(begin, lineOut)), inside(1, phase[1]).first);
        auto line = [&](Value i, bool zeroBefore) {
          emitDim(1, phase, add(from, mul(i, stride * lineIn)), add(to, mul(i, lineOut)), zeroBefore);
        };
        Value last = arith::SubIOp::create(b, end, index(1));
        loop(begin, last, [&](Value i) { line(i, covered); });
        // Without a line before it in this share, its front is zero by the above; with one, by its spill.
        withoutSpill([&] { line(last, covered); });
      });
    }
    onlyIf(share.isLast(b), [&] { withoutSpill([&] { fillZero(add(out, hi * lineOut), (extent - hi) * lineOut); }); });
  }

  static int64_t lineSize(ArrayRef<int64_t> extents) {
    int64_t size = 1;
    for (int64_t e : extents.drop_front())
      size *= e;
    return size;
  }

  void onlyIf(Value condition, function_ref<void()> body) {
    auto branch = scf::IfOp::create(b, condition);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(branch.thenBlock()->getTerminator());
    body();
  }

  void withoutSpill(function_ref<void()> body) {
    bool before = std::exchange(maySpill, false);
    body();
    maySpill = before;
  }

  /// Zeros between the lines of dimension `d` and those inside of it, the first of which begins at `out`. Returns the
  /// elements from there to the end of the last line.
  int64_t emitGaps(size_t d, Value out) {
    int64_t pitch = 1, count = plane.getInput()[d];
    for (size_t e = d + 1; e < plane.getInput().size(); ++e)
      pitch *= plane.getExtents()[e];
    if (d + 1 == plane.getInput().size())
      return count;
    int64_t length = 0;
    auto fillBehind = [&](Value at) { fillZero(add(at, length), pitch - length); };
    loop(count - 1, [&](Value i) {
      Value at = add(out, mul(i, pitch));
      length = emitGaps(d + 1, at);
      fillBehind(at);
    });
    length = emitGaps(d + 1, add(out, (count - 1) * pitch));
    return (count - 1) * pitch + length;
  }

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
    loop(index(0), index(count), body);
  }

  void loop(Value from, Value to, function_ref<void(Value)> body) {
    auto op = scf::ForOp::create(b, from, to, index(1));
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

/// A loop over the channels [lo, hi).
static void forChannels(ImplicitLocOpBuilder &b, std::pair<Value, Value> range, function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, range.first, range.second, arith::ConstantIndexOp::create(b, 1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

void mlir::gs::emitPackPlane(ImplicitLocOpBuilder &b, PlaneAttr plane, int64_t channels, int64_t inputPitch,
                             Value input, Value output, Value tid, Value numThreads, int64_t lanes) {
  auto index = [&](int64_t v) -> Value { return arith::ConstantIndexOp::create(b, v); };
  ThreadShare share{tid, numThreads};
  bool byLines = sharesLines(plane, channels);
  std::pair<Value, Value> mine = byLines ? std::pair(index(0), index(channels)) : share.of(b, channels);
  forChannels(b, mine, [&](Value channel) {
    Value in = arith::MulIOp::create(b, channel, index(inputPitch));
    Value out = arith::MulIOp::create(b, channel, index(plane.getSize()));
    PlanePacker(b, plane, input, output, lanes).emitChannel(in, out, byLines ? std::optional(share) : std::nullopt);
  });
}

void mlir::gs::emitPlaneBorders(ImplicitLocOpBuilder &b, PlaneAttr plane, int64_t channels, Value output, Value tid,
                                Value numThreads, int64_t lanes) {
  forChannels(b, ThreadShare{tid, numThreads}.of(b, channels), [&](Value channel) {
    Value size = arith::ConstantIndexOp::create(b, plane.getSize());
    PlanePacker(b, plane, Value(), output, lanes).emitBorders(arith::MulIOp::create(b, channel, size));
  });
}
