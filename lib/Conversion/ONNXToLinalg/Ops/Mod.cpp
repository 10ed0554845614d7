//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mod: elementwise remainder with broadcasting. With fmod = 0 (integers only) it
// has the sign of the divisor, with fmod = 1 that of the dividend. An integer
// zero divisor gives 0 (the standard leaves it open).
//
//===----------------------------------------------------------------------===//
#include "ElementwiseUtils.h"
#include "IntegerUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferMod(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(inferElementwise(ctx, results, Allow::Number, 2, /*toBool=*/false)))
    return failure();
  if (isa<FloatType>(ctx.elementType(0)) && ctx.intAttr("fmod", 0) == 0)
    return ctx.fail("Mod of floats needs the attribute fmod = 1");
  return success();
}

static Value modBody(NodeContext &ctx, ImplicitLocOpBuilder &b, ArrayRef<Value> args) {
  if (isa<FloatType>(args[0].getType()))
    return arith::RemFOp::create(b, args[0], args[1]);
  Value remainder = remainderIntegers(b, args[0], args[1], isUnsigned(ctx));
  if (ctx.intAttr("fmod", 0) || isUnsigned(ctx))
    return remainder;
  // Same sign as the divisor: add it if the remainder is not zero and their signs differ.
  Value zero = scalar(b, remainder.getType(), 0);
  Value signs = arith::XOrIOp::create(b, remainder, args[1]);
  Value differ = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, signs, zero);
  Value inexact = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, remainder, zero);
  Value wrong = arith::AndIOp::create(b, differ, inexact);
  Value moved = arith::AddIOp::create(b, remainder, args[1]);
  return arith::SelectOp::create(b, wrong, moved, remainder);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMod() {
  static const OpConversion table[] = {
      {"", "Mod", 10, 0, inferMod, convertElementwise<modBody>, foldElementwise<modBody>}};
  return table;
}
} // namespace mlir::onnx
