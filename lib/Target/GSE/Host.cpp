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
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::gse;

namespace {

class Host {
public:
  Host(ModuleOp module, Observer *observer) : module(module), observer(observer) {}

  LogicalResult run(func::FuncOp main) {
    for (Operation &op : main.getBody().front()) {
      LogicalResult done =
          TypeSwitch<Operation *, LogicalResult>(&op)
              .Case([&](arith::ConstantOp constant) { return runConstant(constant); })
              .Case([&](LaunchOp launch) { return runLaunch(launch); })
              .Case([&](tensor::ExtractSliceOp slice) { return runSlice(slice); })
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
                                          "tensor.extract_slice and the check dialect");
              });
      if (failed(done))
        return failure();
    }
    return success();
  }

private:
  LogicalResult runConstant(arith::ConstantOp constant) {
    auto elements = dyn_cast<ElementsAttr>(constant.getValue());
    if (!elements)
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
      outputs.emplace_back(tensor.getNumElements() * bytes);
    }
    if (failed(runKernel(kernel, inputs, outputs, observer)))
      return failure();
    for (auto [result, output] : llvm::zip(launch.getResults(), outputs))
      tensors[result] = std::move(output);
    return success();
  }

  /// The first rows of a tensor, which are its first bytes.
  LogicalResult runSlice(tensor::ExtractSliceOp slice) {
    auto source = slice.getSourceType(), result = slice.getResultType();
    if (!llvm::all_of(slice.getStaticOffsets(), [](int64_t offset) { return offset == 0; }) || !slice.hasUnitStride() ||
        !result.hasStaticShape() || result.getRank() != source.getRank() ||
        result.getShape().drop_front() != source.getShape().drop_front())
      return slice.emitOpError("cannot run here: only the first rows of a tensor can be taken");
    std::vector<char> &from = tensors[slice.getSource()];
    int64_t bytes = result.getNumElements() * gs::getElementBytes(result.getElementType());
    tensors[slice.getResult()] = std::vector<char>(from.begin(), from.begin() + bytes);
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
  llvm::DenseMap<Value, std::vector<char>> tensors;
};

} // namespace

LogicalResult mlir::gse::runMain(ModuleOp module, Observer *observer) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || main.isExternal() || main.getNumArguments() || !main.getBody().hasOneBlock())
    return module.emitError("a simulation runs func.func @main() { ... } of one block; this module has none");
  return Host(module, observer).run(main);
}
