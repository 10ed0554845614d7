//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dropout: its input, since models are compiled for inference. The mask output, if
// asked for, is all true.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferDropout(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(inferSameType(ctx, results)))
    return failure();
  if (ctx.input(2)) {
    FailureOr<SmallVector<int64_t>> training = ctx.constantInts(2, "training_mode");
    if (failed(training))
      return failure();
    if (llvm::any_of(*training, [](int64_t v) { return v != 0; }))
      return ctx.fail("training_mode is true, but models are compiled for inference; export the model in eval mode");
  }
  // Before opset 10 the mask has the type of the data.
  Type mask = ctx.opset() < 10 ? ctx.elementType(0) : ctx.b.getI1Type();
  results.push_back(RankedTensorType::get(ctx.shape(0), mask));
  return success();
}

static LogicalResult convertDropout(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                    SmallVectorImpl<Value> &results) {
  results.push_back(ctx.input(0));
  if (ctx.hasOutput(1))
    results.push_back(createConstant(ctx.b, ctx.loc(),
                                     DenseElementsAttr::get(types[1], ctx.b.getOneAttr(types[1].getElementType()))));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfDropout() {
  static const OpConversion table[] = {{"", "Dropout", 7, 0, inferDropout, convertDropout, foldForward}};
  return table;
}
} // namespace mlir::onnx
