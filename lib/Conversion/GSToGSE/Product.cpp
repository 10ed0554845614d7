//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix times a vector: bundles outside, groups inside.
//
//===----------------------------------------------------------------------===//
#include "EngineBuilder.h"
#include "Kernels.h"
#include "VectorInTcm.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class Product {
public:
  Product(OpBuilder &builder, EngineOp &op, GroupStream &stream, const EngineVariant &variant)
      : e(builder, op), op(op), s(stream), variant(variant), sums(e, variant, stream.lanes),
        indexLanes(stream.access == GroupStream::Access::Gather ? stream.lanes : 1) {}

  gse::KernelOp emit() {
    e.begin();
    Value stream = e.data("stream", s.values, 2 * op.vectorBytes());
    SmallVector<Value> inits = {stream};
    if (!s.joined)
      inits.push_back(e.data("indices", s.indices, 2 * op.vectorBytes()));
    inits.push_back(e.data("offsets", s.offsets));
    int64_t rows = s.bundles() * s.bundleRows(), inputBytes = vectorBytesInTcm(op);
    Value result = e.y();
    if (!s.rowOrder.empty()) {
      // Results lie behind the vector, in the second half if both halves are large enough.
      int64_t offset = std::max(inputBytes, rows * op.bytes <= op.spec.tcmBytes / 2 ? op.spec.tcmBytes / 2 : 0);
      yt = e.alloc(rows * op.bytes, offset);
      result = e.rowData("rows", s.rowOrder);
    }
    inits.push_back(result);
    xt = copyVector(e);
    int64_t groups = s.offsets.back();
    e.armStream(stream, groups * groupBytes());
    if (!s.joined)
      e.armStream(inits[1], groups * indexLanes * op.bytes);
    std::string law = s.productLoop.str();
    if (variant.fused)
      law += "-fused";
    if (variant.fp32)
      law += "-fp32";
    e.region("product", law, s.width, variant.accumulators,
             [&] { e.loop(s.bundles(), inits, [&](Value, ValueRange carried) { return emitBundle(carried); }); });
    if (!s.rowOrder.empty())
      e.copy(yt, e.y(), rows * op.bytes);
    return e.end();
  }

private:
  int64_t groupBytes() const { return (s.lanes * s.unitSize() + (s.joined ? indexLanes : 0)) * op.bytes; }
  int64_t pointers() const { return s.joined ? 1 : 2; }

  /// Sums of one bundle, reduced and stored; carries the pointers into the weights, the counts and the results (or,
  /// if these are scattered, their rows).
  SmallVector<Value> emitBundle(ValueRange carried) {
    Value counts = carried[pointers()], to = carried[pointers() + 1];
    SmallVector<Value> inits;
    for (int64_t unit = 0; unit < s.unitRows; ++unit)
      llvm::append_range(inits, sums.zeros());
    auto accumulated = static_cast<int64_t>(inits.size()), each = accumulated / s.unitRows;
    Value low = e.load(e.b.getI32Type(), counts, 0), high = e.load(e.b.getI32Type(), counts, 4);
    llvm::append_range(inits, carried.take_front(pointers()));
    ValueRange results = e.loop(low, high, inits, [&](Value, ValueRange state) {
      Value values = state[accumulated];
      Value indices = s.joined ? values : state[accumulated + 1];
      SmallVector<Value> next(state.take_front(accumulated));
      emitGroup(values, indices, next, each);
      next.push_back(e.advance(values, groupBytes()));
      if (!s.joined)
        next.push_back(e.advance(indices, indexLanes * op.bytes));
      return next;
    });
    for (int64_t unit = 0; unit < s.unitRows; ++unit) {
      SmallVector<Value> parts(results.slice(unit * each, each));
      Value result = sums.finish(parts, s.width);
      int64_t offset = unit * s.vectorRows() * op.bytes;
      if (s.rowOrder.empty()) {
        e.store(result, to, offset);
        continue;
      }
      Value rows = e.load(e.indexVector(s.vectorRows()), to, offset);
      gse::ScatterOp::create(e.b, e.loc, result, yt, 0, rows);
    }
    SmallVector<Value> next(results.drop_front(accumulated));
    next.push_back(e.advance(counts, 4));
    next.push_back(e.advance(to, s.bundleRows() * op.bytes));
    return next;
  }

  /// Multiplies the weights of a group and adds them to the sums, `each` values for every row of a unit.
  void emitGroup(Value values, Value indices, SmallVectorImpl<Value> &state, int64_t each) {
    int64_t offset = s.joined ? s.lanes * s.unitSize() * op.bytes : 0;
    auto add = [&](int64_t unit, Value value, Value element) {
      SmallVector<Value> own(ArrayRef<Value>(state).slice(unit * each, each));
      llvm::copy(sums.accumulate(own, value, element), state.begin() + unit * each);
    };
    if (s.unitSize() == 1) {
      Value value = e.load(e.vector(s.lanes), values, 0);
      add(0, value, emitActivation(indices, offset));
      return;
    }
    Value index = variant.fused ? Value() : e.load(e.indexVector(s.lanes), indices, offset);
    for (int64_t col = 0; col < s.unitCols; ++col) {
      Value element =
          variant.fused
              ? Value(gse::GatherFusedOp::create(e.b, e.loc, e.vector(s.lanes), xt, 0, indices, offset, s.bankDistinct))
              : Value(gse::GatherOp::create(e.b, e.loc, e.vector(s.lanes), xt, col * op.bytes, index, s.bankDistinct));
      for (int64_t unit = 0; unit < s.unitRows; ++unit) {
        int64_t place = (unit * s.unitCols + col) * s.lanes * op.bytes;
        add(unit, e.load(e.vector(s.lanes), values, place), element);
      }
    }
  }

  /// The activations that the weights of a group are multiplied with.
  Value emitActivation(Value indices, int64_t offset) {
    auto type = e.vector(s.lanes);
    if (s.access == GroupStream::Access::Gather) {
      if (variant.fused)
        return gse::GatherFusedOp::create(e.b, e.loc, type, xt, 0, indices, offset, s.bankDistinct);
      Value index = e.load(e.indexVector(s.lanes), indices, offset);
      return gse::GatherOp::create(e.b, e.loc, type, xt, 0, index, s.bankDistinct);
    }
    Value index = e.load(e.indexType(), indices, offset);
    Value place = gse::AddpIndexOp::create(e.b, e.loc, e.tcm, xt, index, op.bytes);
    if (s.access == GroupStream::Access::Splat)
      return gse::LoadSplatOp::create(e.b, e.loc, type, place, 0);
    return e.load(type, place, 0);
  }

  EngineBuilder e;
  EngineOp &op;
  GroupStream &s;
  EngineVariant variant;
  Accumulators sums;
  int64_t indexLanes;
  Value xt, yt;
};

} // namespace

gse::KernelOp mlir::gs::emitProduct(OpBuilder &builder, EngineOp &op, GroupStream &stream,
                                    const EngineVariant &variant) {
  return Product(builder, op, stream, variant).emit();
}

int64_t mlir::gs::vectorBytesInTcm(const EngineOp &op) { return op.weight.cols * op.bytes + op.vectorBytes(); }

Value mlir::gs::copyVector(EngineBuilder &e) {
  EngineOp &op = e.op;
  Value xt = e.alloc(vectorBytesInTcm(op), 0);
  // Zeros behind the vector, for lanes that have no weight; what the copy fills is written over.
  Value zero = e.splat(op.banks, 0);
  for (int64_t at = op.ownChannels / op.banks * op.banks; at <= op.weight.cols; at += op.banks)
    e.store(zero, xt, at * op.bytes);
  e.copy(e.x(), xt, op.ownChannels * op.bytes);
  return xt;
}
