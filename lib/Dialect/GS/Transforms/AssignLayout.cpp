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
      if (!inputType || !needsPlane(conv))
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
