//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cos: cosine.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value cosBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  return math::CosOp::create(b, args[0]);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfCos() {
  static const OpConversion table[] = {elementwiseOp<cosBody, Allow::Float>("Cos", 7)};
  return table;
}
} // namespace mlir::onnx
