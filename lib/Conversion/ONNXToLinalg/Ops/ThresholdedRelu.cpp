//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ThresholdedRelu: x for x > alpha, 0 elsewhere.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value thresholdedReluBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Type type = args[0].getType();
  Value keep =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, args[0], scalar(b, type, ctx.floatAttr("alpha", 1.0f)));
  return arith::SelectOp::create(b, keep, args[0], scalar(b, type, 0.0));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfThresholdedRelu() {
  static const OpConversion table[] = {elementwiseOp<thresholdedReluBody, Allow::Float>("ThresholdedRelu", 10)};
  return table;
}
} // namespace mlir::onnx
