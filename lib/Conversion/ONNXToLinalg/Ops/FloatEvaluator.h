//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic on large f32 constants, such as a weight times its pruning mask.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_FLOATEVALUATOR_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_FLOATEVALUATOR_H

#include "mlir/IR/Block.h"
#include <vector>

namespace mlir::onnx {

/// A constant operand: its elements, and how far apart they are along each dimension of the result (0: broadcast).
struct FloatSource {
  const float *data;
  SmallVector<int64_t> strides;
};

/// Computes `result` of `block`, whose arguments are f32 and read from `sources`, at every position of `shape`. Null if
/// the block has an op other than plain f32 arithmetic.
std::optional<std::vector<float>> evaluateFloats(Block &block, Value result, ArrayRef<FloatSource> sources,
                                                 ArrayRef<int64_t> shape);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_FLOATEVALUATOR_H
