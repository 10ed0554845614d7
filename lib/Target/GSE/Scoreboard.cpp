//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Timing level 2: instruction by instruction.
//
//===----------------------------------------------------------------------===//
#include "Scoreboard.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

int64_t Scoreboard::Unit::reserve(int64_t from, int64_t cycles) {
  int64_t start = std::max(from, begin), free = 0;
  // Far ahead of the program, uses follow each other.
  int64_t last = begin + horizon - 1;
  for (int64_t at = start; at <= last; ++at) {
    free = used[at % horizon] < capacity ? free + 1 : 0;
    if (free == cycles) {
      for (int64_t cycle = at - cycles + 1; cycle <= at; ++cycle)
        ++used[cycle % horizon];
      busy += cycles;
      return at - cycles + 1;
    }
  }
  busy += cycles;
  return std::max(start, last);
}

void Scoreboard::Unit::advance(int64_t to) {
  if (to - begin >= horizon)
    std::fill(used.begin(), used.end(), 0);
  else
    for (int64_t at = begin; at < to; ++at)
      used[at % horizon] = 0;
  begin = std::max(begin, to);
}

Scoreboard::Scoreboard(const EngineSpec &engine, Timeline &timeline)
    : engine(engine), timeline(timeline), inFlight(engine.window), port(engine.lsuPorts), gatherUnit(1),
      arithmetic(engine.fpPipes) {}

void Scoreboard::access(Space space, int64_t address, int64_t bytes) {
  tcm = space == Space::Tcm;
  int64_t line = address / engine.lineBytes;
  if (!engine.gatherLines || line != lastLine)
    ++accesses;
  lastLine = line;
  for (const Stream &stream : streams)
    if (address >= stream.begin && address < stream.end) {
      streamReady =
          std::max(streamReady, stream.firstByte + (address + bytes - stream.begin + engine.streamBytesPerCycle - 1) /
                                                       engine.streamBytesPerCycle);
      streamed += bytes;
    }
}

void Scoreboard::arm(int64_t address, int64_t bytes) {
  streams.push_back({address, address + bytes, clock + engine.streamStartup});
}

void Scoreboard::leaveNotBefore(int64_t cycle) {
  if (cycle <= clock)
    return;
  clock = cycle;
  slots = 0;
  for (Unit *unit : {&port, &gatherUnit, &arithmetic})
    unit->advance(clock);
}

void Scoreboard::waitUntil(double cycle) {
  leaveNotBefore(static_cast<int64_t>(std::ceil(cycle)));
  complete = std::max(complete, clock);
  mark = clock; // told apart by the caller
}

double Scoreboard::drain() {
  leaveNotBefore(complete);
  return time();
}

void Scoreboard::instruction(Operation *op, ArrayRef<int> operands, int result) {
  StringRef name = op->getName().stripDialect();
  int64_t count = 1, latency = engine.aluLatency, portCycles = 0, gatherCycles = 0, arithmeticCycles = 0;
  InstructionSpan::Track track = InstructionSpan::Core;
  bool loop = isa<ForOp>(op), free = false;
  if (loop) {
    count = 2; // the counter and the branch
  } else if (name == "address" || name == "tcm.alloc") {
    free = true;
  } else if (occupied) {
    track = InstructionSpan::Engine;
    portCycles = accesses + (engine.decoupled ? 1 : occupied);
    gatherCycles = engine.decoupled ? occupied : 0;
    latency = engine.gatherLatency + occupied - 1;
  } else if (accesses) {
    track = InstructionSpan::Port;
    portCycles = accesses;
    latency = isa<StoreOp>(op) ? engine.aluLatency : (tcm ? engine.tcmLatency : engine.loadLatency) + accesses - 1;
  } else if (isa<FmaOp, AddOp, MulOp, WidenOp, NarrowOp>(op)) {
    track = InstructionSpan::Arithmetic;
    arithmeticCycles = 1;
    latency = isa<FmaOp>(op) ? engine.fmaLatency : isa<AddOp, MulOp>(op) ? engine.addLatency : engine.permuteLatency;
  } else if (auto reduce = dyn_cast<ReduceAddOp>(op)) {
    int64_t from = cast<VectorType>(reduce.getValue().getType()).getNumElements(),
            to = cast<VectorType>(reduce.getType()).getNumElements();
    int64_t steps = llvm::Log2_64_Ceil(std::max<int64_t>(1, from / to));
    track = InstructionSpan::Arithmetic;
    // A full sum has a unit of its own; runs are a permute and an add per step.
    arithmeticCycles = to == 1 ? engine.reduceBusy : 2 * steps;
    latency = to == 1 ? engine.reduceLatency : steps * (engine.permuteLatency + engine.addLatency);
  }
  int64_t start = clock;
  if (!free) {
    // The window is full as long as its oldest instruction did not start.
    leaveNotBefore(inFlight[oldest]);
    start = clock;
    for (int number : operands)
      if (number >= 0)
        start = std::max(start, ready(number));
    start = std::max(start, streamReady);
    int64_t cycles = 1;
    if (portCycles)
      start = port.reserve(start, cycles = portCycles);
    if (gatherCycles)
      start = std::max(start, gatherUnit.reserve(start, cycles = gatherCycles));
    if (arithmeticCycles)
      start = arithmetic.reserve(start, cycles = arithmeticCycles);
    inFlight[oldest] = start;
    oldest = (oldest + 1) % inFlight.size();
    left += count;
    timeline.addInstruction({track, op->getName().getStringRef().data(), start, cycles});
    slots += count;
    if (slots >= engine.issueWidth) {
      int64_t more = slots % engine.issueWidth;
      leaveNotBefore(clock + slots / engine.issueWidth);
      slots = more;
    }
  }
  int64_t done = start + (free ? 0 : latency);
  if (result >= 0)
    ready(result) = loop ? clock : done;
  complete = std::max(complete, loop ? clock : done);
  occupied = accesses = streamReady = 0;
  lastLine = -1;
}

void Scoreboard::endLoop(bool innermost) {
  if (innermost && !engine.outOfOrder)
    leaveNotBefore(complete);
}

Breakdown Scoreboard::bundle() {
  double cycles = static_cast<double>(clock - mark);
  mark = clock;
  Breakdown spent;
  spent.issue = std::min(cycles, static_cast<double>(left) / static_cast<double>(engine.issueWidth));
  double rest = cycles - spent.issue;
  // The unit that was busy longest bound it; what is left are latencies that nothing hid.
  double byPort = std::max(static_cast<double>(port.busy) / static_cast<double>(engine.lsuPorts),
                           static_cast<double>(gatherUnit.busy));
  double byArithmetic = static_cast<double>(arithmetic.busy) / static_cast<double>(engine.fpPipes);
  double byStream = static_cast<double>(streamed) / static_cast<double>(engine.streamBytesPerCycle);
  double most = std::max({byPort, byArithmetic, byStream});
  double &part = most == byPort ? spent.port : most == byArithmetic ? spent.arithmetic : spent.stream;
  part = std::clamp(most - spent.issue, 0.0, rest);
  spent.fill = rest - part;
  left = streamed = 0;
  port.busy = gatherUnit.busy = arithmetic.busy = 0;
  return spent;
}
