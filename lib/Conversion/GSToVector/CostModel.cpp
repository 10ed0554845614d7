//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cycles of kernels from the facts of a target.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include <algorithm>
#include <limits>

using namespace mlir;
using namespace mlir::gs;

double cost::streamBytesPerCycle(const TargetSpec &t, double workingSet) {
  if (workingSet <= 0.75 * double(t.l1Bytes))
    return t.l1BytesPerCycle;
  if (workingSet <= 0.75 * double(t.l2Bytes))
    return t.l2BytesPerCycle;
  return workingSet <= double(t.l3Bytes) ? t.l3BytesPerCycle : t.dramBytesPerCycle;
}

double cost::vectorLoadCycles(const TargetSpec &t, double workingSet) {
  // A working set larger than a level still hits it in part: sparse columns visit it in no regular order.
  auto share = [&](double bytes) { return workingSet <= bytes ? 1.0 : bytes / workingSet; };
  double l1 = share(double(t.l1Bytes)), l2 = share(double(t.l2Bytes)), l3 = share(double(t.l3Bytes));
  double bytes = double(t.vectorBytes());
  return bytes * (l1 / t.l1BytesPerCycle + (l2 - l1) / t.l2BytesPerCycle + (l3 - l2) / t.l3BytesPerCycle +
                  (1 - l3) / t.dramBytesPerCycle);
}

bool cost::inputIsAligned(const Contraction &c, int64_t lanes) {
  auto fits = [&](int64_t stride) { return stride % lanes == 0; };
  return fits(c.lineStride) && fits(c.outerStride) && fits(c.inputBatchStride) && llvm::all_of(c.columnOffset, fits);
}

int64_t cost::columnsThatStay(const Contraction &c, const TargetSpec &t, int64_t vectors) {
  // The first level finds a line by its place in a page.
  constexpr int64_t cachePage = 4096;
  int64_t sets = cachePage / t.vectorBytes(), lanes = t.lanes();
  SmallVector<int64_t> linesOfSet(sets);
  for (int64_t offset : c.columnOffset)
    for (int64_t j = 0; j < vectors; ++j)
      ++linesOfSet[(offset / lanes + j) % sets];
  return t.l1Bytes / cachePage * c.cols / *llvm::max_element(linesOfSet);
}

double cost::activationBytes(const Contraction &c, const TargetSpec &t, int64_t vectors) {
  SmallVector<int64_t> places(c.columnOffset);
  llvm::sort(places);
  int64_t elements = 0, next = std::numeric_limits<int64_t>::min(), length = vectors * int64_t(t.lanes());
  for (int64_t place : places) {
    elements += place + length - std::max(place, next);
    next = place + length;
  }
  return double(elements * c.groups) * t.vectorBytes() / t.lanes();
}

double cost::tileStep(const TargetSpec &t, int64_t mr, int64_t nr, double inputBytes, bool aligned) {
  // With one vector of activations each weight is used once: a memory operand, too.
  double fma = double(mr * nr) / (nr == 1 && mr > 1 ? std::min(t.fmaPerCycle, t.fmaBroadcastPerCycle) : t.fmaPerCycle);
  double rate = aligned ? t.loadsPerCycle : t.misalignedLoadsPerCycle;
  if (mr == 1) // the activation is the memory operand of the only FMA
    rate = aligned ? t.fmaMemoryPerCycle : std::min(rate, t.fmaMemoryPerCycle);
  double loads = double(nr) / rate;
  loads += double(mr + 1) / std::max(t.broadcastsPerCycle, 1.0) * 0.5; // weights and index share the load ports
  // The memory operand of a multiply-add that is not aligned waits for two lines.
  double lines = mr == 1 && !aligned ? 2 : 1;
  if (mr == 1)
    loads += refill(t, t.fmaMemoryPerCycle, lines * double(nr), inputBytes);
  double cache = lines * double(nr) * cost::vectorLoadCycles(t, inputBytes);
  // Every accumulator is updated once per step: a small tile waits for its own results.
  double latency = double(t.fmaLatency);
  double step = std::max({fma, loads, cache, latency}) + 0.3; // loop control
  if (t.fmaPerCycle <= 1)
    return step;
  constexpr double perStep = 1.25; // measured
  return step + (mr > 1 ? perStep : (aligned ? 0.3 : 0.5) * loads);
}

double cost::scatteredStep(const TargetSpec &t, int64_t mr, int64_t nr, double inputBytes, bool aligned, bool asks) {
  double step = tileStep(t, mr, nr, inputBytes, aligned);
  if (t.fmaPerCycle <= 1 || mr == 1)
    return step;
  double fma = double(mr * nr) / t.fmaPerCycle;
  double loads = double(nr) / t.misalignedLoadsPerCycle + 0.5 * double(mr + 1) / std::max(t.broadcastsPerCycle, 1.0);
  double waits = aligned ? refill(t, t.fmaPerCycle, double(nr), inputBytes)
                         : std::min(fma, loads) + refill(t, t.fmaPerCycle, double(nr + 1), inputBytes);
  return step + (asks ? 0.5 : 1) * waits;
}

double cost::scatteredRows(const TargetSpec &target, const Contraction &c) {
  double rows = double(c.rows), stores = c.columns() == 1 ? rows / target.storesPerCycle : 0;
  return rows / target.loadsPerCycle + stores;
}

double cost::memoryFloor(const TargetSpec &t, const Contraction &c, double weightBytes) {
  double outBytes = double(c.rows) * double(c.columns()) * 4, inBytes = double(c.inputSize) * 4;
  double set = outBytes + inBytes + weightBytes;
  double storeRate = set <= 0.75 * double(t.l2Bytes) ? t.l2StoreBytesPerCycle
                     : set <= double(t.l3Bytes)      ? t.l3StoreBytesPerCycle
                                                     : t.dramStoreBytesPerCycle;
  return outBytes / storeRate + inBytes / streamBytesPerCycle(t, set);
}

double cost::epilogueCycles(const TargetSpec &t, const Contraction &c) {
  if (t.fmaPerCycle <= 1)
    return 0;
  double element = double(c.elementType().getIntOrFloatBitWidth()) / 8, cycles = 0;
  double outBytes = double(c.rows) * double(c.columns()) * element, inBytes = double(c.inputSize) * element;
  for (Value operand : c.epilogueOperands())
    if (operand.getType() == c.init().getType())
      cycles += outBytes / streamBytesPerCycle(t, 2 * outBytes + inBytes);
  return cycles;
}

double cost::refill(const TargetSpec &target, double rate, double lines, double workingSet) {
  return rate > 1 && workingSet > 0 ? lines * std::max(0.0, 1 - double(target.l1Bytes) / workingSet) : 0;
}

double cost::besideMemory(double cycles, double floor) {
  return std::max(cycles, floor) + 0.2 * std::min(cycles, floor);
}
