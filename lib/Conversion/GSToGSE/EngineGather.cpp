//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel of a matrix-vector product: bundles outside, groups inside.
//
//===----------------------------------------------------------------------===//
#include "EngineGather.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gse;

namespace {

class Emitter {
public:
  Emitter(OpBuilder &builder, Location loc, GatherProduct &product)
      : b(builder), loc(loc), p(product), cached(PtrType::get(b.getContext(), Space::Cached)),
        tcm(PtrType::get(b.getContext(), Space::Tcm)), vector(VectorType::get({p.banks}, p.element)),
        bytes(p.element.getIntOrFloatBitWidth() / 8) {}

  KernelOp emit() {
    std::string streamName = p.name + "_stream", offsetsName = p.name + "_offsets";
    int64_t vectorBytes = p.banks * bytes, groups = p.stream.shape[0];
    addData(streamName, p.stream, 2 * vectorBytes);
    addData(offsetsName, p.offsets, 4);
    auto kernel =
        KernelOp::create(b, loc, b.getStringAttr(p.name), TypeAttr::get(b.getFunctionType({cached, cached}, {})),
                         b.getStringAttr(p.machine), nullptr, nullptr);
    Block *body = b.createBlock(&kernel.getBody(), {}, {cached, cached}, {loc, loc});
    Value x = body->getArgument(0), y = body->getArgument(1);
    Value zero = constant(0), bundles = constant(p.bundles());
    Value stream = AddressOp::create(b, loc, cached, streamName),
          counts = AddressOp::create(b, loc, cached, offsetsName);
    xt = TcmAllocOp::create(b, loc, tcm, p.cols * bytes, 0);
    Value copy = DmaStartOp::create(b, loc, TokenType::get(b.getContext()), x, xt, p.cols * bytes);
    DmaWaitOp::create(b, loc, copy);
    StreamArmOp::create(b, loc, stream, groups * 2 * vectorBytes);
    auto region = RegionOp::create(
        b, loc, b.getStringAttr("product"), b.getStringAttr(p.fused ? "gather-scatter-fused" : "gather-scatter"),
        b.getI64IntegerAttr(p.width), b.getI64IntegerAttr(std::max<int64_t>(2, p.accumulators)));
    b.createBlock(&region.getBody());
    loop(zero, bundles, {stream, counts, y}, [&](Value, ValueRange carried) { return emitBundle(carried); });
    b.setInsertionPointToEnd(body);
    ReturnOp::create(b, loc);
    b.setInsertionPointAfter(kernel);
    return kernel;
  }

private:
  void addData(StringRef name, Buffer &buffer, int64_t align) {
    auto type = RankedTensorType::get(buffer.shape, buffer.elementType);
    DataOp::create(b, loc, name, align, makeElements(type, std::move(buffer.data)));
  }

  Value constant(int64_t value) { return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value)); }

  /// A loop over [lower, upper) whose body maps carried values to the next ones.
  ValueRange loop(Value lower, Value upper, ValueRange inits,
                  function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    auto op = ForOp::create(b, loc, inits.getTypes(), lower, upper, inits);
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Type> types = {b.getI32Type()};
    llvm::append_range(types, inits.getTypes());
    Block *block = b.createBlock(&op.getBody(), {}, types, SmallVector<Location>(types.size(), loc));
    SmallVector<Value> next = body(block->getArgument(0), block->getArguments().drop_front());
    gse::YieldOp::create(b, loc, next);
    return op.getResults();
  }

  /// Sums of one bundle, reduced and stored; carries the pointers into the stream, the counts and the result.
  SmallVector<Value> emitBundle(ValueRange carried) {
    Value zero = SplatOp::create(b, loc, vector, llvm::APFloat(0.0));
    Value low = LoadOp::create(b, loc, b.getI32Type(), carried[1], 0);
    Value high = LoadOp::create(b, loc, b.getI32Type(), carried[1], 4);
    SmallVector<Value> inits(p.accumulators, zero);
    inits.push_back(carried[0]);
    // Each accumulator takes the groups in turn: after a group, the sums move up by one place.
    ValueRange sums = loop(low, high, inits, [&](Value, ValueRange state) {
      Value sum = emitGroup(state.back(), state.front());
      SmallVector<Value> next(state.drop_front().drop_back());
      next.push_back(sum);
      next.push_back(AddpOp::create(b, loc, cached, state.back(), 2 * p.banks * bytes));
      return next;
    });
    SmallVector<Value> parts(sums.drop_back());
    while (parts.size() > 1) { // neighbours first, as a tree
      SmallVector<Value> halves;
      for (size_t i = 0; i + 1 < parts.size(); i += 2)
        halves.push_back(gse::AddOp::create(b, loc, vector, parts[i], parts[i + 1]));
      parts = halves;
    }
    Value result = parts.front();
    int64_t results = p.bundleRows();
    if (p.width > 1)
      result = ReduceAddOp::create(b, loc, VectorType::get({results}, p.element), result);
    StoreOp::create(b, loc, result, carried[2], 0);
    return {sums.back(), AddpOp::create(b, loc, cached, carried[1], 4),
            AddpOp::create(b, loc, cached, carried[2], results * bytes)};
  }

  Value emitGroup(Value stream, Value sum) {
    Value values = LoadOp::create(b, loc, vector, stream, 0), elements;
    if (p.fused) {
      elements = GatherFusedOp::create(b, loc, vector, xt, 0, stream, p.banks * bytes, /*bank_distinct=*/true);
    } else {
      auto indexType = VectorType::get({p.banks}, b.getIntegerType(bytes * 8));
      Value indices = LoadOp::create(b, loc, indexType, stream, p.banks * bytes);
      elements = GatherOp::create(b, loc, vector, xt, 0, indices, /*bank_distinct=*/true);
    }
    return gse::FmaOp::create(b, loc, vector, values, elements, sum);
  }

  OpBuilder &b;
  Location loc;
  GatherProduct &p;
  PtrType cached, tcm;
  VectorType vector;
  int64_t bytes;
  Value xt;
};

} // namespace

KernelOp mlir::gs::emitEngineGather(OpBuilder &builder, Location loc, GatherProduct &product) {
  return Emitter(builder, loc, product).emit();
}
