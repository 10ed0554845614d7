//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// @Name@: what it computes, in one line.
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::onnx;

/// One element of the result. An operator that is not elementwise fills in inferTypes, convert and fold of OpConversion.
static Value @camel@Body(NodeContext &, ImplicitLocOpBuilder &, ArrayRef<Value> args) { return args[0]; }

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOf@Name@() {
  static const OpConversion table[] = {elementwiseOp<@camel@Body, Allow::Float>("@Name@", /*since=*/1)};
  return table;
}
} // namespace mlir::onnx
