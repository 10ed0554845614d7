//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ReduceMax: largest element; a NaN wins, true is larger than false, over the dimensions in `axes` (all, if there are
// none).
//
//===----------------------------------------------------------------------===//
#include "ReduceUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static constexpr Reduction reduction = {"ReduceMax", ReduceKind::Max, Allow::Any, nullptr, nullptr};

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfReduceMax() {
  static const OpConversion table[] = {reductionOp<reduction>()};
  return table;
}
} // namespace mlir::onnx
