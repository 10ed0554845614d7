//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels for machines with a gather in hardware.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOGATHER_PASSES_H
#define GS_CONVERSION_GSTOGATHER_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::gs {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "gs/Conversion/GSToGather/Passes.h.inc"
} // namespace mlir::gs

#endif // GS_CONVERSION_GSTOGATHER_PASSES_H
