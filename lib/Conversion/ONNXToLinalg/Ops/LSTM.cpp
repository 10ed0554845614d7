//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX LSTM: gates i, o, f, c.
//
//===----------------------------------------------------------------------===//
#include "LinalgUtils.h"
#include "RecurrentUtils.h"

using namespace mlir;
using namespace mlir::onnx;

static constexpr StringRef defaultActivations[] = {"Sigmoid", "Tanh", "Tanh"};
static const RecurrentKind lstm = {4, 3, /*hasCell=*/true, defaultActivations};

static LogicalResult inferLSTM(NodeContext &ctx, SmallVectorImpl<RankedTensorType> &results) {
  FailureOr<Recurrent> node = Recurrent::get(ctx, lstm);
  if (failed(node))
    return failure();
  node->inferTypes(results);
  return success();
}

static LogicalResult convertLSTM(NodeContext &ctx, ArrayRef<RankedTensorType>, SmallVectorImpl<Value> &results) {
  FailureOr<Recurrent> node = Recurrent::get(ctx, lstm);
  if (failed(node))
    return failure();
  // The forget gate as 1 - input gate.
  bool coupled = ctx.intAttr("input_forget", 0) != 0;
  RecurrentEmitter emitter(*node);
  SmallVector<SmallVector<Value>> peepholes(node->directions);
  if (ctx.input(7))
    for (int64_t d = 0; d < node->directions; ++d)
      for (int64_t gate = 0; gate < 3; ++gate) // of i, o and f
        peepholes[d].push_back(emitter.unitVector(7, d, gate * node->hidden));

  auto step = [&](const RecurrentEmitter::Step &step, SmallVectorImpl<Value> &states, Value &output) {
    Value sums = emitter.recurrentProduct(step.direction, 0, 4, step.states[0]);
    SmallVector<RecurrentEmitter::Operand> operands;
    for (int64_t gate = 0; gate < 4; ++gate)
      operands.push_back({sums, gate});
    for (int64_t gate = 0; gate < 4; ++gate)
      operands.push_back({step.projected, gate});
    for (Value peephole : peepholes[step.direction])
      operands.push_back({peephole});
    auto update = [&](ImplicitLocOpBuilder &b, ValueRange args, ValueRange old) {
      auto add = [&](Value x, Value y) -> Value { return arith::AddFOp::create(b, x, y); };
      auto mul = [&](Value x, Value y) -> Value { return arith::MulFOp::create(b, x, y); };
      auto activate = [&](unsigned function, Value x) { return node->activate(b, step.direction, function, x); };
      auto gate = [&](unsigned i) { return add(args[i], args[4 + i]); };
      auto peek = [&](Value x, unsigned i, Value cell) { return args.size() > 8 ? add(x, mul(args[8 + i], cell)) : x; };
      Value cell = old[1];
      Value in = activate(0, peek(gate(0), 0, cell));
      Value forget = coupled ? arith::SubFOp::create(b, floatConstant(b, b.getLoc(), in.getType(), 1), in).getResult()
                             : activate(0, peek(gate(2), 2, cell));
      Value next = add(mul(forget, cell), mul(in, activate(1, gate(3))));
      Value out = activate(0, peek(gate(1), 1, next));
      // The cell's own activation is not clipped: it is no gate.
      Value hidden = mul(out, node->activations[step.direction * 3 + 2].apply(b, next));
      return SmallVector<Value>{hidden, next};
    };
    emitter.updateStates(step, operands, update, states, output);
  };
  return emitter.emit(step, /*separateBias=*/false, results);
}

namespace mlir::onnx {
ArrayRef<OpConversion> conversionsOfLSTM() {
  static const OpConversion table[] = {{"", "LSTM", 1, 0, inferLSTM, convertLSTM, nullptr}};
  return table;
}
} // namespace mlir::onnx
