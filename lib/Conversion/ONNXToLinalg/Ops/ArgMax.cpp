//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ArgMax: index of the largest element along `axis`.
//
//===----------------------------------------------------------------------===//
#include "ArgUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult convertArgMax(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  return convertArg(ctx, types[0], /*isMax=*/true, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfArgMax() {
  static const OpConversion table[] = {{"", "ArgMax", 1, 0, inferArg, convertArgMax, nullptr}};
  return table;
}
} // namespace mlir::onnx
