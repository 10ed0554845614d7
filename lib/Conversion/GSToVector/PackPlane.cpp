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
        element(cast<MemRefType>(input.getType()).getElementType()) {}

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
    fillZero(add(out, used), plane.getSize() - used);
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

  void fillZero(Value out, int64_t count) {
    auto type = vectorType(lanes);
    Value zero = arith::ConstantOp::create(b, type, b.getZeroAttr(type));
    loop(count / lanes,
         [&](Value i) { vector::StoreOp::create(b, zero, output, ValueRange{add(out, mul(i, lanes))}); });
    if (int64_t rest = count % lanes; count > 0 && rest)
      vector::MaskedStoreOp::create(b, output, ValueRange{add(out, count - rest)}, mask(rest, lanes), zero);
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
      if (n == lanes)
        vector::StoreOp::create(b, v, output, ValueRange{to});
      else
        vector::MaskedStoreOp::create(b, output, ValueRange{to}, mask(n, lanes), v);
    };
    loop(count / lanes, [&](Value i) { chunk(add(in, mul(i, lanes * stride)), add(out, mul(i, lanes)), lanes); });
    if (int64_t rest = count % lanes)
      chunk(add(in, (count - rest) * stride), add(out, count - rest), rest);
  }

  void emitDim(size_t d, ArrayRef<int64_t> phase, Value in, Value out) {
    int64_t stride = plane.getStrides()[d], pad = plane.getPads()[d], extent = plane.getExtents()[d];
    int64_t innerOut = 1, innerIn = 1;
    for (size_t e = d + 1; e < phase.size(); ++e) {
      innerOut *= plane.getExtents()[e];
      innerIn *= plane.getInput()[e];
    }
    // Positions whose padded coordinate lies inside of the input.
    auto firstAtLeast = [&](int64_t coordinate) {
      int64_t distance = coordinate - phase[d];
      int64_t position = distance <= 0 ? 0 : llvm::divideCeil(distance, stride);
      return std::min(position, extent);
    };
    int64_t lo = firstAtLeast(pad), hi = std::max(lo, firstAtLeast(pad + plane.getInput()[d]));
    fillZero(out, lo * innerOut);
    Value from = add(in, (lo * stride + phase[d] - pad) * innerIn), to = add(out, lo * innerOut);
    if (hi > lo) {
      if (d + 1 == phase.size())
        copyRow(from, to, hi - lo, stride);
      else
        loop(hi - lo,
             [&](Value i) { emitDim(d + 1, phase, add(from, mul(i, stride * innerIn)), add(to, mul(i, innerOut))); });
    }
    fillZero(add(out, hi * innerOut), (extent - hi) * innerOut);
  }

  ImplicitLocOpBuilder &b;
  PlaneAttr plane;
  Value input, output;
  int64_t lanes;
  Type element;
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
