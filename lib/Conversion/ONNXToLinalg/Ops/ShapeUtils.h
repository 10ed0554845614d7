//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moving elements about: reshapes, slices, concatenations, permutations, at run
// time as tensor/linalg ops and at compile time on the bytes of constants.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_SHAPEUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_SHAPEUTILS_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"
#include <vector>

namespace mlir::onnx {

/// "[1, 3, 224, 224]".
std::string formatShape(ArrayRef<int64_t> shape);
/// Product of the sizes; 1 for rank 0.
int64_t elementCount(ArrayRef<int64_t> shape);

//===----------------------------------------------------------------------===//
// Reading parameters
//===----------------------------------------------------------------------===//

/// `axis` counted from the front; failure with a reason if it is outside [-rank, rank).
FailureOr<int64_t> normalizeAxis(NodeContext &ctx, int64_t axis, int64_t rank, StringRef what = "axis");
/// Attribute `name` (early opsets) or constant input `slot` (late opsets); empty optional if both are absent.
FailureOr<std::optional<SmallVector<int64_t>>> attrOrInput(NodeContext &ctx, StringRef name, unsigned slot);
/// The same for axes of a tensor of `rank`: counted from the front, in ascending order, each once.
FailureOr<std::optional<SmallVector<int64_t>>> axesOf(NodeContext &ctx, unsigned slot, int64_t rank);
/// Fails with a reason if there are fewer than `atLeast` leading inputs or more than `atMost` inputs.
LogicalResult checkInputCount(NodeContext &ctx, unsigned atLeast, unsigned atMost);

//===----------------------------------------------------------------------===//
// Run time
//===----------------------------------------------------------------------===//

Value emptyTensor(OpBuilder &b, Location loc, ArrayRef<int64_t> shape, Type elementType);
/// A tensor with every element equal to the scalar `value`.
Value filledTensor(OpBuilder &b, Location loc, RankedTensorType type, Value value);
/// The same elements in row-major order under another shape: collapse_shape and expand_shape only, both free on
/// contiguous buffers; a constant stays one constant.
Value reshapeTensor(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape);
/// Dimension i of the result is dimension perm[i]. Free if only size-1 dimensions move.
Value transposeTensor(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> perm);
/// A rectangular part with positive strides.
Value sliceTensor(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                  ArrayRef<int64_t> strides);
/// The part [offset, offset + size) along one axis.
Value sliceAxis(OpBuilder &b, Location loc, Value value, int64_t axis, int64_t offset, int64_t size);
/// Values joined along an axis: inserted into one tensor, so that bufferisation can compute them in place.
Value concatTensors(OpBuilder &b, Location loc, ArrayRef<Value> values, int64_t axis);
/// Copy: element d of the result is element map(d) of `value`. The map may reverse and broadcast.
Value copyThrough(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape, AffineMap map);
/// Copy by tables: along the dimensions d with a non-empty tables[d], element i of the result is element tables[d][i]
/// of `value`; along the others shapes agree. Indices must be in bounds.
Value gatherByTables(OpBuilder &b, Location loc, Value value, ArrayRef<SmallVector<int64_t>> tables);
/// An index as arith constant.
Value indexConstant(OpBuilder &b, Location loc, int64_t value);

//===----------------------------------------------------------------------===//
// Compile time
//===----------------------------------------------------------------------===//

/// Advances a row-major multi-index.
void nextIndex(MutableArrayRef<int64_t> index, ArrayRef<int64_t> shape);
/// Row-major strides, in elements.
SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape);
/// Strides with which a tensor of shape `from` is read when it is broadcast to `to`: 0 along broadcast dimensions.
SmallVector<int64_t> broadcastStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> to);
/// A constant with one value everywhere, given by its bytes.
ElementsAttr splatElements(RankedTensorType type, ArrayRef<char> bytes);
/// Whether all elements are known to be the same (as held: no element is compared).
bool isSplat(ElementsAttr elements);
/// Element (i0, i1, ...) of the result is element offset + sum i * strides of `elements`. Null if unreadable.
ElementsAttr stridedElements(ElementsAttr elements, RankedTensorType type, int64_t offset, ArrayRef<int64_t> strides);
/// Constants joined along an axis. Null if unreadable.
ElementsAttr concatElements(ArrayRef<ElementsAttr> parts, RankedTensorType type, int64_t axis);

/// Whether a constant carries the mask of a sparse initialiser. Folders leave it to the conversions below, which keep
/// the mask.
bool isMasked(Value value);
/// Folds `results[0]` of an operator that only renames the shape of a constant input 0.
LogicalResult foldReshape(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<ElementsAttr> &results);
/// Converts it.
LogicalResult convertReshape(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results);
/// For operators that are the identity on input 0.
LogicalResult forwardInput(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results);
LogicalResult foldForward(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<ElementsAttr> &results);
/// For operators whose result is always folded: says why that did not happen.
LogicalResult convertFolded(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results);
/// Result 0 has the type of input 0.
LogicalResult inferSameType(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_SHAPEUTILS_H
