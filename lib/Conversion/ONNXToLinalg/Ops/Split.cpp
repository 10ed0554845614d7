//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Split: consecutive parts along `axis`, of given sizes (attribute before opset 13,
// input since) or equal ones.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::onnx;

static FailureOr<SmallVector<int64_t>> partSizes(NodeContext &ctx, int64_t axis) {
  int64_t size = ctx.shape(0)[axis], parts = ctx.intAttr("num_outputs", ctx.numOutputs());
  FailureOr<std::optional<SmallVector<int64_t>>> given = attrOrInput(ctx, "split", 1);
  if (failed(given))
    return failure();
  if (*given) {
    int64_t sum = 0;
    for (int64_t part : **given)
      if (part < 0 || llvm::AddOverflow(sum, part, sum))
        return ctx.fail("split " + formatShape(**given) + " must hold sizes");
    if (sum != size || (*given)->size() < ctx.numOutputs())
      return ctx.fail("split " + formatShape(**given) + " does not divide dimension " + Twine(axis) + " of size " +
                      Twine(size) + " into " + Twine(ctx.numOutputs()) + " outputs");
    return **given;
  }
  if (parts <= 0 || parts < static_cast<int64_t>(ctx.numOutputs()))
    return ctx.fail("num_outputs " + Twine(parts) + " is less than its number of outputs");
  if (size % parts != 0 && !ctx.hasAttr("num_outputs"))
    return ctx.fail("dimension " + Twine(axis) + " of size " + Twine(size) + " has no " + Twine(parts) +
                    " equal parts; give their sizes in split");
  if (parts > size)
    return ctx.fail("dimension " + Twine(axis) + " of size " + Twine(size) + " has no " + Twine(parts) + " parts");
  int64_t part = (size + parts - 1) / parts;
  SmallVector<int64_t> sizes(parts, part);
  sizes.back() = size - part * (parts - 1);
  if (sizes.back() < 0)
    return ctx.fail("dimension " + Twine(axis) + " of size " + Twine(size) + " has no " + Twine(parts) + " parts");
  return sizes;
}

static LogicalResult inferSplit(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 1, 2)))
    return failure();
  FailureOr<int64_t> axis = normalizeAxis(ctx, ctx.intAttr("axis", 0), ctx.shape(0).size());
  if (failed(axis))
    return failure();
  FailureOr<SmallVector<int64_t>> sizes = partSizes(ctx, *axis);
  if (failed(sizes))
    return failure();
  for (int64_t size : *sizes) {
    SmallVector<int64_t> shape(ctx.shape(0));
    shape[*axis] = size;
    results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  }
  return success();
}

static LogicalResult convertSplit(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  int64_t axis = *normalizeAxis(ctx, ctx.intAttr("axis", 0), ctx.shape(0).size()), offset = 0;
  for (auto [slot, type] : llvm::enumerate(types)) {
    int64_t size = type.getDimSize(axis);
    bool asked = ctx.outputIsUsed(slot);
    results.push_back(asked ? sliceAxis(ctx.b, ctx.loc(), ctx.input(0), axis, offset, size) : Value());
    offset += size;
  }
  return success();
}

static LogicalResult foldSplit(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                               SmallVectorImpl<ElementsAttr> &results) {
  ElementsAttr elements = ctx.constant(0);
  if (!elements)
    return failure();
  int64_t axis = *normalizeAxis(ctx, ctx.intAttr("axis", 0), ctx.shape(0).size()), offset = 0;
  SmallVector<int64_t> strides = rowMajorStrides(ctx.shape(0));
  for (auto [slot, type] : llvm::enumerate(types)) {
    ElementsAttr part =
        ctx.outputIsUsed(slot) ? stridedElements(elements, type, offset * strides[axis], strides) : ElementsAttr();
    if (ctx.outputIsUsed(slot) && !part)
      return failure();
    results.push_back(part);
    offset += type.getDimSize(axis);
  }
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSplit() {
  static const OpConversion table[] = {{"", "Split", 2, 0, inferSplit, convertSplit, foldSplit}};
  return table;
}
} // namespace mlir::onnx
