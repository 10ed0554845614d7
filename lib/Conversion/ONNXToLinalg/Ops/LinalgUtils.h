//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pieces of linalg that the lowerings of several operators share.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_LINALGUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_LINALGUTILS_H

#include "../ConstantUtils.h"
#include "gs/Conversion/ONNXToLinalg/OpConversion.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::onnx {

using BodyBuilder = function_ref<Value(OpBuilder &, Location, ValueRange)>;

/// Failure with a reason unless the operand at `slot` is there and its elements are f32 or f64, or with `allowHalf`
/// f16 or bf16: for operators that compute in f32 then (see `widened`).
LogicalResult requireFloats(NodeContext &ctx, unsigned slot, StringRef what, bool allowHalf = false);
/// `axis` counted from the front, or failure with a reason if it is outside [-rank, rank).
FailureOr<int64_t> normalizedAxis(NodeContext &ctx, int64_t axis, int64_t rank);

Value floatConstant(OpBuilder &b, Location loc, Type type, double value);
Value emptyTensor(OpBuilder &b, Location loc, RankedTensorType type);
/// A tensor all of whose elements are `value` (linalg.fill).
Value filledTensor(OpBuilder &b, Location loc, RankedTensorType type, double value);

/// An elementwise linalg.generic: input i is read through maps[i], the result at its own position. The body gets one
/// scalar per input.
Value elementwise(OpBuilder &b, Location loc, RankedTensorType type, ValueRange inputs, ArrayRef<AffineMap> maps,
                  BodyBuilder body);
/// Map that reads dimensions `dims` of a loop nest of `rank` loops.
AffineMap projection(MLIRContext *context, unsigned rank, ArrayRef<int64_t> dims);
/// Map of an operand of `shape` that numpy-broadcasts to a loop nest of `rank` loops: dimensions of extent 1 are read
/// at 0 where `target` is larger.
AffineMap broadcastMap(MLIRContext *context, ArrayRef<int64_t> shape, ArrayRef<int64_t> target);

/// value + bias, where `bias` is a vector along dimension `dim` of `value`.
Value addAlong(OpBuilder &b, Location loc, Value value, Value bias, int64_t dim);

enum class Reduction { Sum, Max };
/// Reduces `dims` of `value` (floats); the body maps an element before it is reduced (null: as it is). Sums may be
/// reassociated, so that a contiguous dimension vectorises. NaN propagates.
Value reduce(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> dims, Reduction kind, BodyBuilder element = {});

/// The same over several inputs, read through `maps` in a loop nest of extents `loops`; the body makes the element.
Value reduce(OpBuilder &b, Location loc, ValueRange inputs, ArrayRef<AffineMap> maps, ArrayRef<int64_t> loops,
             ArrayRef<int64_t> dims, Reduction kind, BodyBuilder element);

/// f16 and bf16 tensors as f32, so that sums keep their precision; others as they are.
Value widened(OpBuilder &b, Location loc, Value value);
/// The way back, to elements of type `element`.
Value narrowed(OpBuilder &b, Location loc, Value value, Type element);

/// `value` under another shape of as many elements (constants fold; otherwise tensor.expand_shape/collapse_shape).
Value reshape(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape);
/// Dimension i of the result is dimension perm[i] of `value`; constants fold.
Value transpose(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> perm);
/// Pads dimension 2 + i (the spatial ones) by low[i] and high[i]; `value` itself if all are 0.
Value padSpatial(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high, double fill);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_LINALGUTILS_H
