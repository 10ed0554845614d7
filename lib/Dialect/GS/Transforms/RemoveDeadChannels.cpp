//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shrinks tensors by the channels that nobody reads, and by those that are one
// constant, which moves into the biases of its readers.
//
//===----------------------------------------------------------------------===//
#include "ChannelGraph.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <cmath>

namespace mlir::gs {
#define GEN_PASS_DEF_REMOVEDEADCHANNELS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Values of the channels of tensors that are the same constant at every position, found from the inputs on.
class ConstantChannels {
public:
  ConstantChannels(ChannelGraph &graph, bool absorb) : graph(graph), absorb(absorb), known(graph.size()) {}

  /// Visits the ops in the order of execution. A constant channel of an input becomes part of the bias, where that
  /// holds at every output position, and its weights zero.
  void run() {
    for (Operation *op : graph.ops())
      visit(op);
  }

private:
  void visit(Operation *op) {
    if (Contraction *c = graph.contraction(op)) {
      visitContraction(*c);
    } else if (auto pool = dyn_cast<PoolOp>(op)) {
      if (graph.isNode(pool.getInput()) && graph.isNode(pool.getResults()[0]))
        visitPool(pool);
    } else if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
      if (generic->getNumResults() != 1 || !graph.isNode(generic->getResult(0)))
        return;
      if (generic.getNumParallelLoops() == generic.getNumLoops())
        visitGeneric(generic);
      else
        visitSum(generic);
    } else {
      visitMove(op);
    }
  }

  using Contraction = ChannelGraph::Contraction;

  void visitContraction(Contraction &c) {
    bool hasInput = graph.isNode(c.input());
    bool bordered = false;
    if (auto conv = dyn_cast<ConvOp>(c.op))
      bordered = !llvm::all_of(conv.getPads(), [](int64_t p) { return p == 0; });
    if (hasInput && !c.depthwise && absorb) {
      std::vector<float> delta(c.rows, 0.0f);
      bool changed = false;
      for (int64_t channel = 0; channel < c.channels; ++channel) {
        std::optional<float> value = known[graph.node(c.input(), channel)];
        // Zeros around a plane are not the constant.
        if (!value || !std::isfinite(*value) || (*value != 0 && bordered) || !c.columnIsFinite(channel))
          continue;
        c.takeColumn(channel, *value, delta);
        changed = changed || *value != 0;
      }
      if (changed)
        c.addToBias(delta);
    }
    if (!graph.isNode(c.result()))
      return;
    for (int64_t row = 0; row < c.rows; ++row) {
      std::optional<float> sum;
      if (c.rowIsZero(row)) {
        sum = 0.0f;
      } else if (c.depthwise && hasInput && absorb) {
        std::optional<float> value = known[graph.node(c.input(), row)];
        if (value && std::isfinite(*value) && c.columnIsFinite(row) && (*value == 0 || !bordered))
          sum = *value * c.rowSum(row);
      }
      if (sum)
        known[graph.node(c.result(), row)] = evaluate(c, row, *sum);
    }
  }

  std::optional<float> evaluate(Contraction &c, int64_t row, float sum) {
    Region &region = c.op->getRegion(0);
    if (region.empty())
      return sum;
    SmallVector<std::optional<float>> arguments{sum};
    for (Value operand : c.epilogueOperands()) {
      auto type = cast<RankedTensorType>(operand.getType());
      if (graph.isNode(operand))
        arguments.push_back(known[graph.node(operand, row)]);
      else
        arguments.push_back(graph.constantAt(operand, type.getRank() == 1 ? 0 : c.rowAxis, row));
    }
    return fold(region.front(), arguments);
  }

  /// The value that the body yields; nullopt if it depends on an argument that is not known, or does not fold.
  static std::optional<float> fold(Block &body, ArrayRef<std::optional<float>> arguments) {
    Builder b(body.getParentOp()->getContext());
    DenseMap<Value, Attribute> values;
    for (auto [argument, value] : llvm::zip(body.getArguments(), arguments))
      if (value)
        values[argument] = b.getF32FloatAttr(*value);
    auto valueOf = [&](Value v) {
      Attribute constant = values.lookup(v);
      if (!constant)
        matchPattern(v, m_Constant(&constant));
      return constant;
    };
    for (Operation &op : body.without_terminator()) {
      SmallVector<Attribute> operands = llvm::map_to_vector(op.getOperands(), valueOf);
      SmallVector<OpFoldResult> results;
      if (op.getNumResults() != 1 || failed(op.fold(operands, results)) || results.size() != 1)
        continue;
      if (auto constant = dyn_cast<Attribute>(results[0]))
        values[op.getResult(0)] = constant;
      else if (Attribute constant = valueOf(cast<Value>(results[0])))
        values[op.getResult(0)] = constant;
    }
    auto result = dyn_cast_or_null<FloatAttr>(valueOf(body.getTerminator()->getOperand(0)));
    if (!result || !result.getType().isF32())
      return std::nullopt;
    return result.getValue().convertToFloat();
  }

  void visitPool(PoolOp pool) {
    auto in = cast<RankedTensorType>(pool.getInput().getType()), out = cast<RankedTensorType>(pool.getInit().getType());
    // Elements that a window at the borders lacks; none may be empty.
    bool whole = true, filled = true;
    int64_t elements = 1;
    for (unsigned d = 0; d < pool.getSpatialRank(); ++d) {
      int64_t last = (out.getDimSize(2 + d) - 1) * pool.getStrides()[d] - pool.getPads()[d];
      int64_t reach = (pool.getKernel()[d] - 1) * pool.getDilations()[d];
      whole &= pool.getPads()[d] == 0 && last + reach < in.getDimSize(2 + d);
      filled &= pool.getDilations()[d] == 1 && reach >= pool.getPads()[d] && last < in.getDimSize(2 + d);
      elements *= pool.getKernel()[d];
    }
    bool isMax = pool.getKind() == PoolKind::Max;
    for (int64_t channel = 0; channel < in.getDimSize(1); ++channel) {
      std::optional<float> value = known[graph.node(pool.getInput(), channel)];
      if (!value)
        continue;
      if (isMax ? (whole || filled) : (whole || *value == 0))
        known[graph.node(pool.getResults()[0], channel)] = isMax ? *value : *value * static_cast<float>(elements);
    }
  }

  void visitGeneric(linalg::GenericOp generic) {
    Value result = generic->getResult(0);
    for (int64_t channel = 0; channel < graph.channels(result); ++channel) {
      SmallVector<std::optional<float>> arguments;
      bool any = false;
      for (OpOperand &operand : generic->getOpOperands()) {
        Value value = operand.get();
        std::optional<float> here;
        if (graph.isNode(value)) {
          here = known[graph.node(value, channel)];
          any |= here.has_value();
        } else if (generic.isDpsInput(&operand)) {
          std::optional<int64_t> axis = graph.axisIn(generic, operand);
          here = graph.constantAt(value, axis.value_or(-1), channel);
        }
        arguments.push_back(here);
      }
      if (any)
        known[graph.node(result, channel)] = fold(*generic.getBody(), arguments);
    }
  }

  /// A sum along other dimensions, as in a mean.
  void visitSum(linalg::GenericOp generic) {
    Value result = generic->getResult(0), input = generic.getDpsInputs().front();
    auto fill = generic.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
    Block &body = *generic.getBody();
    if (generic.getNumDpsInputs() != 1 || !graph.isNode(input) || !fill || !llvm::hasNItems(body, 2) ||
        !matchPattern(fill.getInputs()[0], m_AnyZeroFloat()))
      return;
    auto add = dyn_cast<arith::AddFOp>(body.front());
    if (!add || add.getLhs() == add.getRhs() || !isa<BlockArgument>(add.getLhs()) ||
        !isa<BlockArgument>(add.getRhs()) || body.getTerminator()->getOperand(0) != add)
      return;
    auto elements = static_cast<float>(cast<RankedTensorType>(input.getType()).getNumElements() /
                                       cast<RankedTensorType>(result.getType()).getNumElements());
    for (int64_t channel = 0; channel < graph.channels(result); ++channel)
      if (std::optional<float> value = known[graph.node(input, channel)])
        known[graph.node(result, channel)] = *value * elements;
  }

  /// Ops that only move elements.
  void visitMove(Operation *op) {
    if (op->getNumResults() != 1 || !graph.isNode(op->getResult(0)))
      return;
    Value result = op->getResult(0);
    // A channel of the result that stands for several of the operand is known if they agree.
    std::vector<std::optional<float>> value(graph.channels(result));
    std::vector<bool> differ(graph.channels(result), false);
    Value destination;
    std::pair<int64_t, int64_t> overwritten;
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
      int64_t axis = graph.axis(result);
      destination = insert.getDest();
      overwritten.first = insert.getStaticOffsets()[axis];
      overwritten.second = overwritten.first + insert.getSourceType().getDimSize(axis);
    }
    graph.forEachPair(op, [&](Value a, int64_t i, Value b, int64_t j) {
      if (b == result)
        std::swap(a, b), std::swap(i, j);
      if (a != result || (b == destination && i >= overwritten.first && i < overwritten.second))
        return;
      std::optional<float> from = known[graph.node(b, j)];
      differ[i] = differ[i] || !from || (value[i] && *value[i] != *from);
      value[i] = from;
    });
    for (int64_t i = 0; i < graph.channels(result); ++i)
      if (!differ[i])
        known[graph.node(result, i)] = value[i];
  }

  ChannelGraph &graph;
  bool absorb;
  std::vector<std::optional<float>> known;
};

struct RemoveDeadChannels : gs::impl::RemoveDeadChannelsBase<RemoveDeadChannels> {
  using RemoveDeadChannelsBase::RemoveDeadChannelsBase;

  void runOnOperation() override {
    getOperation()->walk([&](FunctionOpInterface function) {
      ChannelGraph graph(function);
      if (graph.size() == 0)
        return;
      // Constants go with the data, need goes against it: one sweep each is the fixed point.
      ConstantChannels(graph, absorbConstants).run();
      graph.findDead();
      ChannelGraph::Removed removed = graph.shrink();
      numRows += removed.rows;
      numColumns += removed.columns;
      numWeights += removed.weights;
    });
  }
};

} // namespace
