//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX MatMul: numpy semantics for any ranks.
//
//===----------------------------------------------------------------------===//
#include "MatMulUtils.h"

using namespace mlir;
using namespace mlir::onnx;

namespace {
/// The product as batches of matrices: vectors got a unit dimension.
struct Shapes {
  SmallVector<int64_t> lhs, rhs, batch; ///< `batch`: common leading dimensions
  bool lhsVector, rhsVector;
  int64_t m() const { return lhs[lhs.size() - 2]; }
  int64_t k() const { return lhs.back(); }
  int64_t n() const { return rhs.back(); }
};
} // namespace

static FailureOr<Shapes> matmulShapes(NodeContext &ctx) {
  if (failed(requireFloats(ctx, 0, "A")) || failed(requireFloats(ctx, 1, "B")))
    return failure();
  Shapes s;
  s.lhs.assign(ctx.shape(0).begin(), ctx.shape(0).end());
  s.rhs.assign(ctx.shape(1).begin(), ctx.shape(1).end());
  if (s.lhs.empty() || s.rhs.empty() || ctx.elementType(0) != ctx.elementType(1))
    return ctx.fail("both operands must have rank 1 or more and one element type; check the model with onnx.checker");
  s.lhsVector = s.lhs.size() == 1;
  s.rhsVector = s.rhs.size() == 1;
  if (s.lhsVector)
    s.lhs.insert(s.lhs.begin(), 1);
  if (s.rhsVector)
    s.rhs.push_back(1);
  if (s.k() != s.rhs[s.rhs.size() - 2])
    return ctx.fail("the inner dimensions are " + Twine(s.k()) + " and " + Twine(s.rhs[s.rhs.size() - 2]) +
                    "; correct the shapes");
  size_t rank = std::max(s.lhs.size(), s.rhs.size());
  for (size_t i = 0; i + 2 < rank; ++i) {
    int64_t l = i + s.lhs.size() < rank ? 1 : s.lhs[i + s.lhs.size() - rank];
    int64_t r = i + s.rhs.size() < rank ? 1 : s.rhs[i + s.rhs.size() - rank];
    if (l != r && l != 1 && r != 1)
      return ctx.fail("the batch dimensions " + Twine(l) + " and " + Twine(r) +
                      " do not broadcast; correct the shapes");
    s.batch.push_back(l == 1 ? r : l);
  }
  return s;
}

static LogicalResult inferMatMul(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Shapes> s = matmulShapes(ctx);
  if (failed(s))
    return failure();
  SmallVector<int64_t> shape = s->batch;
  if (!s->lhsVector)
    shape.push_back(s->m());
  if (!s->rhsVector)
    shape.push_back(s->n());
  results.push_back(RankedTensorType::get(shape, ctx.elementType(0)));
  return success();
}

static int64_t product(ArrayRef<int64_t> extents) {
  int64_t p = 1;
  for (int64_t e : extents)
    p *= e;
  return p;
}

/// `value` of shape `shape` (batch dimensions, rows, columns) as one batch of matrices: of rank 2 if all its batch
/// dimensions are 1, of rank 3 with `batch` flattened otherwise. Partial broadcasts (2x1 against 1x3) are copied.
static Value asBatch(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> shape, ArrayRef<int64_t> batch) {
  ArrayRef<int64_t> own = shape.drop_back(2), matrix = shape.take_back(2);
  if (product(own) == 1)
    return reshape(b, loc, value, matrix);
  if (product(own) != product(batch)) {
    SmallVector<int64_t> target(batch);
    llvm::append_range(target, matrix);
    auto type = RankedTensorType::get(target, cast<RankedTensorType>(value.getType()).getElementType());
    value = reshape(b, loc, value, shape);
    value = elementwise(b, loc, type, value, broadcastMap(b.getContext(), shape, target),
                        [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  }
  return reshape(b, loc, value, {product(batch), matrix[0], matrix[1]});
}

static LogicalResult convertMatMul(NodeContext &ctx, ArrayRef<RankedTensorType> types,
                                   SmallVectorImpl<Value> &results) {
  FailureOr<Shapes> s = matmulShapes(ctx);
  if (failed(s))
    return failure();
  OpBuilder &b = ctx.b;
  Location loc = ctx.loc();
  Value result;
  if (product(ArrayRef(s->rhs).drop_back(2)) == 1) {
    // One matrix on the right: the batches of the left are just more rows.
    Value lhs = reshape(b, loc, ctx.input(0), {product(ArrayRef(s->lhs).drop_back(1)), s->k()});
    result = matrixProduct(b, loc, lhs, reshape(b, loc, ctx.input(1), {s->k(), s->n()}));
  } else {
    Value lhs = asBatch(b, loc, ctx.input(0), s->lhs, s->batch);
    Value rhs = asBatch(b, loc, ctx.input(1), s->rhs, s->batch);
    result = batchProduct(b, loc, lhs, rhs);
  }
  results.push_back(reshape(b, loc, result, types[0].getShape()));
  return success();
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfMatMul() {
  static const OpConversion table[] = {{"", "MatMul", 1, 0, inferMatMul, convertMatMul, nullptr}};
  return table;
}
} // namespace mlir::onnx
