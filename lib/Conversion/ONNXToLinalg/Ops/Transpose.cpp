//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Transpose: permutes dimensions; without `perm` it reverses them.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static FailureOr<SmallVector<int64_t>> permutation(NodeContext &ctx) {
  int64_t rank = ctx.shape(0).size();
  if (!ctx.hasAttr("perm"))
    return llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, rank)));
  SmallVector<int64_t> perm = ctx.intsAttr("perm");
  SmallVector<int64_t> sorted(perm);
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, rank)))
    return ctx.fail("perm " + formatShape(perm) + " is not a permutation of the " + Twine(rank) +
                    " dimensions of the input");
  return perm;
}

static LogicalResult inferTranspose(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)))
    return failure();
  FailureOr<SmallVector<int64_t>> perm = permutation(ctx);
  if (failed(perm))
    return failure();
  SmallVector<int64_t> shape = llvm::map_to_vector(*perm, [&](int64_t p) { return ctx.shape(0)[p]; });
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

static LogicalResult convertTranspose(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  results.push_back(transposeTensor(ctx.b, ctx.loc(), ctx.input(0), *permutation(ctx)));
  return success();
}

static LogicalResult foldTranspose(NodeContext &ctx, ArrayRef<RankedTensorType>,
                                   SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = isMasked(ctx.input(0)) ? ElementsAttr() : ctx.constant(0);
  ElementsAttr moved = elements ? transposeElements(elements, *permutation(ctx)) : ElementsAttr();
  if (!moved)
    return failure();
  results.push_back(moved);
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfTranspose() {
  static const OpConversion table[] = {{"", "Transpose", 1, 0, inferTranspose, convertTranspose, foldTranspose}};
  return table;
}
} // namespace mlir::onnx
