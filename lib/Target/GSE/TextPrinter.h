//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints programs as text.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_GSE_TEXTPRINTER_H
#define GS_LIB_TARGET_GSE_TEXTPRINTER_H

#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::gse::detail {

/// Prints a module of kernels and their host; fails with a diagnostic at what the text form does not hold.
class TextPrinter {
public:
  TextPrinter(llvm::raw_ostream &os, std::string &side, bool withHost) : os(os), side(side), withHost(withHost) {}

  LogicalResult printModule(ModuleOp module);

private:
  LogicalResult printData(DataOp data);
  LogicalResult printKernel(KernelOp kernel);
  LogicalResult printBlock(Block &block, unsigned indent);
  LogicalResult printFor(ForOp loop, unsigned indent);
  LogicalResult printRegion(RegionOp region, unsigned indent);
  LogicalResult printScalar(arith::ConstantOp constant);
  LogicalResult printInstruction(Operation *op);

  // TextPrintHost.cpp
  LogicalResult printHost(func::FuncOp host);
  LogicalResult printHostLine(Operation *op);
  LogicalResult printLaunch(LaunchOp launch);
  LogicalResult printSlice(tensor::ExtractSliceOp slice);
  LogicalResult printPad(tensor::PadOp pad);
  LogicalResult printTranspose(linalg::TransposeOp transpose);

  /// Adds a constant to the side file: "f16[8x1] ... at=64".
  LogicalResult printConstant(Operation *op, Attribute value, int64_t align);

  static LogicalResult refuse(Operation *op);
  /// Attributes beyond those that the op declares would be lost.
  static LogicalResult refuseExtras(Operation *op, ArrayRef<StringRef> allowed = {});
  static std::string symbol(StringRef name);
  std::string name(Value value);
  void printNames(ValueRange values);
  static std::string number(double value);
  /// "f16[8x1]"; empty if the type has no such name.
  static std::string tensorName(Type type);

  llvm::raw_ostream &os;
  std::string &side;
  bool withHost;
  llvm::DenseMap<Value, int64_t> numbers;
};

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_TEXTPRINTER_H
