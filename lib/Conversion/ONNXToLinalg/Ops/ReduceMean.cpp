//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ReduceMean: arithmetic mean; integers round towards zero, over the dimensions in `axes` (all, if there are none).
//
//===----------------------------------------------------------------------===//
#include "IntegerUtils.h"
#include "ReduceUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static Value mean(ImplicitLocOpBuilder &b, Value sum, int64_t count, bool isUnsigned) {
  Value divisor = scalar(b, sum.getType(), static_cast<double>(count));
  if (isa<FloatType>(sum.getType()))
    return arith::DivFOp::create(b, sum, divisor);
  return divideIntegers(b, sum, divisor, isUnsigned);
}

static constexpr Reduction reduction = {"ReduceMean", ReduceKind::Sum, Allow::Number, nullptr, mean};

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReduceMean() {
  static const OpConversion table[] = {reductionOp<reduction>()};
  return table;
}
} // namespace mlir::onnx
