//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX LRN: every element scaled by the squares of its neighbours in the
// channel dimension.
//
//===----------------------------------------------------------------------===//
#include "LinalgUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferLRN(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(requireFloats(ctx, 0, "X")))
    return failure();
  if (ctx.shape(0).size() < 3)
    return ctx.fail("its input has rank " + Twine(ctx.shape(0).size()) +
                    ", expected a batch, a channel and spatial dimensions; check the model with onnx.checker");
  int64_t size = ctx.intAttr("size", 0);
  if (size < 1 || size > (int64_t(1) << 31))
    return ctx.fail("attribute 'size' is " + Twine(size) +
                    ", but it must be a positive number of channels; correct "
                    "the model");
  results.push_back(ctx.type(0));
  return success();
}

static LogicalResult convertLRN(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  RankedTensorType type = types[0];
  Type element = type.getElementType();
  unsigned rank = type.getRank();
  int64_t channels = type.getDimSize(1);
  // More neighbours than there are channels are zeros.
  int64_t size = ctx.intAttr("size", 1);
  int64_t before = std::min((size - 1) / 2, channels), behind = std::min(size - 1 - (size - 1) / 2, channels);
  int64_t window = before + behind + 1;
  // Channels padded at both ends: as a spatial dimension of a tensor with a leading unit dimension.
  SmallVector<int64_t> shifted = {1};
  llvm::append_range(shifted, type.getShape());
  SmallVector<int64_t> low(rank - 1, 0), high(rank - 1, 0);
  low[0] = before;
  high[0] = behind;
  Value padded = padSpatial(b, loc, reshape(b, loc, ctx.input(0), shifted), low, high, 0);
  SmallVector<int64_t> joined(type.getShape());
  joined[1] += before + behind;
  padded = reshape(b, loc, padded, joined);

  // Loops (b, c, window, spatial...).
  SmallVector<AffineExpr> in = {b.getAffineDimExpr(0), b.getAffineDimExpr(1) + b.getAffineDimExpr(2)},
                          out = {b.getAffineDimExpr(0), b.getAffineDimExpr(1)};
  for (unsigned d = 2; d < rank; ++d) {
    in.push_back(b.getAffineDimExpr(d + 1));
    out.push_back(b.getAffineDimExpr(d + 1));
  }
  SmallVector<AffineMap> maps = {AffineMap::get(rank + 1, 0, in, b.getContext()),
                                 projection(b.getContext(), rank + 1, {2}),
                                 AffineMap::get(rank + 1, 0, out, b.getContext())};
  SmallVector<utils::IteratorType> iterators(rank + 1, utils::IteratorType::parallel);
  iterators[2] = utils::IteratorType::reduction;
  Value extent = emptyTensor(b, loc, RankedTensorType::get({window}, element)); // only gives the loop's extent
  Value init = filledTensor(b, loc, type, 0);
  Value sum = linalg::GenericOp::create(b, loc, TypeRange(type), {padded, extent}, ValueRange(init), maps, iterators,
                                        [](OpBuilder &b, Location loc, ValueRange args) {
                                          Value square = arith::MulFOp::create(b, loc, args[0], args[0]);
                                          Value next = arith::AddFOp::create(b, loc, args[2], square);
                                          linalg::YieldOp::create(b, loc, next);
                                        })
                  .getResult(0);
  double alpha = ctx.floatAttr("alpha", 1e-4f) / static_cast<double>(size), beta = ctx.floatAttr("beta", 0.75f),
         bias = ctx.floatAttr("bias", 1.0f);
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  results.push_back(elementwise(b, loc, type, {ctx.input(0), sum}, {identity, identity},
                                [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                                  auto constant = [&](double v) { return floatConstant(b, loc, element, v); };
                                  Value scaledSum = arith::MulFOp::create(b, loc, args[1], constant(alpha));
                                  Value base = arith::AddFOp::create(b, loc, scaledSum, constant(bias));
                                  Value power = math::PowFOp::create(b, loc, base, constant(beta));
                                  return arith::DivFOp::create(b, loc, args[0], power);
                                }));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLRN() {
  static const OpConversion table[] = {{"", "LRN", 1, 0, inferLRN, convertLRN, nullptr}};
  return table;
}
} // namespace mlir::onnx
