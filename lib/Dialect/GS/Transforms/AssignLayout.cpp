//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inserts the padded planes that convolutions read.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Target/TargetRegistry.h"

namespace mlir::gs {
#define GEN_PASS_DEF_ASSIGNLAYOUT
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Whether vectors of `conv`, which could read its input as it is, would lie in two cache lines each, and the producer
/// of the input can place its channels so that they do not (gs-align-channels): nobody reads it but kernels that
/// follow.
bool wantsAlignedChannels(ConvOp conv, const TargetSpec &target) {
  // Vectors are not longer than a line, so that those at a multiple of their length touch one.
  const int64_t lanes = target.lanes(cast<ShapedType>(conv.getInput().getType()).getElementTypeBitWidth());
  auto producer = conv.getInput().getDefiningOp<ConvOp>();
  SmallVector<int64_t> extents = conv.getInputExtents();
  int64_t size = 1;
  for (int64_t extent : extents)
    size *= extent;
  if (size % lanes == 0 || size < 2 * lanes || target.misalignedLoadsPerCycle >= target.loadsPerCycle)
    return false;
  if (!producer || isDepthwise(producer))
    return false;
  // All that read it so must want this; depthwise convolutions run in strips with their neighbours, which have buffers
  // of their own.
  auto isDepthwiseConv = [](Operation *op) {
    auto other = dyn_cast<ConvOp>(op);
    return other && isDepthwise(other);
  };
  return llvm::all_of(conv.getInput().getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    auto reader = dyn_cast<ConvOp>(user);
    if (!reader)
      return isa<PackPlaneOp, PoolOp>(user);
    if (reader.getInput() != use.get() || needsPlane(reader))
      return !isDepthwise(reader);
    return reader.getGroups() == 1 && llvm::none_of(reader->getUsers(), isDepthwiseConv);
  });
}

class AssignLayout : public gs::impl::AssignLayoutBase<AssignLayout> {
public:
  using AssignLayoutBase::AssignLayoutBase;

  void runOnOperation() override {
    Operation *root = getOperation();
    FailureOr<TargetSpec> spec = resolveTarget(target, [&](const Twine &message) { root->emitError() << message; });
    if (failed(spec))
      return signalPassFailure();
    DenseMap<std::pair<Value, PlaneAttr>, Value> planes;
    root->walk([&](ConvOp conv) {
      auto inputType = dyn_cast<RankedTensorType>(conv.getInput().getType());
      if (!inputType || (!needsPlane(conv) && !wantsAlignedChannels(conv, *spec)))
        return;
      // Depthwise kernels know of borders, unless a person wants another strategy.
      StringRef wanted = conv.getStrategy() ? conv.getStrategy()->getName() : StringRef(force);
      if (isDepthwise(conv) && (wanted.empty() || wanted == "depthwise"))
        return;
      PlaneAttr plane = planFor(conv, spec->lanes(inputType.getElementTypeBitWidth()));
      Value &packed = planes[{conv.getInput(), plane}];
      // A plane of another block would not dominate this convolution.
      if (packed && packed.getParentBlock() == conv->getBlock()) {
        ++numShared;
      } else {
        OpBuilder b(conv);
        auto type = RankedTensorType::get({inputType.getDimSize(0), inputType.getDimSize(1), plane.getSize()},
                                          inputType.getElementType());
        Value empty = tensor::EmptyOp::create(b, conv.getLoc(), type.getShape(), type.getElementType());
        packed = PackPlaneOp::create(b, conv.getLoc(), TypeRange(type), conv.getInput(), empty, plane).getResults()[0];
        ++numPlanes;
      }
      conv.getInputMutable().assign(packed);
      conv.setPlaneAttr(plane);
    });
  }
};

} // namespace
