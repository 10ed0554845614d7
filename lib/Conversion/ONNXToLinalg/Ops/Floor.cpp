//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floor: largest integer not above x.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value floorBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::FloorOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfFloor() {
  static const OpConversion table[] = {elementwiseOp<floorBody, Allow::Float>("Floor", 6)};
  return table;
}
} // namespace mlir::onnx
