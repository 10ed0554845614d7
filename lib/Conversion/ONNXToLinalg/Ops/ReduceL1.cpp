//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ReduceL1: sum of magnitudes, over the dimensions in `axes` (all, if there are none).
//
//===----------------------------------------------------------------------===//
#include "ReduceUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value magnitude(ImplicitLocOpBuilder &b, Value x) { return math::AbsFOp::create(b, x); }

static constexpr Reduction reduction = {"ReduceL1", ReduceKind::Sum, Allow::Float, magnitude, nullptr};

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReduceL1() {
  static const OpConversion table[] = {reductionOp<reduction>()};
  return table;
}
} // namespace mlir::onnx
