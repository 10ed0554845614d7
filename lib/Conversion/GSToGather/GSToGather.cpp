//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The conversion from gs to functions of gather instructions.
//
//===----------------------------------------------------------------------===//
#include "GatherKernel.h"
#include "gs/Conversion/GSToGather/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTGSTOGATHER
#include "gs/Conversion/GSToGather/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class ConvertGSToGather : public mlir::gs::impl::ConvertGSToGatherBase<ConvertGSToGather> {
public:
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    const GatherMachine *found = resolveGatherMachine(machine, [&](const Twine &text) { module.emitError() << text; });
    if (!found)
      return signalPassFailure();
    bool wrong = false;
    for (func::FuncOp function : llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      SmallVector<Operation *> products;
      function.walk([&](Operation *op) {
        if (isa<MatmulOp, ConvOp>(op))
          products.push_back(op);
      });
      for (Operation *op : products)
        wrong |= failed(convert(function, op, *found));
    }
    if (wrong || failed(verifyGatherPlacement(module)))
      signalPassFailure();
  }

private:
  LogicalResult convert(func::FuncOp function, Operation *op, const GatherMachine &machine) {
    auto refuse = [&](const Twine &reason) {
      return op->emitOpError() << "cannot run on " << machine.name << ": " << reason;
    };
    std::string reason;
    FailureOr<GatherProduct> product = GatherProduct::get(op, machine, wideSums, reason);
    if (failed(product))
      return refuse(reason);
    auto returned = dyn_cast<func::ReturnOp>(function.getBody().back().getTerminator());
    if (function.getNumArguments() != 1 || op->getOperand(1) != function.getArgument(0) || !returned ||
        returned.getNumOperands() != 1 || returned.getOperand(0) != op->getResult(0))
      return refuse("function '" + function.getName() +
                    "' does more than this product of its argument; give the product a function of its own");
    std::optional<SymbolTable::UseRange> uses = function.getSymbolUses(function->getParentOp());
    if (!uses || !uses->empty())
      return refuse("function '" + function.getName() + "' is called; leave the callers out");
    std::string name = function.getName().str();
    FailureOr<func::FuncOp> kernel = emitGatherKernel(*product, name, function);
    if (failed(kernel))
      return failure();
    function.erase();
    ++numKernels;
    return success();
  }
};

} // namespace
