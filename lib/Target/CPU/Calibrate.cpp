//===- Calibrate.cpp - Measuring the facts of the host --------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../FeatureTable.h"
#include "ProbeBarrier.h"
#include "ProbeX86.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

using namespace mlir::gs;

/// Least cycles out of this many trials; each trial is this long.
static constexpr int kTrials = 9;
static constexpr double kTrialSeconds = 2e-3;
/// On a busy machine a trial may lose the core while the clock is measured beside it. The clock then looks slower than
/// this share of the highest one seen, and the trial is repeated, so often at most.
static constexpr double kUndisturbed = 0.8;
static constexpr int kMostTrials = 20 * kTrials;

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename F> static double timeOf(F &&f) {
  double start = now();
  f();
  return now() - start;
}

/// Doubles `count` until `f` takes half a trial. Twice, since one long time may be that of another program.
template <typename F> static void growUntilLong(long &count, F &&f) {
  while (std::min(timeOf(f), timeOf(f)) < kTrialSeconds / 2)
    count *= 2;
}

namespace {
struct FreeMemory {
  void operator()(char *memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<char, FreeMemory>;

/// Times loops in cycles. The clock is measured beside every trial: it changes with load and temperature.
class Stopwatch {
public:
  explicit Stopwatch(uint32_t features) : features(features) {}

  bool canRun(const Probe &probe) const { return probe.run && !(probe.requiredFeatures & ~features); }

  /// Cycles per operation of `probe`.
  double cycles(const Probe &probe, char *memory) {
    long iterations = 1000;
    growUntilLong(iterations, [&] { probe.run(memory, iterations); });
    return cycles([&] { probe.run(memory, iterations); }) / (probe.operationsPerIteration * iterations);
  }

  /// Cycles of one call of `f`, which should take about kTrialSeconds.
  template <typename F> double cycles(F &&f) {
    double best = HUGE_VAL;
    for (int trial = 0, good = 0; good < kTrials && trial < kMostTrials; ++trial) {
      double before = measureClock();
      double seconds = timeOf(f);
      double clock = std::max(before, measureClock());
      if (clock < kUndisturbed * highest)
        continue;
      ++good;
      best = std::min(best, seconds * clock);
    }
    return best;
  }

  /// Takes the clock until one of many measurements was undisturbed.
  void findClock() {
    for (int trial = 0; trial < 10 * kTrials; ++trial)
      measureClock();
  }

  /// The highest clock seen, in Hz.
  double highestClock() const { return highest; }

private:
  double measureClock() {
    static const Probe chain = getClockProbe();
    constexpr long kIterations = 40000; // About 0.3 ms.
    double hertz = chain.operationsPerIteration * kIterations / timeOf([] { chain.run(nullptr, kIterations); });
    highest = std::max(highest, hertz);
    return hertz;
  }

  uint32_t features;
  double highest = 0;
};
} // namespace

/// `bytes` bytes that are all in memory; null if there are not so many.
static Memory allocate(int64_t bytes) {
  char *memory = static_cast<char *>(std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096));
  if (memory)
    std::fill(memory, memory + bytes, 0);
  return Memory(memory);
}

/// Bytes per cycle of `probe` over a working set of `bytes`; 0 if there is no memory for it.
static double bandwidth(Stopwatch &watch, const Probe &probe, int64_t bytes) {
  bytes = bytes / 512 * 512;
  Memory memory = allocate(bytes);
  if (!memory)
    return 0;
  long passes = 1;
  auto run = [&] {
    for (long pass = 0; pass < passes; ++pass)
      probe.run(memory.get(), bytes / 512);
  };
  growUntilLong(passes, run);
  return static_cast<double>(bytes) * passes / watch.cycles(run);
}

/// Cycles of one full-vector gather from a table of `bytes`.
static double gatherCycles(Stopwatch &watch, const VectorProbes &probes, unsigned lanes, int64_t bytes) {
  Memory memory = allocate(bytes);
  if (!memory)
    return 0;
  // As many indices as the table has cache lines: one pass reaches most of the table, so that a small part of it does
  // not settle in a nearer level.
  std::minstd_rand random(1);
  std::vector<int32_t> indices(std::max<int64_t>(4096, bytes / 64));
  for (int32_t &index : indices)
    index = static_cast<int32_t>(random() % (bytes / 4));
  const long count = static_cast<long>(indices.size());
  const long passes = std::max(1L, 65536 / count);
  auto *table = reinterpret_cast<const float *>(memory.get());
  double cycles = watch.cycles([&] {
    for (long pass = 0; pass < passes; ++pass)
      probes.gather(table, indices.data(), count);
  });
  return cycles * lanes / (static_cast<double>(passes) * count);
}

/// Bytes of the data or unified cache `level` of the first CPU, as Linux reports it; 0 if it does not.
static int64_t cacheBytes(unsigned level, llvm::StringRef kind) {
  for (int index = 0; index < 8; ++index) {
    auto read = [&](llvm::StringRef file) -> std::string {
      auto text = llvm::MemoryBuffer::getFileAsStream(
          llvm::formatv("/sys/devices/system/cpu/cpu0/cache/index{0}/{1}", index, file).str());
      return text ? (*text)->getBuffer().trim().str() : "";
    };
    if (read("level") != std::to_string(level) || read("type") != kind)
      continue;
    std::string text = read("size");
    llvm::StringRef size(text);
    int64_t scale = size.consume_back("K") ? 1 << 10 : size.consume_back("M") ? 1 << 20 : 1;
    int64_t number = 0;
    return size.getAsInteger(10, number) ? 0 : number * scale;
  }
  return 0;
}

/// Three significant digits: more would be noise.
static double rounded(double value) {
  if (!(value > 0))
    return value;
  double scale = std::pow(10, 2 - std::floor(std::log10(value)));
  return std::round(value * scale) / scale;
}

llvm::FailureOr<TargetSpec> mlir::gs::calibrateHost(llvm::StringRef name, TargetErrorFn emitError,
                                                    llvm::function_ref<void(llvm::StringRef)> progress) {
  llvm::FailureOr<TargetSpec> detected = detectHostTarget(emitError);
  if (failed(detected))
    return llvm::failure();
  TargetSpec spec = *detected;
  const VectorProbes &probes = getVectorProbes(spec.vectorBits);
  if (!getClockProbe().run || !probes.fma.run) {
    emitError("this processor architecture has no measuring loops yet; write a record by hand");
    return llvm::failure();
  }
  Stopwatch watch(hostFeatureBits());
  watch.findClock();
  Memory small = allocate(4096);
  if (!small) {
    emitError("no memory to measure with");
    return llvm::failure();
  }

  progress("barriers");
  std::string reason;
  double barrier = measureBarrier(reason);
  if (barrier < 0) {
    emitError("the time of a barrier cannot be measured: " + reason);
    return llvm::failure();
  }
  if (barrier > 0)
    spec.barrierMicroseconds = rounded(barrier);

  progress("arithmetic");
  auto rate = [&](const Probe &probe, double &field) {
    if (watch.canRun(probe))
      field = rounded(1 / watch.cycles(probe, small.get()));
  };
  rate(probes.fma, spec.fmaPerCycle);
  spec.fmaLatency = static_cast<unsigned>(std::lround(std::max(1.0, watch.cycles(probes.fmaLatency, small.get()))));
  rate(probes.fmaMemory, spec.fmaMemoryPerCycle);
  rate(probes.fmaBroadcast, spec.fmaBroadcastPerCycle);
  spec.dotInt8PerCycle = spec.dotBf16PerCycle = 0;
  rate(probes.dotInt8, spec.dotInt8PerCycle);
  rate(probes.dotBf16, spec.dotBf16PerCycle);
  rate(probes.permute, spec.permutesPerCycle);
  spec.clockGHz = rounded(watch.highestClock() / 1e9);

  progress("loads and stores");
  rate(probes.load, spec.loadsPerCycle);
  rate(probes.misalignedLoad, spec.misalignedLoadsPerCycle);
  rate(probes.broadcast, spec.broadcastsPerCycle);
  rate(probes.store, spec.storesPerCycle);
  rate(probes.narrowStore, spec.narrowStoresPerCycle);
  if (watch.canRun(probes.maskedStore))
    spec.maskedStoreCycles = rounded(watch.cycles(probes.maskedStore, small.get()));

  progress("caches");
  auto known = [](int64_t measured, int64_t &field) {
    if (measured > 0)
      field = measured;
  };
  known(cacheBytes(1, "Data"), spec.l1Bytes);
  known(cacheBytes(1, "Instruction"), spec.l1CodeBytes);
  known(cacheBytes(2, "Unified"), spec.l2Bytes);
  known(cacheBytes(3, "Unified"), spec.l3Bytes);
  // Working sets that lie safely inside their level; "DRAM" stays below a size that small machines lack.
  const int64_t inL1 = spec.l1Bytes / 2, inL2 = spec.l2Bytes / 2;
  const int64_t inL3 = std::clamp<int64_t>(spec.l3Bytes / 4, 2 * spec.l2Bytes, 16 << 20);
  const int64_t inDram = std::clamp<int64_t>(4 * spec.l3Bytes, 64 << 20, 512 << 20);
  auto stream = [&](const Probe &probe, int64_t bytes, double &field) {
    if (double measured = bandwidth(watch, probe, bytes); measured > 0)
      field = rounded(measured);
  };
  stream(probes.stream, inL1, spec.l1BytesPerCycle);
  stream(probes.stream, inL2, spec.l2BytesPerCycle);
  stream(probes.stream, inL3, spec.l3BytesPerCycle);
  stream(probes.streamStore, inL2, spec.l2StoreBytesPerCycle);
  stream(probes.streamStore, inL3, spec.l3StoreBytesPerCycle);

  progress("memory");
  stream(probes.stream, inDram, spec.dramBytesPerCycle);
  stream(probes.streamStore, inDram, spec.dramStoreBytesPerCycle);

  progress("gathers");
  auto gather = [&](int64_t bytes, double &field) {
    if (double measured = gatherCycles(watch, probes, spec.lanes(), bytes); measured > 0)
      field = rounded(measured);
  };
  gather(4096, spec.gatherCyclesL1);
  gather(spec.l2Bytes / 4, spec.gatherCyclesL2);
  gather(4 * spec.l2Bytes, spec.gatherCyclesL3);

  spec.name = name.str();
  spec.basis = "measured by gsc calibrate on " + llvm::sys::getHostCPUName().str() + "; code fetch" +
               (barrier > 0 ? "" : " and barriers (no two free cores)") + " as in " + detected->name;
  auto busy = [&](const llvm::Twine &message) {
    emitError("the measurement failed (" + message + "): other programs took the core; stop them and repeat");
  };
  if (failed(finalizeTarget(spec, name, busy)))
    return llvm::failure();
  return spec;
}
