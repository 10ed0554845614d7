//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the machines do differently: where a gather finds its table, and the way of
// sums to the results.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGATHER_GATHERUNIT_H
#define GS_LIB_CONVERSION_GSTOGATHER_GATHERUNIT_H

#include "GatherProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <functional>
#include <memory>

namespace mlir::gs {

/// A builder for loops and arithmetic of one kernel.
class KernelBuilder {
public:
  KernelBuilder(const GatherProduct &p, StringRef name, Operation *before);

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value a, Value c) { return arith::AddIOp::create(b, loc, a, c); }
  Value mul(Value a, int64_t by) { return arith::MulIOp::create(b, loc, a, index(by)); }
  Value zero(Type type) { return arith::ConstantOp::create(b, loc, type, b.getZeroAttr(type)); }
  /// The lesser of `most` and `extent` - `from`.
  Value rest(int64_t most, int64_t extent, Value from);
  /// for (i = lo; i < hi; i += step) { carried = body(i, carried) }
  ValueRange loop(Value lo, Value hi, Value step, ValueRange carried,
                  function_ref<SmallVector<Value>(Value, ValueRange)> body);
  void loop(int64_t hi, function_ref<void(Value)> body);
  void loop(Value hi, function_ref<void(Value)> body);

  /// a + c, w * x + sum, and elements as sums and sums as results; integers wrap around.
  Value plus(Value a, Value c);
  Value multiplyAdd(Value w, Value x, Value sum);
  Value widen(Value value);
  Value toResult(Value sum);

  VectorType vectorOf(Type type) const { return VectorType::get({lanes}, type, ArrayRef<bool>{p.machine->scalable}); }
  /// Contents of a buffer as a global of one dimension; where they are in the function.
  Value constant(StringRef suffix, Type elementType, std::vector<char> data);
  /// Lanes `at`, ... of a global; those that `mask` excludes are not read. No mask: all.
  Value load(Value buffer, Value at, Value mask);

  const GatherProduct &p;
  std::string name;
  Operation *before; ///< of what globals stand
  OpBuilder b;
  Location loc;
  int64_t lanes; ///< of a vector; times the length of the machine if it is scalable
};

/// One output, or several neighbours in a row.
struct PixelBlock {
  SmallVector<Value> base;  ///< origin of each one's window in the table, in elements
  SmallVector<Value> pixel; ///< position in the tile
};

/// The part of a kernel that depends on the machine.
class GatherUnit {
public:
  explicit GatherUnit(KernelBuilder &e) : e(e), p(e.p) {}
  virtual ~GatherUnit() = default;

  /// Before the loops; `x` and `y` are the function's arguments.
  virtual void begin(Value x, Value y) = 0;
  virtual void end() {}
  /// Around the computation of a tile: first output in each dimension, and how many there are.
  virtual void enterTile(Value image, ArrayRef<Value> start) = 0;
  virtual void leaveTile(Value image, ArrayRef<Value> start, ArrayRef<Value> extent) = 0;
  /// Activations at `positions` behind each base.
  virtual SmallVector<Value> gather(ArrayRef<Value> base, Value positions, Value mask) = 0;
  /// Takes the sums of lanes from `lane` on, one vector for each output of a block.
  virtual void takeSums(const PixelBlock &block, Value bundle, Value lane, ValueRange sums, Value mask) = 0;
  /// All lanes of the block have been taken.
  virtual void finish(const PixelBlock &block, Value image, Value bundle) = 0;

protected:
  /// Copies the frames of a tile, with zeros around the input, to the table: `store(position, value)`.
  void fillTable(Value x, Value image, ArrayRef<Value> start, function_ref<void(Value, Value)> store);
  /// Where the row of each position lies, `perRow` bytes apart, as integers of `bits` bits; positions behind the last
  /// row have rows of their own.
  std::vector<char> rowOffsets(int64_t perRow, unsigned bits) const;
  /// The same for each lane of sums of `bundles` bundles.
  std::vector<char> laneOffsets(int64_t bundles, int64_t perRow, unsigned bits) const;

  KernelBuilder &e;
  const GatherProduct &p;
};

/// Gathers from memory into registers.
std::unique_ptr<GatherUnit> makeProcessorUnit(KernelBuilder &e);
/// Hexagon: gathers from tightly coupled memory into it.
std::unique_ptr<GatherUnit> makeCoupledUnit(KernelBuilder &e);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGATHER_GATHERUNIT_H
