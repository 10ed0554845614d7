//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cycles by the law, by the emitted loops or by the scoreboard; and counts.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Timing.h"
#include "Scoreboard.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <optional>

using namespace mlir;
using namespace mlir::gse;

Timing::Timing(TimingLevel level) : level(level) {}
Timing::~Timing() = default;

//===----------------------------------------------------------------------===//
// Kernels and regions
//===----------------------------------------------------------------------===//

void Timing::beginKernel(KernelOp op, const EngineSpec &spec) {
  kernel = KernelStatistics();
  kernel.engine = spec;
  kernel.total.name = op.getSymName().str();
  kernel.total.banks.assign(spec.banks(), 0);
  kernel.heat = HeatMap(spec.banks());
  bundleBanks.assign(spec.banks(), 0);
  now = dmaFree = 0;
  lastAccess = nullptr;
  open = bundleOpen = innermost = false;
  dmaEnds.clear();
  bodies.clear(); // they depend on the record
  traffic.clear();
  current = Statistics();
  if (level == TimingLevel::Scoreboard)
    board = std::make_unique<detail::Scoreboard>(kernel.engine, kernel.timeline);
}

void Timing::endKernel(KernelOp) {
  closeBundle();
  kernel.heat.add(now, now + 1, bundleBanks); // of accesses outside of loops
  for (auto [total, count] : llvm::zip(kernel.total.banks, bundleBanks))
    total += count;
  for (const Statistics &region : kernel.regions)
    kernel.total.add(region);
  if (board) {
    // What the kernel does outside of regions is instructions, too.
    double rest = board->drain() - kernel.total.cycles;
    kernel.total.cycles += rest;
    kernel.total.breakdown.fill += rest;
  }
  finished.push_back(std::move(kernel));
  kernel = KernelStatistics();
  board.reset();
}

void Timing::beginRegion(RegionOp region) {
  std::optional<Loop> named = region.getLoop() ? loopNamed(*region.getLoop()) : std::nullopt;
  if (!named || open)
    return;
  closeBundle();
  lastAccess = nullptr;
  open = true;
  loop = *named;
  perRow = static_cast<int64_t>(region.getPerRow());
  accumulators = static_cast<int64_t>(region.getAccumulators());
  current = Statistics();
  current.name = kernel.total.name + "." + region.getName().str();
  current.banks.assign(kernel.engine.banks(), 0);
  auto count = [&](const char *key) {
    auto attr = region->getAttrOfType<IntegerAttr>(key);
    return attr ? attr.getInt() : -1;
  };
  current.elements = count("elements");
  current.nonzeros = count("nonzeros");
  kernel.timeline.names.push_back(region.getName().str());
  if (board)
    now = board->drain();
  regionStart = now;
}

void Timing::endRegion(RegionOp region) {
  if (!open || !region.getLoop() || !loopNamed(*region.getLoop()))
    return;
  closeBundle();
  open = false;
  lastAccess = nullptr;
  if (board) {
    now = board->drain();
    double rest = now - regionStart - current.cycles;
    current.breakdown.fill += rest;
    current.cycles += rest;
  }
  kernel.regions.push_back(std::move(current));
  current = Statistics();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

const LoopBody &Timing::bodyOf(ForOp op) {
  auto [it, isNew] = bodies.try_emplace(op);
  if (isNew)
    it->second = analyzeBody(kernel.engine, op);
  return it->second;
}

void Timing::beginLoop(ForOp op) {
  closeBundle();
  innermost = true;
  body = bodyOf(op);
  run = LoopRun();
  run.perRow = perRow;
  run.lanes = kernel.engine.banks();
  run.accumulators = accumulators;
  run.instructions = static_cast<int64_t>(body.iteration.instructions);
  // Even and odd lanes apart count once.
  run.steps = isFp32(loop) ? body.steps / 2 : body.steps;
}

void Timing::endLoop(ForOp, int64_t trips) {
  if (board)
    board->endLoop(innermost);
  // A loop that ended after another one inside of it is no inner loop.
  if (!innermost)
    return;
  innermost = false;
  bundleOpen = open;
  run.trips = static_cast<double>(trips);
}

/// Cycles of a run as the emitted loop asks for them; what comes before and after as the law says.
static LoopCycles programCycles(const EngineSpec &engine, Loop loop, LoopRun run, const LoopBody &body) {
  Iteration trip = body.iteration;
  double trips = run.trips;
  if (body.scatters && trips > 0) { // they keep the port in the loop, not after it
    trip.loads += std::max(0.0, run.scatterOccupancy) / trips;
    run.scatterOccupancy = -1;
  }
  LoopCycles cycles = loopCycles(engine, loop, run);
  if (!run.steps)
    return cycles;
  double ends = cycles.ends;
  cycles = LoopCycles();
  cycles.ends = ends;
  if (isConvolution(loop)) { // pixels follow each other; the sums of one wait for each other
    trip.streamBytes = 0;
    trip.chain = std::max(trip.chain, static_cast<double>(body.path) * (engine.outOfOrder ? 0.3 : 1));
  }
  double occupancy = run.gathers > 0 ? run.gatherOccupancy / run.gathers : 1;
  auto account = [&](const Iteration &iteration, double times) {
    IterationCycles step = iterationCycles(engine, iteration, occupancy, /*accumulators=*/1);
    cycles.issue += times * step.issue;
    (step.bound == Bound::Port         ? cycles.port
     : step.bound == Bound::Arithmetic ? cycles.arithmetic
     : step.bound == Bound::Chain      ? cycles.chain
     : step.bound == Bound::Stream     ? cycles.stream
                                       : cycles.issue) += times * (step.total - step.issue);
  };
  account(trip, trips);
  // Groups that were peeled off the loop have its instructions without those of the loop.
  double peeled = trip.gathers > 0 ? run.gathers - trips * trip.gathers : 0;
  if (peeled > 0) {
    Iteration group = trip;
    for (double *part : {&group.loads, &group.arithmetic, &group.streamBytes, &group.chain})
      *part /= trip.gathers;
    group.instructions = (trip.instructions - 2) / trip.gathers;
    group.gathers = 1;
    account(group, peeled);
  }
  cycles.total = cycles.issue + cycles.port + cycles.arithmetic + cycles.chain + cycles.stream + cycles.ends;
  return cycles;
}

Breakdown Timing::bundleBreakdown(const LoopRun &r) const {
  const EngineSpec &engine = kernel.engine;
  LoopCycles c = level == TimingLevel::Program ? programCycles(engine, loop, r, body) : loopCycles(engine, loop, r);
  Breakdown b;
  b.issue = c.issue, b.port = c.port, b.arithmetic = c.arithmetic, b.chain = c.chain, b.stream = c.stream;
  // What it ends with: the fill first, then what the law names, the rest is addresses and stores.
  double rest = c.ends;
  auto take = [&](double &part, double cycles) { rest -= part = std::clamp(cycles, 0.0, std::max(0.0, rest)); };
  bool dense = loop == Loop::Dense || loop == Loop::DenseFp32;
  if (isConvolution(loop)) {
    if (!engine.outOfOrder)
      take(b.fill, r.trips * static_cast<double>(engine.loadLatency + engine.gatherLatency) / 2);
    b.reduction = rest;
    return b;
  }
  take(b.fill, fillCycles(engine, dense || loop == Loop::CsrScalar ? 2 : r.accumulators));
  take(b.scatter, r.scatterOccupancy);
  if (dense || (r.perRow == r.lanes && loop != Loop::CsrScalar))
    take(b.reduction, static_cast<double>(engine.reduceLatency));
  else if (r.perRow > 1 && loop != Loop::CsrScalar)
    take(b.reduction, 6.0 * static_cast<double>(llvm::Log2_64_Ceil(r.perRow)));
  b.store = rest;
  return b;
}

void Timing::closeBundle() {
  innermost = false;
  if (!bundleOpen)
    return;
  bundleOpen = false;
  Breakdown spent;
  double conflicts = 0;
  if (board) {
    spent = board->bundle();
  } else {
    spent = bundleBreakdown(run);
    LoopRun smooth = run;
    smooth.gatherOccupancy = run.gathers;
    if (run.scatterOccupancy > 0)
      smooth.scatterOccupancy = run.scatters;
    conflicts = spent.total() - bundleBreakdown(smooth).total();
  }
  double cycles = spent.total(), begin = now;
  current.conflictCycles += conflicts;
  current.breakdown.add(spent);
  current.cycles += cycles;
  now += cycles;
  kernel.heat.add(begin, now, bundleBanks);
  for (auto [total, count] : llvm::zip(current.banks, bundleBanks))
    total += std::exchange(count, 0);
  auto whole = [&](double perTrip) { return static_cast<int64_t>(perTrip * run.trips); };
  const Iteration &trip = body.iteration;
  current.instructions += whole(trip.instructions);
  current.laneOperations += whole(static_cast<double>(body.vectorLanes));
  current.multiplyAddLanes += whole(static_cast<double>(body.multiplyAddLanes));
  if (!run.steps || (run.trips == 0 && cycles == 0))
    return;
  int64_t groups = static_cast<int64_t>(run.gathers > 0 ? run.gathers : run.trips * static_cast<double>(run.steps));
  ++current.bundles;
  current.groups += groups;
  if (run.trips > current.loopTrips) {
    current.loopTrips = run.trips;
    current.loopInstructions = trip.instructions;
    current.loopLoads = trip.loads;
    current.loopGathers = trip.gathers;
    current.loopArithmetic = trip.arithmetic;
  }
  BundleSpan span;
  span.begin = begin;
  span.end = now;
  span.name = static_cast<int>(kernel.timeline.names.size()) - 1;
  span.groups = groups;
  double occupied = run.gatherOccupancy + std::max(0.0, run.scatterOccupancy);
  double through = run.gathers + run.scatters;
  span.port = std::min(cycles, run.trips * trip.loads + (kernel.engine.decoupled ? through : occupied));
  span.engine = std::min(cycles, occupied);
  span.arithmetic = std::min(cycles, run.trips * trip.arithmetic);
  span.stream = std::min(cycles, run.trips * trip.streamBytes / static_cast<double>(kernel.engine.streamBytesPerCycle));
  span.occupancy = through > 0 ? occupied / through : 1;
  kernel.timeline.addBundle(span);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Traffic Timing::trafficOf(Operation *op) {
  auto [it, isNew] = traffic.try_emplace(op, Traffic::Values);
  if (!isNew)
    return it->second;
  auto feeds = [](Value value, auto test) { return llvm::any_of(value.getUsers(), test); };
  auto isLoad = [](Operation *from) { return from && from->getName().stripDialect().starts_with("load"); };
  if (auto store = dyn_cast<StoreOp>(op)) {
    Operation *sum = store.getValue().getDefiningOp();
    bool adds = isa_and_nonnull<AddOp>(sum) &&
                llvm::any_of(sum->getOperands(), [&](Value value) { return isLoad(value.getDefiningOp()); });
    return it->second = adds ? Traffic::PartialSums : Traffic::Results;
  }
  if (isa<GatherFusedOp>(op))
    return it->second = Traffic::Indices;
  if (isa<GatherCachedOp>(op))
    return it->second = Traffic::Activations;
  if (op->getNumResults() != 1)
    return it->second;
  Value result = op->getResult(0);
  if (getElementTypeOrSelf(result.getType()).isInteger()) {
    if (feeds(result, [](Operation *user) { return isa<ScatterOp>(user); }))
      return it->second = Traffic::RowOrder;
    bool bounds = feeds(result, [](Operation *user) { return isa<ForOp>(user); });
    return it->second =
               bounds || !feeds(result, [](Operation *) { return true; }) ? Traffic::Offsets : Traffic::Indices;
  }
  if (cast<PtrType>(op->getOperand(0).getType()).getSpace() == Space::Cached && !isa<LoadSplatIndexedOp>(op))
    return it->second;
  bool partial = feeds(result, [](Operation *user) {
    return isa<AddOp>(user) && llvm::any_of(user->getUsers(), [](Operation *next) { return isa<StoreOp>(next); });
  });
  return it->second = partial ? Traffic::PartialSums : Traffic::Activations;
}

void Timing::access(Operation *op, Space space, int64_t address, int64_t bytes) {
  if (board)
    board->access(space, address, bytes);
  Statistics &s = open ? current : kernel.total;
  ++(space == Space::Tcm ? s.tcmAccesses : s.cachedAccesses);
  s.bytes[static_cast<size_t>(trafficOf(op))] += bytes;
}

void Timing::engineAccess(Operation *op, int64_t occupancy, ArrayRef<int64_t> banks) {
  if (board)
    board->engineAccess(occupancy);
  bool scatter = isa<ScatterOp>(op);
  if (scatter) {
    run.scatterOccupancy = std::max(0.0, run.scatterOccupancy) + static_cast<double>(occupancy);
    ++run.scatters;
  } else {
    ++run.gathers;
    run.gatherOccupancy += static_cast<double>(occupancy);
  }
  Statistics &s = open ? current : kernel.total;
  if (op != lastAccess || occupancy != lastOccupancy) {
    lastAccess = op;
    lastOccupancy = occupancy;
    lastCount = &s.occupancies[op->getName().stripDialect().str()][occupancy];
  }
  ++*lastCount;
  s.tcmAccesses += static_cast<int64_t>(banks.size());
  int64_t elementBytes = kernel.engine.vectorBits / 8 / std::max<int64_t>(1, static_cast<int64_t>(banks.size()));
  s.bytes[static_cast<size_t>(scatter ? Traffic::Results : Traffic::Activations)] +=
      static_cast<int64_t>(banks.size()) * elementBytes;
  for (int64_t bank : banks)
    if (bank < static_cast<int64_t>(bundleBanks.size()))
      ++bundleBanks[bank];
}

void Timing::copy(DmaStartOp op, int64_t bytes) {
  closeBundle();
  if (board)
    now = board->time();
  double begin = std::max(dmaFree, now);
  dmaFree = begin + static_cast<double>(kernel.engine.dmaStartup) +
            static_cast<double>(bytes) / static_cast<double>(kernel.engine.dmaBytesPerCycle);
  dmaEnds[op] = dmaFree;
  kernel.timeline.addCopy(begin, dmaFree, bytes);
  (open ? current : kernel.total).dmaBytes += bytes;
}

void Timing::wait(DmaWaitOp op) {
  // A copy that is waited for outside of a region is the exposed first one. A token that was carried through a loop is
  // taken for the last one.
  closeBundle();
  auto start = op.getToken().getDefiningOp<DmaStartOp>();
  double end = start && dmaEnds.count(start) ? dmaEnds[start] : dmaFree;
  waitUntil(end, &Breakdown::dma);
}

void Timing::stream(StreamArmOp, int64_t address, int64_t bytes) {
  closeBundle();
  if (board)
    board->arm(address, bytes);
  // A stream begins cold: its first bytes are waited for.
  waitUntil((board ? board->time() : now) + static_cast<double>(kernel.engine.streamStartup),
            &Breakdown::streamStartup);
  (open ? current : kernel.total).streamBytes += bytes;
}

void Timing::waitUntil(double end, double Breakdown::*part) {
  if (board)
    now = board->time();
  if (end <= now)
    return;
  Statistics &s = open ? current : kernel.total;
  s.breakdown.*part += end - now;
  s.cycles += end - now;
  now = end;
  if (board)
    board->waitUntil(end);
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

void Timing::instruction(Operation *op, ArrayRef<int> operands, int result) {
  board->instruction(op, operands, result);
}

void Timing::moved(int from, int to) { board->moved(from, to); }
