//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gives every op that fills an empty tensor one of its own.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

namespace mlir::gs {
#define GEN_PASS_DEF_SPLITDESTINATIONS
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

namespace {

class SplitDestinations : public gs::impl::SplitDestinationsBase<SplitDestinations> {
public:
  using SplitDestinationsBase::SplitDestinationsBase;

  void runOnOperation() override {
    getOperation()->walk([&](tensor::EmptyOp empty) {
      for (OpOperand &use : llvm::make_early_inc_range(empty->getUses())) {
        // A tensor from outside of a loop is one buffer for all steps.
        auto op = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
        if (!op || !op.isDpsInit(&use) || empty->hasOneUse() || op->getBlock() != empty->getBlock())
          continue;
        OpBuilder b(op);
        use.set(b.clone(*empty)->getResult(0));
        ++numSplit;
      }
    });
  }
};

} // namespace
