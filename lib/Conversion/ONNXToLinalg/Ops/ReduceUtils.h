//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reductions over dimensions of a tensor: one description per operator.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_REDUCEUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_REDUCEUTILS_H

#include "ElementwiseUtils.h"

namespace mlir::onnx {

enum class ReduceKind { Sum, Product, Max, Min };

/// finish(reduce(element(x))); `element` and `finish` may be null. `count` is the number of elements per result.
struct Reduction {
  const char *name; ///< ONNX operator
  ReduceKind kind;
  Allow allow;
  Value (*element)(ImplicitLocOpBuilder &b, Value x);
  Value (*finish)(ImplicitLocOpBuilder &b, Value reduced, int64_t count, bool isUnsigned);
};

/// Reads `axes` (attribute or input 1), `keepdims` and `noop_with_empty_axes`.
LogicalResult inferReduction(NodeContext &ctx, const Reduction &op, SmallVectorImpl<RankedTensorType> &results);
/// A linalg.generic with reduction loops in the order of the input's dimensions; f16 and bf16 are reduced in f32.
LogicalResult convertReduction(NodeContext &ctx, const Reduction &op, RankedTensorType type,
                               SmallVectorImpl<Value> &results);
/// Folds plain reductions of integers (shape arithmetic).
LogicalResult foldReduction(NodeContext &ctx, const Reduction &op, RankedTensorType type,
                            SmallVectorImpl<ElementsAttr> &results);

template <const Reduction &op> OpConversion reductionOp() {
  return {"",
          op.name,
          1,
          0,
          [](NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) { return inferReduction(ctx, op, results); },
          [](NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
            return convertReduction(ctx, op, types[0], results);
          },
          [](NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<ElementsAttr> &results) {
            return foldReduction(ctx, op, types[0], results);
          }};
}

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_REDUCEUTILS_H
