//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// convert-gs-to-gse: which products the engine runs, and how they are called.
//
//===----------------------------------------------------------------------===//
#include "EngineGather.h"
#include "gs/Conversion/GSToGSE/Passes.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTGSTOGSE
#include "gs/Conversion/GSToGSE/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class ConvertGSToGSE : public mlir::gs::impl::ConvertGSToGSEBase<ConvertGSToGSE> {
public:
  using Base::Base;

  void runOnOperation() override {
    FailureOr<gse::EngineSpec> found =
        gse::resolveEngine(machine, [&](const Twine &message) { getOperation().emitError() << message; });
    if (failed(found))
      return signalPassFailure();
    spec = *found;
    if (accumulators != 1 && accumulators != 2 && accumulators != 4) {
      getOperation().emitError() << "accumulators = " << accumulators.getValue() << " is not possible; use 1, 2 or 4";
      return signalPassFailure();
    }
    SmallVector<Operation *> products;
    getOperation().walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        products.push_back(op);
    });
    bool wrong = false;
    for (Operation *op : products) {
      std::string reason = refuses(op);
      if (!reason.empty() && !partial) {
        op->emitOpError() << "cannot run on " << spec.name << ": " << reason;
        wrong = true;
      }
      if (reason.empty() && failed(convert(cast<MatmulOp>(op))))
        wrong = true;
    }
    if (wrong)
      signalPassFailure();
  }

private:
  /// Why an op cannot be converted; empty if it can.
  std::string refuses(Operation *op) {
    if (isa<ConvOp>(op))
      return "convolutions have no kernel here";
    FailureOr<Contraction> c = Contraction::get(op);
    if (failed(c))
      return "its geometry is not known";
    auto pattern = dyn_cast_or_null<GatherScatterAttr>(Attribute(c->pattern()));
    if (!pattern)
      return "its weight is not of pattern #gs.gather_scatter";
    Type element = c->elementType();
    if (!element.isF16() && !element.isF32())
      return "elements are not f16 or f32";
    int64_t bits = element.getIntOrFloatBitWidth(), banks = spec.banks(bits);
    if (static_cast<int64_t>(pattern.getBanks()) != banks)
      return "the pattern has " + std::to_string(pattern.getBanks()) + " banks, the machine " + std::to_string(banks) +
             " for this element type";
    if (spec.cachedGather)
      return "the machine has no tightly coupled memory";
    if (c->columns() != 1)
      return "it has " + std::to_string(c->columns()) + " columns; there is a kernel for one";
    if (!c->epilogue().empty())
      return "it has an epilogue";
    if (c->cols * bits / 8 > spec.tcmBytes)
      return "its vector of " + std::to_string(c->cols * bits / 8) + " bytes does not fit the TCM of " +
             std::to_string(spec.tcmBytes);
    if (fused && !element.isF16())
      return "fused gathers read indices of 16 bits, which a stream of " + std::to_string(bits) +
             "-bit elements has not";
    if (!c->weight().getDefiningOp<ConstantOp>())
      return "its weight is no gs.constant";
    return "";
  }

  LogicalResult convert(MatmulOp op) {
    Contraction c = *Contraction::get(op);
    auto constant = c.weight().getDefiningOp<ConstantOp>();
    auto pattern = cast<GatherScatterAttr>(Attribute(c.pattern()));
    auto emitError = [&] { return op.emitOpError(); };
    FailureOr<Weight> weight =
        Weight::fromElements(constant.getValues(), constant.getMask().value_or(ElementsAttr()), emitError);
    if (failed(weight))
      return failure();
    Schema schema;
    schema.joined = true;
    schema.indexBits = c.elementType().getIntOrFloatBitWidth();
    FailureOr<std::vector<Buffer>> buffers = PatternAttrInterface(pattern).pack(*weight, schema, emitError);
    if (failed(buffers))
      return failure();

    GatherProduct product;
    product.name = "product_" + std::to_string(kernels++);
    product.machine = machine;
    product.spec = spec;
    product.element = c.elementType();
    product.rows = c.rows;
    product.cols = c.cols;
    product.banks = pattern.getBanks();
    product.width = pattern.getWidth();
    product.stream = std::move((*buffers)[0]);
    product.offsets = std::move((*buffers)[1]);
    product.fused = fused;
    product.accumulators = accumulators;
    ++numKernels;
    numGroups += product.stream.shape[0];

    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    gse::KernelOp kernel = emitEngineGather(builder, op.getLoc(), product);
    builder.setInsertionPoint(op);
    auto type = RankedTensorType::get({product.paddedRows(), 1}, product.element);
    Value result =
        gse::LaunchOp::create(builder, op.getLoc(), TypeRange(type), kernel.getSymName(), ValueRange(c.input()))
            .getResult(0);
    if (product.paddedRows() != c.rows)
      result = tensor::ExtractSliceOp::create(builder, op.getLoc(), cast<RankedTensorType>(op->getResult(0).getType()),
                                              result, ValueRange(), ValueRange(), ValueRange(), ArrayRef<int64_t>{0, 0},
                                              ArrayRef<int64_t>{c.rows, 1}, ArrayRef<int64_t>{1, 1});
    Value init = c.init();
    op->getResult(0).replaceAllUsesWith(result);
    op.erase();
    for (Value dead : {Value(constant.getResult()), init})
      if (Operation *definition = dead.getDefiningOp(); definition && dead.use_empty())
        definition->erase();
    return success();
  }

  gse::EngineSpec spec;
  int64_t kernels = 0; ///< made so far; statistics count only where LLVM was built with them
};

} // namespace
