//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finding the constant operand of a contraction, and bringing it into the layout of gs ops at compile time.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_LINALGTOGS_WEIGHTS_H
#define GS_CONVERSION_LINALGTOGS_WEIGHTS_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::gs {

/// True if `value` is a constant of the compiled network: arith.constant or gs.constant, possibly behind
/// tensor.expand_shape, tensor.collapse_shape and linalg.transpose (these only for weights without a pattern).
bool isWeight(Value value);

/// True if the type of `value` names a sparsity pattern.
inline bool hasPattern(Value value) { return static_cast<bool>(getPattern(value.getType())); }

/// Values of a weight, and the mask that a sparse initialiser brought along (null: every non-zero is kept).
struct WeightElements {
  ElementsAttr values;
  ElementsAttr mask;

  explicit operator bool() const { return static_cast<bool>(values); }
  /// Dimension i of the result is dimension perm[i] of this one.
  WeightElements transposed(ArrayRef<int64_t> perm) const;
  WeightElements reshaped(ArrayRef<int64_t> shape) const;
};

/// Reads a weight without a pattern; null if `isWeight` does not hold or its bytes cannot be read.
WeightElements readWeight(Value value);

/// An arith.constant of `weight`; its mask, if any, is the discardable attribute `onnx.mask`.
Value createWeight(OpBuilder &b, Location loc, const WeightElements &weight);

/// The weight operand of a gs op for a value whose type names a pattern: its gs.constant, made from an arith.constant
/// of encoded type where the user wrote that. Any other value is returned as it is.
Value createPatternWeight(OpBuilder &b, Location loc, Value value);

/// True if `value` is all zeros: a linalg.fill or a splat constant, possibly reshaped.
bool isZero(Value value);

} // namespace mlir::gs

#endif // GS_CONVERSION_LINALGTOGS_WEIGHTS_H
