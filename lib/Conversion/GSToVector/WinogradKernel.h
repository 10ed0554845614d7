//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two kernels of the strategy winograd.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_WINOGRADKERNEL_H
#define GS_LIB_CONVERSION_GSTOVECTOR_WINOGRADKERNEL_H

#include "WinogradGeometry.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

namespace mlir::gs::winograd {

/// Emits the body of `k.step`: 0, the transform of the input; 1, products, transform of the sums, epilogue and store.
void emitKernel(KernelBuilder &k, const Geometry &g);

} // namespace mlir::gs::winograd

#endif // GS_LIB_CONVERSION_GSTOVECTOR_WINOGRADKERNEL_H
