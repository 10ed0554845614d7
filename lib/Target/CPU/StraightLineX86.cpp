//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Straight-line AVX-512 code through MCInst and MCCodeEmitter. Generating it
// as LLVM IR would cost a thousand times more per instruction
// (docs/Rationale/StraightLine.md).
//
//===----------------------------------------------------------------------===//
#include "gs/Target/CPU/StraightLineX86.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCCodeEmitter.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCFixup.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir::gs;
using llvm::MCInst;
using llvm::MCOperand;

/// The MC objects of the target, and the opcodes and registers that chunks use, looked up once by name.
struct StraightLineX86::Encoder {
  llvm::Triple triple{"x86_64-unknown-linux-gnu"};
  llvm::MCTargetOptions options;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
  std::unique_ptr<llvm::MCAsmInfo> asmInfo;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCCodeEmitter> emitter;
  unsigned load = 0, window = 0, fmaBroadcast = 0, addImmediate = 0, addressOf = 0, prefetch = 0, ret = 0;
  unsigned prefetchNear = 0;
  unsigned rcx = 0, rdx = 0, rip = 0, rsi = 0, inputs[maxInputs] = {}, zmm[32] = {};
  llvm::SmallVectorImpl<char> *code = nullptr;

  unsigned opcode(llvm::StringRef name) const {
    for (unsigned i = 0, e = instructions->getNumOpcodes(); i < e; ++i)
      if (instructions->getName(i) == name)
        return i;
    return 0;
  }
  unsigned reg(llvm::StringRef name) const {
    for (unsigned i = 1, e = registers->getNumRegs(); i < e; ++i)
      if (name == registers->getName(i))
        return i;
    return 0;
  }

  void emit(const MCInst &inst) {
    llvm::SmallVector<llvm::MCFixup, 1> fixups; // chunks name no symbol, so there are none
    emitter->encodeInstruction(inst, *code, fixups, *subtarget);
  }
  static void addMemory(MCInst &inst, unsigned base, int64_t displacement) {
    inst.addOperand(MCOperand::createReg(base));
    inst.addOperand(MCOperand::createImm(1)); // scale
    inst.addOperand(MCOperand::createReg(0)); // index
    inst.addOperand(MCOperand::createImm(displacement));
    inst.addOperand(MCOperand::createReg(0)); // segment
  }
  void emitLoad(unsigned vector, unsigned base, int64_t displacement) {
    MCInst inst;
    inst.setOpcode(load);
    inst.addOperand(MCOperand::createReg(zmm[vector]));
    addMemory(inst, base, displacement);
    emit(inst);
  }
  /// `result` = the 16 elements from place `shift` on of `low` and `high`, one behind the other.
  void emitWindow(unsigned result, unsigned low, unsigned high, int64_t shift) {
    MCInst inst;
    inst.setOpcode(window);
    inst.addOperand(MCOperand::createReg(zmm[result]));
    inst.addOperand(MCOperand::createReg(zmm[high]));
    inst.addOperand(MCOperand::createReg(zmm[low]));
    inst.addOperand(MCOperand::createImm(shift));
    emit(inst);
  }
  void emitFMA(unsigned sum, unsigned x, unsigned base, int64_t displacement) {
    MCInst inst;
    inst.setOpcode(fmaBroadcast);
    inst.addOperand(MCOperand::createReg(zmm[sum]));
    inst.addOperand(MCOperand::createReg(zmm[sum])); // tied
    inst.addOperand(MCOperand::createReg(zmm[x]));
    addMemory(inst, base, displacement);
    emit(inst);
  }
  void emitAdd(unsigned base, int64_t immediate) {
    MCInst inst;
    inst.setOpcode(addImmediate);
    inst.addOperand(MCOperand::createReg(base));
    inst.addOperand(MCOperand::createReg(base));
    inst.addOperand(MCOperand::createImm(immediate));
    emit(inst);
  }
  void emitAddressOf(unsigned result, unsigned base, int64_t displacement) {
    MCInst inst;
    inst.setOpcode(addressOf);
    inst.addOperand(MCOperand::createReg(result));
    addMemory(inst, base, displacement);
    emit(inst);
  }
  void emitPrefetch(unsigned opcode, unsigned base, int64_t displacement) {
    MCInst inst;
    inst.setOpcode(opcode);
    addMemory(inst, base, displacement);
    emit(inst);
  }
  void emitReturn() {
    MCInst inst;
    inst.setOpcode(ret);
    emit(inst);
  }
  void align() {
    while (code->size() % 64)
      code->push_back(static_cast<char>(0xcc)); // int3: never reached
  }
};

StraightLineX86::StraightLineX86(std::unique_ptr<Encoder> encoder) : encoder(std::move(encoder)) {}
StraightLineX86::~StraightLineX86() = default;

llvm::Expected<std::unique_ptr<StraightLineX86>> StraightLineX86::create() {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86TargetMC();
  auto e = std::make_unique<Encoder>();
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(e->triple, error);
  if (!target)
    return llvm::createStringError("straight-line code needs the X86 back end of LLVM: " + error);
  e->registers.reset(target->createMCRegInfo(e->triple));
  e->instructions.reset(target->createMCInstrInfo());
  e->subtarget.reset(target->createMCSubtargetInfo(e->triple, "x86-64-v4", ""));
  e->asmInfo.reset(target->createMCAsmInfo(*e->registers, e->triple, e->options));
  e->context = std::make_unique<llvm::MCContext>(e->triple, e->asmInfo.get(), e->registers.get(), e->subtarget.get());
  e->emitter.reset(target->createMCCodeEmitter(*e->instructions, *e->context));
  e->load = e->opcode("VMOVUPSZrm");
  e->window = e->opcode("VALIGNDZrri");
  e->fmaBroadcast = e->opcode("VFMADD231PSZmb");
  e->addImmediate = e->opcode("ADD64ri32");
  e->addressOf = e->opcode("LEA64r");
  e->prefetch = e->opcode("PREFETCHT1");
  e->prefetchNear = e->opcode("PREFETCHT0");
  e->ret = e->opcode("RET64");
  e->rcx = e->reg("RCX");
  e->rdx = e->reg("RDX");
  e->rip = e->reg("RIP");
  e->rsi = e->reg("RSI");
  bool complete = e->load && e->window && e->fmaBroadcast && e->addImmediate && e->addressOf && e->prefetch &&
                  e->prefetchNear && e->ret && e->rcx && e->rdx && e->rip && e->rsi;
  for (unsigned i = 0; i < maxInputs; ++i)
    complete &= (e->inputs[i] = e->reg(llvm::StringRef(inputRegisters[i]).upper())) != 0;
  for (unsigned i = 0; i < 32; ++i)
    complete &= (e->zmm[i] = e->reg(("ZMM" + llvm::Twine(i)).str())) != 0;
  if (!complete)
    return llvm::createStringError("this LLVM names an AVX-512 instruction of straight-line code differently");
  return std::unique_ptr<StraightLineX86>(new StraightLineX86(std::move(e)));
}

/// Bytes that an 8-bit displacement of vector loads reaches on either side of a base.
static constexpr int64_t loadReach = 128 * 64;

uint64_t StraightLineX86::emitChunk(llvm::ArrayRef<uint32_t> indices, llvm::ArrayRef<uint8_t> inputs,
                                    llvm::ArrayRef<uint32_t> rows, llvm::ArrayRef<char> weights, unsigned numRows,
                                    uint64_t prefetchBytes, uint64_t readable, uint64_t columnsAhead,
                                    llvm::SmallVectorImpl<char> &code) {
  Encoder &e = *encoder;
  e.code = &code;
  e.align();
  const uint64_t start = code.size();

  // Displacements of weights stay within the 8-bit range (-128 .. 127 elements) of a moving base; the first base is
  // known only when the code has been written.
  constexpr int64_t window = 256;
  e.emitAddressOf(e.rsi, e.rip, 0);
  const uint64_t afterBase = code.size();
  int64_t base = window / 2, next = 0;

  // So do activations, where the following columns make use of a new base.
  int64_t inputBase = 0;
  int input = -1;
  auto near = [&](int64_t displacement) {
    int64_t distance = displacement - inputBase;
    return distance % 64 == 0 && distance >= -loadReach && distance < loadReach;
  };
  auto moveBase = [&](size_t i) {
    int64_t at = int64_t(indices[i]) * 4;
    if (input != inputs[i]) {
      input = inputs[i];
      e.emitAddressOf(e.rdx, e.inputs[input], 0);
      inputBase = 0;
    }
    if (near(at) || i + 3 >= indices.size())
      return;
    bool descends = int64_t(indices[i + 1]) * 4 < at;
    int64_t to = descends ? at - loadReach + 64 : at + loadReach;
    for (size_t j = i + 1; j <= i + 3; ++j)
      if (int64_t distance = int64_t(indices[j]) * 4 - to;
          inputs[j] != input || distance % 64 || distance < -loadReach || distance >= loadReach)
        return;
    e.emitAdd(e.rdx, to - inputBase);
    inputBase = to;
  };

  // Prefetches are spread evenly over the code: a burst of them would wait for miss buffers.
  uint64_t prefetched = 0;
  auto prefetch = [&] {
    uint64_t passed = code.size() - start + uint64_t(next) * 4;
    for (; prefetchBytes && prefetched < passed / prefetchBytes; ++prefetched)
      e.emitPrefetch(e.prefetch, e.rcx, int64_t(prefetched) * 64);
  };

  // Activations rotate through the registers that no row occupies. With windows, two of these hold the vectors at
  // `windowAt` and behind it: what begins between them is shifted out of both, so that a vector is loaded once for all
  // taps that begin within it.
  constexpr int64_t lanes = 16;
  unsigned low = numRows, high = numRows + 1, firstFree = numRows, x = numRows;
  int64_t windowAt = -1, highAt = -1;
  auto displacement = [&](size_t i) { return int64_t(indices[i]) * 4 - inputBase; };
  const bool windows = readable && numRows + 4 <= 32;
  if (windows)
    firstFree = x = numRows + 2;
  // The register that holds the activations of column i, having loaded them.
  auto activations = [&](size_t i) -> unsigned {
    int64_t at = indices[i];
    if (windows) {
      bool isSame = windowAt >= 0 && i > 0 && inputs[i] == inputs[i - 1] && at >= windowAt;
      if (isSame && at > windowAt + lanes && at <= windowAt + 2 * lanes && highAt == windowAt + lanes) {
        std::swap(low, high);
        windowAt += lanes;
      } else if (!isSame || at > windowAt + lanes) {
        // Two columns would save no load.
        windowAt = highAt = -1;
        size_t last = i + 2;
        if (last < indices.size() && inputs[last] == inputs[i] && indices[last] <= at + lanes && indices[i + 1] > at &&
            indices[last] > indices[i + 1] && at + 2 * lanes <= int64_t(readable)) {
          windowAt = at;
          e.emitLoad(low, e.rdx, displacement(i));
        }
      }
      if (windowAt == at)
        return low;
      if (windowAt >= 0 && windowAt + 2 * lanes <= int64_t(readable)) {
        if (highAt != windowAt + lanes) {
          highAt = windowAt + lanes;
          e.emitLoad(high, e.rdx, highAt * 4 - inputBase);
        }
        if (at == highAt)
          return high;
        e.emitWindow(x, low, high, at - windowAt);
        return x;
      }
      windowAt = -1;
    }
    e.emitLoad(x, e.rdx, displacement(i));
    return x;
  };
  for (size_t i = 0; i < indices.size(); ++i) {
    moveBase(i);
    unsigned from = activations(i);
    if (size_t later = i + columnsAhead; later > i && later < indices.size() && inputs[later] == inputs[i])
      e.emitPrefetch(e.prefetchNear, e.rdx, displacement(later));
    for (unsigned r = 0; r < numRows; ++r) {
      if (!(rows[i] >> r & 1))
        continue;
      if (next - base >= window / 2) {
        e.emitAdd(e.rsi, window * 4);
        base += window;
      }
      e.emitFMA(r, from, e.rsi, (next++ - base) * 4);
      prefetch();
    }
    if (from == x)
      x = x + 1 == 32 ? firstFree : x + 1;
  }
  e.emitReturn();
  e.align();
  int64_t distance = int64_t(code.size() - afterBase) + window / 2 * 4;
  llvm::support::endian::write32le(code.data() + afterBase - 4, static_cast<uint32_t>(distance));
  code.append(weights.begin(), weights.end());
  return start;
}
