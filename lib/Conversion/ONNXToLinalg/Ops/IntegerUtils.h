//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integer division with a meaning for every operand.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_INTEGERUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_INTEGERUTILS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::onnx {

/// x / y rounded towards zero and its remainder; both are 0 for y == 0, and the smallest integer / -1 wraps around.
Value divideIntegers(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned);
Value remainderIntegers(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_INTEGERUTILS_H
