//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reshape: the same elements under another shape. A 0 keeps the input's size
// (unless allowzero), one -1 is what is left.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferReshape(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(checkInputCount(ctx, 2, 2)))
    return failure();
  FailureOr<SmallVector<int64_t>> wanted = ctx.constantInts(1, "shape");
  if (failed(wanted))
    return failure();
  ArrayRef<int64_t> from = ctx.shape(0);
  SmallVector<int64_t> shape(*wanted);
  bool allowZero = ctx.intAttr("allowzero", 0);
  int64_t open = -1, known = 1;
  auto mismatch = [&]() {
    return ctx.fail("shape " + formatShape(*wanted) + " does not fit the input of shape " + formatShape(from));
  };
  for (auto [i, size] : llvm::enumerate(shape)) {
    if (size == 0 && !allowZero) {
      if (i >= from.size())
        return mismatch();
      size = from[i];
    }
    if (size < -1 || (size == -1 && open >= 0))
      return ctx.fail("shape " + formatShape(*wanted) + " must hold sizes and at most one -1");
    if (size == -1)
      open = i;
    else if (llvm::MulOverflow(known, size, known))
      return mismatch();
  }
  int64_t count = elementCount(from);
  if (open >= 0) {
    if (known == 0 || count % known != 0)
      return mismatch();
    shape[open] = count / known;
  } else if (known != count) {
    return mismatch();
  }
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReshape() {
  static const OpConversion table[] = {{"", "Reshape", 5, 0, inferReshape, convertReshape, foldReshape}};
  return table;
}
} // namespace mlir::onnx
