//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Identity: its input.
//
//===----------------------------------------------------------------------===//
#include "ShapeUtils.h"

using namespace mlir;
using namespace mlir::onnx;

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfIdentity() {
  static const OpConversion table[] = {{"", "Identity", 1, 0, inferSameType, forwardInput, foldForward}};
  return table;
}
} // namespace mlir::onnx
