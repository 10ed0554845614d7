//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Construction of linalg convolutions.
//
//===----------------------------------------------------------------------===//
#include "ConvUtils.h"

using namespace mlir;
using namespace mlir::onnx;

/// Loops (b, g, o, spatial'..., c, kernel...): the order of linalg.conv_2d_ngchw_gfchw.
static Value groupedGeneric(OpBuilder &b, Location loc, Value input, Value weight, Value init,
                            ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
  unsigned spatial = strides.size(), loops = 4 + 2 * spatial, channel = 3 + spatial;
  auto dim = [&](unsigned d) { return b.getAffineDimExpr(d); };
  SmallVector<AffineExpr> in = {dim(0), dim(1), dim(channel)}, filter = {dim(1), dim(2), dim(channel)},
                          out = {dim(0), dim(1), dim(2)};
  for (unsigned i = 0; i < spatial; ++i) {
    in.push_back(dim(3 + i) * strides[i] + dim(channel + 1 + i) * dilations[i]);
    filter.push_back(dim(channel + 1 + i));
    out.push_back(dim(3 + i));
  }
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> exprs : {ArrayRef(in), ArrayRef(filter), ArrayRef(out)})
    maps.push_back(AffineMap::get(loops, 0, exprs, b.getContext()));
  SmallVector<utils::IteratorType> iterators(loops, utils::IteratorType::parallel);
  std::fill(iterators.begin() + channel, iterators.end(), utils::IteratorType::reduction);
  return linalg::GenericOp::create(b, loc, TypeRange(init.getType()), {input, weight}, ValueRange(init), maps,
                                   iterators,
                                   [](OpBuilder &b, Location loc, ValueRange args) {
                                     Value product = arith::MulFOp::create(b, loc, args[0], args[1]);
                                     Value sum = arith::AddFOp::create(b, loc, args[2], product);
                                     linalg::YieldOp::create(b, loc, sum);
                                   })
      .getResult(0);
}

template <typename ConvOp>
static Value named(OpBuilder &b, Location loc, Value input, Value weight, Value init, ArrayRef<int64_t> strides,
                   ArrayRef<int64_t> dilations) {
  Attribute strideAttr = b.getI64TensorAttr(strides), dilationAttr = b.getI64TensorAttr(dilations);
  return ConvOp::create(b, loc, TypeRange(init.getType()), {input, weight}, ValueRange(init), strideAttr, dilationAttr)
      ->getResult(0);
}

Value onnx::convolution(OpBuilder &b, Location loc, RankedTensorType type, Value input, Value weight, int64_t groups,
                        ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
  size_t spatial = strides.size();
  if (groups == 1) {
    Value init = filledTensor(b, loc, type, 0);
    if (spatial == 1)
      return named<linalg::Conv1DNcwFcwOp>(b, loc, input, weight, init, strides, dilations);
    if (spatial == 2)
      return named<linalg::Conv2DNchwFchwOp>(b, loc, input, weight, init, strides, dilations);
    return named<linalg::Conv3DNcdhwFcdhwOp>(b, loc, input, weight, init, strides, dilations);
  }
  // Splits dimension `dim` of a shape into groups.
  auto split = [&](Type t, unsigned dim) {
    SmallVector<int64_t> shape(cast<RankedTensorType>(t).getShape());
    shape[dim] /= groups;
    shape.insert(shape.begin() + dim, groups);
    return shape;
  };
  input = reshape(b, loc, input, split(input.getType(), 1));
  weight = reshape(b, loc, weight, split(weight.getType(), 0));
  Value init = filledTensor(b, loc, RankedTensorType::get(split(type, 1), type.getElementType()), 0);
  Value result = spatial == 2 ? named<linalg::Conv2DNgchwGfchwOp>(b, loc, input, weight, init, strides, dilations)
                              : groupedGeneric(b, loc, input, weight, init, strides, dilations);
  return reshape(b, loc, result, type.getShape());
}

LogicalResult onnx::checkBias(NodeContext &ctx, unsigned slot, int64_t channels) {
  if (!ctx.input(slot))
    return success();
  if (ctx.shape(slot) != ArrayRef<int64_t>{channels} || ctx.elementType(slot) != ctx.elementType(0))
    return ctx.fail("the bias must be a vector of " + Twine(channels) +
                    " elements of the input's type; check the model with onnx.checker");
  return success();
}
