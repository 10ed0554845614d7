//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The law: the largest of issue, port, arithmetic, chain and stream, plus what
// a loop costs before and after. Counts per iteration are those of the rolled
// loops that the compiler emits.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Law.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir::gse;

std::optional<Loop> mlir::gse::loopNamed(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Loop>>(name)
      .Case("gather-scatter", Loop::GatherScatter)
      .Case("gather-scatter-fused", Loop::GatherScatterFused)
      .Case("gather-scatter-fp32", Loop::GatherScatterFp32)
      .Case("block", Loop::Block)
      .Case("csr-gather", Loop::CsrGather)
      .Case("csr-scalar", Loop::CsrScalar)
      .Case("dense", Loop::Dense)
      .Case("dense-fp32", Loop::DenseFp32)
      .Case("conv-gather-scatter", Loop::ConvGatherScatter)
      .Case("conv-gather-scatter-fp32", Loop::ConvGatherScatterFp32)
      .Case("conv-block", Loop::ConvBlock)
      .Case("conv-dense", Loop::ConvDense)
      .Case("conv-dense-fair", Loop::ConvDenseFair)
      .Case("conv-dense-fair-fp32", Loop::ConvDenseFairFp32)
      .Default(std::nullopt);
}

bool mlir::gse::isConvolution(Loop loop) {
  return loop == Loop::ConvGatherScatter || loop == Loop::ConvGatherScatterFp32 || loop == Loop::ConvBlock ||
         loop == Loop::ConvDense || loop == Loop::ConvDenseFair || loop == Loop::ConvDenseFairFp32;
}

bool mlir::gse::isFp32(Loop loop) {
  return loop == Loop::GatherScatterFp32 || loop == Loop::DenseFp32 || loop == Loop::ConvGatherScatterFp32 ||
         loop == Loop::ConvDenseFairFp32;
}

Iteration mlir::gse::iterationOf(Loop loop, int64_t lanes) {
  double vector = 2.0 * static_cast<double>(lanes); // bytes of a vector of 2-byte elements
  switch (loop) {
  case Loop::Dense:
    return {9.0 / 8, 0, 1, 20.0 / 8, vector, 2.0 / 8}; // eight chains where others have two
  case Loop::DenseFp32:
    return {9.0 / 8, 0, 17.0 / 4, 23.0 / 4, vector, 2.0 / 8};
  case Loop::GatherScatter:
    return {2, 1, 1, 7, 2 * vector, 1};
  case Loop::GatherScatterFused:
    return {2, 1, 1, 6, 2 * vector, 1}; // the values, and the indices inside of the gather
  case Loop::GatherScatterFp32:
    return {2, 1, 8, 14, 2 * vector, 1};
  case Loop::Block:
    return {3, 0, 1, 9, vector + 2, 1};
  case Loop::CsrGather:
    return {2, 1, 1, 8, 2 * vector, 1};
  case Loop::CsrScalar:
    return {3, 0, 1, 8, 4, 1};
  case Loop::ConvGatherScatter:
    return {0, 1, 1, 2, 0, 1};
  case Loop::ConvGatherScatterFp32:
    return {0, 1, 4, 5, 0, 1}; // the weights are widened before the pixels
  case Loop::ConvBlock:
    return {2, 0, 1, 4, 0, 1};
  case Loop::ConvDense:
    return {1, 0, 1, 2, 0, 1};
  case Loop::ConvDenseFair:
    return {5.0 / 4, 0, 1, 12.0 / 4, 0, 2.0 / 4}; // four chains where others have two
  case Loop::ConvDenseFairFp32:
    return {5.0 / 4, 0, 18.0 / 4, 26.0 / 4, 0, 2.0 / 4};
  }
  return {};
}

/// Cycles that the accesses of an iteration keep the load/store port; a decoupled engine lets go of it after one.
static double portCycles(const EngineSpec &engine, const Iteration &iteration, double occupancy) {
  return iteration.loads + iteration.gathers * (engine.decoupled ? 1 : occupancy);
}

IterationCycles mlir::gse::iterationCycles(const EngineSpec &engine, const Iteration &iteration, double occupancy,
                                           int64_t accumulators) {
  IterationCycles cycles;
  cycles.issue = iteration.instructions / static_cast<double>(engine.issueWidth);
  cycles.total = cycles.issue;
  auto bind = [&](double term, Bound bound) {
    if (term > cycles.total)
      cycles.total = term, cycles.bound = bound;
  };
  bind(portCycles(engine, iteration, occupancy) / static_cast<double>(engine.lsuPorts), Bound::Port);
  if (engine.decoupled)
    bind(iteration.gathers * occupancy, Bound::Port); // the engine itself
  bind(iteration.arithmetic / static_cast<double>(engine.fpPipes), Bound::Arithmetic);
  bind(iteration.chain * static_cast<double>(engine.fmaLatency) / static_cast<double>(accumulators), Bound::Chain);
  bind(iteration.streamBytes / static_cast<double>(engine.streamBytesPerCycle), Bound::Stream);
  return cycles;
}

double mlir::gse::fillCycles(const EngineSpec &engine, int64_t accumulators) {
  double fill = static_cast<double>(engine.loadLatency + engine.gatherLatency + engine.fmaLatency) +
                static_cast<double>(accumulators - 1) * static_cast<double>(engine.fmaLatency) / 2;
  return engine.outOfOrder ? fill / 4 : fill;
}

double mlir::gse::bundleCycles(const EngineSpec &engine, Loop loop, double groups, double occupancy,
                               const BundleEnd &end, int64_t accumulators) {
  Iteration iteration = iterationOf(loop, end.lanes);
  double width = static_cast<double>(engine.issueWidth);
  double cycles = groups * iterationCycles(engine, iteration, occupancy, accumulators).total +
                  fillCycles(engine, accumulators) + 8 / width + end.scatterOccupancy;
  if (end.perRow == end.lanes)
    cycles += static_cast<double>(engine.reduceLatency);
  else if (end.perRow > 1)
    cycles += 6.0 * static_cast<double>(llvm::Log2_64_Ceil(end.perRow)); // a permute and an add per step
  return cycles;
}

double mlir::gse::denseCycles(const EngineSpec &engine, int64_t rows, int64_t cols, int64_t lanes) {
  constexpr int64_t tileRows = 8;
  double cycles = 0, width = static_cast<double>(engine.issueWidth);
  double step = iterationCycles(engine, iterationOf(Loop::Dense, lanes), 1, 2).total;
  for (int64_t row = 0; row < rows; row += tileRows) {
    double here = static_cast<double>(std::min(tileRows, rows - row));
    cycles += here * static_cast<double>(llvm::divideCeil(cols, lanes)) * step + fillCycles(engine, 2) +
              static_cast<double>(engine.reduceLatency) + here * 3 / width;
  }
  return cycles;
}

double mlir::gse::csrScalarCycles(const EngineSpec &engine, llvm::ArrayRef<int64_t> nonZeros, int64_t lanes) {
  double step = iterationCycles(engine, iterationOf(Loop::CsrScalar, lanes), 1, 2).total, cycles = 0;
  for (int64_t count : nonZeros)
    cycles += static_cast<double>(count) * step + fillCycles(engine, 2) + 6 / static_cast<double>(engine.issueWidth);
  return cycles;
}

namespace {
/// One chunk at one pixel: the terms of its maximum, and what comes before and after.
struct Chunk {
  double issue, port, engine, arithmetic, chain, ends;
  double body() const { return std::max({issue, port, engine, arithmetic, chain}); }
};
} // namespace

/// `gatherPort` holds the cycles of all gathers of a pixel, `outputs` those that the partial outputs keep the port. A
/// gather serves `steps / gathers` rows of units.
static Chunk chunkOf(const EngineSpec &engine, Loop loop, double steps, double gathers, double gatherPort,
                     double gatherEngine, double outputs, int64_t perRow, int64_t lanes, int64_t accumulators) {
  Iteration iteration = iterationOf(loop, lanes);
  double overhead = loop == Loop::ConvDense ? 8 : 7;
  double levels = static_cast<double>(llvm::Log2_64_Ceil(perRow));
  bool summed = perRow == lanes;
  double reduce = summed ? static_cast<double>(engine.reduceLatency) : 6 * levels;
  Chunk chunk;
  double work = steps * iteration.instructions;
  if (gathers > 0) {
    double shared = steps / gathers;
    work = steps * (iteration.instructions - 1) + gathers;
    overhead += 2 * (shared - 1);
  }
  chunk.issue = (work + overhead) / static_cast<double>(engine.issueWidth);
  chunk.port = (steps * iteration.loads + gatherPort + outputs) / static_cast<double>(engine.lsuPorts);
  chunk.engine = gatherEngine;
  chunk.arithmetic = (steps * iteration.arithmetic + 1) / static_cast<double>(engine.fpPipes);
  chunk.chain = steps * iteration.chain * static_cast<double>(engine.fmaLatency) / static_cast<double>(accumulators);
  chunk.ends = (static_cast<double>(engine.loadLatency + engine.gatherLatency) + reduce) / 2;
  // Out of order, pixels overlap: no fill, and most of the chain is hidden.
  if (engine.outOfOrder)
    chunk.ends = 0, chunk.chain *= 0.3;
  chunk.ends += summed ? static_cast<double>(engine.reduceBusy) : 2 * levels;
  return chunk;
}

double mlir::gse::chunkCycles(const EngineSpec &engine, Loop loop, int64_t groups, double occupancy, bool summed,
                              int64_t lanes, int64_t accumulators) {
  double u = static_cast<double>(groups), gathers = u * iterationOf(loop, lanes).gathers;
  Chunk chunk = chunkOf(engine, loop, u, gathers, gathers * (engine.decoupled ? 1 : occupancy),
                        engine.decoupled ? gathers * occupancy : 0, 2, summed ? lanes : 1, lanes, accumulators);
  return chunk.body() + chunk.ends;
}

LoopCycles mlir::gse::loopCycles(const EngineSpec &engine, Loop loop, const LoopRun &run) {
  LoopCycles cycles;
  double width = static_cast<double>(engine.issueWidth);
  if (!run.steps) {
    cycles.issue = cycles.total = run.trips * static_cast<double>(run.instructions) / width;
    return cycles;
  }
  auto part = [&](Bound bound) -> double & {
    return bound == Bound::Port         ? cycles.port
           : bound == Bound::Arithmetic ? cycles.arithmetic
           : bound == Bound::Chain      ? cycles.chain
           : bound == Bound::Stream     ? cycles.stream
                                        : cycles.issue;
  };
  bool fair = loop == Loop::ConvDenseFair || loop == Loop::ConvDenseFairFp32;
  if (isConvolution(loop) && !fair) {
    if (run.trips <= 0)
      return cycles;
    double gathers = run.gathers / run.trips, occupied = run.gatherOccupancy / run.trips;
    // Results that are scattered are gathered before.
    double groups = gathers - run.scatters / run.trips, steps = static_cast<double>(run.steps);
    double outputs = run.scatterOccupancy / run.trips;
    if (run.scatterOccupancy < 0)
      outputs = 2 * (groups > 0 ? steps / groups : 1) * (isFp32(loop) && run.perRow == 1 ? 2 : 1);
    Chunk chunk = chunkOf(engine, loop, steps, groups, engine.decoupled ? gathers : occupied,
                          engine.decoupled ? occupied : 0, outputs, run.perRow, run.lanes, run.accumulators);
    double body = chunk.body();
    Bound bound = body == chunk.issue        ? Bound::Issue
                  : body == chunk.arithmetic ? Bound::Arithmetic
                  : body == chunk.chain      ? Bound::Chain
                                             : Bound::Port;
    cycles.issue = run.trips * chunk.issue;
    part(bound) += run.trips * (body - chunk.issue);
    cycles.ends = run.trips * chunk.ends;
    cycles.total = run.trips * (body + chunk.ends);
    return cycles;
  }
  bool dense = loop == Loop::Dense || loop == Loop::DenseFp32 || fair;
  double count = dense ? run.trips * static_cast<double>(run.steps) : run.gathers > 0 ? run.gathers : run.trips;
  double occupancy = run.gathers > 0 ? run.gatherOccupancy / run.gathers : 1;
  int64_t accumulators = dense || loop == Loop::CsrScalar ? 2 : run.accumulators;
  Iteration iteration = iterationOf(loop, run.lanes);
  if (fair) // the body reads several lines of the kernel
    iteration.instructions = static_cast<double>(run.instructions) / static_cast<double>(run.steps);
  // Rows of a unit share a gather: each of them more is a load and its arithmetic. Unrolled loops have more gathers,
  // too.
  if (double more = dense || run.gathers <= 0 ? 0 : static_cast<double>(run.steps) * run.trips / run.gathers - 1;
      more > 0) {
    iteration.loads += more;
    iteration.instructions += more * (1 + iteration.arithmetic);
    iteration.arithmetic *= 1 + more;
    iteration.streamBytes += more * 2 * static_cast<double>(run.lanes);
  }
  IterationCycles step = iterationCycles(engine, iteration, occupancy, accumulators);
  cycles.issue = count * step.issue;
  part(step.bound) += count * (step.total - step.issue);
  if (dense)
    cycles.ends = fillCycles(engine, 2) + static_cast<double>(engine.reduceLatency) +
                  (fair ? 4.0 : static_cast<double>(run.steps)) * 3 / width;
  else if (loop == Loop::CsrScalar)
    cycles.ends = fillCycles(engine, 2) + 6 / width;
  else
    cycles.ends =
        bundleCycles(engine, loop, 0, 1, {run.perRow, run.lanes, std::max(0.0, run.scatterOccupancy)}, accumulators);
  cycles.total = count * step.total + cycles.ends;
  return cycles;
}

void mlir::gse::forEachChunk(int64_t groups, llvm::function_ref<void(int64_t)> fn) {
  for (int64_t size : {8, 4, 2, 1})
    for (; groups >= size; groups -= size)
      fn(size);
}
