//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softsign: x / (1 + |x|).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value softsignBody(NodeContext &, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  Value magnitude = math::AbsFOp::create(b, args[0]);
  return arith::DivFOp::create(b, args[0], arith::AddFOp::create(b, scalar(b, args[0].getType(), 1.0), magnitude));
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfSoftsign() {
  static const OpConversion table[] = {elementwiseOp<softsignBody, Allow::Float>("Softsign", 1)};
  return table;
}
} // namespace mlir::onnx
