//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX Gemm: alpha * A' * B' + beta * C. Constants take the transposition and
// the factors at compile time.
//
//===----------------------------------------------------------------------===//
#include "MatMulUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static LogicalResult inferGemm(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  if (failed(requireFloats(ctx, 0, "A")) || failed(requireFloats(ctx, 1, "B")))
    return failure();
  ArrayRef<int64_t> a = ctx.shape(0), b = ctx.shape(1);
  if (a.size() != 2 || b.size() != 2 || ctx.elementType(0) != ctx.elementType(1))
    return ctx.fail("A and B must be matrices of one element type, but have rank " + Twine(a.size()) + " and " +
                    Twine(b.size()) + "; put a Flatten before the node or use MatMul");
  bool transA = ctx.intAttr("transA", 0), transB = ctx.intAttr("transB", 0);
  int64_t m = a[transA], k = a[!transA], n = b[!transB];
  if (k != b[transB])
    return ctx.fail("the inner dimensions of A and B are " + Twine(k) + " and " + Twine(b[transB]) +
                    "; correct the shapes or 'transA' and 'transB'");
  int64_t target[] = {m, n};
  if (ctx.input(2)) {
    ArrayRef<int64_t> c = ctx.shape(2);
    bool fits = c.size() <= 2 && ctx.elementType(2) == ctx.elementType(0);
    for (size_t i = 0; fits && i < c.size(); ++i)
      fits = c[i] == 1 || c[i] == target[2 - c.size() + i];
    if (!fits)
      return ctx.fail("C does not broadcast to the " + Twine(m) + "x" + Twine(n) +
                      " result; check the model with onnx.checker");
  }
  results.push_back(RankedTensorType::get(target, ctx.elementType(0)));
  return success();
}

static LogicalResult convertGemm(NodeContext &ctx, ArrayRef<RankedTensorType> types, SmallVectorImpl<Value> &results) {
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  Value lhs = ctx.input(0), rhs = ctx.input(1), addend = ctx.input(2);
  if (ctx.intAttr("transA", 0))
    lhs = transpose(b, loc, lhs, {1, 0});
  if (ctx.intAttr("transB", 0))
    rhs = transpose(b, loc, rhs, {1, 0});
  double alpha = ctx.floatAttr("alpha", 1), beta = ctx.floatAttr("beta", 1);
  Value result;
  if (constantValue(lhs) && !constantValue(rhs))
    result = matrixProduct(b, loc, scaled(b, loc, lhs, alpha), rhs);
  else if (constantValue(rhs))
    result = matrixProduct(b, loc, lhs, scaled(b, loc, rhs, alpha));
  else
    result = scaled(b, loc, matrixProduct(b, loc, lhs, rhs), alpha);
  if (!addend || beta == 0) {
    results.push_back(result);
    return success();
  }
  addend = scaled(b, loc, addend, beta);
  // A row is a bias: as a vector the epilogue fusion knows it.
  auto type = cast<RankedTensorType>(addend.getType());
  if (type.getRank() == 2 && type.getDimSize(0) == 1)
    addend = reshape(b, loc, addend, type.getShape().drop_front());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(addend.getType()).getShape();
  results.push_back(elementwise(b, loc, types[0], {result, addend},
                                {b.getMultiDimIdentityMap(2), broadcastMap(b.getContext(), shape, types[0].getShape())},
                                [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                                  return arith::AddFOp::create(b, loc, args[0], args[1]);
                                }));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGemm() {
  static const OpConversion table[] = {{"", "Gemm", 7, 0, inferGemm, convertGemm, nullptr}};
  return table;
}
} // namespace mlir::onnx
