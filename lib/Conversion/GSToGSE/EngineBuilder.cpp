//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instructions of a kernel, one function each.
//
//===----------------------------------------------------------------------===//
#include "EngineBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;

void EngineBuilder::begin() {
  auto type = b.getFunctionType({cached, cached}, {});
  kernel = gse::KernelOp::create(b, loc, b.getStringAttr(op.name), TypeAttr::get(type), b.getStringAttr(op.machine),
                                 nullptr, nullptr);
  b.createBlock(&kernel.getBody(), {}, {cached, cached}, {loc, loc});
}

gse::KernelOp EngineBuilder::end() {
  b.setInsertionPointToEnd(&kernel.getBody().front());
  gse::ReturnOp::create(b, loc);
  b.setInsertionPointAfter(kernel);
  return kernel;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

Value EngineBuilder::data(StringRef suffix, Buffer &buffer, int64_t align) {
  std::string name = op.name + "_" + suffix.str();
  if (buffer.data.empty()) { // a weight without any group still has a name
    buffer.shape = {1};
    buffer.data.resize(getElementBytes(buffer.elementType));
  }
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(kernel);
    auto type = RankedTensorType::get(buffer.shape, buffer.elementType);
    gse::DataOp::create(b, loc, name, align, makeElements(type, std::move(buffer.data)));
  }
  return gse::AddressOp::create(b, loc, cached, name);
}

Value EngineBuilder::data(StringRef suffix, ArrayRef<int32_t> numbers) {
  Buffer buffer;
  buffer.shape = {static_cast<int64_t>(numbers.size())};
  buffer.elementType = b.getI32Type();
  buffer.data.resize(numbers.size() * sizeof(int32_t));
  std::memcpy(buffer.data.data(), numbers.data(), buffer.data.size());
  return data(suffix, buffer, sizeof(int32_t));
}

Value EngineBuilder::rowData(StringRef suffix, ArrayRef<int64_t> rows) {
  Buffer buffer;
  buffer.shape = {static_cast<int64_t>(rows.size())};
  buffer.elementType = indexType();
  for (int64_t row : rows) {
    auto index = static_cast<uint32_t>(row);
    const auto *from = reinterpret_cast<const char *>(&index); // little-endian, as all buffers
    buffer.data.insert(buffer.data.end(), from, from + op.bytes);
  }
  return data(suffix, buffer, op.vectorBytes());
}

void EngineBuilder::armStream(Value base, int64_t bytes) {
  if (bytes)
    gse::StreamArmOp::create(b, loc, base, bytes);
}

Value EngineBuilder::constant(int64_t value) { return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value)); }

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

Value EngineBuilder::load(Type type, Value base, int64_t offset) {
  return gse::LoadOp::create(b, loc, type, base, offset);
}

void EngineBuilder::store(Value value, Value base, int64_t offset) {
  gse::StoreOp::create(b, loc, value, base, offset);
}

Value EngineBuilder::advance(Value pointer, int64_t bytes) {
  return gse::AddpOp::create(b, loc, pointer.getType(), pointer, bytes);
}

Value EngineBuilder::splat(int64_t lanes, double value) {
  return gse::SplatOp::create(b, loc, vector(lanes), llvm::APFloat(value));
}

Value EngineBuilder::alloc(int64_t bytes, int64_t offset) {
  return gse::TcmAllocOp::create(b, loc, tcm, bytes, offset);
}

Value EngineBuilder::add(Value a, Value c) { return gse::AddOp::create(b, loc, a.getType(), a, c); }

Value EngineBuilder::reduce(Value value, int64_t width) {
  auto type = cast<VectorType>(value.getType());
  if (width <= 1)
    return value;
  return gse::ReduceAddOp::create(b, loc, VectorType::get({type.getNumElements() / width}, type.getElementType()),
                                  value);
}

void EngineBuilder::copy(Value from, Value to, int64_t bytes) {
  Value token = gse::DmaStartOp::create(b, loc, gse::TokenType::get(b.getContext()), from, to, bytes);
  gse::DmaWaitOp::create(b, loc, token);
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

ValueRange EngineBuilder::loop(Value lower, Value upper, ValueRange inits, Body body) {
  auto loop = gse::ForOp::create(b, loc, inits.getTypes(), lower, upper, inits);
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Type> types = {b.getI32Type()};
  llvm::append_range(types, inits.getTypes());
  Block *block = b.createBlock(&loop.getBody(), {}, types, SmallVector<Location>(types.size(), loc));
  SmallVector<Value> next = body(block->getArgument(0), block->getArguments().drop_front());
  gse::YieldOp::create(b, loc, next);
  return loop.getResults();
}

ValueRange EngineBuilder::loop(int64_t count, ValueRange inits, Body body) {
  Value lower = constant(0), upper = constant(count);
  return loop(lower, upper, inits, body);
}

void EngineBuilder::region(StringRef name, StringRef law, int64_t perRow, int64_t accumulators,
                           function_ref<void()> body) {
  auto region = gse::RegionOp::create(b, loc, b.getStringAttr(name), b.getStringAttr(law), b.getI64IntegerAttr(perRow),
                                      b.getI64IntegerAttr(accumulators));
  // What a multiply-add for each weight, and for each kept one, would be: the density that was asked for.
  int64_t runs = op.batch * op.pixels();
  region->setAttr("elements", b.getI64IntegerAttr(op.rows() * op.ownChannels * op.weight.locations * runs));
  region->setAttr("nonzeros", b.getI64IntegerAttr(op.kept * runs));
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&region.getBody());
  body();
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

SmallVector<Value> Accumulators::zeros() {
  auto type = VectorType::get({fp32 ? lanes / 2 : lanes}, fp32 ? Type(e.b.getF32Type()) : e.op.element);
  Value zero = gse::SplatOp::create(e.b, e.loc, type, llvm::APFloat(0.0));
  return SmallVector<Value>(count * parts(), zero);
}

Value Accumulators::widen(Value value, bool odd) {
  auto type = VectorType::get({lanes / 2}, e.b.getF32Type());
  return gse::WidenOp::create(e.b, e.loc, type, value, odd);
}

SmallVector<Value> Accumulators::accumulate(ArrayRef<Value> sums, Value a, Value b) {
  SmallVector<Value> next(sums.drop_front(parts()));
  if (!fp32) {
    next.push_back(gse::FmaOp::create(e.b, e.loc, e.vector(lanes), a, b, sums[0]));
    return next;
  }
  // A product of two f16 is exact in f32, so that this rounds once as well.
  for (bool odd : {false, true}) {
    Value wideA = widen(a, odd), wideB = widen(b, odd);
    Value product = gse::MulOp::create(e.b, e.loc, wideA.getType(), wideA, wideB);
    next.push_back(e.add(sums[odd], product));
  }
  return next;
}

SmallVector<Value> Accumulators::widened(Value value) {
  if (!fp32)
    return {value};
  return {widen(value, false), widen(value, true)};
}

SmallVector<Value> Accumulators::accumulateWide(ValueRange sum, Value a, ArrayRef<Value> b) {
  SmallVector<Value> next;
  for (auto [factor, other, before] : llvm::zip(widened(a), b, sum))
    next.push_back(gse::FmaOp::create(e.b, e.loc, before.getType(), factor, other, before));
  return next;
}

Value Accumulators::finish(ArrayRef<Value> sums, int64_t width) {
  SmallVector<Value> all(sums);
  while (static_cast<int64_t>(all.size()) > parts()) {
    SmallVector<Value> halves;
    for (size_t at = 0; at < all.size(); at += 2 * parts())
      for (int64_t part = 0; part < parts(); ++part)
        halves.push_back(e.add(all[at + part], all[at + parts() + part]));
    all = halves;
  }
  if (!fp32)
    return e.reduce(all[0], width);
  // Of the lanes of a row half are even; both halves are summed in f32 first.
  int64_t half = std::max<int64_t>(1, width / 2), results = lanes / 2 / half;
  Value narrow =
      gse::NarrowOp::create(e.b, e.loc, e.vector(2 * results), e.reduce(all[0], half), e.reduce(all[1], half));
  return width > 1 ? e.reduce(narrow, 2) : narrow;
}
