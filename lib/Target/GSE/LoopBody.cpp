//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the body of a loop asks of the machine, counted from its instructions.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Timing.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::gse;

static int64_t lanesOf(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 0;
}

/// Cycles until the result of an instruction can be used by the next one.
static double latencyOf(const EngineSpec &engine, Operation &op) {
  return TypeSwitch<Operation *, double>(&op)
      .Case<FmaOp>([&](auto) { return engine.fmaLatency; })
      .Case<AddOp, MulOp>([&](auto) { return engine.addLatency; })
      .Case<WidenOp, NarrowOp>([&](auto) { return engine.permuteLatency; })
      .Case<ReduceAddOp>([&](auto) { return engine.reduceLatency; })
      .Case<GatherOp, GatherFusedOp>([&](auto) { return engine.gatherLatency; })
      .Default([&](Operation *other) {
        return other->getName().stripDialect().starts_with("load") ? engine.loadLatency : engine.aluLatency;
      });
}

/// Cycles per iteration that the carried values allow: the largest mean over all cycles of "value i of this iteration
/// makes value j of the next", by Karp's algorithm.
static double recurrence(const EngineSpec &engine, Block &block) {
  Operation &yield = block.back();
  int64_t count = yield.getNumOperands();
  if (!count)
    return 0;
  constexpr double none = -1e30;
  // edge[i][j]: longest way from argument i to yielded value j.
  std::vector<std::vector<double>> edge(count, std::vector<double>(count, none));
  for (int64_t from = 0; from < count; ++from) {
    llvm::DenseMap<Value, double> way = {{block.getArgument(from + 1), 0}};
    for (Operation &op : block.without_terminator()) {
      double longest = none;
      for (Value operand : op.getOperands())
        if (auto it = way.find(operand); it != way.end())
          longest = std::max(longest, it->second);
      if (longest == none)
        continue;
      // Later multiply-adds need a sum only when they add; it comes in as the third operand.
      for (Value result : op.getResults())
        way[result] = longest + latencyOf(engine, op);
    }
    for (int64_t to = 0; to < count; ++to)
      if (auto it = way.find(yield.getOperand(to)); it != way.end())
        edge[from][to] = it->second;
  }
  std::vector<std::vector<double>> walk(count + 1, std::vector<double>(count, none));
  walk[0].assign(count, 0);
  for (int64_t length = 1; length <= count; ++length)
    for (int64_t from = 0; from < count; ++from)
      for (int64_t to = 0; to < count; ++to)
        if (walk[length - 1][from] > none && edge[from][to] > none)
          walk[length][to] = std::max(walk[length][to], walk[length - 1][from] + edge[from][to]);
  double best = 0;
  for (int64_t at = 0; at < count; ++at) {
    if (walk[count][at] == none)
      continue;
    double least = -none;
    for (int64_t length = 0; length < count; ++length)
      if (walk[length][at] > none)
        least = std::min(least, (walk[count][at] - walk[length][at]) / static_cast<double>(count - length));
    best = std::max(best, least);
  }
  return best;
}

LoopBody mlir::gse::analyzeBody(const EngineSpec &engine, ForOp loop) {
  LoopBody body;
  Iteration &i = body.iteration;
  i.instructions = 2;
  Block &block = loop.getBody().front();
  llvm::DenseMap<Value, int64_t> sums; // multiply-adds on the way to a value
  for (Operation &op : block.without_terminator()) {
    llvm::StringRef name = op.getName().stripDialect();
    if (name == "address" || name == "tcm.alloc" || name == "constant" || name == "region")
      continue; // no instructions
    ++i.instructions;
    Type moved = op.getNumResults()    ? op.getResult(0).getType()
                 : op.getNumOperands() ? op.getOperand(0).getType()
                                       : Type();
    int64_t lanes = moved ? lanesOf(moved) : 0;
    body.vectorLanes += lanes;
    auto pointer = op.getNumOperands() ? dyn_cast<PtrType>(op.getOperand(0).getType()) : PtrType();
    int64_t way = 0;
    for (Value operand : op.getOperands())
      way = std::max(way, sums.lookup(operand));
    if (isa<FmaOp, MulOp>(op)) {
      ++body.steps;
      ++way;
      body.multiplyAddLanes += lanes;
    }
    body.path = std::max(body.path, way);
    for (Value result : op.getResults())
      sums[result] = way;
    if (isa<GatherOp>(op)) {
      ++i.gathers;
    } else if (isa<GatherFusedOp>(op)) {
      ++i.gathers;
      ++i.loads;
      i.streamBytes += 2 * static_cast<double>(lanes);
    } else if (isa<GatherCachedOp>(op)) {
      i.loads += static_cast<double>(lanes);
    } else if (isa<ScatterOp>(op)) {
      body.scatters = true;
    } else if (name.starts_with("load") || isa<StoreOp>(op)) {
      ++i.loads;
      if (name.starts_with("load") && lanes && !name.contains("splat") && pointer &&
          pointer.getSpace() == Space::Cached)
        i.streamBytes += static_cast<double>(lanes * cast<VectorType>(moved).getElementTypeBitWidth()) / 8;
    } else if (isa<FmaOp, AddOp, MulOp, WidenOp, NarrowOp>(op)) {
      ++i.arithmetic;
    } else if (isa<ReduceAddOp>(op)) {
      i.arithmetic += static_cast<double>(engine.reduceBusy);
    }
  }
  i.chain = recurrence(engine, block) / static_cast<double>(engine.fmaLatency);
  return body;
}
