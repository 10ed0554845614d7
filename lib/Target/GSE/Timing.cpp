//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cycles by the law, counted from what a program does.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Timing.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <optional>

using namespace mlir;
using namespace mlir::gse;

void LawTiming::beginKernel(KernelOp kernel, const EngineSpec &spec) {
  engine = spec;
  kernelName = kernel.getSymName().str();
  pendingDma = 0;
}

void LawTiming::endKernel(KernelOp) {}

void LawTiming::beginRegion(RegionOp region) {
  std::optional<Loop> named = region.getLoop() ? loopNamed(*region.getLoop()) : std::nullopt;
  if (!named || open)
    return;
  open = true;
  loop = *named;
  perRow = static_cast<int64_t>(region.getPerRow());
  accumulators = static_cast<int64_t>(region.getAccumulators());
  current = Statistics();
  current.name = kernelName + "." + region.getName().str();
  current.banks.assign(engine.banks(), 0);
}

void LawTiming::endRegion(RegionOp region) {
  if (!open || !region.getLoop() || !loopNamed(*region.getLoop()))
    return;
  closeBundle();
  open = false;
  finished.push_back(current);
}

void LawTiming::beginLoop(ForOp) {
  closeBundle();
  innermost = true;
  loopGathers = loopOccupancy = 0;
}

void LawTiming::endLoop(ForOp, int64_t trips) {
  // A loop that ended after another one inside of it is no inner loop.
  if (!innermost)
    return;
  innermost = false;
  if (!open)
    return;
  bundleOpen = true;
  bundleGroups = static_cast<double>(loopGathers ? loopGathers : trips);
  bundleOccupancy = loopGathers ? static_cast<double>(loopOccupancy) / static_cast<double>(loopGathers) : 1;
  bundleScatter = 0;
}

void LawTiming::closeBundle() {
  innermost = false;
  if (!bundleOpen)
    return;
  bundleOpen = false;
  int64_t lanes = engine.banks();
  BundleEnd end{perRow, lanes, bundleScatter};
  double total = bundleCycles(engine, loop, bundleGroups, bundleOccupancy, end, accumulators);
  BundleEnd smooth{perRow, lanes, bundleScatter > 0 ? 1.0 : 0.0};
  current.conflictCycles += total - bundleCycles(engine, loop, bundleGroups, 1, smooth, accumulators);
  IterationCycles step = iterationCycles(engine, iterationOf(loop, lanes), bundleOccupancy, accumulators);
  double excess = bundleGroups * (step.total - step.issue);
  (step.bound == Bound::Port         ? current.port
   : step.bound == Bound::Arithmetic ? current.arithmetic
   : step.bound == Bound::Chain      ? current.chain
   : step.bound == Bound::Stream     ? current.stream
                                     : current.issue) += excess;
  current.issue += bundleGroups * step.issue;
  current.ends += total - bundleGroups * step.total;
  current.cycles += total;
  ++current.bundles;
  current.groups += static_cast<int64_t>(bundleGroups);
}

void LawTiming::access(Operation *, Space space, int64_t, int64_t bytes) {
  if (!open)
    return;
  ++current.loads;
  (space == Space::Tcm ? current.tcmBytes : current.cachedBytes) += bytes;
}

void LawTiming::engineAccess(Operation *op, int64_t occupancy, ArrayRef<int64_t> banks) {
  if (isa<ScatterOp>(op))
    bundleScatter += static_cast<double>(occupancy);
  else
    ++loopGathers, loopOccupancy += occupancy;
  if (!open)
    return;
  ++current.occupancies[occupancy];
  for (int64_t bank : banks)
    if (bank < static_cast<int64_t>(current.banks.size()))
      ++current.banks[bank];
}

void LawTiming::copy(DmaStartOp, int64_t bytes) {
  pendingDma += static_cast<double>(engine.dmaStartup) +
                static_cast<double>(bytes) / static_cast<double>(engine.dmaBytesPerCycle);
  if (open)
    current.dmaBytes += bytes;
}

void LawTiming::wait(DmaWaitOp) {
  // A copy that is waited for outside of a region is the exposed first one.
  if (open) {
    current.dma += pendingDma;
    current.cycles += pendingDma;
  }
  pendingDma = 0;
}

void LawTiming::stream(StreamArmOp, int64_t bytes) {
  if (!open)
    return;
  current.streamBytes += bytes;
  current.streamStartup += static_cast<double>(engine.streamStartup);
  current.cycles += static_cast<double>(engine.streamStartup);
}

void LawTiming::printTable(llvm::raw_ostream &os) const {
  os << llvm::format("%12s %8s %8s %6s %6s %6s %6s %6s %6s  %s\n", "cycles", "bundles", "groups", "issue", "port",
                     "chain", "stream", "ends", "clash", "region");
  for (const Statistics &s : finished) {
    auto share = [&](double part) { return s.cycles > 0 ? 100 * part / s.cycles : 0.0; };
    os << llvm::format("%12.0f %8lld %8lld %5.1f%% %5.1f%% %5.1f%% %5.1f%% %5.1f%% %5.1f%%  ", s.cycles,
                       static_cast<long long>(s.bundles), static_cast<long long>(s.groups), share(s.issue),
                       share(s.port + s.arithmetic), share(s.chain), share(s.stream),
                       share(s.ends + s.dma + s.streamStartup), share(s.conflictCycles))
       << s.name << "\n";
  }
}

void LawTiming::printJson(llvm::raw_ostream &os) const {
  llvm::json::OStream json(os, 2);
  json.object([&] {
    json.attribute("schema", "gse-statistics-1");
    json.attribute("machine", engine.name);
    json.attribute("timing", "law");
    json.attributeArray("regions", [&] {
      for (const Statistics &s : finished)
        json.object([&] {
          json.attribute("name", s.name);
          json.attribute("cycles", s.cycles);
          json.attributeObject("breakdown", [&] {
            json.attribute("issue", s.issue);
            json.attribute("port", s.port);
            json.attribute("arithmetic", s.arithmetic);
            json.attribute("chain", s.chain);
            json.attribute("stream", s.stream);
            json.attribute("ends", s.ends);
            json.attribute("dma", s.dma);
            json.attribute("stream_startup", s.streamStartup);
          });
          json.attribute("conflict_cycles", s.conflictCycles);
          json.attribute("bundles", s.bundles);
          json.attribute("groups", s.groups);
          json.attributeObject("occ_hist", [&] {
            for (auto [occupancy, count] : s.occupancies)
              json.attribute(std::to_string(occupancy), count);
          });
          json.attributeArray("banks", [&] {
            for (int64_t count : s.banks)
              json.value(count);
          });
          json.attributeObject("bytes", [&] {
            json.attribute("cached", s.cachedBytes);
            json.attribute("tcm", s.tcmBytes);
            json.attribute("dma", s.dmaBytes);
            json.attribute("stream", s.streamBytes);
          });
        });
    });
  });
  os << "\n";
}
