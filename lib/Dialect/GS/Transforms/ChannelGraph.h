//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which channels of which tensors are the same channel, which of them are
// needed, and how the tensors become without the others.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_CHANNELGRAPH_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_CHANNELGRAPH_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/MapVector.h"
#include <memory>
#include <optional>
#include <vector>

namespace mlir::gs {

namespace detail {
/// Constants and uninitialised tensors have no channels of their own: every user may have another part of them.
bool hasNoChannels(Value value);
/// The elements of an f32 constant; `storage` may hold them.
FailureOr<ArrayRef<float>> readFloats(Value value, std::vector<char> &storage);
} // namespace detail

/// The channels of the activations of one function. An activation that a contraction reads or makes has a channel
/// axis; elementwise ops, pooling, transposes, reshapes, concatenations and slices carry it on. (Activation, channel)
/// is a node; nodes that only live or die together are one class.
class ChannelGraph {
public:
  /// A convolution or product with a constant f32 weight, of one group or depthwise.
  struct Contraction {
    Operation *op;
    int64_t rows, channels, locations; ///< weight[rows][channels][locations]
    int64_t rowAxis;                   ///< axis of the rows in the result
    bool depthwise = false;
    ArrayRef<float> weight;          ///< the constant's own memory, or `changed`
    std::vector<char> storage;       ///< what a splat stands for
    std::vector<float> changed = {}; ///< not empty once a column was taken
    bool weightChanged() const { return !changed.empty(); }

    Value input() const { return op->getOperand(1); }
    Value result() const { return op->getResult(0); }
    ValueRange epilogueOperands() const { return op->getOperands().drop_front(2).drop_back(1); }
    ArrayRef<float> at(int64_t row, int64_t channel) const {
      return weight.slice((row * channels + channel) * locations, locations);
    }
    ArrayRef<float> row(int64_t row) const { return weight.slice(row * channels * locations, channels * locations); }
    bool isZero(int64_t row, int64_t channel) const;
    bool rowIsZero(int64_t row) const;
    float rowSum(int64_t row) const;
    /// Rows of the largest aligned groups, up to 16 rows, that keep the same columns; 1 if there are none.
    int64_t sharedRows() const;
    /// Whether no weight of a channel (a row, if depthwise) is infinite or NaN.
    bool columnIsFinite(int64_t channel) const;
    /// Adds what the channel contributes if it is `value` everywhere, and zeroes its weights.
    void takeColumn(int64_t channel, float value, std::vector<float> &delta);
    /// Adds a constant per row to the sum.
    void addToBias(ArrayRef<float> delta);
  };

  /// What `shrink` took away.
  struct Removed {
    int64_t rows = 0, columns = 0, weights = 0;
  };

  /// With `encoded`, weights may have a pattern and any element type, and their elements are not read.
  explicit ChannelGraph(FunctionOpInterface function, bool encoded = false);

  /// Number of nodes.
  int64_t size() const { return numNodes; }
  /// All ops of the function, outer before inner, in the order of execution.
  ArrayRef<Operation *> ops() const { return allOps; }
  bool isNode(Value value) const { return base.contains(value); }
  int64_t channels(Value value) const { return cast<RankedTensorType>(value.getType()).getDimSize(axes.lookup(value)); }
  int64_t axis(Value value) const { return axes.lookup(value); }
  /// The activations that are nodes.
  auto activations() const { return llvm::make_first_range(base); }
  /// Whether something reads or makes the activation that needs all of its channels where they are.
  bool isPinned(Value value) const { return pinned.contains(value); }
  int64_t node(Value value, int64_t channel) const { return base.lookup(value) + channel; }
  Contraction *contraction(Operation *op);
  /// Axis of an operand of an elementwise op that runs along the channels of its result.
  std::optional<int64_t> axisIn(linalg::GenericOp generic, OpOperand &operand) const;
  /// Element of a constant at this index of `axis`, if it is the same for all others; also for splats.
  static std::optional<float> constantAt(Value value, int64_t axis, int64_t index);
  /// Calls fn(a, i, b, j) for channels i of a and j of b that `op` makes one.
  void forEachPair(Operation *op, function_ref<void(Value, int64_t, Value, int64_t)> fn);

  /// Replaces a constant by one that holds these indices of `axis`, an empty tensor by one of their number.
  static void takeOfOperand(OpOperand &operand, int64_t axis, ArrayRef<int64_t> indices);

  /// Finds the classes that no weight, output or unknown op reads.
  void findDead();
  /// Removes them from tensors, weights and constants.
  Removed shrink();

private:
  using Related = SmallVector<std::pair<Value, int64_t>, 4>;

  void findContractions();
  void findAxes();
  void setAxis(Value value, int64_t axis);
  std::optional<Related> relate(Operation *op, Value value, int64_t axis);
  std::optional<Related> relateGeneric(linalg::GenericOp op, Value value, int64_t axis);
  static std::optional<Related> relateReshape(Value small, Value big, ArrayRef<ReassociationIndices> groups,
                                              Value value, int64_t axis);
  void number();
  void connect();

  SmallVector<int64_t> keptOf(Value value) const;
  void shrinkContraction(Contraction &c, Removed &removed);
  void shrinkOther(Operation *op);

  FunctionOpInterface function;
  bool encoded;
  SmallVector<Operation *> allOps;
  llvm::MapVector<Operation *, std::unique_ptr<Contraction>> contractions;
  llvm::MapVector<Value, int64_t> axes; ///< channel axis of an activation
  llvm::SetVector<Value> pinned;        ///< all channels are needed
  llvm::MapVector<Value, int64_t> base; ///< first node of an activation
  int64_t numNodes = 0;
  llvm::IntEqClasses classes;
  std::vector<bool> live; ///< by class
};

} // namespace mlir::gs

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_CHANNELGRAPH_H
