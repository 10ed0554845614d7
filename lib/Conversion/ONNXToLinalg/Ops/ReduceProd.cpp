//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ReduceProd: product, over the dimensions in `axes` (all, if there are none).
//
//===----------------------------------------------------------------------===//
#include "ReduceUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static constexpr Reduction reduction = {"ReduceProd", ReduceKind::Product, Allow::Number, nullptr, nullptr};

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReduceProd() {
  static const OpConversion table[] = {reductionOp<reduction>()};
  return table;
}
} // namespace mlir::onnx
