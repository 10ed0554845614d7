//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Channels of activations: the graph, and which of them are needed.
//
//===----------------------------------------------------------------------===//
#include "ChannelGraph.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include <map>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

bool mlir::gs::detail::hasNoChannels(Value value) {
  return matchPattern(value, m_Constant()) || value.getDefiningOp<tensor::EmptyOp>() != nullptr;
}

FailureOr<ArrayRef<float>> mlir::gs::detail::readFloats(Value value, std::vector<char> &storage) {
  ElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)) || !elements.getElementType().isF32())
    return failure();
  FailureOr<ArrayRef<char>> raw = getRawData(elements, storage);
  if (failed(raw) || reinterpret_cast<uintptr_t>(raw->data()) % alignof(float))
    return failure();
  return ArrayRef<float>(reinterpret_cast<const float *>(raw->data()), raw->size() / sizeof(float));
}

ChannelGraph::ChannelGraph(FunctionOpInterface function, bool encoded) : function(function), encoded(encoded) {
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op != function)
      allOps.push_back(op);
  });
  findContractions();
  findAxes();
  number();
  connect();
}

ChannelGraph::Contraction *ChannelGraph::contraction(Operation *op) {
  auto it = contractions.find(op);
  return it == contractions.end() ? nullptr : it->second.get();
}

void ChannelGraph::connect() {
  classes.grow(numNodes);
  for (Operation *op : allOps) {
    // Values on which the op and the graph do not agree keep all their channels.
    SmallVector<Value> values(op->getOperands());
    values.append(op->result_begin(), op->result_end());
    for (Value value : values) {
      if (!isNode(value))
        continue;
      std::optional<Related> related = relate(op, value, axes.lookup(value));
      if (!related) {
        pinned.insert(value);
        continue;
      }
      for (auto [other, at] : *related)
        if (!isNode(other) || axes.lookup(other) != at) {
          pinned.insert(value);
          pinned.insert(other);
        }
    }
    forEachPair(op, [&](Value a, int64_t i, Value b, int64_t j) { classes.join(node(a, i), node(b, j)); });
  }
  classes.compress();
}

void ChannelGraph::findDead() {
  live.assign(classes.getNumClasses(), false);
  for (Value value : pinned)
    if (isNode(value))
      for (int64_t i = 0; i < channels(value); ++i)
        live[classes[node(value, i)]] = true;
  SmallVector<Contraction *> open;
  for (auto &[op, c] : contractions)
    open.push_back(c.get());
  // Rows that share columns are packed and computed together: a part of such a group is worth less than the group.
  std::map<Contraction *, int64_t> heights;
  for (Contraction *c : open)
    heights[c] = isNode(c->result()) && !c->depthwise ? c->sharedRows() : 1;
  auto spread = [&] {
    std::map<Contraction *, std::vector<bool>> visited;
    for (bool changed = true; changed;) {
      changed = false;
      for (Contraction *c : open) {
        if (c->depthwise || !isNode(c->input()))
          continue;
        if (int64_t height = heights[c]; height > 1)
          for (int64_t row = 0; row < c->rows; ++row)
            if (live[classes[node(c->result(), row)]])
              for (int64_t other = row / height * height, end = std::min(c->rows, other + height); other < end; ++other)
                if (auto part = classes[node(c->result(), other)]; !live[part])
                  live[part] = changed = true;
        std::vector<bool> &done = visited[c];
        done.resize(c->rows, false);
        SmallVector<int64_t> wanted;
        for (int64_t channel = 0; channel < c->channels; ++channel)
          if (!live[classes[node(c->input(), channel)]])
            wanted.push_back(channel);
        for (int64_t row = 0; row < c->rows && !wanted.empty(); ++row) {
          if (done[row] || (isNode(c->result()) && !live[classes[node(c->result(), row)]]))
            continue;
          done[row] = true;
          llvm::erase_if(wanted, [&](int64_t channel) {
            if (c->isZero(row, channel))
              return false;
            live[classes[node(c->input(), channel)]] = true;
            return changed = true;
          });
        }
      }
    }
  };
  spread();
  // A tensor keeps one channel at least.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto [value, first] : base)
      if (channels(value) > 0 && keptOf(value).empty())
        live[classes[first]] = changed = true;
    spread();
  }
}

SmallVector<int64_t> ChannelGraph::keptOf(Value value) const {
  SmallVector<int64_t> kept;
  for (int64_t i = 0; i < channels(value); ++i)
    if (live[classes[node(value, i)]])
      kept.push_back(i);
  return kept;
}
