//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The meaning of each instruction, with no notion of time.
//
//===----------------------------------------------------------------------===//
#include "Half.h"
#include "Machine.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

/// Reads element `lane` at `from` into the register.
static void loadLane(Register &to, int64_t lane, const char *from, Element element) {
  uint16_t half;
  switch (element) {
  case Element::F16:
    std::memcpy(&half, from, 2);
    to.floats[lane] = halfToFloat(half);
    return;
  case Element::F32:
    std::memcpy(&to.floats[lane], from, 4);
    return;
  case Element::I16:
    std::memcpy(&half, from, 2);
    to.integers[lane] = half;
    return;
  default:
    std::memcpy(&to.integers[lane], from, 4);
  }
}

static void storeLane(char *to, const Register &from, int64_t lane, Element element) {
  uint16_t half = 0;
  switch (element) {
  case Element::F16:
    half = floatToHalf(from.floats[lane]);
    std::memcpy(to, &half, 2);
    return;
  case Element::F32:
    std::memcpy(to, &from.floats[lane], 4);
    return;
  case Element::I16:
    half = static_cast<uint16_t>(from.integers[lane]);
    std::memcpy(to, &half, 2);
    return;
  default:
    std::memcpy(to, &from.integers[lane], 4);
  }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

LogicalResult mlir::gse::detail::runLoad(Machine &m, const Instruction &i) {
  int64_t address = moved(m.reg(i.operands[0]).scalar, i.immediate), bytes = i.lanes * bytesOf(i.element);
  if (i.operands[1] >= 0)
    address = moved(address, static_cast<int64_t>(static_cast<uint32_t>(m.reg(i.operands[1]).scalar)) * i.immediate2);
  const char *from = m.memory.read(address, bytes);
  if (!from)
    return m.fault(i);
  Register &to = m.reg(i.result);
  for (int64_t lane = 0; lane < i.lanes; ++lane)
    loadLane(to, lane, from + lane * bytesOf(i.element), i.element);
  if (!i.isVector && (i.element == Element::I16 || i.element == Element::I32))
    to.scalar = static_cast<int32_t>(to.integers[0]);
  m.accessed(i, address, bytes);
  return success();
}

LogicalResult mlir::gse::detail::runStore(Machine &m, const Instruction &i) {
  int64_t address = moved(m.reg(i.operands[1]).scalar, i.immediate), bytes = i.lanes * bytesOf(i.element);
  char *to = m.memory.write(address, bytes);
  if (!to)
    return m.fault(i);
  Register &from = m.reg(i.operands[0]);
  if (!i.isVector && (i.element == Element::I16 || i.element == Element::I32))
    from.integers[0] = static_cast<uint32_t>(from.scalar);
  for (int64_t lane = 0; lane < i.lanes; ++lane)
    storeLane(to + lane * bytesOf(i.element), from, lane, i.element);
  m.accessed(i, address, bytes);
  return success();
}

LogicalResult mlir::gse::detail::runAddp(Machine &m, const Instruction &i) {
  m.reg(i.result).scalar = moved(m.reg(i.operands[0]).scalar, i.immediate);
  return success();
}

LogicalResult mlir::gse::detail::runAddpIndex(Machine &m, const Instruction &i) {
  auto index = static_cast<uint32_t>(m.reg(i.operands[1]).scalar);
  m.reg(i.result).scalar = moved(m.reg(i.operands[0]).scalar, scaled(index, i.immediate));
  return success();
}

LogicalResult mlir::gse::detail::runLoadSplat(Machine &m, const Instruction &i) {
  int64_t address = moved(m.reg(i.operands[0]).scalar, i.immediate);
  if (i.operands[1] >= 0)
    address = moved(address, scaled(static_cast<uint32_t>(m.reg(i.operands[1]).scalar), bytesOf(i.element)));
  const char *from = m.memory.read(address, bytesOf(i.element));
  if (!from)
    return m.fault(i);
  Register &to = m.reg(i.result);
  loadLane(to, 0, from, i.element);
  std::fill_n(to.floats.begin() + 1, i.lanes - 1, to.floats[0]);
  m.accessed(i, address, bytesOf(i.element));
  return success();
}

LogicalResult mlir::gse::detail::runTcmAlloc(Machine &m, const Instruction &i) {
  if (i.immediate2 > m.spec.tcmBytes || i.immediate > m.spec.tcmBytes - i.immediate2)
    return i.op->emitOpError() << i.immediate << " bytes at " << i.immediate2 << " do not fit a TCM of "
                               << m.spec.tcmBytes << " bytes";
  m.reg(i.result).scalar = m.spec.tcmBase + i.immediate2;
  return success();
}

LogicalResult mlir::gse::detail::runStreamArm(Machine &m, const Instruction &i) {
  int64_t address = m.reg(i.operands[0]).scalar, group = m.spec.vectorBits / 4; // two vectors
  if (i.immediate && !m.memory.read(address, i.immediate))
    return m.fault(i);
  if (address % group)
    return i.op->emitOpError() << "the stream is not aligned to a group of " << group << " bytes";
  if (m.observer)
    m.observer->stream(cast<StreamArmOp>(i.op), address, i.immediate);
  return success();
}

LogicalResult mlir::gse::detail::runDmaStart(Machine &m, const Instruction &i) {
  auto op = cast<DmaStartOp>(i.op);
  int64_t source = m.reg(i.operands[0]).scalar, target = m.reg(i.operands[1]).scalar, token = -1;
  int64_t bytes = static_cast<int64_t>(op.getBytes()), rows = static_cast<int64_t>(op.getRows());
  for (int64_t row = 0; row < rows; ++row) {
    int64_t from = moved(source, scaled(row, static_cast<int64_t>(op.getSourcePitch())));
    int64_t to = moved(target, scaled(row, static_cast<int64_t>(op.getTargetPitch())));
    const char *read = m.memory.read(from, bytes);
    char *write = read ? m.memory.write(to, bytes) : nullptr;
    if (!write)
      return m.fault(i);
    std::memcpy(write, read, bytes);
    if (row == 0)
      token = m.memory.beginCopy(to, bytes);
    else
      m.memory.addToCopy(token, to, bytes);
  }
  m.reg(i.result).scalar = token;
  if (m.observer)
    m.observer->copy(op, bytes * rows);
  return success();
}

LogicalResult mlir::gse::detail::runDmaWait(Machine &m, const Instruction &i) {
  if (!m.memory.endCopy(m.reg(i.operands[0]).scalar))
    return i.op->emitOpError("this copy was waited for before");
  if (m.observer)
    m.observer->wait(cast<DmaWaitOp>(i.op));
  return success();
}

//===----------------------------------------------------------------------===//
// Gather and scatter
//===----------------------------------------------------------------------===//

/// Sub-banks of the lanes and the cycles that they occupy the TCM: the largest number of words in one sub-bank.
static int64_t occupancy(const EngineSpec &spec, ArrayRef<int64_t> addresses, int64_t bytes,
                         SmallVectorImpl<int64_t> &banks) {
  int64_t count = spec.banks(bytes * 8);
  std::array<uint8_t, 2 * maxLanes> used = {};
  bool distinct = true;
  banks.clear();
  for (int64_t address : addresses) {
    auto bank = static_cast<int64_t>(static_cast<uint64_t>(address) / bytes % count); // any address may be asked for
    banks.push_back(bank);
    distinct &= used[bank]++ == 0;
  }
  if (distinct)
    return 1;
  if (spec.mergeWords) {
    used.fill(0);
    SmallVector<int64_t> words(addresses);
    llvm::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    for (int64_t address : words)
      ++used[static_cast<uint64_t>(address) / bytes % count];
  }
  return *std::max_element(used.begin(), used.end());
}

/// Reads the lanes at these addresses; `inTcm` accounts sub-banks.
static LogicalResult gatherLanes(Machine &m, const Instruction &i, ArrayRef<int64_t> addresses, bool inTcm,
                                 bool promised) {
  Register &to = m.reg(i.result);
  unsigned bytes = bytesOf(i.element);
  SmallVector<int64_t, 32> banks;
  int64_t cycles = inTcm ? occupancy(m.spec, addresses, bytes, banks) : 0;
  if (promised && cycles > 1) {
    for (size_t lane = 0; lane < banks.size(); ++lane)
      for (size_t other = 0; other < lane; ++other)
        if (banks[lane] == banks[other] && addresses[lane] != addresses[other])
          return i.op->emitOpError() << "promises distinct banks, but lanes " << other << " and " << lane
                                     << " both lie in bank " << banks[lane];
  }
  for (auto [lane, address] : llvm::enumerate(addresses)) {
    const char *from = m.memory.read(address, bytes);
    if (!from)
      return i.op->emitOpError() << "lane " << lane << ": " << m.memory.error;
    loadLane(to, lane, from, i.element);
    if (!inTcm)
      m.accessed(i, address, bytes);
  }
  if (inTcm && m.observer)
    m.observer->engineAccess(i.op, cycles, banks);
  return success();
}

static SmallVector<int64_t, 32> laneAddresses(Machine &m, const Instruction &i, int base, int indices) {
  SmallVector<int64_t, 32> addresses;
  int64_t first = moved(m.reg(base).scalar, i.immediate);
  for (int64_t lane = 0; lane < i.lanes; ++lane)
    addresses.push_back(moved(first, static_cast<int64_t>(m.reg(indices).integers[lane]) * bytesOf(i.element)));
  return addresses;
}

LogicalResult mlir::gse::detail::runGather(Machine &m, const Instruction &i) {
  return gatherLanes(m, i, laneAddresses(m, i, i.operands[0], i.operands[1]), /*inTcm=*/true, i.immediate2);
}

LogicalResult mlir::gse::detail::runGatherCached(Machine &m, const Instruction &i) {
  return gatherLanes(m, i, laneAddresses(m, i, i.operands[0], i.operands[1]), /*inTcm=*/false, false);
}

LogicalResult mlir::gse::detail::runGatherFused(Machine &m, const Instruction &i) {
  auto op = cast<GatherFusedOp>(i.op);
  int64_t at = moved(m.reg(i.operands[1]).scalar, static_cast<int64_t>(op.getIndexOffset()));
  const char *from = m.memory.read(at, i.lanes * 2);
  if (!from)
    return m.fault(i);
  SmallVector<int64_t, 32> addresses;
  for (int64_t lane = 0; lane < i.lanes; ++lane) {
    uint16_t index;
    std::memcpy(&index, from + lane * 2, 2);
    addresses.push_back(moved(moved(m.reg(i.operands[0]).scalar, i.immediate), int64_t(index) * bytesOf(i.element)));
  }
  m.accessed(i, at, i.lanes * 2);
  return gatherLanes(m, i, addresses, /*inTcm=*/true, op.getBankDistinct());
}

LogicalResult mlir::gse::detail::runScatter(Machine &m, const Instruction &i) {
  SmallVector<int64_t, 32> addresses = laneAddresses(m, i, i.operands[1], i.operands[2]), banks;
  int64_t cycles = occupancy(m.spec, addresses, bytesOf(i.element), banks);
  for (size_t lane = 0; lane < addresses.size(); ++lane) {
    for (size_t other = 0; cycles > 1 && other < lane; ++other)
      if (addresses[lane] == addresses[other])
        return i.op->emitOpError() << "lanes " << other << " and " << lane << " are scattered to one address in bank "
                                   << banks[lane];
    char *to = m.memory.write(addresses[lane], bytesOf(i.element));
    if (!to)
      return i.op->emitOpError() << "lane " << lane << ": " << m.memory.error;
    storeLane(to, m.reg(i.operands[0]), lane, i.element);
  }
  // One address twice is one word, and counts once: look at addresses also without a conflict of words.
  if (cycles == 1 && addresses.size() > 1) {
    SmallVector<int64_t, 32> sorted(addresses);
    llvm::sort(sorted);
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
      return i.op->emitOpError("two lanes are scattered to one address");
  }
  if (m.observer)
    m.observer->engineAccess(i.op, cycles, banks);
  return success();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

LogicalResult mlir::gse::detail::runSplat(Machine &m, const Instruction &i) {
  float value = i.element == Element::F16 ? roundToHalf(i.constant) : static_cast<float>(i.constant);
  std::fill_n(m.reg(i.result).floats.begin(), i.lanes, value);
  return success();
}

LogicalResult mlir::gse::detail::runFma(Machine &m, const Instruction &i) {
  const Register &a = m.reg(i.operands[0]), &b = m.reg(i.operands[1]), &c = m.reg(i.operands[2]);
  Register &to = m.reg(i.result);
  for (int64_t lane = 0; lane < i.lanes; ++lane)
    to.floats[lane] = i.element == Element::F16
                          ? roundToHalf(double(a.floats[lane]) * double(b.floats[lane]) + double(c.floats[lane]))
                          : std::fma(a.floats[lane], b.floats[lane], c.floats[lane]);
  return success();
}

template <bool multiply> static LogicalResult runBinary(Machine &m, const Instruction &i) {
  const Register &a = m.reg(i.operands[0]), &b = m.reg(i.operands[1]);
  Register &to = m.reg(i.result);
  for (int64_t lane = 0; lane < i.lanes; ++lane) {
    float x = a.floats[lane], y = b.floats[lane];
    if (i.element == Element::F16)
      to.floats[lane] = roundToHalf(multiply ? double(x) * double(y) : double(x) + double(y));
    else
      to.floats[lane] = multiply ? x * y : x + y;
  }
  return success();
}

LogicalResult mlir::gse::detail::runAdd(Machine &m, const Instruction &i) { return runBinary<false>(m, i); }

LogicalResult mlir::gse::detail::runMul(Machine &m, const Instruction &i) { return runBinary<true>(m, i); }

LogicalResult mlir::gse::detail::runWiden(Machine &m, const Instruction &i) {
  for (int64_t lane = 0; lane < i.lanes; ++lane)
    m.reg(i.result).floats[lane] = m.reg(i.operands[0]).floats[2 * lane + i.immediate];
  return success();
}

LogicalResult mlir::gse::detail::runNarrow(Machine &m, const Instruction &i) {
  for (int64_t lane = 0; lane < i.lanes; ++lane)
    m.reg(i.result).floats[lane] = roundToHalf(m.reg(i.operands[lane % 2]).floats[lane / 2]);
  return success();
}

LogicalResult mlir::gse::detail::runReduceAdd(Machine &m, const Instruction &i) {
  const Register &from = m.reg(i.operands[0]);
  Register &to = m.reg(i.result);
  int64_t run = i.immediate;
  for (int64_t lane = 0; lane < i.lanes; ++lane) {
    std::array<float, maxLanes> tree;
    std::copy_n(from.floats.begin() + lane * run, run, tree.begin());
    for (int64_t half = run / 2; half >= 1; half /= 2)
      for (int64_t at = 0; at < half; ++at)
        tree[at] = i.element == Element::F16 ? roundToHalf(double(tree[at]) + double(tree[at + half]))
                                             : tree[at] + tree[at + half];
    to.floats[lane] = tree[0];
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

static void copyRegister(Register &to, const Register &from, int64_t lanes) {
  to.scalar = from.scalar;
  if (lanes) {
    std::copy_n(from.floats.begin(), lanes, to.floats.begin());
    std::copy_n(from.integers.begin(), lanes, to.integers.begin());
  }
}

LogicalResult mlir::gse::detail::runFor(Machine &m, const Instruction &i) {
  int64_t lower = m.reg(i.operands[0]).scalar, upper = m.reg(i.operands[1]).scalar;
  auto op = cast<ForOp>(i.op);
  if (m.observer)
    m.observer->beginLoop(op);
  for (auto [init, argument, lanes] : llvm::zip(i.inits, ArrayRef<int>(i.arguments).drop_front(), i.carriedLanes))
    copyRegister(m.reg(argument), m.reg(init), lanes);
  if (m.traced)
    for (auto [init, argument] : llvm::zip(i.inits, ArrayRef<int>(i.arguments).drop_front()))
      m.observer->moved(init, argument);
  SmallVector<Register, 0> carried(i.inits.size());
  for (int64_t counter = lower; counter < upper; ++counter) {
    m.reg(i.arguments[0]).scalar = counter;
    m.instructions += static_cast<int64_t>(i.body.size()) + 2;
    if (m.maxInstructions && m.instructions > m.maxInstructions)
      return i.op->emitOpError() << "the kernel runs more than the " << m.maxInstructions
                                 << " instructions that are allowed";
    if (m.traced)
      m.observer->instruction(i.op, {}, i.arguments[0]);
    if (failed(m.execute(i.body)))
      return failure();
    if (m.traced)
      for (auto [value, argument] : llvm::zip(i.yielded, ArrayRef<int>(i.arguments).drop_front()))
        m.observer->moved(value, argument);
    // A yielded value may be an argument of another place: all are read before any is written.
    for (auto [value, to, lanes] : llvm::zip(i.yielded, carried, i.carriedLanes))
      copyRegister(to, m.reg(value), lanes);
    for (auto [from, argument, lanes] : llvm::zip(carried, ArrayRef<int>(i.arguments).drop_front(), i.carriedLanes))
      copyRegister(m.reg(argument), from, lanes);
  }
  for (auto [argument, result, lanes] : llvm::zip(ArrayRef<int>(i.arguments).drop_front(), i.results, i.carriedLanes)) {
    copyRegister(m.reg(result), m.reg(argument), lanes);
    if (m.traced)
      m.observer->moved(argument, result);
  }
  if (m.observer)
    m.observer->endLoop(op, std::max<int64_t>(0, upper - lower));
  return success();
}

LogicalResult mlir::gse::detail::runRegion(Machine &m, const Instruction &i) {
  auto op = cast<RegionOp>(i.op);
  if (m.observer)
    m.observer->beginRegion(op);
  if (failed(m.execute(i.body)))
    return failure();
  if (m.observer)
    m.observer->endRegion(op);
  return success();
}
