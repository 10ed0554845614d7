//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Construction of linalg matrix products.
//
//===----------------------------------------------------------------------===//
#include "MatMulUtils.h"

using namespace mlir;
using namespace mlir::onnx;

Value onnx::matrixProduct(OpBuilder &b, Location loc, Value lhs, Value rhs) {
  auto l = cast<RankedTensorType>(lhs.getType()), r = cast<RankedTensorType>(rhs.getType());
  auto type = RankedTensorType::get({l.getDimSize(0), r.getDimSize(1)}, l.getElementType());
  Value init = filledTensor(b, loc, type, 0);
  return linalg::MatmulOp::create(b, loc, TypeRange(type), {lhs, rhs}, ValueRange(init)).getResult(0);
}

Value onnx::batchProduct(OpBuilder &b, Location loc, Value lhs, Value rhs) {
  auto l = cast<RankedTensorType>(lhs.getType()), r = cast<RankedTensorType>(rhs.getType());
  int64_t batches = l.getRank() == 3 ? l.getDimSize(0) : r.getDimSize(0);
  auto type = RankedTensorType::get({batches, l.getDimSize(l.getRank() - 2), r.getDimSize(r.getRank() - 1)},
                                    l.getElementType());
  Value init = filledTensor(b, loc, type, 0);
  SmallVector<NamedAttribute> attributes;
  if (l.getRank() == 2 || r.getRank() == 2) {
    MLIRContext *context = b.getContext();
    // Loops (batch, m, n, k).
    AffineMap maps[] = {l.getRank() == 2 ? projection(context, 4, {1, 3}) : projection(context, 4, {0, 1, 3}),
                        r.getRank() == 2 ? projection(context, 4, {3, 2}) : projection(context, 4, {0, 3, 2}),
                        projection(context, 4, {0, 1, 2})};
    attributes.push_back(b.getNamedAttr("indexing_maps", b.getAffineMapArrayAttr(maps)));
  }
  return linalg::BatchMatmulOp::create(b, loc, TypeRange(type), {lhs, rhs}, ValueRange(init), attributes).getResult(0);
}

template <typename T>
static ElementsAttr scaleAs(RankedTensorType type, const RawData &data, ArrayRef<double> factors, int64_t inner) {
  ArrayRef<T> values = data.as<T>();
  std::vector<T> out(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    out[i] = values[i] == 0 ? values[i] : static_cast<T>(values[i] * factors[(i / inner) % factors.size()]);
  return makeElementsOf<T>(type, out);
}

ElementsAttr onnx::scaleElements(ElementsAttr elements, ArrayRef<double> factors, int64_t inner) {
  std::optional<RawData> data = getRawData(elements);
  auto type = dyn_cast<RankedTensorType>(elements.getShapedType());
  if (!data || !type)
    return {};
  if (type.getElementType().isF32())
    return scaleAs<float>(type, *data, factors, inner);
  if (type.getElementType().isF64())
    return scaleAs<double>(type, *data, factors, inner);
  return {};
}

Value onnx::scaled(OpBuilder &b, Location loc, Value value, double factor) {
  if (factor == 1)
    return value;
  // The mask of a sparse initialiser is of booleans and stays as it is.
  Value constant = shuffleConstant(b, loc, value, [&](ElementsAttr e) {
    return isa<FloatType>(e.getElementType()) ? scaleElements(e, factor, 1) : e;
  });
  if (constant)
    return constant;
  auto type = cast<RankedTensorType>(value.getType());
  return elementwise(b, loc, type, value, b.getMultiDimIdentityMap(type.getRank()),
                     [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
                       Value c = floatConstant(b, loc, type.getElementType(), factor);
                       return arith::MulFOp::create(b, loc, args[0], c);
                     });
}
