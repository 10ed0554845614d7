//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ReduceL2: Euclidean length, over the dimensions in `axes` (all, if there are none).
//
//===----------------------------------------------------------------------===//
#include "ReduceUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value square(ImplicitLocOpBuilder &b, Value x) { return arith::MulFOp::create(b, x, x); }

static Value root(ImplicitLocOpBuilder &b, Value sum, int64_t, bool) { return math::SqrtOp::create(b, sum); }

static constexpr Reduction reduction = {"ReduceL2", ReduceKind::Sum, Allow::Float, square, root};

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReduceL2() {
  static const OpConversion table[] = {reductionOp<reduction>()};
  return table;
}
} // namespace mlir::onnx
