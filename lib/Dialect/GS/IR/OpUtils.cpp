//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the ops of the dialect share: checks of extents and planes, effects, bufferization.
//
//===----------------------------------------------------------------------===//
#include "OpUtils.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

int64_t mlir::gs::detail::lineElements(ConvOp conv) {
  constexpr int64_t lineBits = 512;
  return std::max<int64_t>(1, lineBits / cast<ShapedType>(conv.getInput().getType()).getElementTypeBitWidth());
}

LogicalResult mlir::gs::detail::verifyExtents(Operation *op, StringRef what, ArrayRef<int64_t> extents, int64_t min) {
  for (int64_t extent : extents)
    if (!ShapedType::isDynamic(extent) && (extent < min || extent > INT32_MAX))
      return op->emitOpError() << what << " must be from " << min << " to 2^31 - 1, got " << extent;
  return success();
}

LogicalResult mlir::gs::detail::verifyPlane(Operation *op, PlaneAttr plane) {
  size_t spatial = plane.getInput().size();
  if (spatial < 1 || spatial > 3 || plane.getStrides().size() != spatial || plane.getPhases().size() != spatial ||
      plane.getExtents().size() != spatial || plane.getPads().size() != spatial)
    return op->emitOpError("plane needs one input extent, stride, phase count, extent and pad for each of one to three "
                           "spatial dimensions");
  if (failed(verifyExtents(op, "input extents of a plane", plane.getInput())) ||
      failed(verifyExtents(op, "strides of a plane", plane.getStrides())) ||
      failed(verifyExtents(op, "phases of a plane", plane.getPhases())) ||
      failed(verifyExtents(op, "extents of a plane", plane.getExtents())) ||
      failed(verifyExtents(op, "pads of a plane", plane.getPads(), 0)) ||
      failed(verifyExtents(op, "size of a plane", plane.getSize())))
    return failure();
  int64_t needed = 1;
  for (size_t d = 0; d < spatial; ++d) {
    if (plane.getPhases()[d] > plane.getStrides()[d])
      return op->emitOpError("plane has ") << plane.getPhases()[d] << " phases in spatial dimension " << d
                                           << ", more than its stride " << plane.getStrides()[d];
    for (int64_t factor : {plane.getPhases()[d], plane.getExtents()[d]}) {
      needed *= factor;
      if (needed > plane.getSize())
        return op->emitOpError("plane size ") << plane.getSize() << " is smaller than its phase planes";
    }
  }
  return success();
}

void mlir::gs::detail::destinationStyleEffects(
    MutableOperandRange init, OpOperand &input, MutableOperandRange operands,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  auto read = [&](OpOperand &o) {
    if (isa<MemRefType>(o.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &o, SideEffects::DefaultResource::get());
  };
  read(input);
  for (OpOperand &o : operands)
    read(o);
  for (OpOperand &o : init)
    if (isa<MemRefType>(o.get().getType()))
      effects.emplace_back(MemoryEffects::Write::get(), &o, SideEffects::DefaultResource::get());
}

LogicalResult mlir::gs::detail::bufferizeDestinationStyle(Operation *op, unsigned initIndex, RewriterBase &rewriter,
                                                          const bufferization::BufferizationOptions &options,
                                                          bufferization::BufferizationState &state) {
  SmallVector<Value> operands;
  for (Value v : op->getOperands()) {
    if (!isa<TensorType>(v.getType())) {
      operands.push_back(v);
      continue;
    }
    FailureOr<Value> buffer = bufferization::getBuffer(rewriter, v, options, state);
    if (failed(buffer))
      return op->emitOpError("has an operand that cannot be bufferized");
    operands.push_back(*buffer);
  }
  rewriter.setInsertionPoint(op);
  OperationState newState(op->getLoc(), op->getName(), operands, TypeRange(), op->getAttrs());
  for (unsigned i = 0, e = op->getNumRegions(); i < e; ++i)
    newState.addRegion();
  Operation *newOp = rewriter.create(newState);
  for (auto [from, to] : llvm::zip(op->getRegions(), newOp->getRegions()))
    rewriter.inlineRegionBefore(from, to, to.begin());
  bufferization::replaceOpWithBufferizedValues(rewriter, op, ValueRange{operands[initIndex]});
  return success();
}
