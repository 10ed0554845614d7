//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversion between element types.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_CASTUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_CASTUTILS_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::onnx {

/// Element type for a TensorProto.DataType code; failure with a reason for types that no code is generated for.
FailureOr<Type> typeOfCode(NodeContext &ctx, int64_t code);

/// `value` as the float or signless integer type `to`. Floats to integers round towards zero and saturate, NaN gives
/// 0; to i1: whether it is not zero (so NaN gives true).
Value castScalar(ImplicitLocOpBuilder &b, Value value, Type to, bool fromUnsigned, bool toUnsigned);

/// For operators that convert input 0: the type with element type `to`, and its conversion.
LogicalResult inferCastTo(NodeContext &ctx, Type to, SmallVectorImpl<RankedTensorType> &results);
LogicalResult convertCastTo(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results);
LogicalResult foldCastTo(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<ElementsAttr> &results);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_CASTUTILS_H
