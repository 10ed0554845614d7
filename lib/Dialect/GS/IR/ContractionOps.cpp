//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs.matmul and gs.conv: verifiers and interfaces.
//
//===----------------------------------------------------------------------===//
#include "OpUtils.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Logical tensor type of a weight operand; for the memref of a dense weight the tensor of its shape.
static RankedTensorType logicalType(Type type) {
  if (auto compressed = dyn_cast<CompressedType>(type))
    return compressed.getLogical();
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor;
  auto memref = cast<MemRefType>(type);
  return RankedTensorType::get(memref.getShape(), memref.getElementType());
}

static int64_t verifyOperandPosition(ShapedType operand, ShapedType result, int64_t rows) {
  if (operand.getShape() == result.getShape())
    return 0;
  if (operand.getRank() == 0)
    return 1;
  return operand.getRank() == 1 && operand.getDimSize(0) == rows ? 2 : -1;
}

/// Checks what both contractions share: static types, results against init, epilogue region.
template <typename OpTy> static LogicalResult verifyContraction(OpTy op, int64_t rows) {
  auto init = cast<ShapedType>(op.getInit().getType());
  bool tensors = isa<RankedTensorType>(init);
  for (Value v : {op.getInput(), op.getInit()}) {
    auto type = cast<ShapedType>(v.getType());
    if (!type.hasStaticShape())
      return op.emitOpError("needs static shapes, got ") << type;
    int64_t elements = 1;
    for (int64_t extent : type.getShape()) {
      if (extent > (int64_t(1) << 40) / elements)
        return op.emitOpError("works on ") << type << ", which is larger than any memory";
      elements *= extent;
    }
    if (type.getElementType() != op.getWeightElementType())
      return op.emitOpError("weight, input and result must have one element type, but the weight has ")
             << op.getWeightElementType() << " and an activation is " << type;
  }
  if (isa<RankedTensorType>(op.getInput().getType()) != tensors)
    return op.emitOpError("must have either only tensors or only memrefs as activations");
  if (auto input = dyn_cast<RankedTensorType>(op.getInput().getType()); input && input.getEncoding())
    return op.emitOpError("input is the dense operand and must not carry an encoding, got ") << input;
  if (op.getResults().size() != (tensors ? 1u : 0u))
    return op.emitOpError(tensors ? "needs one result with tensor operands" : "has no result with memref operands");
  if (tensors && op.getResults()[0].getType() != init)
    return op.emitOpError("result type ") << op.getResults()[0].getType() << " differs from the type of outs " << init;
  for (Value v : op.getEpilogueOperands())
    if (isa<RankedTensorType>(v.getType()) != tensors)
      return op.emitOpError("must have either only tensors or only memrefs as activations");
  for (auto [i, v] : llvm::enumerate(op.getEpilogueOperands()))
    if (verifyOperandPosition(cast<ShapedType>(v.getType()), init, rows) < 0)
      return op.emitOpError("epilogue operand #")
             << i << " of type " << v.getType() << " must have the result's shape, shape [" << rows << "], or rank 0";
  Region &region = op.getEpilogue();
  if (region.empty()) {
    if (!op.getEpilogueOperands().empty())
      return op.emitOpError("has epilogue operands but no epilogue region");
    return success();
  }
  Block &block = region.front();
  if (block.getNumArguments() != op.getEpilogueOperands().size() + 1)
    return op.emitOpError("epilogue region needs ")
           << op.getEpilogueOperands().size() + 1 << " arguments (the sum and one per epilogue operand), has "
           << block.getNumArguments();
  if (block.getArgument(0).getType() != init.getElementType())
    return op.emitOpError("first epilogue argument must be ") << init.getElementType();
  for (auto [i, v] : llvm::enumerate(op.getEpilogueOperands()))
    if (block.getArgument(i + 1).getType() != cast<ShapedType>(v.getType()).getElementType())
      return op.emitOpError("epilogue argument #")
             << i + 1 << " must be " << cast<ShapedType>(v.getType()).getElementType();
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getValue().getType() != init.getElementType())
    return op.emitOpError("epilogue region must end in gs.yield of ") << init.getElementType();
  for (Operation &inner : block)
    for (Value v : inner.getOperands())
      if (v.getParentBlock() != &block && !v.getDefiningOp<arith::ConstantOp>())
        return op.emitOpError("epilogue region uses a value from outside that is no constant; pass it as an epilogue "
                              "operand");
  for (Operation &inner : block.without_terminator()) {
    if (!OpTrait::hasElementwiseMappableTraits(&inner) && !isa<arith::ConstantOp>(inner))
      return op.emitOpError("epilogue region may hold element-wise arithmetic only, not ") << inner.getName();
    for (Type type : inner.getResultTypes())
      if (!type.isIntOrIndexOrFloat())
        return op.emitOpError("epilogue region works on scalars, but ") << inner.getName() << " gives " << type;
  }
  return success();
}

#define GS_CONTRACTION_METHODS(OP)                                                                                     \
  ArrayRef<int64_t> OP::getWeightShape() {                                                                             \
    Type type = getWeight().getType();                                                                                 \
    if (auto compressed = dyn_cast<CompressedType>(type))                                                              \
      return compressed.getLogical().getShape();                                                                       \
    return cast<ShapedType>(type).getShape();                                                                          \
  }                                                                                                                    \
  Type OP::getWeightElementType() { return logicalType(getWeight().getType()).getElementType(); }                      \
  PatternAttrInterface OP::getPattern() { return gs::getPattern(getWeight().getType()); }                              \
  void OP::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {                  \
    destinationStyleEffects(getInitMutable(), getInputMutable(), getEpilogueOperandsMutable(), effects);               \
  }                                                                                                                    \
  GS_DESTINATION_STYLE_METHODS(OP)

GS_CONTRACTION_METHODS(MatmulOp)
GS_CONTRACTION_METHODS(ConvOp)

LogicalResult MatmulOp::verify() {
  ArrayRef<int64_t> weight = getWeightShape();
  auto input = cast<ShapedType>(getInput().getType()), init = cast<ShapedType>(getInit().getType());
  if (weight.size() != 2)
    return emitOpError("weight must have rank 2 (M x K), got rank ") << weight.size();
  if (failed(verifyExtents(*this, "extents of the weight", weight)) ||
      failed(verifyExtents(*this, "extents of the input", input.getShape())))
    return failure();
  if (input.getRank() < 2 || input.getRank() != init.getRank())
    return emitOpError("input and result must have the same rank of at least 2, got ") << input << " and " << init;
  int64_t rank = input.getRank();
  if (input.getDimSize(rank - 2) != weight[1])
    return emitOpError("input has ") << input.getDimSize(rank - 2) << " rows but the weight has " << weight[1]
                                     << " columns";
  SmallVector<int64_t> expected(input.getShape());
  expected[rank - 2] = weight[0];
  if (init.getShape() != ArrayRef<int64_t>(expected))
    return emitOpError("result must have shape (batch..., ")
           << weight[0] << ", " << expected.back() << "), got " << init;
  return verifyContraction(*this, weight[0]);
}

SmallVector<int64_t> ConvOp::getInputExtents() {
  if (getPlane())
    return SmallVector<int64_t>(getPlane()->getInput());
  return SmallVector<int64_t>(cast<ShapedType>(getInput().getType()).getShape().drop_front(2));
}

/// Every tap of every output lies where the plane has the element that the convolution means.
static LogicalResult verifyTaps(ConvOp op) {
  if (!op.getPlane())
    return success();
  PlaneAttr plane = *op.getPlane();
  ArrayRef<int64_t> kernel = op.getWeightShape().drop_front(2);
  ArrayRef<int64_t> output = cast<ShapedType>(op.getInit().getType()).getShape().drop_front(2);
  unsigned spatial = op.getSpatialRank();
  for (unsigned d = 0; d < spatial; ++d) {
    int64_t stride = op.getStrides()[d], phases = 0, shift = 0;
    for (int64_t tap = 0; tap < kernel[d]; ++tap) {
      int64_t coordinate = tap * op.getDilations()[d];
      phases = std::max(phases, coordinate % stride + 1);
      shift = std::max(shift, coordinate / stride);
    }
    int64_t extent = output[d] + shift;
    // The zeros behind a row may be those in front of the next one.
    if (d + 1 == spatial && stride == 1)
      extent = std::min(extent, plane.getInput()[d] + std::max(plane.getPads()[d], op.getPads()[spatial + d]));
    if (plane.getPhases()[d] < phases || plane.getExtents()[d] < extent)
      return op.emitOpError("plane has ")
             << plane.getPhases()[d] << " phases of extent " << plane.getExtents()[d] << " in spatial dimension " << d
             << ", but the convolution reads " << phases << " of extent " << extent;
  }
  if (int64_t reach = planeReach(op, plane, 1); reach > plane.getSize())
    return op.emitOpError("plane has ") << plane.getSize() << " elements, but the convolution reads " << reach;
  return success();
}

LogicalResult ConvOp::verify() {
  ArrayRef<int64_t> weight = getWeightShape();
  unsigned spatial = getSpatialRank();
  if (spatial < 1 || spatial > 3)
    return emitOpError("must have one to three spatial dimensions, got ") << spatial;
  if (weight.size() != spatial + 2)
    return emitOpError("weight must have rank ") << spatial + 2 << ", got " << weight.size();
  if (getDilations().size() != spatial || getPads().size() != 2 * spatial)
    return emitOpError("needs ") << spatial << " dilations and " << 2 * spatial << " pads, got "
                                 << getDilations().size() << " and " << getPads().size();
  if (failed(verifyExtents(*this, "strides", getStrides())) ||
      failed(verifyExtents(*this, "dilations", getDilations())) || failed(verifyExtents(*this, "pads", getPads(), 0)) ||
      failed(verifyExtents(*this, "extents of the weight", weight)))
    return failure();
  auto input = cast<ShapedType>(getInput().getType()), init = cast<ShapedType>(getInit().getType());
  int64_t inputRank = getPlane() ? 3 : spatial + 2;
  if (input.getRank() != inputRank || init.getRank() != static_cast<int64_t>(spatial + 2))
    return emitOpError("input must have rank ")
           << inputRank << " and the result rank " << spatial + 2 << ", got " << input << " and " << init;
  if (failed(verifyExtents(*this, "extents of the input", input.getShape())))
    return failure();
  int64_t groups = getGroups();
  if (groups < 1 || groups > weight[0] || weight[0] % groups || input.getDimSize(1) != weight[1] * groups)
    return emitOpError("input has ") << input.getDimSize(1) << " channels; weight " << weight[0] << " x " << weight[1]
                                     << " with " << groups << " groups needs " << weight[1] * groups;
  if (getPlane()) {
    if (failed(verifyPlane(*this, *getPlane())))
      return failure();
    if (getPlane()->getStrides() != getStrides() || getPlane()->getPads() != getPads().take_front(spatial) ||
        input.getDimSize(2) != getPlane()->getSize())
      return emitOpError("plane does not fit the convolution: strides and leading pads must be the op's, and the "
                         "input's last dimension must be the plane's size");
  }
  SmallVector<int64_t> extents = getInputExtents();
  SmallVector<int64_t> expected{input.getDimSize(0), weight[0]};
  for (unsigned d = 0; d < spatial; ++d) {
    int64_t window = (weight[2 + d] - 1) * getDilations()[d] + 1;
    int64_t padded = extents[d] + getPads()[d] + getPads()[spatial + d];
    if (window > padded)
      return emitOpError("kernel of extent ") << window << " (with dilation) is larger than the padded input of extent "
                                              << padded << " in spatial dimension " << d;
    expected.push_back((padded - window) / getStrides()[d] + 1);
  }
  if (init.getShape() != ArrayRef<int64_t>(expected)) {
    InFlightDiagnostic diag = emitOpError("result must have shape (");
    llvm::interleaveComma(expected, diag);
    return diag << "), got " << init;
  }
  return failed(verifyTaps(*this)) ? failure() : verifyContraction(*this, weight[0]);
}
