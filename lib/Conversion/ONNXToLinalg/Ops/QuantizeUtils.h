//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What QuantizeLinear and DequantizeLinear share: which scale belongs to an element.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_QUANTIZEUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_QUANTIZEUTILS_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"

namespace mlir::onnx {

/// Where in the scales the one of an element lies: the element's index along the axis, divided by the block.
struct ScaleGrid {
  int64_t outer = 1, extent = 1, inner = 1; ///< elements before, along and after the axis
  int64_t axis = 0;
  int64_t block = 1;
  bool isBlocked = false; ///< a scale of its own for each outer and inner index
  bool isScalar = false;

  int64_t scaleOf(int64_t o, int64_t a, int64_t i) const {
    if (isScalar)
      return 0;
    return isBlocked ? (o * ((extent + block - 1) / block) + a / block) * inner + i : a;
  }
  /// True if every block is whole, so that elements can be seen with blocks as an axis of their own.
  bool isWhole() const { return extent % block == 0; }
  /// A shape of elements with the axis cut into (blocks, elements of a block); the shape itself if scales are not of
  /// blocks.
  SmallVector<int64_t> cut(ArrayRef<int64_t> shape) const;
  /// The shape in which scales broadcast over elements of the `cut` of this shape as numpy does.
  SmallVector<int64_t> broadcast(ArrayRef<int64_t> shape) const;
};

/// The grid of input 0 under the scales of input 1, called `scaleName` in messages, by the attributes `axis` and
/// `block_size`; failure with a reason if they do not agree.
FailureOr<ScaleGrid> gridOf(NodeContext &ctx, StringRef scaleName);

/// One parallel linalg.generic over elements of `type` that reads x, its scale and its zero point (null without), as
/// `createElementwise` does. Failure with a reason if the last block is shorter than others.
FailureOr<Value> createScaled(NodeContext &ctx, StringRef scaleName, RankedTensorType type,
                              function_ref<Value(ImplicitLocOpBuilder &, ArrayRef<Value>)> body);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_QUANTIZEUTILS_H
