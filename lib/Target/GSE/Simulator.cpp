//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From ops to instructions with numbered registers, and runs of kernels.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Simulator.h"
#include "Machine.h"
#include "gs/Dialect/GS/IR/Storage.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

namespace {

class Decoder {
public:
  Decoder(Machine &machine, KernelOp kernel) : machine(machine), kernel(kernel) {}

  FailureOr<std::vector<Instruction>> decode() { return decodeBlock(kernel.getBody().front()); }

  int number(Value value) {
    auto [it, isNew] = numbers.try_emplace(value, machine.registers.size());
    if (isNew)
      machine.registers.emplace_back();
    return it->second;
  }

private:
  FailureOr<std::vector<Instruction>> decodeBlock(Block &block) {
    std::vector<Instruction> body;
    for (Operation &op : block) {
      if (isa<ReturnOp, YieldOp>(op))
        continue;
      Instruction instruction;
      instruction.op = &op;
      if (failed(decodeOp(op, instruction)))
        return failure();
      if (instruction.run)
        body.push_back(std::move(instruction));
    }
    return body;
  }

  /// Element, lanes and whether it is a vector, of the type that an instruction moves or computes.
  LogicalResult setType(Operation &op, Instruction &i, Type type) {
    if (auto vector = dyn_cast<VectorType>(type)) {
      i.isVector = true;
      i.lanes = vector.getNumElements();
      type = vector.getElementType();
      int64_t bits = i.lanes * type.getIntOrFloatBitWidth();
      if (bits > machine.spec.vectorBits || i.lanes > maxLanes)
        return op.emitOpError() << "a vector of " << bits << " bits does not fit the registers of " << machine.spec.name
                                << ", which have " << machine.spec.vectorBits;
    }
    i.element = type.isF16()         ? Element::F16
                : type.isF32()       ? Element::F32
                : type.isInteger(16) ? Element::I16
                                     : Element::I32;
    return success();
  }

  LogicalResult decodeOp(Operation &op, Instruction &i) {
    for (auto [place, operand] : llvm::enumerate(op.getOperands()))
      if (place < i.operands.size())
        i.operands[place] = number(operand);
    if (op.getNumResults() == 1)
      i.result = number(op.getResult(0));
    Type type = op.getNumResults() == 1 ? op.getResult(0).getType() : Type();
    if (auto store = dyn_cast<StoreOp>(op))
      type = store.getValue().getType();
    if (auto scatter = dyn_cast<ScatterOp>(op))
      type = scatter.getValue().getType();
    if (type && !isa<PtrType, TokenType>(type) && !isa<ForOp>(op) && failed(setType(op, i, type)))
      return failure();
    return TypeSwitch<Operation *, LogicalResult>(&op)
        .Case([&](LoadOp load) { return simple(i, runLoad, load.getOffset()); })
        .Case([&](LoadIndexedOp load) { return simple(i, runLoad, load.getOffset(), load.getScale()); })
        .Case([&](StoreOp store) { return simple(i, runStore, store.getOffset()); })
        .Case([&](AddpOp add) { return simple(i, runAddp, add.getOffset()); })
        .Case([&](AddpIndexOp add) { return simple(i, runAddpIndex, add.getScale()); })
        .Case([&](LoadSplatOp load) { return simple(i, runLoadSplat, load.getOffset()); })
        .Case([&](LoadSplatIndexedOp load) { return simple(i, runLoadSplat, load.getOffset()); })
        .Case([&](TcmAllocOp alloc) { return simple(i, runTcmAlloc, alloc.getBytes(), alloc.getOffset()); })
        .Case([&](StreamArmOp arm) { return simple(i, runStreamArm, arm.getBytes()); })
        .Case([&](DmaStartOp) { return simple(i, runDmaStart); })
        .Case([&](DmaWaitOp) { return simple(i, runDmaWait); })
        .Case([&](GatherOp gather) { return simple(i, runGather, gather.getOffset(), gather.getBankDistinct()); })
        .Case([&](GatherCachedOp gather) { return simple(i, runGatherCached, gather.getOffset()); })
        .Case([&](GatherFusedOp gather) { return simple(i, runGatherFused, gather.getOffset()); })
        .Case([&](ScatterOp scatter) { return simple(i, runScatter, scatter.getOffset()); })
        .Case([&](SplatOp splat) {
          i.constant = splat.getValue().convertToDouble();
          return simple(i, runSplat);
        })
        .Case([&](FmaOp) { return simple(i, runFma); })
        .Case([&](AddOp) { return simple(i, runAdd); })
        .Case([&](MulOp) { return simple(i, runMul); })
        .Case([&](WidenOp widen) { return simple(i, runWiden, widen.getOdd()); })
        .Case([&](NarrowOp) { return simple(i, runNarrow); })
        .Case([&](ReduceAddOp reduce) {
          return simple(i, runReduceAdd, cast<VectorType>(reduce.getValue().getType()).getNumElements() / i.lanes);
        })
        .Case([&](ForOp loop) { return decodeFor(loop, i); })
        .Case([&](RegionOp region) {
          i.run = runRegion;
          return assignBody(i, region.getBody().front());
        })
        .Case([&](AddressOp address) { return decodeAddress(address, i); })
        .Default([&](Operation *other) -> LogicalResult {
          // Scalar constants are known before the run.
          IntegerAttr constant;
          if (other->getName().getStringRef() == "arith.constant" &&
              (constant = other->getAttrOfType<IntegerAttr>("value"))) {
            machine.reg(i.result).scalar = constant.getInt();
            return success();
          }
          return other->emitOpError("is no instruction of the engine");
        });
  }

  static LogicalResult simple(Instruction &i, LogicalResult (*run)(Machine &, const Instruction &),
                              int64_t immediate = 0, int64_t immediate2 = 0) {
    i.run = run;
    i.immediate = immediate;
    i.immediate2 = immediate2;
    return success();
  }

  LogicalResult assignBody(Instruction &i, Block &block) {
    FailureOr<std::vector<Instruction>> body = decodeBlock(block);
    if (failed(body))
      return failure();
    i.body = std::move(*body);
    return success();
  }

  LogicalResult decodeFor(ForOp loop, Instruction &i) {
    i.run = runFor;
    Block &block = loop.getBody().front();
    for (BlockArgument argument : block.getArguments())
      i.arguments.push_back(number(argument));
    for (Value init : loop.getInits()) {
      i.inits.push_back(number(init));
      auto vector = dyn_cast<VectorType>(init.getType());
      i.carriedLanes.push_back(vector ? vector.getNumElements() : isa<PtrType, TokenType>(init.getType()) ? 0 : 1);
    }
    for (Value value : cast<YieldOp>(block.back()).getValues())
      i.yielded.push_back(number(value));
    for (Value result : loop.getResults())
      i.results.push_back(number(result));
    return assignBody(i, block);
  }

  /// Constants are placed when they are first named.
  LogicalResult decodeAddress(AddressOp address, Instruction &i) {
    auto data = SymbolTable::lookupNearestSymbolFrom<DataOp>(kernel->getParentOp(), address.getDataAttr());
    if (!data)
      return address.emitOpError() << "there is no gse.data " << address.getDataAttr();
    auto [it, isNew] = places.try_emplace(data, 0);
    if (isNew) {
      std::vector<char> storage;
      FailureOr<ArrayRef<char>> raw = gs::getRawData(data.getValue(), storage, [&] { return data.emitOpError(); });
      if (failed(raw))
        return failure();
      it->second = machine.memory.allocate(raw->size(), data.getAlign());
      if (it->second < 0)
        return data.emitOpError() << machine.memory.error;
      if (!raw->empty())
        std::memcpy(machine.memory.write(it->second, raw->size()), raw->data(), raw->size());
    }
    machine.reg(i.result).scalar = it->second;
    return success();
  }

  Machine &machine;
  KernelOp kernel;
  llvm::DenseMap<Value, int> numbers;
  llvm::DenseMap<Operation *, int64_t> places;
};

} // namespace

LogicalResult mlir::gse::runKernel(KernelOp kernel, ArrayRef<ArrayRef<char>> inputs,
                                   MutableArrayRef<std::vector<char>> outputs, Observer *observer,
                                   const RunOptions &options) {
  FailureOr<EngineSpec> spec =
      resolveEngine(kernel.getMachine(), [&](const Twine &message) { kernel.emitOpError() << message; });
  if (succeeded(spec) && !options.fields.empty() &&
      failed(replaceFields(*spec, options.fields, [&](const Twine &message) { kernel.emitOpError() << message; })))
    return failure();
  if (failed(spec))
    return failure();
  Machine machine(*spec, observer);
  machine.maxInstructions = options.maxInstructions;
  Block &block = kernel.getBody().front();
  if (block.getNumArguments() != inputs.size() + outputs.size())
    return kernel.emitOpError() << "takes " << block.getNumArguments() << " buffers, got " << inputs.size()
                                << " inputs and " << outputs.size() << " outputs";
  Decoder decoder(machine, kernel);
  SmallVector<int64_t> addresses;
  for (auto [place, argument] : llvm::enumerate(block.getArguments())) {
    int64_t bytes = place < inputs.size() ? inputs[place].size() : outputs[place - inputs.size()].size();
    int64_t address = machine.memory.allocate(bytes, spec->vectorBits / 4);
    if (address < 0)
      return kernel.emitOpError() << machine.memory.error;
    char *to = machine.memory.write(address, bytes);
    if (place < inputs.size() && bytes)
      std::memcpy(to, inputs[place].data(), bytes);
    machine.reg(decoder.number(argument)).scalar = address;
    addresses.push_back(address);
  }
  FailureOr<std::vector<Instruction>> body = decoder.decode();
  if (failed(body))
    return failure();
  if (observer)
    observer->beginKernel(kernel, *spec);
  machine.traced = observer && observer->wantsInstructions();
  if (failed(machine.execute(*body)))
    return failure();
  if (observer)
    observer->endKernel(kernel);
  for (auto [output, address] : llvm::zip(outputs, ArrayRef<int64_t>(addresses).drop_front(inputs.size())))
    if (!output.empty())
      std::memcpy(output.data(), machine.memory.read(address, output.size()), output.size());
  return success();
}
