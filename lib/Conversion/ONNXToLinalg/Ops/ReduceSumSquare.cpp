//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ReduceSumSquare: sum of squares, over the dimensions in `axes` (all, if there are none).
//
//===----------------------------------------------------------------------===//
#include "ReduceUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value square(ImplicitLocOpBuilder &b, Value x) {
  return isa<FloatType>(x.getType()) ? Value(arith::MulFOp::create(b, x, x)) : Value(arith::MulIOp::create(b, x, x));
}

static constexpr Reduction reduction = {"ReduceSumSquare", ReduceKind::Sum, Allow::Number, square, nullptr};

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReduceSumSquare() {
  static const OpConversion table[] = {reductionOp<reduction>()};
  return table;
}
} // namespace mlir::onnx
