//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bodies of linalg ops, computed on vectors.
//
//===----------------------------------------------------------------------===//
#include "VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;

bool gs::isVectorizable(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  auto isElement = [](Type type) { return type.isF32() || type.isInteger(1); };
  for (Operation &inner : *body) {
    if (!isa<linalg::YieldOp>(inner) &&
        (!isa<arith::ArithDialect, math::MathDialect>(inner.getDialect()) || inner.getNumRegions() ||
         !llvm::all_of(inner.getResultTypes(), isElement) ||
         !(isa<arith::ConstantOp>(inner) || OpTrait::hasElementwiseMappableTraits(&inner))))
      return false;
    for (Value operand : inner.getOperands())
      if (operand.getParentBlock() != body && !matchPattern(operand, m_Constant()))
        return false;
  }
  return true;
}

Value gs::emitVectorBody(ImplicitLocOpBuilder &b, linalg::LinalgOp op, int64_t lanes, ArrayRef<Value> operands) {
  Block *body = op.getBlock();
  IRMapping map;
  auto vectorOf = [&](Type element) { return VectorType::get({lanes}, element); };
  auto splat = [&](Value constant) -> Value {
    Attribute value;
    matchPattern(constant, m_Constant(&value));
    VectorType wide = vectorOf(constant.getType());
    return arith::ConstantOp::create(b, wide, DenseElementsAttr::get(wide, value));
  };
  for (auto [argument, value] : llvm::zip_equal(body->getArguments(), operands))
    if (value)
      map.map(argument, value);
  for (Operation &inner : body->without_terminator()) {
    if (isa<arith::ConstantOp>(inner))
      continue;
    OperationState state(inner.getLoc(), inner.getName());
    for (Value operand : inner.getOperands())
      state.operands.push_back(map.contains(operand) ? map.lookup(operand) : splat(operand));
    for (Type result : inner.getResultTypes())
      state.types.push_back(vectorOf(result));
    state.addAttributes(inner.getDiscardableAttrDictionary().getValue());
    state.propertiesAttr = inner.getPropertiesAsAttribute();
    map.map(inner.getResults(), b.create(state)->getResults());
  }
  Value yielded = body->getTerminator()->getOperand(0);
  return map.contains(yielded) ? map.lookup(yielded) : splat(yielded);
}
