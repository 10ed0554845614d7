//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// CastLike: conversion to the element type of input 1, as Cast does it.
//
//===----------------------------------------------------------------------===//
#include "CastUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferCastLike(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (!ctx.input(1))
    return ctx.fail("input 1 is missing");
  return inferCastTo(ctx, ctx.elementType(1), results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfCastLike() {
  static const OpConversion table[] = {{"", "CastLike", 15, 0, inferCastLike, convertCastTo, foldCastTo}};
  return table;
}
} // namespace mlir::onnx
