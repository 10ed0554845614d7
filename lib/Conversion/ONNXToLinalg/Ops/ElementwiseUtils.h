//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators that apply one scalar function to every element, with broadcasting.
//
// An operator gives its scalar body once; the same body makes the linalg.generic
// and, evaluated by the folders of its arith/math ops, the folded constant.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_ELEMENTWISEUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_ELEMENTWISEUTILS_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::onnx {

/// Element types that an operator takes (complex, string and 8-bit float types are never among them).
enum class Allow { Float, Integer, Number, Bool, Any };

/// Emits the scalar computation. `args` are by ONNX input position, null where an optional input is absent; integers
/// are signless (whether they stand for unsigned ones: `isUnsigned`).
using ScalarBody = Value (*)(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args);

/// Fails with a reason unless the element type of input `slot` is allowed.
LogicalResult checkElementType(NodeContext &ctx, unsigned slot, Allow allow);
/// Whether input `slot` holds unsigned integers.
bool isUnsigned(NodeContext &ctx, unsigned slot = 0);

/// Numpy shape of the broadcast of `shapes`; failure with a reason if they do not agree.
FailureOr<SmallVector<int64_t>> broadcastShapes(NodeContext &ctx, ArrayRef<ArrayRef<int64_t>> shapes);

/// One parallel linalg.generic over `type` that reads the operands (null ones are passed on as null) with numpy
/// broadcasting through its indexing maps, splat constants inside the body. A smaller operand loses its size-1
/// dimensions by a reshape, so that all maps are projected permutations (a bias [1, C, 1, 1] becomes [C]).
Value createElementwise(OpBuilder &b, Location loc, RankedTensorType type, ArrayRef<Value> operands,
                        function_ref<Value(ImplicitLocOpBuilder &, ArrayRef<Value>)> body);

/// The same for constants: evaluates `body` per element. Failure (without a reason) if an operand is not constant, the
/// result is too large to be evaluated, or an op of the body does not fold.
FailureOr<ElementsAttr> evaluateElementwise(NodeContext &ctx, RankedTensorType type, ArrayRef<Value> operands,
                                            ScalarBody body);

/// Result type of an elementwise operator: the broadcast of all inputs, of which there must be `arity` (0: at least
/// one) with one element type; booleans if `toBool`.
LogicalResult inferElementwise(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results, Allow allow,
                               unsigned arity, bool toBool);

/// A scalar constant of a float or signless integer type.
Value scalar(ImplicitLocOpBuilder &b, Type type, double value);
/// The smallest or largest value of a float type, or integer type seen as signed or unsigned.
Value lowest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned);
Value highest(ImplicitLocOpBuilder &b, Type type, bool isUnsigned);
/// min(max(x, lo), hi) for floats, a NaN in x stays.
Value clampFloat(ImplicitLocOpBuilder &b, Value x, double lo, double hi);
/// The larger or smaller of two values; a NaN wins.
Value maxOf(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned);
Value minOf(ImplicitLocOpBuilder &b, Value x, Value y, bool isUnsigned);
/// log(1 + exp(x)) without overflow.
Value softplusOf(ImplicitLocOpBuilder &b, Value x);

template <Allow allow, unsigned arity, bool toBool>
LogicalResult inferElementwise(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  return inferElementwise(ctx, results, allow, arity, toBool);
}

template <ScalarBody body>
LogicalResult convertElementwise(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  results.push_back(
      createElementwise(ctx.b, ctx.loc(), types[0], ctx.inputs,
                        [&](ImplicitLocOpBuilder &b, ArrayRef<Value> args) { return body(ctx, b, args); }));
  return success();
}

template <ScalarBody body>
LogicalResult foldElementwise(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                              SmallVectorImpl<ElementsAttr> &results) {
  FailureOr<ElementsAttr> folded = evaluateElementwise(ctx, types[0], ctx.inputs, body);
  if (failed(folded))
    return failure();
  results.push_back(*folded);
  return success();
}

/// The table entry of an elementwise operator of the standard domain.
template <ScalarBody body, Allow allow, unsigned arity = 1, bool toBool = false>
OpConversion elementwiseOp(const char *name, int64_t since, int64_t until = 0) {
  return {
      "", name, since, until, inferElementwise<allow, arity, toBool>, convertElementwise<body>, foldElementwise<body>};
}

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_ELEMENTWISEUTILS_H
