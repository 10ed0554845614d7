//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host side of a simulated program: constants, launches, checks.
//
//===----------------------------------------------------------------------===//
#include "Half.h"
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GS/IR/Storage.h"
#include "gs/Target/GSE/Simulator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::gse;

namespace {

class Host {
public:
  Host(ModuleOp module, Observer *observer, const RunOptions &options)
      : module(module), observer(observer), options(options) {}

  LogicalResult run(func::FuncOp main) {
    for (Operation &op : main.getBody().front()) {
      LogicalResult done =
          TypeSwitch<Operation *, LogicalResult>(&op)
              .Case([&](arith::ConstantOp constant) { return runConstant(constant); })
              .Case([&](LaunchOp launch) { return runLaunch(launch); })
              .Case([&](tensor::ExtractSliceOp slice) { return runSlice(slice); })
              .Case([&](tensor::PadOp pad) { return runPad(pad); })
              .Case([&](linalg::TransposeOp transpose) { return runTranspose(transpose); })
              .Case([&](tensor::EmptyOp) { return success(); })
              .Case([&](check::ExpectEqOp expect) {
                return compare(expect, expect.getActual(), expect.getExpected(), 0);
              })
              .Case([&](check::ExpectCloseOp expect) {
                return compare(expect, expect.getActual(), expect.getExpected(),
                               expect.getTolerance().convertToDouble());
              })
              .Case([&](func::ReturnOp) { return success(); })
              .Default([&](Operation *other) {
                return other->emitOpError("cannot run here: the host of a simulation knows arith.constant, gse.launch, "
                                          "tensor.pad, linalg.transpose, tensor.extract_slice and the check dialect");
              });
      if (failed(done))
        return failure();
    }
    return success();
  }

private:
  LogicalResult runConstant(arith::ConstantOp constant) {
    if (isa<FloatAttr>(constant.getValue())) // what tensor.pad pads with
      return success();
    auto elements = dyn_cast<ElementsAttr>(constant.getValue());
    if (!elements || !isa<RankedTensorType>(elements.getType()))
      return constant.emitOpError("must be a tensor");
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> raw = gs::getRawData(elements, storage, [&] { return constant.emitOpError(); });
    if (failed(raw))
      return failure();
    tensors[constant.getResult()].assign(raw->begin(), raw->end());
    return success();
  }

  LogicalResult runLaunch(LaunchOp launch) {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<KernelOp>(launch, launch.getKernelAttr());
    if (!kernel)
      return launch.emitOpError() << "there is no gse.kernel " << launch.getKernelAttr();
    SmallVector<ArrayRef<char>> inputs;
    for (Value input : launch.getInputs())
      inputs.push_back(tensors[input]);
    std::vector<std::vector<char>> outputs;
    for (Type type : launch.getResultTypes()) {
      auto tensor = cast<RankedTensorType>(type);
      unsigned bytes = gs::getElementBytes(tensor.getElementType());
      if (!tensor.hasStaticShape() || !bytes)
        return launch.emitOpError() << "result " << type << " has no fixed size in bytes";
      int64_t total = bytes;
      for (int64_t size : tensor.getShape())
        if (llvm::MulOverflow(total, size, total) || total > options.maxBytes)
          return launch.emitOpError() << "result " << type << " is larger than the " << options.maxBytes
                                      << " bytes that are allowed";
      outputs.emplace_back(tensor.getNumElements() * bytes);
    }
    if (failed(runKernel(kernel, inputs, outputs, observer, options)))
      return failure();
    for (auto [result, output] : llvm::zip(launch.getResults(), outputs))
      tensors[result] = std::move(output);
    return success();
  }

  LogicalResult runSlice(tensor::ExtractSliceOp slice) {
    auto source = slice.getSourceType(), result = slice.getResultType();
    if (!slice.getOffsets().empty() || !slice.hasUnitStride() || !result.hasStaticShape() || !source.hasStaticShape() ||
        result.getRank() != source.getRank())
      return slice.emitOpError("cannot run here: offsets and sizes must be constants, strides one");
    SmallVector<int64_t> steps = llvm::to_vector(rowMajorSteps(source.getShape()));
    int64_t start = 0;
    for (auto [offset, step] : llvm::zip(slice.getStaticOffsets(), steps))
      start += offset * step;
    return arrange(slice.getSource(), slice.getResult(), result, result.getShape(), start, steps, 0,
                   rowMajorSteps(result.getShape()));
  }

  LogicalResult runPad(tensor::PadOp pad) {
    auto source = pad.getSourceType(), result = pad.getResultType();
    Value value = pad.getConstantPaddingValue();
    auto zero = value ? value.getDefiningOp<arith::ConstantOp>() : arith::ConstantOp();
    auto number = zero ? dyn_cast<FloatAttr>(zero.getValue()) : FloatAttr();
    if (!pad.getLow().empty() || !pad.getHigh().empty() || !source.hasStaticShape() || !result.hasStaticShape() ||
        !number || !number.getValue().isPosZero())
      return pad.emitOpError("cannot run here: amounts must be constants, and the padding zero");
    SmallVector<int64_t> steps = rowMajorSteps(result.getShape());
    int64_t start = 0;
    for (auto [low, step] : llvm::zip(pad.getStaticLow(), steps))
      start += low * step;
    return arrange(pad.getSource(), pad.getResult(), result, source.getShape(), 0, rowMajorSteps(source.getShape()),
                   start, steps);
  }

  LogicalResult runTranspose(linalg::TransposeOp transpose) {
    auto source = dyn_cast<RankedTensorType>(transpose.getInput().getType());
    auto result = dyn_cast<RankedTensorType>(transpose.getInit().getType());
    if (!source || !result || !source.hasStaticShape() || !result.hasStaticShape())
      return transpose.emitOpError("cannot run here: shapes must be fixed");
    SmallVector<int64_t> from = rowMajorSteps(source.getShape()), steps;
    for (int64_t dim : transpose.getPermutation())
      steps.push_back(from[dim]);
    return arrange(transpose.getInput(), transpose->getResult(0), result, result.getShape(), 0, steps, 0,
                   rowMajorSteps(result.getShape()));
  }

  static SmallVector<int64_t> rowMajorSteps(ArrayRef<int64_t> shape) {
    SmallVector<int64_t> steps(shape.size(), 1);
    for (int64_t dim = static_cast<int64_t>(shape.size()) - 2; dim >= 0; --dim)
      steps[dim] = steps[dim + 1] * shape[dim + 1];
    return steps;
  }

  /// Copies a box of elements between a tensor and a new one, which is zero elsewhere.
  LogicalResult arrange(Value source, Value result, RankedTensorType type, ArrayRef<int64_t> box, int64_t from,
                        ArrayRef<int64_t> fromSteps, int64_t to, ArrayRef<int64_t> toSteps) {
    int64_t bytes = gs::getElementBytes(type.getElementType()), total = bytes;
    if (!bytes)
      return result.getDefiningOp()->emitOpError() << "result " << type << " has no fixed size in bytes";
    for (int64_t size : type.getShape())
      if (llvm::MulOverflow(total, size, total) || total > options.maxBytes)
        return result.getDefiningOp()->emitOpError()
               << "result " << type << " is larger than the " << options.maxBytes << " bytes that are allowed";
    std::vector<char> target(total);
    ArrayRef<char> data = tensors[source];
    SmallVector<int64_t> at(box.size(), 0);
    for (int64_t left = ShapedType::getNumElements(box); left > 0; --left) {
      if (static_cast<int64_t>(data.size()) >= (from + 1) * bytes) // a tensor.empty has no data
        std::memcpy(target.data() + to * bytes, data.data() + from * bytes, bytes);
      for (int64_t dim = static_cast<int64_t>(box.size()) - 1; dim >= 0; --dim) {
        from += fromSteps[dim], to += toSteps[dim];
        if (++at[dim] < box[dim])
          break;
        from -= box[dim] * fromSteps[dim], to -= box[dim] * toSteps[dim];
        at[dim] = 0;
      }
    }
    tensors[result] = std::move(target);
    return success();
  }

  /// Element `at` as a number.
  static double number(ArrayRef<char> data, int64_t at, Type type) {
    if (type.isF16()) {
      uint16_t half;
      std::memcpy(&half, data.data() + at * 2, 2);
      return gse::detail::halfToFloat(half);
    }
    if (type.isF32()) {
      float value;
      std::memcpy(&value, data.data() + at * 4, 4);
      return value;
    }
    unsigned bytes = gs::getElementBytes(type);
    int64_t value = 0;
    std::memcpy(&value, data.data() + at * bytes, bytes);
    return static_cast<double>(llvm::SignExtend64(static_cast<uint64_t>(value), bytes * 8));
  }

  LogicalResult compare(Operation *op, Value actual, Value expected, double tolerance) {
    auto type = dyn_cast<RankedTensorType>(actual.getType());
    if (!type || !type.hasStaticShape() || type.getElementType().isF64() || type.getElementType().isBF16() ||
        !gs::getElementBytes(type.getElementType()))
      return op->emitOpError() << "cannot compare " << actual.getType() << " here";
    ArrayRef<char> a = tensors[actual], e = tensors[expected];
    double largest = 1;
    for (int64_t at = 0; at < type.getNumElements(); ++at)
      if (double value = std::fabs(number(e, at, type.getElementType())); std::isfinite(value))
        largest = std::max(largest, value);
    for (int64_t at = 0; at < type.getNumElements(); ++at) {
      double x = number(a, at, type.getElementType()), y = number(e, at, type.getElementType());
      if (x == y || (std::isnan(x) && std::isnan(y)) || std::fabs(x - y) <= tolerance * largest)
        continue;
      return op->emitOpError() << "at element " << at << ": actual " << x << ", expected " << y;
    }
    return success();
  }

  ModuleOp module;
  Observer *observer;
  const RunOptions &options;
  llvm::DenseMap<Value, std::vector<char>> tensors;
};

} // namespace

LogicalResult mlir::gse::runMain(ModuleOp module, Observer *observer, const RunOptions &options) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal() || main.getNumArguments() || !main.getBody().hasOneBlock())
    return module.emitError("a simulation runs func.func @main() { ... } of one block; this module has none");
  return Host(module, observer, options).run(main);
}
