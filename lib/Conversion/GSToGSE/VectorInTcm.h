//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The vector of a product in the TCM.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_VECTORINTCM_H
#define GS_LIB_CONVERSION_GSTOGSE_VECTORINTCM_H

#include "EngineBuilder.h"

namespace mlir::gs {

/// Bytes of the vector with its padding and one vector of zeros behind it.
int64_t vectorBytesInTcm(const EngineOp &op);

/// Copies the vector to the begin of the TCM.
Value copyVector(EngineBuilder &builder);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_VECTORINTCM_H
