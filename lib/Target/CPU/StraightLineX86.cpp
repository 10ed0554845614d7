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
  unsigned load = 0, store = 0, fmaBroadcast = 0, clear = 0, addImmediate = 0, zeroUpper = 0, ret = 0;
  unsigned rdi = 0, rsi = 0, rdx = 0, zmm[32] = {};
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
  void emitStore(unsigned vector, unsigned base, int64_t displacement) {
    MCInst inst;
    inst.setOpcode(store);
    addMemory(inst, base, displacement);
    inst.addOperand(MCOperand::createReg(zmm[vector]));
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
  void emitClear(unsigned vector) {
    MCInst inst;
    inst.setOpcode(clear);
    for (int i = 0; i < 3; ++i)
      inst.addOperand(MCOperand::createReg(zmm[vector]));
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
  void emitPlain(unsigned opcodeOf) {
    MCInst inst;
    inst.setOpcode(opcodeOf);
    emit(inst);
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
  e->store = e->opcode("VMOVUPSZmr");
  e->fmaBroadcast = e->opcode("VFMADD231PSZmb");
  e->clear = e->opcode("VPXORDZrr");
  e->addImmediate = e->opcode("ADD64ri32");
  e->zeroUpper = e->opcode("VZEROUPPER");
  e->ret = e->opcode("RET64");
  e->rdi = e->reg("RDI");
  e->rsi = e->reg("RSI");
  e->rdx = e->reg("RDX");
  bool complete = e->load && e->store && e->fmaBroadcast && e->clear && e->addImmediate && e->zeroUpper && e->ret &&
                  e->rdi && e->rsi && e->rdx;
  for (unsigned i = 0; i < 32; ++i)
    complete &= (e->zmm[i] = e->reg(("ZMM" + llvm::Twine(i)).str())) != 0;
  if (!complete)
    return llvm::createStringError("this LLVM names an AVX-512 instruction of straight-line code differently");
  return std::unique_ptr<StraightLineX86>(new StraightLineX86(std::move(e)));
}

uint64_t StraightLineX86::emitChunk(llvm::ArrayRef<uint32_t> indices, llvm::ArrayRef<uint32_t> rows, unsigned numRows,
                                    bool accumulate, llvm::SmallVectorImpl<char> &code) {
  Encoder &e = *encoder;
  e.code = &code;
  while (code.size() % 64)
    code.push_back(static_cast<char>(0xcc)); // int3: never reached
  uint64_t start = code.size();
  for (unsigned r = 0; r < numRows; ++r)
    accumulate ? e.emitLoad(r, e.rdx, int64_t(r) * 64) : e.emitClear(r);

  // Displacements of weights stay within the compressed 8-bit range (-128 .. 127 elements) of a moving base.
  constexpr int64_t window = 256;
  e.emitAdd(e.rsi, window / 2 * 4);
  int64_t base = window / 2, next = 0;
  // Activations rotate through the registers that no row occupies.
  unsigned x = numRows;
  for (size_t i = 0; i < indices.size(); ++i) {
    e.emitLoad(x, e.rdi, int64_t(indices[i]) * 4);
    for (unsigned r = 0; r < numRows; ++r) {
      if (!(rows[i] >> r & 1))
        continue;
      if (next - base >= window / 2) {
        e.emitAdd(e.rsi, window * 4);
        base += window;
      }
      e.emitFMA(r, x, e.rsi, (next++ - base) * 4);
    }
    x = x + 1 == 32 ? numRows : x + 1;
  }
  for (unsigned r = 0; r < numRows; ++r)
    e.emitStore(r, e.rdx, int64_t(r) * 64);
  e.emitPlain(e.zeroUpper);
  e.emitPlain(e.ret);
  return start;
}
