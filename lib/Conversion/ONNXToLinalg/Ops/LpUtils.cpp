//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// p-norms.
//
//===----------------------------------------------------------------------===//
#include "LpUtils.h"

using namespace mlir;
using namespace mlir::onnx;

FailureOr<int64_t> onnx::readNormOrder(NodeContext &ctx) {
  int64_t p = ctx.intAttr("p", 2);
  if (p < 1)
    return ctx.fail("attribute 'p' is " + Twine(p) + ", but the order of a norm is at least 1; correct the model");
  return p;
}

Value onnx::powerOf(OpBuilder &b, Location loc, Value x, int64_t p) {
  if (p == 2)
    return arith::MulFOp::create(b, loc, x, x);
  Value magnitude = math::AbsFOp::create(b, loc, x);
  if (p == 1)
    return magnitude;
  return math::PowFOp::create(b, loc, magnitude, floatConstant(b, loc, x.getType(), p));
}

Value onnx::rootOf(OpBuilder &b, Location loc, Value x, int64_t p) {
  if (p == 1)
    return x;
  if (p == 2)
    return math::SqrtOp::create(b, loc, x);
  return math::PowFOp::create(b, loc, x, floatConstant(b, loc, x.getType(), 1.0 / p));
}
