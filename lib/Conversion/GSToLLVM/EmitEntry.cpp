//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C entry point of a compiled network.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::gs {
#define GEN_PASS_DEF_EMITENTRY
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;

namespace {

/// Arguments after the inputs and outputs: arena, thread number, number of threads, barrier.
constexpr unsigned fixedArguments = 4;

class EmitEntry : public gs::impl::EmitEntryBase<EmitEntry> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto name = module->getAttrOfType<FlatSymbolRefAttr>("gs.entry");
    auto network = name ? module.lookupSymbol<LLVM::LLVMFuncOp>(name.getAttr()) : LLVM::LLVMFuncOp();
    auto inputs = module->getAttrOfType<IntegerAttr>("gs.num_inputs");
    if (!network || !inputs || network.getNumArguments() < fixedArguments + inputs.getInt()) {
      module.emitError("has no network function in the LLVM dialect (attributes gs.entry and gs.num_inputs)");
      return signalPassFailure();
    }
    ImplicitLocOpBuilder b(network.getLoc(), &getContext());
    b.setInsertionPointToEnd(module.getBody());
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    Type i64 = b.getI64Type();
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                            {pointer, pointer, pointer, i64, i64, pointer});
    auto entry = LLVM::LLVMFuncOp::create(b, "gs_main_graph", type);
    b.setInsertionPointToStart(entry.addEntryBlock(b));
    SmallVector<Value> args;
    unsigned numBuffers = network.getNumArguments() - fixedArguments;
    for (unsigned i = 0; i < numBuffers; ++i) {
      bool isInput = i < inputs.getInt();
      auto slot = static_cast<int32_t>(isInput ? i : i - inputs.getInt());
      Value address =
          LLVM::GEPOp::create(b, pointer, pointer, entry.getArgument(isInput ? 0 : 1), ArrayRef<LLVM::GEPArg>{slot});
      args.push_back(LLVM::LoadOp::create(b, pointer, address));
    }
    for (unsigned i = 2; i < 6; ++i)
      args.push_back(entry.getArgument(i));
    LLVM::CallOp::create(b, network, args);
    LLVM::ReturnOp::create(b, ValueRange());
    network.setLinkage(LLVM::Linkage::Internal);
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      if (function != entry && !function.isExternal())
        function.setLinkage(LLVM::Linkage::Internal);
  }
};

} // namespace
