//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX LayerNormalization, with the optional outputs Mean and InvStdDev.
//
//===----------------------------------------------------------------------===//
#include "NormUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferLayerNormalization(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(requireFloats(ctx, 0, "X", /*allowHalf=*/true)) ||
      failed(requireFloats(ctx, 1, "Scale", /*allowHalf=*/true)))
    return failure();
  ArrayRef<int64_t> x = ctx.shape(0);
  FailureOr<int64_t> axis = normalizedAxis(ctx, ctx.intAttr("axis", -1), x.size());
  if (failed(axis))
    return failure();
  for (unsigned slot : {1u, 2u}) {
    if (!ctx.input(slot))
      continue;
    ArrayRef<int64_t> shape = ctx.shape(slot);
    bool fits = shape.size() <= x.size() && ctx.elementType(slot) == ctx.elementType(0);
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] == 1 || shape[i] == x[x.size() - shape.size() + i];
    if (!fits)
      return ctx.fail("input " + Twine(slot) + (slot == 1 ? " (Scale)" : " (B)") +
                      " does not broadcast to X or has another element type; check the model with onnx.checker");
  }
  results.push_back(ctx.type(0));
  SmallVector<int64_t> rows(x);
  std::fill(rows.begin() + *axis, rows.end(), 1);
  // stash_type 1, the only one of the standard besides that of X's own type: statistics are 32-bit floats.
  Type statistics = ctx.elementType(0).isF64() ? ctx.elementType(0) : ctx.b.getF32Type();
  for (unsigned slot = 1; slot < std::min(3u, ctx.numOutputs()); ++slot)
    results.push_back(RankedTensorType::get(rows, statistics));
  return success();
}

static LogicalResult convertLayerNormalization(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                               SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  ArrayRef<int64_t> shape = ctx.shape(0);
  int64_t rank = shape.size();
  FailureOr<int64_t> axis = normalizedAxis(ctx, ctx.intAttr("axis", -1), rank);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> dims = llvm::to_vector(llvm::seq<int64_t>(*axis, rank));
  Value x = widened(b, loc, ctx.input(0));
  Moments m = moments(b, loc, x, dims, ctx.floatAttr("epsilon", 1e-5f));
  auto map = [&](unsigned slot) {
    return ctx.input(slot) ? broadcastMap(b.getContext(), ctx.shape(slot), shape) : AffineMap();
  };
  Value shift = ctx.input(2) ? widened(b, loc, ctx.input(2)) : Value();
  Value y = normalize(b, loc, x, dims, m, widened(b, loc, ctx.input(1)), map(1), shift, map(2));
  results.push_back(narrowed(b, loc, y, ctx.elementType(0)));
  for (auto [slot, value] : {std::pair(1u, m.mean), {2u, m.inverse}})
    if (slot < types.size())
      results.push_back(reshape(b, loc, value, types[slot].getShape()));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLayerNormalization() {
  static const OpConversion table[] = {
      {"", "LayerNormalization", 17, 0, inferLayerNormalization, convertLayerNormalization, nullptr}};
  return table;
}
} // namespace mlir::onnx
