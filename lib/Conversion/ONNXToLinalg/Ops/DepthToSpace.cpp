//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// DepthToSpace: blocks of channels become blocks of pixels.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferDepthToSpace(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 1)))
    return failure();
  ArrayRef<int64_t> shape = ctx.shape(0);
  int64_t block = ctx.intAttr("blocksize", 0);
  if (shape.size() != 4 || block <= 0 || block > 65536 || shape[1] % (block * block) != 0)
    return ctx.fail("the input of shape " + formatShape(shape) + " cannot be rearranged with blocksize " +
                    Twine(block) + ": it must be [N, C, H, W] with C a multiple of blocksize^2");
  std::string mode = ctx.stringAttr("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    return ctx.fail("attribute mode is '" + mode + "', but must be DCR or CRD");
  results.push_back(RankedTensorType::get({shape[0], shape[1] / (block * block), shape[2] * block, shape[3] * block},
                                          ctx.elementType(0)));
  return success();
}

static LogicalResult convertDepthToSpace(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                         SmallVectorImpl<Value> &results) {
  int64_t block = ctx.intAttr("blocksize", 0);
  ArrayRef<int64_t> shape = ctx.shape(0);
  int64_t depth = shape[1] / (block * block);
  // The block's row and column are the outer (DCR) or the inner (CRD) factors of the channel.
  bool blockFirst = ctx.stringAttr("mode", "DCR") == "DCR";
  SmallVector<int64_t> split = blockFirst ? SmallVector<int64_t>{shape[0], block, block, depth, shape[2], shape[3]}
                                          : SmallVector<int64_t>{shape[0], depth, block, block, shape[2], shape[3]};
  SmallVector<int64_t> perm =
      blockFirst ? SmallVector<int64_t>{0, 3, 4, 1, 5, 2} : SmallVector<int64_t>{0, 1, 4, 2, 5, 3};
  Value moved = transposeTensor(ctx.b, ctx.loc(), reshapeTensor(ctx.b, ctx.loc(), ctx.input(0), split), perm);
  results.push_back(reshapeTensor(ctx.b, ctx.loc(), moved, types[0].getShape()));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfDepthToSpace() {
  static const OpConversion table[] = {{"", "DepthToSpace", 1, 0, inferDepthToSpace, convertDepthToSpace, nullptr}};
  return table;
}
} // namespace mlir::onnx
