//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What LSTM, GRU and RNN share: operands, activations, the product of the input with the weights of all gates in front
// of the loop over time, that loop, and its outputs.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_OPS_RECURRENTUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_OPS_RECURRENTUTILS_H

#include "gs/Conversion/ONNXToLinalg/OpConversion.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::onnx {

/// What distinguishes the three operators to the code they share.
struct RecurrentKind {
  int64_t gates;                ///< matrices in W and R, stacked by rows
  unsigned activations;         ///< functions per direction
  bool hasCell;                 ///< a second state: inputs initial_c and P, output Y_c
  ArrayRef<StringRef> defaults; ///< activations per direction
};

/// One activation function of a gate with its parameters.
struct GateActivation {
  enum Kind {
    Relu,
    Tanh,
    Sigmoid,
    Affine,
    LeakyRelu,
    ThresholdedRelu,
    ScaledTanh,
    HardSigmoid,
    Elu,
    Softsign,
    Softplus
  };
  Kind kind;
  double alpha = 0, beta = 0;

  Value apply(ImplicitLocOpBuilder &b, Value x) const;
};

/// A node, checked, with its extents. Tensors of all time steps are kept as rows of one step each; within a step units
/// come before batch entries, so that a state is the right operand of the recurrent product as it lies.
class Recurrent {
public:
  /// Failure with a reason if an operand or attribute is not as it must be.
  static FailureOr<Recurrent> get(NodeContext &ctx, const RecurrentKind &kind);
  /// The result types Y, Y_h and, with a cell, Y_c.
  void inferTypes(SmallVectorImpl<RankedTensorType> &results) const;

  NodeContext &ctx;
  const RecurrentKind &kind;
  int64_t steps = 0, batch = 0, inputs = 0, hidden = 0, directions = 1;
  bool batchFirst = false; ///< layout = 1
  bool firstIsReverse = false;
  double clip = 0; ///< 0: none
  SmallVector<GateActivation> activations;

  /// Elements of one state or gate: hidden x batch.
  int64_t width() const { return hidden * batch; }
  bool isReverse(int64_t direction) const { return firstIsReverse || direction == 1; }
  /// `f`, `g` or `h` of a direction on the clipped x.
  Value activate(ImplicitLocOpBuilder &b, int64_t direction, unsigned function, Value x) const;

private:
  Recurrent(NodeContext &ctx, const RecurrentKind &kind) : ctx(ctx), kind(kind) {}
  LogicalResult checkOperands();
  LogicalResult readActivations();
};

/// Emits the code of a node around what one time step of one direction does.
class RecurrentEmitter {
public:
  RecurrentEmitter(const Recurrent &node);

  /// A vector of width() elements: part `gate` of a vector of several gates.
  struct Operand {
    Value vector;
    int64_t gate = 0;
  };
  /// The code of one step. `projected` are the gates' sums over the input with biases; `states` hold the states before
  /// the step. Returns the new states; the first is what Y gets.
  struct Step {
    int64_t direction;
    Value projected;
    ArrayRef<Value> states;
    Value output; ///< place for this step in Y, or null
    Value time;   ///< index of the step in the sequence as i32, null if all sequences have full length
  };
  using StepEmitter = function_ref<void(const Step &, SmallVectorImpl<Value> &states, Value &output)>;

  /// Emits the node. `separateBias`: the last gate's recurrent bias is not added to its input sum (GRU with
  /// linear_before_reset).
  LogicalResult emit(StepEmitter step, bool separateBias, SmallVectorImpl<Value> &results);

  /// Rows [gate, gate + count) x hidden of R of a direction.
  Value recurrentWeight(int64_t direction, int64_t gate, int64_t count);
  /// R rows * state: a vector of `count` gates.
  Value recurrentProduct(int64_t direction, int64_t gate, int64_t count, Value state);
  /// Elements [offset, offset + hidden) of the row of a direction of input `slot`, once per batch entry; null if the
  /// input is absent. Emitted in front of the loop.
  Value unitVector(unsigned slot, int64_t direction, int64_t offset);
  /// One nest over width() elements. `body` gets the elements of the operands, then those of `inits`, and returns one
  /// element per init.
  SmallVector<Value> pointwise(ArrayRef<Operand> operands, ArrayRef<Value> inits,
                               function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, ValueRange)> body);
  /// The end of every step: new states and output where the sequence has this step, old states and zero elsewhere.
  /// `update` makes new states from elements of `operands` and of the old states.
  void updateStates(const Step &step, ArrayRef<Operand> operands,
                    function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, ValueRange, ValueRange)> update,
                    SmallVectorImpl<Value> &states, Value &output);

private:
  Value operand(unsigned slot);
  /// One direction of an operand with a direction dimension at `axis`, without that dimension.
  Value directionOf(Value value, int64_t axis, int64_t direction);
  Value slice(Value value, int64_t axis, int64_t offset, int64_t size);
  Value projectInputs(bool separateBias);
  Value sequenceLengths();
  Value initialState(unsigned slot, int64_t direction);
  Value stacked(ArrayRef<Value> states);
  Value perBatch(Value vector, unsigned dim);

  const Recurrent &node;
  OpBuilder &b;
  Location loc, recurrentLoc;
  Type element;
  Value lengths; ///< i32 vector of width(), or null
};

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_OPS_RECURRENTUTILS_H
