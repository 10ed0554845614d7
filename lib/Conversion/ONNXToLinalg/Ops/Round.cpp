//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Round: nearest integer, halves to even.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value roundBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::RoundEvenOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfRound() {
  static const OpConversion table[] = {elementwiseOp<roundBody, Allow::Float>("Round", 11)};
  return table;
}
} // namespace mlir::onnx
