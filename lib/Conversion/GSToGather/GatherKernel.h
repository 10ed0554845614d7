//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of gather instructions, and the check of where their tables lie.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGATHER_GATHERKERNEL_H
#define GS_LIB_CONVERSION_GSTOGATHER_GATHERKERNEL_H

#include "GatherProduct.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::gs {

/// Makes `void name(const T *x, T *y)` in front of `before`.
FailureOr<func::FuncOp> emitGatherKernel(const GatherProduct &product, StringRef name, Operation *before);

/// Checks every gather and scatter of Hexagon in `module`: gs-verify-gather-placement.
LogicalResult verifyGatherPlacement(ModuleOp module);

/// Section of globals in tightly coupled memory, and the one that kernels use.
inline constexpr llvm::StringLiteral kVTCMSection = ".vtcm";
inline constexpr llvm::StringLiteral kCoupledMemory = "gather_memory";

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGATHER_GATHERKERNEL_H
