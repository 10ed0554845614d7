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
  dmaFree = 0;
  dmaEnds.clear();
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
  dmaFree = 0;
  dmaEnds.clear();
}

void LawTiming::endRegion(RegionOp region) {
  if (!open || !region.getLoop() || !loopNamed(*region.getLoop()))
    return;
  closeBundle();
  open = false;
  finished.push_back(current);
}

void LawTiming::beginLoop(ForOp op) {
  closeBundle();
  innermost = true;
  run = LoopRun();
  run.perRow = perRow;
  run.lanes = engine.banks();
  run.accumulators = accumulators;
  run.steps = 0;
  run.instructions = 2;
  for (Operation &inside : op.getBody().front().without_terminator()) {
    run.steps += isa<FmaOp, MulOp>(inside);
    ++run.instructions;
  }
  if (loop == Loop::GatherScatterFp32 || loop == Loop::DenseFp32) // even and odd lanes apart
    run.steps /= 2;
}

void LawTiming::endLoop(ForOp, int64_t trips) {
  // A loop that ended after another one inside of it is no inner loop.
  if (!innermost)
    return;
  innermost = false;
  bundleOpen = open;
  run.trips = static_cast<double>(trips);
}

void LawTiming::closeBundle() {
  innermost = false;
  if (!bundleOpen)
    return;
  bundleOpen = false;
  LoopCycles cycles = loopCycles(engine, loop, run);
  LoopRun smooth = run;
  smooth.gatherOccupancy = run.gathers;
  if (run.scatterOccupancy > 0)
    smooth.scatterOccupancy = run.scatters;
  current.conflictCycles += cycles.total - loopCycles(engine, loop, smooth).total;
  current.issue += cycles.issue;
  current.port += cycles.port;
  current.arithmetic += cycles.arithmetic;
  current.chain += cycles.chain;
  current.stream += cycles.stream;
  current.ends += cycles.ends;
  current.cycles += cycles.total;
  if (!run.steps || (run.trips == 0 && cycles.total == 0))
    return;
  ++current.bundles;
  current.groups += static_cast<int64_t>(run.gathers > 0 ? run.gathers : run.trips * static_cast<double>(run.steps));
}

void LawTiming::access(Operation *, Space space, int64_t, int64_t bytes) {
  if (!open)
    return;
  ++current.loads;
  (space == Space::Tcm ? current.tcmBytes : current.cachedBytes) += bytes;
}

void LawTiming::engineAccess(Operation *op, int64_t occupancy, ArrayRef<int64_t> banks) {
  if (isa<ScatterOp>(op)) {
    run.scatterOccupancy = std::max(0.0, run.scatterOccupancy) + static_cast<double>(occupancy);
    ++run.scatters;
  } else {
    ++run.gathers;
    run.gatherOccupancy += static_cast<double>(occupancy);
  }
  if (!open)
    return;
  ++current.occupancies[occupancy];
  for (int64_t bank : banks)
    if (bank < static_cast<int64_t>(current.banks.size()))
      ++current.banks[bank];
}

void LawTiming::copy(DmaStartOp op, int64_t bytes) {
  closeBundle();
  dmaFree = std::max(dmaFree, open ? current.cycles : 0.0) + static_cast<double>(engine.dmaStartup) +
            static_cast<double>(bytes) / static_cast<double>(engine.dmaBytesPerCycle);
  dmaEnds[op] = dmaFree;
  if (open)
    current.dmaBytes += bytes;
}

void LawTiming::wait(DmaWaitOp op) {
  // A copy that is waited for outside of a region is the exposed first one. A token that was carried through a loop is
  // taken for the last one.
  closeBundle();
  auto start = op.getToken().getDefiningOp<DmaStartOp>();
  double end = start && dmaEnds.count(start) ? dmaEnds[start] : dmaFree;
  if (open && end > current.cycles) {
    current.dma += end - current.cycles;
    current.cycles = end;
  }
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
