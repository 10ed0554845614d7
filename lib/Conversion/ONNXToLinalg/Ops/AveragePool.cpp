//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX AveragePool: sums of windows, divided by how many elements they hold.
//
//===----------------------------------------------------------------------===//
#include "PoolUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferAveragePool(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Pool> pool = readPool(ctx);
  if (failed(pool))
    return failure();
  results.push_back(poolType(ctx, *pool));
  return success();
}

/// Elements that the window at `position` of spatial dimension `d` holds: those of the input, or with `withPads` also
/// those of the padding (but not what lies behind it, where ceil_mode lets the last window reach).
static int64_t windowCount(NodeContext &ctx, const Window &w, size_t d, int64_t position, bool withPads) {
  int64_t input = ctx.shape(0)[2 + d], first = position * w.strides[d] - w.padsBegin[d], count = 0;
  int64_t low = withPads ? -w.padsBegin[d] : 0, high = withPads ? input + w.padsEnd[d] : input;
  for (int64_t k = 0; k < w.kernel[d]; ++k) {
    int64_t at = first + k * w.dilations[d];
    count += at >= low && at < high;
  }
  return count;
}

static LogicalResult convertAveragePool(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                        SmallVectorImpl<Value> &results) {
  FailureOr<Pool> pool = readPool(ctx);
  if (failed(pool))
    return failure();
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  Value sum = reduceWindows(ctx, *pool, Reduction::Sum);
  bool withPads = ctx.intAttr("count_include_pad", 0) != 0;
  // 1 / count per output position; a window of padding alone gives 0.
  SmallVector<double> factors = {1.0};
  for (size_t d = 0; d < pool->window.rank(); ++d) {
    SmallVector<double> next;
    for (double factor : factors)
      for (int64_t o = 0; o < pool->output[d]; ++o)
        next.push_back(factor / std::max<int64_t>(1, windowCount(ctx, pool->window, d, o, withPads)));
    factors = std::move(next);
  }
  RankedTensorType type = types[0];
  Type element = type.getElementType();
  unsigned rank = type.getRank();
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  if (llvm::all_equal(factors)) {
    results.push_back(
        elementwise(b, loc, type, sum, identity, [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
          return arith::MulFOp::create(b, loc, args[0], floatConstant(b, loc, element, factors.front()));
        }));
    return success();
  }
  Value scale = createConstant(b, loc, makeFloats(RankedTensorType::get(pool->output, element), factors));
  SmallVector<int64_t> spatial = llvm::to_vector(llvm::seq<int64_t>(2, rank));
  results.push_back(elementwise(b, loc, type, {sum, scale}, {identity, projection(b.getContext(), rank, spatial)},
                                [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                                  return arith::MulFOp::create(b, loc, args[0], args[1]);
                                }));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfAveragePool() {
  static const OpConversion table[] = {{"", "AveragePool", 1, 0, inferAveragePool, convertAveragePool, nullptr}};
  return table;
}
} // namespace mlir::onnx
