//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cast: conversion between element types. Floats to integers round towards zero
// and saturate, NaN gives 0 (the standard leaves both open); anything to bool is
// "not equal to zero".
//
//===----------------------------------------------------------------------===//
#include "CastUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferCast(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Type> type = typeOfCode(ctx, ctx.intAttr("to", 0));
  return failed(type) ? failure() : inferCastTo(ctx, *type, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfCast() {
  static const OpConversion table[] = {{"", "Cast", 6, 0, inferCast, convertCastTo, foldCastTo}};
  return table;
}
} // namespace mlir::onnx
