//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What layers gain in strips of lines, and what strips cost: docs/Rationale/Chains.md.
//
//===----------------------------------------------------------------------===//
#include "ChainPlan.h"
#include "gs/Conversion/GSToVector/CostModel.h"

using namespace mlir;
using namespace mlir::gs;

/// What a strip and a member cost besides their loops, in cycles; and each of the member's rows, whose loop ends with a
/// mispredicted branch and whose stream of activations the prefetchers find anew (docs/Rationale/Chains.md).
static constexpr double perMember = 60, perRow = 20;
/// Lines of whole tensors are still in the cache when those of the next strip come; buffers of strips are written
/// again.
static constexpr int64_t passing = 2;
/// What layers lose by strips that begin between two cache lines.
static constexpr double misaligned = 0.15;

bool ChainPlanner::linksHold(ArrayRef<ChainLayer> layers) {
  bool whole = false;
  Operation *last = layers.back().op;
  for (size_t i = 0; i + 1 < layers.size(); ++i) {
    ConvOp op = layers[i].op;
    whole |= layers[i].link != ChainLink::Strip;
    if (whole && !keepsLines(layers[i + 1].op))
      return false;
    for (Operation *user : op->getUsers())
      if (user->isBeforeInBlock(last) &&
          !llvm::is_contained(llvm::map_range(layers, [](const ChainLayer &layer) -> Operation * { return layer.op; }),
                              user))
        return false;
  }
  return true;
}

std::pair<double, StrategyAttr> ChainPlanner::cyclesOf(const Contraction &c, const WeightFacts &facts) const {
  const Strategy *strategy = lookupStrategy(c.strategy().getName());
  std::pair<double, StrategyAttr> best = {-1, {}};
  if (!refusalOf(*strategy, c, facts, spec).empty())
    return best;
  for (const Candidate &candidate : strategy->candidates(c, facts, spec)) {
    bool fits = c.isStrip ? strategy->runsInStrips(candidate.strategy) : candidate.strategy == c.strategy();
    if (fits && (best.first < 0 || candidate.cycles < best.first))
      best = {candidate.cycles, candidate.strategy};
  }
  // Parameters written by hand need not be among the candidates.
  if (!c.isStrip && best.first < 0)
    for (const Candidate &candidate : strategy->candidates(c, facts, spec))
      if (best.first < 0 || candidate.cycles < best.first)
        best = {candidate.cycles, candidate.strategy};
  return best;
}

static int64_t lines(const ChainLayer &layer) { return layer.output.getDimSize(2); }
static int64_t width(const ChainLayer &layer) { return layer.output.getDimSize(3); }
static double outputBytes(const ChainLayer &layer) { return double(layer.output.getNumElements()) * 4; }

double ChainPlanner::traffic(const ChainLayer &before, const ChainLayer &after) const {
  double bytes = outputBytes(before);
  bool others = before.link == ChainLink::Whole && !before.op->hasOneUse();
  double set = bytes + double(before.whole.inputSize) * 4 + outputBytes(after);
  if (set <= 0.75 * double(spec.l2Bytes))
    return 0;
  double store = set <= double(spec.l3Bytes) ? spec.l3StoreBytesPerCycle : spec.dramStoreBytesPerCycle;
  double read = 1 / cost::streamBytesPerCycle(spec, set) - 1 / spec.l2BytesPerCycle;
  // What is written for others leaves the cache anyway.
  return bytes * std::max(0.0, read + (others ? 0 : 1 / store - 1 / spec.l2StoreBytesPerCycle));
}

/// The members in strips of `last` lines; nullopt if one of them cannot, or they do not fit the cache.
std::optional<ChainPlan> ChainPlanner::planFor(ArrayRef<ChainLayer> layers, int64_t last) const {
  ChainPlan plan;
  plan.lines = last;
  size_t count = layers.size();
  plan.strips.resize(count);
  plan.choices.resize(count);
  int64_t strips = lines(layers.back()) / last, rest = lines(layers.back()) % last;
  // Cycles of a strip of `here` lines of the last member; negative if a kernel does not run so. `whole`: those of all
  // lines of the members at that speed, none of them twice.
  auto stripCycles = [&](int64_t here, double &whole) -> double {
    double sum = 0;
    for (size_t i = count; i-- > 0;) {
      Strip strip = plan.strips[i];
      strip.lines = here;
      FailureOr<Contraction> c = Contraction::ofStrip(layers[i].op, strip);
      auto [cycles, choice] = succeeded(c) ? cyclesOf(*c, layers[i].facts) : std::pair<double, StrategyAttr>(-1, {});
      if (cycles < 0)
        return -1;
      if (!plan.choices[i])
        plan.choices[i] = choice;
      sum += cycles + perMember;
      whole += cycles * double(lines(layers[i])) / double(here);
      here = stripReach(layers[i].op, here);
    }
    return sum;
  };
  bool wholeLinks =
      llvm::any_of(layers.drop_back(), [](const ChainLayer &layer) { return layer.link != ChainLink::Strip; });
  double resident = 0;
  int64_t here = last;
  for (size_t i = count; i-- > 0;) {
    const ChainLayer &layer = layers[i];
    if (here >= lines(layer))
      return std::nullopt;
    plan.strips[i].lines = here;
    bool writesWhole = i + 1 == count || layer.link != ChainLink::Strip;
    plan.strips[i].outputPitch = writesWhole ? 0 : plan.strips[i + 1].inputPitch;
    int64_t elements = layer.whole.rows * plan.strips[i].outputPitch;
    // A sum lies where the residual was.
    if (writesWhole && wholeLinks && layer.link != ChainLink::Residual)
      elements += passing * layer.whole.rows * here * width(layer);
    here = stripReach(layer.op, here);
    if (i && layers[i - 1].link == ChainLink::Strip)
      plan.strips[i].inputPitch = stripPitch(layer.op, here);
    else if (wholeLinks && (!i || layers[i - 1].link == ChainLink::Residual))
      elements += passing * layer.whole.cols * here * width(layer);
    resident += double(elements) * 4 + double(layer.facts.nonZeros) * 8;
  }
  double once = 0, ofRest = 0, whole = stripCycles(last, once), left = rest ? stripCycles(rest, ofRest) : 0;
  if (whole < 0 || left < 0)
    return std::nullopt;
  // Against what the members would take as they are, at the speed of strips: that of their memory is `saved`. A
  // kernel that runs in no strips may be faster.
  double apart = total(layers);
  plan.added = std::max(0.0, double(strips) * whole + left - std::min(once, apart));
  for (const ChainLayer &layer : layers)
    plan.added += double(strips + (rest ? 1 : 0) - 1) * double(layer.whole.rows) * perRow;
  if (resident > 0.75 * double(spec.l2Bytes))
    return std::nullopt;
  // Where whole tensors begin each channel at a vector, strips should, too.
  if (int64_t lanes = spec.lanes(), columns = width(layers.back());
      wholeLinks && last * columns % lanes && lines(layers.back()) * columns % lanes == 0)
    plan.added += misaligned * total(layers);
  // Without whole tensors between members, the first one reads some lines above those that its reader begins at.
  if (int64_t lanes = spec.lanes(), columns = width(layers.front());
      !wholeLinks && columns % lanes && cost::inputIsAligned(layers.front().whole, lanes))
    plan.added += misaligned * std::clamp(spec.fmaPerCycle - 1, 0.0, 1.0) * total(layers);
  for (size_t i = 0; i + 1 < count; ++i) {
    plan.saved += traffic(layers[i], layers[i + 1]) + barrierCycles();
    plan.bytes += outputBytes(layers[i]);
  }
  // Threads with fewer strips wait for the others: of an unknown number, perhaps one of two.
  if (threads)
    plan.added += (double(llvm::divideCeil(strips, threads) * threads) / double(strips) - 1) * total(layers);
  else if (strips % 2)
    plan.added += 0.5 / double(strips) * total(layers);
  return plan;
}

/// Cycles of all threads that a barrier takes. One thread has none, so that of an unknown number none counts: a chain
/// must not make one thread slower.
double ChainPlanner::barrierCycles() const {
  return threads > 1 ? double(threads) * spec.barrierMicroseconds * 1e3 * spec.clockGHz : 0;
}

double ChainPlanner::total(ArrayRef<ChainLayer> layers) {
  double cycles = 0;
  for (const ChainLayer &layer : layers)
    cycles += layer.cycles;
  return cycles;
}

std::optional<ChainPlan> ChainPlanner::bestPlan(ArrayRef<ChainLayer> layers) const {
  if (!linksHold(layers))
    return std::nullopt;
  std::optional<ChainPlan> best;
  for (int64_t at = 1; at < lines(layers.back()); ++at) {
    if (stripLines && at != stripLines)
      continue;
    if (std::optional<ChainPlan> plan = planFor(layers, at); plan && (!best || plan->gain() > best->gain()))
      best = plan;
  }
  return best;
}
