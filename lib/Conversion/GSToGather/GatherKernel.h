//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a matrix-vector product with gather/scatter weights.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGATHER_GATHERKERNEL_H
#define GS_LIB_CONVERSION_GSTOGATHER_GATHERKERNEL_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Target/GatherMachine.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::gs {

/// A product that a machine can run.
struct GatherProduct {
  Operation *op = nullptr;
  const GatherMachine *machine = nullptr;
  Weight weight;
  PatternAttrInterface pattern;
  GroupForm form;

  Type element() const { return weight.elementType; }
  unsigned bits() const { return weight.elementType.getIntOrFloatBitWidth(); }
  /// Bytes of the activations, in whole vectors.
  int64_t tableBytes() const;

  /// Reads an op; the reason why there is none otherwise.
  static FailureOr<GatherProduct> get(MatmulOp op, const GatherMachine &machine, std::string &reason);
};

/// Makes `void name(const T *x, T *y)` in front of `before`.
FailureOr<func::FuncOp> emitGatherKernel(const GatherProduct &product, StringRef name, Operation *before);

/// Checks every gather and scatter of Hexagon in `module`: gs-verify-gather-placement.
LogicalResult verifyGatherPlacement(ModuleOp module);

/// Section of globals in tightly coupled memory.
inline constexpr llvm::StringLiteral kVTCMSection = ".vtcm";

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGATHER_GATHERKERNEL_H
