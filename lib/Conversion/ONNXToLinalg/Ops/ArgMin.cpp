//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ArgMin: index of the smallest element along `axis`.
//
//===----------------------------------------------------------------------===//
#include "ArgUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult convertArgMin(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  return convertArg(ctx, types[0], /*isMax=*/false, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfArgMin() {
  static const OpConversion table[] = {{"", "ArgMin", 1, 0, inferArg, convertArgMin, nullptr}};
  return table;
}
} // namespace mlir::onnx
