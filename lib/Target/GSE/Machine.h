//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// State of a simulated engine, and its instructions in the form that runs.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_GSE_MACHINE_H
#define GS_LIB_TARGET_GSE_MACHINE_H

#include "Memory.h"
#include "gs/Target/GSE/Simulator.h"
#include <array>

namespace mlir::gse::detail {

/// Most lanes of a vector: the widest machine with its smallest element.
inline constexpr int64_t maxLanes = 128;

struct Instruction;
struct Machine;

/// A register: a scalar, pointer or token in `scalar`, lanes as floats or unsigned integers.
struct Register {
  int64_t scalar = 0;
  std::array<float, maxLanes> floats;
  std::array<uint32_t, maxLanes> integers;
};

enum class Element { F16, F32, I16, I32, None };

/// An instruction with its operands as register numbers.
struct Instruction {
  Operation *op = nullptr;
  LogicalResult (*run)(Machine &, const Instruction &) = nullptr;
  int result = -1;
  std::array<int, 3> operands = {-1, -1, -1};
  Element element = Element::None; ///< of the result, or of what is written
  bool isVector = false;
  int64_t lanes = 1;
  int64_t immediate = 0, immediate2 = 0;
  double constant = 0;
  // Loops and regions.
  std::vector<Instruction> body;
  SmallVector<int> inits, arguments, yielded, results;
  SmallVector<int64_t> carriedLanes;
};

inline unsigned bytesOf(Element element) { return element == Element::F32 || element == Element::I32 ? 4 : 2; }

/// An address plus a distance; any sum may be asked for, and wraps.
inline int64_t moved(int64_t address, int64_t distance) {
  return static_cast<int64_t>(static_cast<uint64_t>(address) + static_cast<uint64_t>(distance));
}
/// The distance of an element by its number, or of a row by its pitch.
inline int64_t scaled(int64_t count, int64_t bytes) {
  return static_cast<int64_t>(static_cast<uint64_t>(count) * static_cast<uint64_t>(bytes));
}

/// State of one run.
struct Machine {
  Machine(const EngineSpec &spec, Observer *observer) : spec(spec), memory(this->spec), observer(observer) {}

  EngineSpec spec;
  Memory memory;
  Observer *observer;
  bool traced = false; ///< the observer wants every instruction
  std::vector<Register> registers;
  int64_t instructions = 0, maxInstructions = 0; ///< run in loops; 0: no limit

  LogicalResult execute(ArrayRef<Instruction> body) {
    for (const Instruction &instruction : body)
      if (failed(instruction.run(*this, instruction)))
        return failure();
      else if (traced && instruction.body.empty())
        observer->instruction(instruction.op, instruction.operands, instruction.result);
    return success();
  }
  Register &reg(int number) { return registers[number]; }
  LogicalResult fault(const Instruction &instruction) { return instruction.op->emitOpError() << memory.error; }
  void accessed(const Instruction &instruction, int64_t address, int64_t bytes) {
    if (observer)
      observer->access(instruction.op, memory.inTcm(address) ? Space::Tcm : Space::Cached, address, bytes);
  }
};

// The meaning of each instruction.
LogicalResult runLoad(Machine &machine, const Instruction &instruction);
LogicalResult runStore(Machine &machine, const Instruction &instruction);
LogicalResult runAddp(Machine &machine, const Instruction &instruction);
LogicalResult runAddpIndex(Machine &machine, const Instruction &instruction);
LogicalResult runLoadSplat(Machine &machine, const Instruction &instruction);
LogicalResult runTcmAlloc(Machine &machine, const Instruction &instruction);
LogicalResult runStreamArm(Machine &machine, const Instruction &instruction);
LogicalResult runDmaStart(Machine &machine, const Instruction &instruction);
LogicalResult runDmaWait(Machine &machine, const Instruction &instruction);
LogicalResult runGather(Machine &machine, const Instruction &instruction);
LogicalResult runGatherCached(Machine &machine, const Instruction &instruction);
LogicalResult runGatherFused(Machine &machine, const Instruction &instruction);
LogicalResult runScatter(Machine &machine, const Instruction &instruction);
LogicalResult runSplat(Machine &machine, const Instruction &instruction);
LogicalResult runAdd(Machine &machine, const Instruction &instruction);
LogicalResult runMul(Machine &machine, const Instruction &instruction);
LogicalResult runFma(Machine &machine, const Instruction &instruction);
LogicalResult runWiden(Machine &machine, const Instruction &instruction);
LogicalResult runNarrow(Machine &machine, const Instruction &instruction);
LogicalResult runReduceAdd(Machine &machine, const Instruction &instruction);
LogicalResult runFor(Machine &machine, const Instruction &instruction);
LogicalResult runRegion(Machine &machine, const Instruction &instruction);

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_MACHINE_H
