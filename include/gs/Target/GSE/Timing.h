//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Accounts the time of a simulated program.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_TIMING_H
#define GS_TARGET_GSE_TIMING_H

#include "gs/Target/GSE/Law.h"
#include "gs/Target/GSE/Simulator.h"
#include "gs/Target/GSE/Statistics.h"
#include "llvm/ADT/DenseMap.h"
#include <memory>

namespace mlir::gse {

namespace detail {
class Scoreboard;
} // namespace detail

/// The body of an innermost loop, as it was emitted.
struct LoopBody {
  Iteration iteration; ///< of one trip; its chain counts FMAs for one accumulator
  int64_t steps = 0;   ///< multiply-adds of vectors
  int64_t path = 0;    ///< the most of them that wait for each other
  bool scatters = false;
  int64_t vectorLanes = 0; ///< lanes of vector instructions
  int64_t multiplyAddLanes = 0;
};
LoopBody analyzeBody(const EngineSpec &engine, ForOp loop);

/// Cycles and counts of each region that names a law, and of each kernel. Time inside of regions is that of their inner
/// loops; copies run beside the program, and cost what a wait for them waits.
class Timing : public Observer {
public:
  explicit Timing(TimingLevel level = TimingLevel::Law);
  ~Timing() override;

  void beginKernel(KernelOp kernel, const EngineSpec &spec) override;
  void endKernel(KernelOp kernel) override;
  void beginRegion(RegionOp region) override;
  void endRegion(RegionOp region) override;
  void beginLoop(ForOp loop) override;
  void endLoop(ForOp loop, int64_t trips) override;
  void access(Operation *op, Space space, int64_t address, int64_t bytes) override;
  void engineAccess(Operation *op, int64_t occupancy, ArrayRef<int64_t> banks) override;
  void copy(DmaStartOp op, int64_t bytes) override;
  void wait(DmaWaitOp op) override;
  void stream(StreamArmOp op, int64_t address, int64_t bytes) override;
  bool wantsInstructions() const override { return board != nullptr; }
  void instruction(Operation *op, ArrayRef<int> operands, int result) override;
  void moved(int from, int to) override;

  const std::vector<KernelStatistics> &kernels() const { return finished; }

private:
  void closeBundle();
  /// Nothing runs until then; the cycles are this part of the breakdown.
  void waitUntil(double end, double Breakdown::*part);
  const LoopBody &bodyOf(ForOp loop);
  Traffic trafficOf(Operation *op);
  /// Cycles of the bundle that is open, and what they are without conflicts.
  Breakdown bundleBreakdown(const LoopRun &run) const;

  TimingLevel level;
  std::vector<KernelStatistics> finished;
  KernelStatistics kernel;
  Statistics current; ///< of the region that is open
  bool open = false;  ///< in a region with a law
  double regionStart = 0;
  Loop loop = Loop::GatherScatter;
  int64_t perRow = 1, accumulators = 2;
  double now = 0;     ///< cycles since the kernel began; outside of regions only waits take any
  double dmaFree = 0; ///< when the last copy that was begun ends: they run one after another
  llvm::DenseMap<Operation *, double> dmaEnds;
  // The innermost loop that runs, or ended last; a scatter of its sums may follow.
  bool bundleOpen = false, innermost = false;
  LoopRun run;
  LoopBody body;
  std::vector<int64_t> bundleBanks;
  llvm::DenseMap<Operation *, LoopBody> bodies;
  llvm::DenseMap<Operation *, Traffic> traffic;
  // The counter of the last gather or scatter: the next one is often of the same op and as long.
  Operation *lastAccess = nullptr;
  int64_t lastOccupancy = 0, *lastCount = nullptr;
  std::unique_ptr<detail::Scoreboard> board;
};

} // namespace mlir::gse

#endif // GS_TARGET_GSE_TIMING_H
