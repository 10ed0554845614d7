//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs-select-engine-strategy and convert-gs-to-gse: what the engine runs and how,
// and the arrangement of tensors on the host around a kernel.
//
//===----------------------------------------------------------------------===//
#include "SelectEngineStrategy.h"
#include "gs/Conversion/GSToGSE/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::gs {
#define GEN_PASS_DEF_CONVERTGSTOGSE
#define GEN_PASS_DEF_SELECTENGINESTRATEGY
#include "gs/Conversion/GSToGSE/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

namespace {

/// Options that both passes have.
struct Options {
  std::string machine;
  EngineDefaults defaults;
  bool partial = false;
};

/// Calls `run` for each contraction of a module that the engine can run; the others are errors, or stay if `partial`.
class Contractions {
public:
  using RunFn = function_ref<LogicalResult(EngineOp &, const EngineChoice &)>;

  static LogicalResult forEach(ModuleOp module, const Options &options, RunFn run) {
    FailureOr<gse::EngineSpec> spec =
        gse::resolveEngine(options.machine, [&](const Twine &message) { module.emitError() << message; });
    if (failed(spec))
      return failure();
    if (int64_t count = options.defaults.variant.accumulators; count != 1 && count != 2 && count != 4)
      return module.emitError() << "accumulators = " << count << " is not possible; use 1, 2 or 4";
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        ops.push_back(op);
    });
    bool wrong = false;
    for (Operation *op : ops) {
      std::string reason;
      FailureOr<EngineOp> engineOp = EngineOp::get(op, *spec, reason);
      FailureOr<EngineChoice> choice = failure();
      if (succeeded(engineOp)) {
        engineOp->machine = options.machine;
        choice = chooseEngineStrategy(*engineOp, options.defaults, reason);
      }
      if (failed(choice)) {
        if (!options.partial) {
          op->emitOpError() << "cannot run on " << spec->name << ": " << reason;
          wrong = true;
        }
        continue;
      }
      wrong |= failed(run(*engineOp, *choice));
    }
    return failure(wrong);
  }
};

class SelectEngineStrategy : public mlir::gs::impl::SelectEngineStrategyBase<SelectEngineStrategy> {
public:
  using Base::Base;

  void runOnOperation() override {
    Options options{machine, {strategy, {fused, fp32, accumulators, 1}}, partial};
    auto record = [](EngineOp &op, const EngineChoice &choice) {
      op.op->setAttr("strategy", choice.attr(op));
      return success();
    };
    if (failed(Contractions::forEach(getOperation(), options, record)))
      signalPassFailure();
  }
};

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

class ConvertGSToGSE : public mlir::gs::impl::ConvertGSToGSEBase<ConvertGSToGSE> {
public:
  using Base::Base;

  void runOnOperation() override {
    Options options{machine, {strategy, {fused, fp32, accumulators, 1}}, partial};
    auto run = [&](EngineOp &op, const EngineChoice &choice) { return convert(op, choice); };
    if (failed(Contractions::forEach(getOperation(), options, run)))
      signalPassFailure();
  }

private:
  /// Zeros behind each dimension, and in front of it.
  static Value pad(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
    if (llvm::all_of(low, [](int64_t n) { return n == 0; }) && llvm::all_of(high, [](int64_t n) { return n == 0; }))
      return value;
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape;
    SmallVector<OpFoldResult> lows, highs;
    for (auto [extent, before, after] : llvm::zip(type.getShape(), low, high)) {
      shape.push_back(before + extent + after);
      lows.push_back(b.getIndexAttr(before));
      highs.push_back(b.getIndexAttr(after));
    }
    Value zero = arith::ConstantOp::create(b, loc, b.getFloatAttr(type.getElementType(), 0.0));
    return tensor::PadOp::create(b, loc, RankedTensorType::get(shape, type.getElementType()), value, lows, highs, zero);
  }

  static Value transpose(OpBuilder &b, Location loc, Value value, ArrayRef<int64_t> permutation) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape;
    for (int64_t dim : permutation)
      shape.push_back(type.getDimSize(dim));
    Value empty = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
    return linalg::TransposeOp::create(b, loc, value, empty, permutation)->getResult(0);
  }

  /// The activations in the order of the kernel: channels last, with all padding.
  static Value arrangeInput(OpBuilder &b, const EngineOp &op, const TilePlan &plan) {
    Location loc = op.op->getLoc();
    Value input = op.op->getOperand(1);
    if (op.isVector() && !plan.partColumns) // its kernel pads
      return input;
    int64_t rank = cast<RankedTensorType>(input.getType()).getRank(), channels = op.channels() - op.ownChannels;
    SmallVector<int64_t> low(rank, 0), high(rank, 0), permutation;
    if (auto conv = dyn_cast<ConvOp>(op.op)) {
      int64_t spatial = conv.getSpatialRank();
      for (int64_t at = 0; at < spatial; ++at) {
        low[2 + at] = conv.getPads()[at];
        high[2 + at] = conv.getPads()[spatial + at];
      }
      high[1] = channels;
      high[rank - 1] += op.slack;
      permutation.push_back(0);
      for (int64_t at = 2; at < rank; ++at)
        permutation.push_back(at);
      permutation.push_back(1);
    } else {
      high[rank - 2] = channels;
      if (op.isVector())
        return pad(b, loc, input, low, high);
      for (int64_t at = 0; at + 2 < rank; ++at)
        permutation.push_back(at);
      permutation.append({rank - 1, rank - 2});
    }
    return transpose(b, loc, pad(b, loc, input, low, high), permutation);
  }

  /// The result of the op from what the kernel writes: rows last, with padding.
  static Value arrangeResult(OpBuilder &b, const EngineOp &op, Value value) {
    Location loc = op.op->getLoc();
    auto type = cast<RankedTensorType>(op.op->getResult(0).getType());
    int64_t rank = type.getRank(), rowDim = isa<ConvOp>(op.op) ? 1 : rank - 2;
    if (!op.isVector()) {
      SmallVector<int64_t> permutation;
      for (int64_t at = 0; at < rank; ++at)
        permutation.push_back(at < rowDim ? at : at == rowDim ? rank - 1 : at - 1);
      value = transpose(b, loc, value, permutation);
    }
    if (value.getType() == type)
      return value;
    SmallVector<int64_t> zeros(rank, 0), ones(rank, 1);
    return tensor::ExtractSliceOp::create(b, loc, type, value, ValueRange(), ValueRange(), ValueRange(), zeros,
                                          type.getShape(), ones);
  }

  LogicalResult convert(EngineOp &op, const EngineChoice &choice) {
    op.name = "product_" + std::to_string(kernels++);
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    FailureOr<gse::KernelOp> kernel = choice.strategy->emit(builder, op, choice.variant, choice.plan);
    if (failed(kernel))
      return failure();
    ++numKernels;

    builder.setInsertionPoint(op.op);
    auto type = cast<RankedTensorType>(op.op->getResult(0).getType());
    int64_t rowDim = isa<ConvOp>(op.op) ? 1 : type.getRank() - 2;
    SmallVector<int64_t> shape(type.getShape());
    shape.erase(shape.begin() + rowDim);
    shape.insert(op.isVector() ? shape.begin() + rowDim : shape.end(), choice.strategy->resultRows(op, choice.variant));
    auto launch = gse::LaunchOp::create(builder, op.op->getLoc(), RankedTensorType::get(shape, type.getElementType()),
                                        kernel->getSymName(), arrangeInput(builder, op, choice.plan));
    Value result = arrangeResult(builder, op, launch.getResult(0));
    SmallVector<Value> dead = {op.op->getOperand(0)};
    if (auto matmul = dyn_cast<MatmulOp>(op.op))
      dead.push_back(matmul.getInit());
    else
      dead.push_back(cast<ConvOp>(op.op).getInit());
    op.op->getResult(0).replaceAllUsesWith(result);
    op.op->erase();
    for (Value value : dead)
      if (Operation *definition = value.getDefiningOp(); definition && definition->use_empty())
        definition->erase();
    return success();
  }

  int64_t kernels = 0; ///< made so far; statistics count only where LLVM was built with them
};

} // namespace
