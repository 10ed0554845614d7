//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tile: the input repeated along each dimension.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferTile(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 2, 2)))
    return failure();
  FailureOr<SmallVector<int64_t>> repeats = ctx.constantInts(1, "repeats");
  if (failed(repeats))
    return failure();
  SmallVector<int64_t> shape(ctx.shape(0));
  if (repeats->size() != shape.size() || llvm::any_of(*repeats, [](int64_t r) { return r < 0; }))
    return ctx.fail("repeats " + formatShape(*repeats) + " must hold one count for each of the " + Twine(shape.size()) +
                    " dimensions");
  for (auto [size, repeat] : llvm::zip_equal(shape, *repeats))
    if (llvm::MulOverflow(size, repeat, size))
      return ctx.fail("repeats " + formatShape(*repeats) + " makes the result too large");
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

/// The result with a dimension for the count of repetitions in front of each repeated dimension.
static SmallVector<int64_t> unfoldedShape(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                                          SmallVectorImpl<int64_t> &kept) {
  SmallVector<int64_t> shape;
  for (auto [size, wanted] : llvm::zip_equal(from, to)) {
    if (wanted != size)
      shape.push_back(wanted / size);
    kept.push_back(shape.size());
    shape.push_back(size);
  }
  return shape;
}

static LogicalResult convertTile(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  SmallVector<int64_t> kept;
  SmallVector<int64_t> shape = unfoldedShape(ctx.shape(0), types[0].getShape(), kept);
  Value result = ctx.input(0);
  if (kept.size() != shape.size()) {
    SmallVector<AffineExpr> source = llvm::map_to_vector(kept, [&](int64_t d) { return ctx.b.getAffineDimExpr(d); });
    AffineMap map = AffineMap::get(shape.size(), 0, source, ctx.b.getContext());
    result = copyThrough(ctx.b, ctx.loc(), result, shape, map);
  }
  results.push_back(reshapeTensor(ctx.b, ctx.loc(), result, types[0].getShape()));
  return success();
}

static LogicalResult foldTile(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                              SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = ctx.constant(0);
  if (!elements || elementCount(ctx.shape(0)) == 0 || (!isSplat(elements) && types[0].getNumElements() > 4096))
    return failure();
  SmallVector<int64_t> kept;
  SmallVector<int64_t> shape = unfoldedShape(ctx.shape(0), types[0].getShape(), kept);
  SmallVector<int64_t> own = rowMajorStrides(ctx.shape(0)), strides(shape.size(), 0);
  for (auto [d, stride] : llvm::zip_equal(kept, own))
    strides[d] = stride;
  ElementsAttr out = stridedElements(elements, RankedTensorType::get(shape, types[0].getElementType()), 0, strides);
  if (!out)
    return failure();
  results.push_back(reshapeElements(out, types[0]));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfTile() {
  static const OpConversion table[] = {{"", "Tile", 6, 0, inferTile, convertTile, foldTile}};
  return table;
}
} // namespace mlir::onnx
