//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts and cycles of a simulated program.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_TIMING_H
#define GS_TARGET_GSE_TIMING_H

#include "gs/Target/GSE/Law.h"
#include "gs/Target/GSE/Simulator.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

namespace mlir::gse {

/// Cycles and counts of one region or kernel.
struct Statistics {
  std::string name;
  double cycles = 0;
  /// Parts of the total: issue and what bound beyond it, then what loops cost before and after.
  double issue = 0, port = 0, arithmetic = 0, chain = 0, stream = 0, ends = 0, dma = 0, streamStartup = 0;
  double conflictCycles = 0;       ///< total minus the total without conflicts
  int64_t bundles = 0, groups = 0; ///< inner loops and gathers in them
  int64_t loads = 0, cachedBytes = 0, tcmBytes = 0, dmaBytes = 0, streamBytes = 0;
  std::map<int64_t, int64_t> occupancies; ///< gathers and scatters by the cycles that they occupy the TCM
  std::vector<int64_t> banks;             ///< lanes by sub-bank
};

/// Timing level 1: the law of section gs/Target/GSE/Law.h, with groups and occupancies as they happen.
class LawTiming : public Observer {
public:
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
  void stream(StreamArmOp op, int64_t bytes) override;

  /// One entry per region that names a law, in the order of execution.
  const std::vector<Statistics> &regions() const { return finished; }

  void printTable(llvm::raw_ostream &os) const;
  void printJson(llvm::raw_ostream &os) const;

private:
  void closeBundle();

  EngineSpec engine;
  std::string kernelName;
  std::vector<Statistics> finished;
  Statistics current;
  bool open = false; ///< in a region with a law
  Loop loop = Loop::GatherScatter;
  int64_t perRow = 1, accumulators = 2;
  // Copies run one after another beside the program: when the last one ends, counted in cycles of this region (or of
  // nothing, outside of regions with a law), and when each of them does.
  double dmaFree = 0;
  llvm::DenseMap<Operation *, double> dmaEnds;
  // The innermost loop that runs, or ended last; a scatter of its sums may follow.
  bool bundleOpen = false, innermost = false;
  LoopRun run;
};

} // namespace mlir::gse

#endif // GS_TARGET_GSE_TIMING_H
