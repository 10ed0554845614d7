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
#ifndef GS_LIB_CONVERSION_GSTOGSE_ENGINEBUILDER_H
#define GS_LIB_CONVERSION_GSTOGSE_ENGINEBUILDER_H

#include "EngineStrategy.h"

namespace mlir::gs {

/// Builds the kernel of one op.
class EngineBuilder {
public:
  EngineBuilder(OpBuilder &builder, EngineOp &op)
      : b(builder), loc(op.op->getLoc()), op(op), cached(gse::PtrType::get(b.getContext(), gse::Space::Cached)),
        tcm(gse::PtrType::get(b.getContext(), gse::Space::Tcm)) {}

  /// The kernel with arguments x and y; builds into it until `end`.
  void begin();
  gse::KernelOp end();
  Value x() { return kernel.getBody().getArgument(0); }
  Value y() { return kernel.getBody().getArgument(1); }

  VectorType vector(int64_t lanes) const { return VectorType::get({lanes}, op.element); }
  VectorType indexVector(int64_t lanes) const { return VectorType::get({lanes}, indexType()); }
  Type indexType() const { return b.getIntegerType(op.bytes * 8); }

  /// Adds a constant before the kernel and gives its address; empty constants get one element.
  Value data(StringRef suffix, Buffer &buffer, int64_t align);
  Value data(StringRef suffix, ArrayRef<int32_t> numbers);
  /// Numbers of rows, as indices.
  Value rowData(StringRef suffix, ArrayRef<int64_t> rows);
  void armStream(Value base, int64_t bytes);

  Value constant(int64_t value);
  Value load(Type type, Value base, int64_t offset);
  void store(Value value, Value base, int64_t offset);
  Value advance(Value pointer, int64_t bytes);
  Value splat(int64_t lanes, double value);
  Value alloc(int64_t bytes, int64_t offset);
  Value add(Value a, Value b);
  /// Sums runs of `width` lanes; the value itself for 1.
  Value reduce(Value value, int64_t width);
  /// Copies and waits.
  void copy(Value from, Value to, int64_t bytes);

  using Body = function_ref<SmallVector<Value>(Value, ValueRange)>;
  /// A loop over [lower, upper) whose body maps carried values to the next ones.
  ValueRange loop(Value lower, Value upper, ValueRange inits, Body body);
  ValueRange loop(int64_t count, ValueRange inits, Body body);
  /// A region of `law`; builds into it.
  void region(StringRef name, StringRef law, int64_t perRow, int64_t accumulators, function_ref<void()> body);

  OpBuilder &b;
  Location loc;
  EngineOp &op;
  gse::PtrType cached, tcm;

private:
  gse::KernelOp kernel;
};

/// Sums of products of vectors: some that take turns, in the element type or, even and odd lanes apart, in f32.
class Accumulators {
public:
  Accumulators(EngineBuilder &e, const EngineVariant &variant, int64_t lanes)
      : e(e), fp32(variant.fp32), count(variant.accumulators), lanes(lanes) {}

  /// Zero sums, as values that a loop carries.
  SmallVector<Value> zeros();
  /// Values per sum.
  int64_t parts() const { return fp32 ? 2 : 1; }
  /// Adds a * b to the first sum and moves it to the end, so that sums take turns.
  SmallVector<Value> accumulate(ArrayRef<Value> sums, Value a, Value b);
  /// A factor as it is summed, to be used for several sums.
  SmallVector<Value> widened(Value value);
  /// Adds a * b to one sum, of whose factors one is widened.
  SmallVector<Value> accumulateWide(ValueRange sum, Value a, ArrayRef<Value> b);
  /// All sums as one, neighbours first, then runs of `width` lanes.
  Value finish(ArrayRef<Value> sums, int64_t width);

private:
  Value widen(Value value, bool odd);

  EngineBuilder &e;
  bool fp32;
  int64_t count, lanes;
};

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_ENGINEBUILDER_H
