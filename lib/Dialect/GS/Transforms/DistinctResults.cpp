//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// No buffer is returned twice.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::gs {
#define GEN_PASS_DEF_DISTINCTRESULTS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

namespace {

class DistinctResults : public gs::impl::DistinctResultsBase<DistinctResults> {
public:
  void runOnOperation() override {
    getOperation()->walk([&](func::ReturnOp op) {
      DenseSet<Value> seen;
      OpBuilder b(op);
      for (OpOperand &result : op->getOpOperands()) {
        auto type = dyn_cast<MemRefType>(result.get().getType());
        // Whole buffers have the identity layout; dynamic sizes would need operands, and networks have none.
        if (!type || !type.hasStaticShape() || !type.getLayout().isIdentity() || seen.insert(result.get()).second)
          continue;
        Value copy = memref::AllocOp::create(b, op.getLoc(), type);
        memref::CopyOp::create(b, op.getLoc(), result.get(), copy);
        result.set(copy);
        ++numCopied;
      }
    });
  }
};

} // namespace
