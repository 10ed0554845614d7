//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constant weights, planes and pooling: verifiers, folders and interfaces; the classes of all ops.
//
//===----------------------------------------------------------------------===//
#include "OpUtils.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

FailureOr<Weight> ConstantOp::getWeight(EmitError emitError) {
  FailureOr<Weight> weight = Weight::fromElements(getValues(), getMask().value_or(ElementsAttr()), emitError);
  if (succeeded(weight) && getRowOrder())
    weight->rowOrder.assign(getRowOrder()->begin(), getRowOrder()->end());
  return weight;
}

LogicalResult ConstantOp::verify() {
  auto type = cast<RankedTensorType>(getResult().getType());
  auto pattern = dyn_cast_or_null<PatternAttrInterface>(type.getEncoding());
  if (!pattern)
    return emitOpError("result type needs a sparsity pattern as encoding; use arith.constant for a dense weight");
  ShapedType values = getValues().getShapedType();
  if (values.getShape() != type.getShape() || values.getElementType() != type.getElementType())
    return emitOpError("values have type ") << values << " but the result is " << type;
  if (getMask()) {
    ShapedType mask = getMask()->getShapedType();
    if (mask.getShape() != type.getShape() || !mask.getElementType().isInteger(1))
      return emitOpError("mask must be an i1 tensor of the weight's shape, not ") << mask;
  }
  auto emitError = [&] { return emitOpError(); };
  if (getRowOrder() && !pattern.getGroupForm(type.getShape()).rowOrder)
    return emitOpError("CO-C3: a row_order needs a pattern on reordered rows, #gs.permuted<...>, not ") << pattern;
  FailureOr<Weight> weight = getWeight(emitError);
  if (failed(weight))
    return failure();
  return pattern.verifyMask(*weight, emitError);
}

ElementsAttr CompressedConstantOp::getBuffer(StringRef name) { return getBuffers().getAs<ElementsAttr>(name); }

LogicalResult CompressedConstantOp::verify() {
  auto emitError = [&] { return emitOpError(); };
  if (failed(verifyBuffers(getType(), getBuffers(), emitError)))
    return failure();
  // What a displacement may be depends on the contraction; a column must be one of the weight's.
  if (getType().getIndexSpace() != "column" || getType().hasRowLayout())
    return success();
  FailureOr<std::vector<Buffer>> buffers = fromAttr(getBuffers(), emitError);
  RankedTensorType logical = getType().getLogical();
  return success(succeeded(buffers) &&
                 succeeded(getType().getPattern().unpack(logical.getShape(), logical.getElementType(), *buffers,
                                                         getType().getSchema(), emitError)));
}

LogicalResult DecompressOp::verify() {
  CompressedType source = getSource().getType();
  auto result = cast<RankedTensorType>(getResult().getType());
  if (source.getIndexSpace() != "column")
    return emitOpError("can only unpack a weight whose index space is 'column', not '")
           << source.getIndexSpace() << "'";
  if (result.getEncoding() || result.getShape() != source.getLogical().getShape() ||
      result.getElementType() != source.getLogical().getElementType())
    return emitOpError("result must be the dense tensor of shape and element type of ") << source.getLogical();
  return success();
}

OpFoldResult DecompressOp::fold(FoldAdaptor) {
  auto constant = getSource().getDefiningOp<CompressedConstantOp>();
  if (!constant)
    return {};
  CompressedType type = constant.getType();
  auto pattern = dyn_cast_or_null<PatternAttrInterface>(type.getLogical().getEncoding());
  if (!pattern || type.hasRowLayout())
    return {};
  FailureOr<std::vector<Buffer>> buffers = fromAttr(constant.getBuffers());
  if (failed(buffers))
    return {};
  FailureOr<Weight> weight = pattern.unpack(type.getLogical().getShape(), type.getLogical().getElementType(), *buffers,
                                            type.getSchema(), nullptr);
  if (failed(weight))
    return {};
  return makeElements(cast<RankedTensorType>(getResult().getType()), weight->toTensorOrder());
}

//===----------------------------------------------------------------------===//
// PackPlaneOp
//===----------------------------------------------------------------------===//

LogicalResult PackPlaneOp::verify() {
  auto input = cast<ShapedType>(getInput().getType()), init = cast<ShapedType>(getInit().getType());
  PlaneAttr plane = getPlane();
  size_t spatial = plane.getInput().size();
  if (failed(verifyPlane(*this, plane)))
    return failure();
  if (input.getRank() != static_cast<int64_t>(spatial + 2) || input.getShape().drop_front(2) != plane.getInput())
    return emitOpError("input ") << input << " does not have the plane's spatial extents";
  if (init.getRank() != 3 || init.getShape().take_front(2) != input.getShape().take_front(2) ||
      init.getDimSize(2) != plane.getSize())
    return emitOpError("result must be batch x channels x ") << plane.getSize() << ", got " << init;
  if (!input.hasStaticShape() || input.getElementType() != init.getElementType() ||
      !input.getElementType().isIntOrFloat())
    return emitOpError("input and result must be static and have one element type, got ") << input << " and " << init;
  if (failed(verifyExtents(*this, "extents of the input", input.getShape())))
    return failure();
  bool tensors = isa<RankedTensorType>(init);
  if (isa<RankedTensorType>(input) != tensors || getResults().size() != (tensors ? 1u : 0u) ||
      (tensors && getResults()[0].getType() != init))
    return emitOpError("has a result of the type of outs exactly if its operands are tensors");
  return success();
}

//===----------------------------------------------------------------------===//
// PoolOp
//===----------------------------------------------------------------------===//

LogicalResult PoolOp::verify() {
  auto input = cast<ShapedType>(getInput().getType()), init = cast<ShapedType>(getInit().getType());
  unsigned spatial = getSpatialRank();
  if (spatial < 1 || spatial > 3)
    return emitOpError("must have one to three spatial dimensions, got ") << spatial;
  if (getKernel().size() != spatial || getDilations().size() != spatial || getPads().size() != spatial)
    return emitOpError("needs one kernel extent, dilation and pad for each of ") << spatial << " spatial dimensions";
  if (failed(verifyExtents(*this, "kernel extents", getKernel())) ||
      failed(verifyExtents(*this, "strides", getStrides())) ||
      failed(verifyExtents(*this, "dilations", getDilations())) || failed(verifyExtents(*this, "pads", getPads(), 0)))
    return failure();
  if (input.getRank() != static_cast<int64_t>(spatial + 2) || init.getRank() != input.getRank() ||
      init.getShape().take_front(2) != input.getShape().take_front(2))
    return emitOpError("input and result must be batch x channels x ")
           << spatial << " spatial dimensions with equal batch and channels, got " << input << " and " << init;
  if (!input.hasStaticShape() || !init.hasStaticShape() || input.getElementType() != init.getElementType() ||
      !isa<FloatType>(input.getElementType()))
    return emitOpError("input and result must be static and have one floating-point type, got ")
           << input << " and " << init;
  if (failed(verifyExtents(*this, "extents of the input", input.getShape())) ||
      failed(verifyExtents(*this, "extents of the result", init.getShape())))
    return failure();
  bool tensors = isa<RankedTensorType>(init);
  if (isa<RankedTensorType>(input) != tensors || getResults().size() != (tensors ? 1u : 0u) ||
      (tensors && getResults()[0].getType() != init))
    return emitOpError("has a result of the type of outs exactly if its operands are tensors");
  return success();
}

//===----------------------------------------------------------------------===//
// Interfaces of ops with one input and one destination
//===----------------------------------------------------------------------===//

#define GS_MOVING_METHODS(OP)                                                                                          \
  void OP::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {                  \
    destinationStyleEffects(getInitMutable(), getInputMutable(), MutableOperandRange(*this, 0, 0), effects);           \
  }                                                                                                                    \
  GS_DESTINATION_STYLE_METHODS(OP)

GS_MOVING_METHODS(PackPlaneOp)
GS_MOVING_METHODS(PoolOp)

#define GET_OP_CLASSES
#include "gs/Dialect/GS/IR/GSOps.cpp.inc"
