//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX GRU: gates z, r, h.
//
//===----------------------------------------------------------------------===//
#include "LinalgUtils.h"
#include "RecurrentUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static constexpr StringRef defaultActivations[] = {"Sigmoid", "Tanh"};
static const RecurrentKind gru = {3, 2, /*hasCell=*/false, defaultActivations};

static LogicalResult inferGRU(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Recurrent> node = Recurrent::get(ctx, gru);
  if (failed(node))
    return failure();
  node->inferTypes(results);
  return success();
}

static LogicalResult convertGRU(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  FailureOr<Recurrent> node = Recurrent::get(ctx, gru);
  if (failed(node))
    return failure();
  bool linear = ctx.intAttr("linear_before_reset", 0) != 0;
  RecurrentEmitter emitter(*node);
  SmallVector<Value> biases(node->directions); // recurrent ones of h, if they are multiplied by the reset gate
  if (linear)
    for (int64_t d = 0; d < node->directions; ++d)
      biases[d] = emitter.unitVector(3, d, 5 * node->hidden);

  using Operand = RecurrentEmitter::Operand;
  auto step = [&](const RecurrentEmitter::Step &step, SmallVectorImpl<Value> &states, Value &output) {
    auto add = [](ImplicitLocOpBuilder &b, Value x, Value y) -> Value { return arith::AddFOp::create(b, x, y); };
    auto mul = [](ImplicitLocOpBuilder &b, Value x, Value y) -> Value { return arith::MulFOp::create(b, x, y); };
    auto activate = [&](ImplicitLocOpBuilder &b, unsigned function, Value x) {
      return node->activate(b, step.direction, function, x);
    };
    auto mix = [&](ImplicitLocOpBuilder &b, Value update, Value fresh, Value old) {
      Value rest = arith::SubFOp::create(b, floatConstant(b, b.getLoc(), update.getType(), 1), update);
      return SmallVector<Value>{add(b, mul(b, rest, fresh), mul(b, update, old))};
    };
    Value state = step.states[0];
    if (linear) {
      Value sums = emitter.recurrentProduct(step.direction, 0, 3, state);
      SmallVector<Operand> operands;
      for (int64_t gate = 0; gate < 3; ++gate)
        operands.push_back({sums, gate});
      for (int64_t gate = 0; gate < 3; ++gate)
        operands.push_back({step.projected, gate});
      if (biases[step.direction])
        operands.push_back({biases[step.direction]});
      auto update = [&](ImplicitLocOpBuilder &b, ValueRange args, ValueRange old) {
        Value z = activate(b, 0, add(b, args[0], args[3])), r = activate(b, 0, add(b, args[1], args[4]));
        Value own = args.size() > 6 ? add(b, args[2], args[6]) : args[2];
        return mix(b, z, activate(b, 1, add(b, args[5], mul(b, r, own))), old[0]);
      };
      return emitter.updateStates(step, operands, update, states, output);
    }
    Value sums = emitter.recurrentProduct(step.direction, 0, 2, state);
    Value place = tensor::EmptyOp::create(ctx.b, ctx.loc(), cast<RankedTensorType>(state.getType()).getShape(),
                                          cast<RankedTensorType>(state.getType()).getElementType());
    Value reset = emitter.pointwise({{sums, 1}, {step.projected, 1}, {state}}, {place},
                                    [&](ImplicitLocOpBuilder &b, ValueRange args) {
                                      Value r = activate(b, 0, add(b, args[0], args[1]));
                                      return SmallVector<Value>{mul(b, r, args[2])};
                                    })[0];
    Value own = emitter.recurrentProduct(step.direction, 2, 1, reset);
    auto update = [&](ImplicitLocOpBuilder &b, ValueRange args, ValueRange old) {
      Value z = activate(b, 0, add(b, args[0], args[1]));
      return mix(b, z, activate(b, 1, add(b, args[2], args[3])), old[0]);
    };
    emitter.updateStates(step, {{sums, 0}, {step.projected, 0}, {own}, {step.projected, 2}}, update, states, output);
  };
  return emitter.emit(step, /*separateBias=*/linear, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfGRU() {
  static const OpConversion table[] = {{"", "GRU", 1, 0, inferGRU, convertGRU, nullptr}};
  return table;
}
} // namespace mlir::onnx
