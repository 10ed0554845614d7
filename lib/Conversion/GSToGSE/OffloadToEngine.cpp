//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gs-offload-to-engine: which contractions of a float32 network the engine takes, in its own element type.
//
//===----------------------------------------------------------------------===//
#include "SelectEngineStrategy.h"
#include "gs/Conversion/GSToGSE/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/APFloat.h"
#include <cstring>

namespace mlir::gs {
#define GEN_PASS_DEF_OFFLOADTOENGINE
#include "gs/Conversion/GSToGSE/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class OffloadToEngine : public mlir::gs::impl::OffloadToEngineBase<OffloadToEngine> {
public:
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<gse::EngineSpec> spec =
        gse::resolveEngine(machine, [&](const Twine &message) { module.emitError() << message; });
    if (failed(spec))
      return signalPassFailure();
    if (accumulators != 1 && accumulators != 2 && accumulators != 4) {
      module.emitError() << "accumulators = " << accumulators.getValue() << " is not possible; use 1, 2 or 4";
      return signalPassFailure();
    }
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      offload(op, *spec);
  }

private:
  /// Puts a contraction on halves with the engine's choice in place of `op`, or says in `gs.on_host` why not.
  void offload(Operation *op, const gse::EngineSpec &spec) {
    OpBuilder b(op);
    std::string reason = unsuited(op);
    if (reason.empty()) {
      Operation *half = makeHalf(b, op);
      FailureOr<EngineOp> engineOp = EngineOp::get(half, spec, reason);
      if (succeeded(engineOp)) {
        engineOp->machine = machine;
        FailureOr<EngineChoice> choice =
            chooseEngineStrategy(*engineOp, {strategy, {fused, fp32, accumulators, 4}}, reason);
        if (succeeded(choice)) {
          half->setAttr("strategy", choice->attr(*engineOp));
          Value wide = convert(b, op->getLoc(), half->getResult(0), b.getF32Type());
          op->getResult(0).replaceAllUsesWith(wide);
          erase(op);
          ++numOffloaded;
          return;
        }
      }
      erase(half);
    }
    op->setAttr("gs.on_host", b.getStringAttr(reason));
    ++numOnHost;
  }

  static std::string unsuited(Operation *op) {
    if (!cast<RankedTensorType>(op->getResult(0).getType()).getElementType().isF32())
      return "its elements are not float32";
    if (!op->getRegion(0).empty())
      return "it has an epilogue";
    return "";
  }

  /// `op` and its operands, each value once more if nothing else uses it then.
  static void erase(Operation *op) {
    SmallVector<Value> operands(op->getOperands());
    op->erase();
    for (Value operand : operands)
      if (Operation *definition = operand.getDefiningOp();
          definition && definition->use_empty() &&
          isa<ConstantOp, arith::ConstantOp, tensor::EmptyOp, linalg::GenericOp>(definition))
        erase(definition);
  }

  /// An elementwise conversion of a tensor.
  static Value convert(OpBuilder &b, Location loc, Value value, Type element) {
    auto type = cast<RankedTensorType>(value.getType());
    Value empty = tensor::EmptyOp::create(b, loc, type.getShape(), element);
    AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> parallel(type.getRank(), utils::IteratorType::parallel);
    return linalg::GenericOp::create(b, loc, TypeRange{empty.getType()}, ValueRange{value}, ValueRange{empty},
                                     ArrayRef<AffineMap>{identity, identity}, parallel,
                                     [&](OpBuilder &inner, Location at, ValueRange args) {
                                       Value result = element.isF16()
                                                          ? arith::TruncFOp::create(inner, at, element, args[0])
                                                          : Value(arith::ExtFOp::create(inner, at, element, args[0]));
                                       linalg::YieldOp::create(inner, at, result);
                                     })
        .getResult(0);
  }

  /// Values of a weight rounded to halves; its mask stays what it was, also where a small weight becomes zero.
  static Value halfWeight(OpBuilder &b, Value weight) {
    auto type = cast<RankedTensorType>(weight.getType());
    auto half = RankedTensorType::get(type.getShape(), b.getF16Type(), type.getEncoding());
    auto plain = RankedTensorType::get(type.getShape(), b.getF16Type());
    bool vanished = false; // a weight became zero
    auto round = [&](ElementsAttr values) -> ElementsAttr {
      std::vector<char> storage;
      FailureOr<ArrayRef<char>> raw = getRawData(values, storage);
      if (failed(raw))
        return {};
      std::vector<char> data(raw->size() / 2);
      for (size_t i = 0; i < raw->size() / 4; ++i) {
        float value;
        std::memcpy(&value, raw->data() + 4 * i, 4);
        llvm::APFloat number(value);
        bool lost;
        number.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven, &lost);
        auto bits = static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
        std::memcpy(data.data() + 2 * i, &bits, 2);
        vanished |= value != 0 && number.isZero();
      }
      return makeElements(plain, std::move(data));
    };
    if (auto constant = weight.getDefiningOp<gs::ConstantOp>()) {
      ElementsAttr values = round(constant.getValues());
      ElementsAttr mask = constant.getMask().value_or(ElementsAttr());
      if (!values)
        return {};
      if (!mask && vanished)
        if (FailureOr<Weight> known = Weight::fromElements(constant.getValues(), nullptr, nullptr); succeeded(known))
          mask = known->maskToElements(type.getShape());
      return gs::ConstantOp::create(b, constant.getLoc(), half, values, mask, constant.getRowOrderAttr());
    }
    if (auto constant = weight.getDefiningOp<arith::ConstantOp>())
      if (auto elements = dyn_cast<ElementsAttr>(constant.getValue()))
        if (ElementsAttr values = round(elements))
          return arith::ConstantOp::create(b, constant.getLoc(), cast<TypedAttr>(values));
    return {};
  }

  static Operation *makeHalf(OpBuilder &b, Operation *op) {
    Location loc = op->getLoc();
    auto result = cast<RankedTensorType>(op->getResult(0).getType());
    Value weight = halfWeight(b, op->getOperand(0));
    Value input = convert(b, loc, op->getOperand(1), b.getF16Type());
    Value init = tensor::EmptyOp::create(b, loc, result.getShape(), b.getF16Type());
    Operation *half = b.clone(*op);
    half->setOperands({weight ? weight : op->getOperand(0), input, init});
    half->getResult(0).setType(RankedTensorType::get(result.getShape(), b.getF16Type()));
    return half;
  }
};

} // namespace
