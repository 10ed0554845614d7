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
#ifndef GS_LIB_TARGET_GSE_SCOREBOARD_H
#define GS_LIB_TARGET_GSE_SCOREBOARD_H

#include "gs/Target/GSE/Simulator.h"
#include "gs/Target/GSE/Statistics.h"
#include <vector>

namespace mlir::gse::detail {

/// When each instruction starts. Instructions leave in the order of the program, as many per cycle as the machine
/// issues, and start when their operands and their unit are free; those behind them need not wait, as in a loop that
/// was pipelined by software (or in a machine that is out of order). At most `window` instructions are in flight. An
/// in-order machine drains when a loop ends: what comes after it was not pipelined with it.
class Scoreboard {
public:
  Scoreboard(const EngineSpec &engine, Timeline &timeline);

  // What the next instruction does in memory.
  void access(Space space, int64_t address, int64_t bytes);
  void engineAccess(int64_t occupancy) { occupied += occupancy; }
  void arm(int64_t address, int64_t bytes);

  void instruction(Operation *op, ArrayRef<int> operands, int result);
  void moved(int from, int to) {
    int64_t at = ready(from); // the list may move
    ready(to) = at;
  }
  void endLoop(bool innermost);
  void waitUntil(double cycle);

  /// When the next instruction leaves.
  double time() const { return static_cast<double>(clock); }
  /// When everything is complete; nothing leaves before.
  double drain();
  /// What the cycles since the last call were spent on.
  Breakdown bundle();

private:
  /// A unit that is used for whole cycles: the first free ones are found, also between uses that were found before.
  class Unit {
  public:
    explicit Unit(int64_t capacity) : capacity(capacity), used(horizon) {}
    int64_t reserve(int64_t from, int64_t cycles);
    /// Nothing is asked for before this cycle any more.
    void advance(int64_t to);
    int64_t busy = 0;

  private:
    static constexpr int64_t horizon = 1 << 14;
    int64_t capacity, begin = 0;
    std::vector<uint8_t> used;
  };

  int64_t &ready(int number) {
    if (number >= static_cast<int>(readyAt.size()))
      readyAt.resize(number + 1);
    return readyAt[number];
  }
  void leaveNotBefore(int64_t cycle);

  const EngineSpec &engine;
  Timeline &timeline;
  std::vector<int64_t> readyAt;
  int64_t clock = 0, slots = 0; ///< cycle in which the next instruction leaves, and how many left in it
  int64_t complete = 0;
  std::vector<int64_t> inFlight; ///< starts of the last `window` instructions, as a ring
  size_t oldest = 0;
  Unit port, gatherUnit, arithmetic;
  // Of the next instruction.
  int64_t occupied = 0, accesses = 0, streamReady = 0;
  bool tcm = false;
  int64_t lastLine = -1;
  struct Stream {
    int64_t begin, end, firstByte;
  };
  std::vector<Stream> streams;
  // Since the last bundle.
  int64_t mark = 0, left = 0, streamed = 0;
};

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_SCOREBOARD_H
