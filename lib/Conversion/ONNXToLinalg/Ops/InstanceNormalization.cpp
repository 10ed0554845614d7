//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX InstanceNormalization: every plane by its own mean and variance.
//
//===----------------------------------------------------------------------===//
#include "NormUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferInstanceNormalization(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(requireFloats(ctx, 0, "input", /*allowHalf=*/true)) ||
      failed(requireFloats(ctx, 1, "scale", /*allowHalf=*/true)) ||
      failed(requireFloats(ctx, 2, "B", /*allowHalf=*/true)))
    return failure();
  ArrayRef<int64_t> x = ctx.shape(0);
  if (x.size() < 3)
    return ctx.fail("its input has rank " + Twine(x.size()) +
                    ", expected a batch, a channel and spatial dimensions; check the model with onnx.checker");
  for (unsigned slot : {1u, 2u})
    if (ctx.shape(slot) != x.slice(1, 1) || ctx.elementType(slot) != ctx.elementType(0))
      return ctx.fail("input " + Twine(slot) + " must be a vector of " + Twine(x[1]) +
                      " elements of the input's type; check the model with onnx.checker");
  results.push_back(ctx.type(0));
  return success();
}

static LogicalResult convertInstanceNormalization(NodeContext &ctx, ArrayRef<RankedTensorType>,
                                                  SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  int64_t rank = ctx.shape(0).size();
  SmallVector<int64_t> dims = llvm::to_vector(llvm::seq<int64_t>(2, rank));
  AffineMap channel = projection(b.getContext(), rank, {1});
  Value x = widened(b, loc, ctx.input(0));
  Moments m = moments(b, loc, x, dims, ctx.floatAttr("epsilon", 1e-5f));
  Value y =
      normalize(b, loc, x, dims, m, widened(b, loc, ctx.input(1)), channel, widened(b, loc, ctx.input(2)), channel);
  results.push_back(narrowed(b, loc, y, ctx.elementType(0)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfInstanceNormalization() {
  static const OpConversion table[] = {
      {"", "InstanceNormalization", 6, 0, inferInstanceNormalization, convertInstanceNormalization, nullptr}};
  return table;
}
} // namespace mlir::onnx
