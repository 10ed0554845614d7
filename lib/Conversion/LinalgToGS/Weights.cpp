//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finding the constant operand of a contraction, and bringing it into the layout of gs ops at compile time.
//
//===----------------------------------------------------------------------===//
#include "Weights.h"
#include "../ONNXToLinalg/ConstantUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;

bool gs::isWeight(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape())
    return false;
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<arith::ConstantOp, gs::ConstantOp>(def))
    return true;
  if (hasPattern(value) || !isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp, linalg::TransposeOp>(def))
    return false;
  return !hasPattern(def->getOperand(0)) && isWeight(def->getOperand(0));
}

WeightElements WeightElements::transposed(ArrayRef<int64_t> perm) const {
  if (llvm::equal(perm, llvm::seq<int64_t>(perm.size())))
    return *this;
  return {onnx::transposeElements(values, perm), mask ? onnx::transposeElements(mask, perm) : ElementsAttr()};
}

WeightElements WeightElements::reshaped(ArrayRef<int64_t> shape) const {
  auto reshape = [&](ElementsAttr elements) -> ElementsAttr {
    if (!elements || elements.getShapedType().getShape() == shape)
      return elements;
    return onnx::reshapeElements(elements, RankedTensorType::get(shape, elements.getElementType()));
  };
  return {reshape(values), reshape(mask)};
}

WeightElements gs::readWeight(Value value) {
  if (!isWeight(value) || hasPattern(value))
    return {};
  Operation *def = value.getDefiningOp();
  if (auto constant = dyn_cast<arith::ConstantOp>(def)) {
    auto values = dyn_cast<ElementsAttr>(constant.getValue());
    if (!values || !onnx::getRawData(values))
      return {};
    auto mask = constant->getAttrOfType<ElementsAttr>(onnx::maskAttrName);
    if (mask && mask.getShapedType().getShape() != values.getShapedType().getShape())
      return {};
    return {values, mask};
  }
  WeightElements source = readWeight(def->getOperand(0));
  if (!source)
    return {};
  if (auto transpose = dyn_cast<linalg::TransposeOp>(def))
    return source.transposed(transpose.getPermutation());
  return source.reshaped(cast<RankedTensorType>(value.getType()).getShape());
}

Value gs::createWeight(OpBuilder &b, Location loc, const WeightElements &weight) {
  auto constant = arith::ConstantOp::create(b, loc, cast<TypedAttr>(weight.values));
  if (weight.mask)
    constant->setAttr(onnx::maskAttrName, weight.mask);
  return constant;
}

Value gs::createPatternWeight(OpBuilder &b, Location loc, Value value) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto elements = constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
  if (!elements)
    return value;
  auto type = cast<RankedTensorType>(value.getType());
  ElementsAttr plain = onnx::reshapeElements(elements, RankedTensorType::get(type.getShape(), type.getElementType()));
  return gs::ConstantOp::create(b, loc, type, plain, constant->getAttrOfType<ElementsAttr>(onnx::maskAttrName));
}

bool gs::isZero(Value value) {
  Operation *def = value.getDefiningOp();
  if (auto fill = dyn_cast_or_null<linalg::FillOp>(def))
    return matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
    return isZero(def->getOperand(0));
  SplatElementsAttr splat;
  return matchPattern(value, m_Constant(&splat)) && isa<FloatType>(splat.getElementType()) &&
         splat.getSplatValue<APFloat>().isZero();
}
