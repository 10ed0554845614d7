//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host's part of a program as text.
//
//===----------------------------------------------------------------------===//
#include "TextPrinter.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

/// True for the zero that tensor.pad fills with and the tensor that linalg.transpose writes: their lines imply them.
static bool isImplied(Operation &op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    if (auto value = dyn_cast<FloatAttr>(constant.getValue()))
      return value.getValue().isPosZero() &&
             llvm::all_of(op.getUsers(), [](Operation *user) { return isa<tensor::YieldOp>(user); });
  return isa<tensor::EmptyOp>(op) &&
         llvm::all_of(op.getUsers(), [](Operation *user) { return isa<linalg::TransposeOp>(user); });
}

LogicalResult TextPrinter::printHost(func::FuncOp host) {
  if (host.getSymName() != "main" || host.isExternal() || host.getNumArguments() || host.getNumResults() ||
      !host.getBody().hasOneBlock() || host.getSymVisibility())
    return host.emitOpError("has no place in the text form of a program: of the host it holds func.func @main() only; "
                            "leave it out with --gse-kernels-only");
  if (failed(refuseExtras(host)))
    return failure();
  numbers.clear();
  os << "host\n";
  for (Operation &op : host.getBody().front()) {
    if (isa<func::ReturnOp>(op) || isImplied(op))
      continue;
    os << "  ";
    if (op.getNumResults()) {
      printNames(op.getResults());
      os << " = ";
    }
    if (failed(printHostLine(&op)) || failed(refuseExtras(&op)))
      return failure();
  }
  return success();
}

LogicalResult TextPrinter::printHostLine(Operation *op) {
  return TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](arith::ConstantOp constant) {
        os << "constant ";
        return printConstant(constant, constant.getValue(), 0);
      })
      .Case([&](LaunchOp launch) { return printLaunch(launch); })
      .Case([&](tensor::ExtractSliceOp slice) { return printSlice(slice); })
      .Case([&](tensor::PadOp pad) { return printPad(pad); })
      .Case([&](linalg::TransposeOp transpose) { return printTranspose(transpose); })
      .Case([&](check::ExpectEqOp expect) {
        os << "expect_eq " << name(expect.getActual()) << ", " << name(expect.getExpected()) << "\n";
        return success();
      })
      .Case([&](check::ExpectCloseOp expect) {
        os << "expect_close " << name(expect.getActual()) << ", " << name(expect.getExpected())
           << " tolerance=" << number(expect.getTolerance().convertToDouble()) << "\n";
        return success();
      })
      .Default([&](Operation *other) {
        return other->emitOpError(
            "has no place in the text form of a program, whose host knows constants, launches, "
            "tensor.pad with zeros, linalg.transpose, tensor.extract_slice from the first element "
            "and the check dialect; leave the host out with --gse-kernels-only");
      });
}

LogicalResult TextPrinter::printLaunch(LaunchOp launch) {
  os << "launch " << symbol(launch.getKernel()) << "(";
  printNames(launch.getInputs());
  os << ")";
  for (auto [place, type] : llvm::enumerate(launch.getResultTypes())) {
    std::string text = tensorName(type);
    if (text.empty())
      return refuse(launch);
    os << (place ? ", " : " -> ") << text;
  }
  os << "\n";
  return success();
}

/// The simulator knows slices that begin with the first element only.
LogicalResult TextPrinter::printSlice(tensor::ExtractSliceOp slice) {
  std::string text = tensorName(slice.getType());
  RankedTensorType type = slice.getType();
  if (text.empty() || !slice.hasUnitStride() || !slice.hasZeroOffset() || slice.getStaticSizes() != type.getShape() ||
      type.getRank() != slice.getSourceType().getRank())
    return refuse(slice);
  os << "first " << text << " of " << name(slice.getSource()) << "\n";
  return success();
}

LogicalResult TextPrinter::printPad(tensor::PadOp pad) {
  std::string text = tensorName(pad.getType());
  Value value = pad.getConstantPaddingValue();
  auto zero = value ? value.getDefiningOp<arith::ConstantOp>() : arith::ConstantOp();
  if (text.empty() || tensorName(pad.getSourceType()).empty() || !pad.getLow().empty() || !pad.getHigh().empty() ||
      pad.getNofold() || !zero || !isImplied(*zero))
    return refuse(pad);
  os << "pad " << text << " of " << name(pad.getSource()) << " from ";
  llvm::interleave(pad.getStaticLow(), os, "x");
  os << "\n";
  return success();
}

LogicalResult TextPrinter::printTranspose(linalg::TransposeOp transpose) {
  Operation *init = transpose.getInit().getDefiningOp();
  std::string text = transpose->getNumResults() ? tensorName(transpose->getResult(0).getType()) : "";
  if (text.empty() || !init || !isImplied(*init))
    return refuse(transpose);
  os << "transpose " << text << " of " << name(transpose.getInput()) << " by ";
  llvm::interleave(transpose.getPermutation(), os, "x");
  os << "\n";
  return success();
}
