//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bodies of linalg ops, computed on vectors.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_LINALGTOVECTOR_VECTORBODY_H
#define GS_LIB_CONVERSION_LINALGTOVECTOR_VECTORBODY_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {

/// Whether the body can be computed on vectors as it stands; its values are f32 or truth values.
bool isVectorizable(linalg::LinalgOp op);

/// The value that the body of `op` yields, on vectors of `lanes` elements. `operands` are vectors for its arguments;
/// null where the body does not use one.
Value emitVectorBody(ImplicitLocOpBuilder &b, linalg::LinalgOp op, int64_t lanes, ArrayRef<Value> operands);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_LINALGTOVECTOR_VECTORBODY_H
