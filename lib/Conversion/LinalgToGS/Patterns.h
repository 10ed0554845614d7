//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two families of patterns of linalg-to-gs.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_LINALGTOGS_PATTERNS_H
#define GS_CONVERSION_LINALGTOGS_PATTERNS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::gs {

/// Told once why an op is left as it is; returns failure.
using Refusal = function_ref<LogicalResult(const Twine &reason)>;

/// Rewrites a contraction (matmul, vecmat, matvec, batch_matmul with a common weight, or a linalg.generic of that
/// meaning) whose weight is a constant to gs.matmul. A weight on the right needs transposes around the gs.matmul.
LogicalResult convertMatmul(linalg::LinalgOp op, RewriterBase &rewriter, Refusal refuse);

/// Rewrites a channel-first convolution of one to three spatial dimensions (named op or linalg.generic; grouped and
/// depthwise too) whose filter is a constant to gs.conv.
LogicalResult convertConvolution(linalg::LinalgOp op, RewriterBase &rewriter, Refusal refuse);

/// Moves a tensor.pad of zeros into the pads of the gs.conv that reads it.
/// Sums and maxima of f32 over windows of one to three spatial dimensions to gs.pool.
LogicalResult convertPool(linalg::LinalgOp op, RewriterBase &rewriter, Refusal refuse);

/// Padding in front of gs.pool to its pads.
void populateFoldPoolPadPatterns(RewritePatternSet &patterns);

/// Splits a sum of loops with constant factors into (loop, factor); false if it is not one.
bool splitSum(AffineExpr expr, SmallVectorImpl<std::pair<unsigned, int64_t>> &terms);

void populateFoldPadPatterns(RewritePatternSet &patterns);

/// True if the body of `op` is out += left * right in floating point, without casts or other operations.
bool isMultiplyAdd(linalg::LinalgOp op);

/// The result of a gs op plus the init of the linalg op it replaces, unless that is zero.
Value addInit(RewriterBase &rewriter, Location loc, Value sum, Value init);

} // namespace mlir::gs

#endif // GS_CONVERSION_LINALGTOGS_PATTERNS_H
