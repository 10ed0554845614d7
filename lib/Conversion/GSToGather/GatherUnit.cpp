//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops, arithmetic and constants of kernels, and the copy of activations into a table.
//
//===----------------------------------------------------------------------===//
#include "GatherUnit.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;

KernelBuilder::KernelBuilder(const GatherProduct &p, StringRef name, Operation *before)
    : p(p), name(name), before(before), b(before), loc(p.op->getLoc()),
      lanes(p.machine->vectorBits / std::max(p.bits(), p.machine->laneBits)) {}

Value KernelBuilder::rest(int64_t most, int64_t extent, Value from) {
  return arith::MinUIOp::create(b, loc, index(most), arith::SubIOp::create(b, loc, index(extent), from));
}

ValueRange KernelBuilder::loop(Value lo, Value hi, Value step, ValueRange carried,
                               function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(b, loc, lo, hi, step, carried);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> yielded = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!carried.empty())
    scf::YieldOp::create(b, loc, yielded);
  return loop.getResults();
}

void KernelBuilder::loop(Value hi, function_ref<void(Value)> body) {
  loop(index(0), hi, index(1), {}, [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}

void KernelBuilder::loop(int64_t hi, function_ref<void(Value)> body) {
  if (hi == 1)
    return body(index(0));
  loop(index(hi), body);
}

Value KernelBuilder::plus(Value a, Value c) {
  if (isa<FloatType>(getElementTypeOrSelf(a.getType())))
    return arith::AddFOp::create(b, loc, a, c);
  return add(a, c);
}

Value KernelBuilder::multiplyAdd(Value w, Value x, Value sum) {
  if (isa<FloatType>(p.element()))
    return vector::FMAOp::create(b, loc, w, x, sum);
  return add(arith::MulIOp::create(b, loc, w, x), sum);
}

Value KernelBuilder::widen(Value value) {
  if (p.sum() == p.element())
    return value;
  Type type = vectorOf(p.sum());
  if (isa<FloatType>(p.element()))
    return arith::ExtFOp::create(b, loc, type, value);
  return arith::ExtSIOp::create(b, loc, type, value);
}

Value KernelBuilder::toResult(Value sum) {
  if (p.sum() == p.result())
    return sum;
  Type type = p.result();
  if (auto vector = dyn_cast<VectorType>(sum.getType()))
    type = vector.clone(type);
  if (isa<FloatType>(p.element()))
    return arith::TruncFOp::create(b, loc, type, sum);
  return arith::TruncIOp::create(b, loc, type, sum);
}

Value KernelBuilder::constant(StringRef suffix, Type elementType, std::vector<char> data) {
  auto type = MemRefType::get({int64_t(data.size() * 8 / elementType.getIntOrFloatBitWidth())}, elementType);
  std::string symbol = (name + "_" + suffix).str();
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(before);
    memref::GlobalOp::create(b, loc, symbol, b.getStringAttr("private"), type,
                             makeElements(RankedTensorType::get(type.getShape(), elementType), std::move(data)),
                             /*constant=*/true, b.getI64IntegerAttr(alignmentOf(*p.machine)));
  }
  return memref::GetGlobalOp::create(b, loc, type, symbol);
}

Value KernelBuilder::load(Value buffer, Value at, Value mask) {
  VectorType type = vectorOf(cast<MemRefType>(buffer.getType()).getElementType());
  if (!mask)
    return vector::LoadOp::create(b, loc, type, buffer, ValueRange{at});
  return vector::MaskedLoadOp::create(b, loc, type, buffer, ValueRange{at}, mask, zero(type));
}

void GatherUnit::fillTable(Value x, Value image, ArrayRef<Value> start, function_ref<void(Value, Value)> store) {
  const TableStrides strides = p.tableStrides();
  const int64_t plane = p.dims[0].in * p.dims[1].in * p.dims[2].in;
  const Value first = e.mul(image, p.weight.channels * plane);
  // Frames in all dimensions, then channels: the conditions of padding do not depend on these.
  std::function<void(int, Value, Value, Value)> fill = [&](int d, Value to, Value from, Value inside) {
    if (d == 3) {
      auto channels = [&](function_ref<Value(Value)> value) {
        e.loop(p.weight.channels, [&](Value c) {
          store(e.add(to, e.mul(c, strides.channel)), value(e.add(e.add(first, from), e.mul(c, plane))));
        });
      };
      auto read = [&](Value at) -> Value { return memref::LoadOp::create(e.b, e.loc, x, ValueRange{at}); };
      if (!inside)
        return channels(read);
      auto choice = scf::IfOp::create(e.b, e.loc, inside, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(e.b);
      e.b.setInsertionPointToStart(choice.thenBlock());
      channels(read);
      e.b.setInsertionPointToStart(choice.elseBlock());
      channels([&](Value) { return e.zero(p.element()); });
      return;
    }
    const GatherDim &dim = p.dims[d];
    const int64_t frames = dim.frames(p.tile[d]);
    // The last tile may reach beyond the input.
    const bool checked = dim.padLow || dim.padHigh || p.tile[d] < dim.out;
    e.loop(frames, [&](Value frame) {
      Value at = e.add(e.mul(start[d], dim.stride), frame);
      if (dim.padLow)
        at = arith::SubIOp::create(e.b, e.loc, at, e.index(dim.padLow));
      Value here = inside;
      if (checked) { // As unsigned numbers those in front of the input are large.
        here = arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::ult, at, e.index(dim.in));
        if (inside)
          here = arith::AndIOp::create(e.b, e.loc, inside, here);
      }
      fill(d + 1, e.add(to, e.mul(frame, strides.dim[d])), e.add(e.mul(from, dim.in), at), here);
    });
  };
  fill(0, e.index(0), e.index(0), Value());
}

/// `offset` behind `data`, little-endian as all buffers.
static void append(std::vector<char> &data, int64_t offset, unsigned bits) {
  data.resize(data.size() + bits / 8);
  std::memcpy(data.data() + data.size() - bits / 8, &offset, bits / 8);
}

std::vector<char> GatherUnit::rowOffsets(int64_t perRow, unsigned bits) const {
  std::vector<char> data;
  for (int64_t position = 0; position < p.paddedRows(); ++position)
    append(data, (position < p.weight.rows ? p.weight.rowAt(position) : position) * perRow, bits);
  return data;
}

std::vector<char> GatherUnit::laneOffsets(int64_t bundles, int64_t perRow, unsigned bits) const {
  std::vector<char> data;
  for (int64_t bundle = 0; bundle < bundles; ++bundle)
    for (int64_t lane = 0; lane < p.sumLanes(); ++lane) {
      int64_t position = bundle * p.form.bundleRows + lane % p.form.lanes / p.form.width;
      append(data, (p.scatters && position < p.weight.rows ? p.weight.rowAt(position) : position) * perRow, bits);
    }
  return data;
}
