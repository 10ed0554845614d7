//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX RNN: one gate.
//
//===----------------------------------------------------------------------===//
#include "LinalgUtils.h"
#include "RecurrentUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static constexpr StringRef defaultActivations[] = {"Tanh"};
static const RecurrentKind rnn = {1, 1, /*hasCell=*/false, defaultActivations};

static LogicalResult inferRNN(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Recurrent> node = Recurrent::get(ctx, rnn);
  if (failed(node))
    return failure();
  node->inferTypes(results);
  return success();
}

static LogicalResult convertRNN(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  FailureOr<Recurrent> node = Recurrent::get(ctx, rnn);
  if (failed(node))
    return failure();
  RecurrentEmitter emitter(*node);
  auto step = [&](const RecurrentEmitter::Step &step, SmallVectorImpl<Value> &states, Value &output) {
    Value sums = emitter.recurrentProduct(step.direction, 0, 1, step.states[0]);
    auto update = [&](ImplicitLocOpBuilder &b, ValueRange args, ValueRange) {
      return SmallVector<Value>{
          node->activate(b, step.direction, 0, arith::AddFOp::create(b, args[0], args[1]).getResult())};
    };
    emitter.updateStates(step, {{sums}, {step.projected}}, update, states, output);
  };
  return emitter.emit(step, /*separateBias=*/false, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfRNN() {
  static const OpConversion table[] = {{"", "RNN", 1, 0, inferRNN, convertRNN, nullptr}};
  return table;
}
} // namespace mlir::onnx
