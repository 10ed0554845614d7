//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ceil: smallest integer not below x.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value ceilBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::CeilOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfCeil() {
  static const OpConversion table[] = {elementwiseOp<ceilBody, Allow::Float>("Ceil", 6)};
  return table;
}
} // namespace mlir::onnx
