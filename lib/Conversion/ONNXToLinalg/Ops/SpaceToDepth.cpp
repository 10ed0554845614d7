//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SpaceToDepth: blocks of pixels become blocks of channels.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferSpaceToDepth(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)))
    return failure();
  ArrayRef<int64_t> shape = ctx.shape(0);
  int64_t block = ctx.intAttr("blocksize", 0);
  if (shape.size() != 4 || block <= 0 || block > 65536 || shape[2] % block != 0 || shape[3] % block != 0)
    return ctx.fail("the input of shape " + formatShape(shape) + " cannot be rearranged with blocksize " +
                    Twine(block) + ": it must be [N, C, H, W] with H and W multiples of blocksize");
  std::string mode = ctx.stringAttr("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    return ctx.fail("attribute mode is '" + mode + "', but must be DCR or CRD");
  results.push_back(RankedTensorType::get({shape[0], shape[1] * block * block, shape[2] / block, shape[3] / block},
                                          ctx.elementType(0)));
  return success();
}

static LogicalResult convertSpaceToDepth(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                         SmallVectorImpl<Value> &results) {
  int64_t block = ctx.intAttr("blocksize", 0);
  ArrayRef<int64_t> shape = ctx.shape(0);
  SmallVector<int64_t> split = {shape[0], shape[1], shape[2] / block, block, shape[3] / block, block};
  // The block's row and column become the outer (DCR) or the inner (CRD) factors of the channel.
  SmallVector<int64_t> perm = {0, 3, 5, 1, 2, 4};
  if (ctx.stringAttr("mode", "DCR") == "CRD")
    perm = {0, 1, 3, 5, 2, 4};
  Value moved = transposeTensor(ctx.b, ctx.loc(), reshapeTensor(ctx.b, ctx.loc(), ctx.input(0), split), perm);
  results.push_back(reshapeTensor(ctx.b, ctx.loc(), moved, types[0].getShape()));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSpaceToDepth() {
  static const OpConversion table[] = {{"", "SpaceToDepth", 1, 0, inferSpaceToDepth, convertSpaceToDepth, nullptr}};
  return table;
}
} // namespace mlir::onnx
