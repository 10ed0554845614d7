//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gse-outline-launches: a function without body for each launch, which bufferization makes it a call of.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToGSE/Launches.h"
#include "gs/Conversion/GSToGSE/Passes.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::gs {
#define GEN_PASS_DEF_OUTLINELAUNCHES
#include "gs/Conversion/GSToGSE/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

/// Attribute of a launch: the function that runs it.
static constexpr StringRef functionAttr = "gse.function";

/// Contiguous buffers, as the driver of an engine takes them.
static SmallVector<Type> buffersOf(TypeRange types) {
  return llvm::map_to_vector(types, [](Type type) -> Type {
    auto tensor = cast<RankedTensorType>(type);
    return MemRefType::get(tensor.getShape(), tensor.getElementType());
  });
}

namespace {

class OutlineLaunches : public mlir::gs::impl::OutlineLaunchesBase<OutlineLaunches> {
public:
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    getOperation().walk([&](gse::LaunchOp launch) {
      OpBuilder b(launch);
      SmallVector<Type> buffers = buffersOf(launch->getOperandTypes());
      llvm::append_range(buffers, buffersOf(launch->getResultTypes()));
      auto function = func::FuncOp::create(launch.getLoc(), "launch_0", b.getFunctionType(buffers, {}));
      function.setPrivate();
      function->setAttr("gse.kernel", launch.getKernelAttr());
      symbols.insert(function); // which makes the name unique
      launch->setAttr(functionAttr, FlatSymbolRefAttr::get(function));
    });
  }
};

/// A launch whose operands are buffers is a call; its results are new buffers.
struct LaunchBufferization : bufferization::BufferizableOpInterface::ExternalModel<LaunchBufferization, gse::LaunchOp> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const bufferization::AnalysisState &) const { return true; }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &, const bufferization::AnalysisState &) const { return false; }
  bufferization::AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                                     const bufferization::AnalysisState &) const {
    return {};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    auto function = op->getAttrOfType<FlatSymbolRefAttr>(functionAttr);
    if (!function)
      return op->emitOpError("has no function to call; run gse-outline-launches first");
    Location loc = op->getLoc();
    SmallVector<Value> arguments, results;
    for (auto [operand, type] : llvm::zip(op->getOperands(), buffersOf(op->getOperandTypes()))) {
      FailureOr<Value> buffer = bufferization::getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      if (buffer->getType() != type) { // a view with gaps
        FailureOr<Value> copy = options.createAlloc(rewriter, loc, cast<MemRefType>(type), {});
        if (failed(copy) || failed(options.createMemCpy(rewriter, loc, *buffer, *copy)))
          return failure();
        buffer = copy;
      }
      arguments.push_back(*buffer);
    }
    for (Type type : buffersOf(op->getResultTypes())) {
      FailureOr<Value> buffer = options.createAlloc(rewriter, loc, cast<MemRefType>(type), {});
      if (failed(buffer))
        return failure();
      results.push_back(*buffer);
    }
    llvm::append_range(arguments, results);
    func::CallOp::create(rewriter, loc, function, TypeRange(), arguments);
    bufferization::replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

} // namespace

void mlir::gs::registerLaunchBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, gse::GSEDialect *) {
    gse::LaunchOp::attachInterface<LaunchBufferization>(*context);
    context->loadDialect<func::FuncDialect, memref::MemRefDialect>();
  });
}
