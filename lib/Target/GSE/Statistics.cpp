//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of simulated programs: sums, table and JSON.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Statistics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <cmath>

using namespace mlir::gse;

std::optional<TimingLevel> mlir::gse::timingLevelNamed(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<TimingLevel>>(name)
      .Case("none", TimingLevel::None)
      .Case("law", TimingLevel::Law)
      .Case("program", TimingLevel::Program)
      .Case("scoreboard", TimingLevel::Scoreboard)
      .Default(std::nullopt);
}

llvm::StringRef mlir::gse::nameOf(TimingLevel level) {
  constexpr const char *names[] = {"none", "law", "program", "scoreboard"};
  return names[static_cast<int>(level)];
}

const std::array<const char *, Breakdown::size> Breakdown::names = {
    "issue", "port", "arithmetic", "chain", "stream", "fill", "reduction", "store", "scatter", "dma", "stream_startup"};

double Breakdown::total() const {
  double sum = 0;
  for (double part : parts())
    sum += part;
  return sum;
}

void Breakdown::add(const Breakdown &o) {
  issue += o.issue, port += o.port, arithmetic += o.arithmetic, chain += o.chain, stream += o.stream, fill += o.fill;
  reduction += o.reduction, store += o.store, scatter += o.scatter, dma += o.dma, streamStartup += o.streamStartup;
}

void HeatMap::add(double begin, double end, llvm::ArrayRef<int64_t> counts) {
  if (llvm::all_of(counts, [](int64_t count) { return !count; }))
    return;
  end = std::max(end, begin + 1);
  while (end > width * static_cast<double>(maxWindows)) { // two windows become one
    width *= 2;
    for (size_t i = 0; i < rows.size(); i += 2) {
      rows[i / 2] = rows[i];
      if (i + 1 < rows.size())
        for (size_t bank = 0; bank < banks; ++bank)
          rows[i / 2][bank] += rows[i + 1][bank];
    }
    rows.resize((rows.size() + 1) / 2);
  }
  auto last = static_cast<size_t>(std::ceil(end / width));
  if (rows.size() < last)
    rows.resize(last, std::vector<double>(banks));
  for (auto at = static_cast<size_t>(begin / width); at < last; ++at) {
    double from = static_cast<double>(at) * width;
    double share = (std::min(end, from + width) - std::max(begin, from)) / (end - begin);
    for (size_t bank = 0; bank < std::min(banks, counts.size()); ++bank)
      rows[at][bank] += share * static_cast<double>(counts[bank]);
  }
}

void Statistics::add(const Statistics &o) {
  cycles += o.cycles;
  breakdown.add(o.breakdown);
  conflictCycles += o.conflictCycles;
  bundles += o.bundles, groups += o.groups, instructions += o.instructions, laneOperations += o.laneOperations;
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] += o.bytes[i];
  dmaBytes += o.dmaBytes, streamBytes += o.streamBytes, cachedAccesses += o.cachedAccesses;
  tcmAccesses += o.tcmAccesses, multiplyAddLanes += o.multiplyAddLanes;
  for (auto &[op, counts] : o.occupancies)
    for (auto [occupancy, count] : counts)
      occupancies[op][occupancy] += count;
  if (banks.size() < o.banks.size())
    banks.resize(o.banks.size());
  for (size_t i = 0; i < o.banks.size(); ++i)
    banks[i] += o.banks[i];
  for (auto [mine, theirs] : {std::pair(&elements, o.elements), {&nonzeros, o.nonzeros}})
    if (theirs >= 0)
      *mine = std::max<int64_t>(0, *mine) + theirs;
  if (o.loopTrips > loopTrips) {
    loopTrips = o.loopTrips, loopInstructions = o.loopInstructions, loopLoads = o.loopLoads;
    loopGathers = o.loopGathers, loopArithmetic = o.loopArithmetic;
  }
}

void Timeline::addBundle(const BundleSpan &span) {
  // While spans are merged, a new one may belong to the last.
  if (!bundles.empty() && bundles.back().bundles < merged && bundles.back().name == span.name) {
    BundleSpan &last = bundles.back();
    double groups = static_cast<double>(last.groups + span.groups);
    last.occupancy =
        groups > 0
            ? (last.occupancy * static_cast<double>(last.groups) + span.occupancy * static_cast<double>(span.groups)) /
                  groups
            : 1;
    last.end = span.end;
    last.bundles += span.bundles, last.groups += span.groups;
    last.port += span.port, last.engine += span.engine, last.arithmetic += span.arithmetic, last.stream += span.stream;
    return;
  }
  bundles.push_back(span);
  if (bundles.size() < maxBundles)
    return;
  merged *= 2;
  std::vector<BundleSpan> old = std::move(bundles);
  bundles.clear();
  for (const BundleSpan &one : old)
    if (!bundles.empty() && bundles.back().name == one.name && bundles.back().bundles + one.bundles <= merged)
      addBundle(one);
    else
      bundles.push_back(one);
}

void Timeline::addCopy(double begin, double end, int64_t bytes) {
  if (copies.size() >= maxCopies) {
    copies.back().end = end;
    copies.back().bytes += bytes;
    ++copiesMerged;
    return;
  }
  copies.push_back({begin, end, bytes});
}

void Timeline::addInstruction(const InstructionSpan &span) {
  if (instructions.size() < maxInstructions)
    instructions.push_back(span);
  else
    ++instructionsLeftOut;
}

void mlir::gse::printTable(llvm::ArrayRef<KernelStatistics> kernels, llvm::raw_ostream &os) {
  os << llvm::format("%12s %8s %8s %6s %6s %6s %6s %6s %6s %6s %6s %6s  %s\n", "cycles", "bundles", "groups", "issue",
                     "port", "chain", "stream", "ends", "waits", "clash", "kept", "stored", "region");
  auto line = [&](const Statistics &s) {
    auto share = [&](double part) { return s.cycles > 0 ? 100 * part / s.cycles : 0.0; };
    const Breakdown &b = s.breakdown;
    os << llvm::format("%12.0f %8lld %8lld %5.1f%% %5.1f%% %5.1f%% %5.1f%% %5.1f%% %5.1f%% %5.1f%%", s.cycles,
                       static_cast<long long>(s.bundles), static_cast<long long>(s.groups), share(b.issue),
                       share(b.port + b.arithmetic), share(b.chain), share(b.stream),
                       share(b.fill + b.reduction + b.store + b.scatter), share(b.dma + b.streamStartup),
                       share(s.conflictCycles));
    for (double density : {s.nominalDensity(), s.achievedDensity()})
      density < 0 ? os << llvm::format("%7s", "-") : os << llvm::format("%6.1f%%", 100 * density);
    os << "  " << s.name << "\n";
  };
  for (const KernelStatistics &kernel : kernels) {
    for (const Statistics &region : kernel.regions)
      line(region);
    line(kernel.total);
  }
}

static void printStatistics(const Statistics &s, const EngineSpec &engine, llvm::json::OStream &json) {
  json.attribute("cycles", s.cycles);
  json.attribute("time_us", s.cycles / static_cast<double>(engine.clockMHz));
  json.attributeObject("breakdown", [&] {
    for (auto [name, part] : llvm::zip(Breakdown::names, s.breakdown.parts()))
      json.attribute(name, part);
  });
  json.attribute("conflict_cycles", s.conflictCycles);
  json.attribute("bundles", s.bundles);
  json.attribute("groups", s.groups);
  json.attribute("instructions", s.instructions);
  json.attribute("lane_operations", s.laneOperations);
  json.attributeObject("loop", [&] {
    json.attribute("instructions", s.loopInstructions);
    json.attribute("loads", s.loopLoads);
    json.attribute("gathers", s.loopGathers);
    json.attribute("arithmetic", s.loopArithmetic);
  });
  json.attributeObject("occ_hist", [&] {
    for (auto &[op, counts] : s.occupancies)
      json.attributeObject(op, [&] {
        for (auto [occupancy, count] : counts)
          json.attribute(std::to_string(occupancy), count);
      });
  });
  json.attributeObject("bytes", [&] {
    for (auto [name, count] : llvm::zip(trafficNames, s.bytes))
      json.attribute(name, count);
    json.attribute("dma", s.dmaBytes);
    json.attribute("stream", s.streamBytes);
  });
  json.attributeObject("density", [&] {
    auto orNull = [&](const char *key, bool known, double value) {
      known ? json.attribute(key, value) : json.attribute(key, nullptr);
    };
    orNull("nominal", s.nominalDensity() >= 0, s.nominalDensity());
    orNull("achieved", s.achievedDensity() >= 0, s.achievedDensity());
    orNull("padding_lanes", s.nonzeros >= 0, static_cast<double>(s.multiplyAddLanes - s.nonzeros));
  });
  json.attributeObject("energy", [&] {
    json.attribute("unit", "events");
    json.attribute("weights", nullptr); // no record has sourced ones
    json.attribute("instructions", s.instructions);
    json.attribute("multiply_add_lanes", s.multiplyAddLanes);
    json.attribute("tcm_accesses", s.tcmAccesses);
    json.attribute("cached_accesses", s.cachedAccesses);
    json.attribute("dma_bytes", s.dmaBytes);
    json.attribute("stream_bytes", s.streamBytes);
  });
}

void mlir::gse::printJson(llvm::ArrayRef<KernelStatistics> kernels, TimingLevel level, llvm::raw_ostream &os) {
  llvm::json::OStream json(os, 2);
  json.object([&] {
    json.attribute("schema", "gse-statistics-2");
    json.attribute("timing", nameOf(level));
    json.attributeArray("kernels", [&] {
      for (const KernelStatistics &kernel : kernels)
        json.object([&] {
          json.attributeObject("machine", [&] {
            json.attribute("name", kernel.engine.name);
            json.attribute("basis", kernel.engine.basis);
#define GS_ENGINE_FIELD(name, member, min, max) json.attribute(#name, static_cast<int64_t>(kernel.engine.member));
#include "gs/Target/GSE/EngineFields.def"
          });
          json.attribute("kernel", kernel.total.name);
          printStatistics(kernel.total, kernel.engine, json);
          json.attributeObject("banks", [&] {
            json.attributeArray("total", [&] {
              for (int64_t count : kernel.total.banks)
                json.value(count);
            });
            json.attribute("window_cycles", kernel.heat.windowCycles());
            json.attributeArray("windows", [&] {
              for (const std::vector<double> &row : kernel.heat.windows())
                json.array([&] {
                  for (double count : row)
                    json.value(std::round(count * 1e4) / 1e4);
                });
            });
          });
          json.attributeArray("regions", [&] {
            for (const Statistics &region : kernel.regions)
              json.object([&] {
                json.attribute("name", region.name);
                printStatistics(region, kernel.engine, json);
                json.attributeArray("banks", [&] {
                  for (int64_t count : region.banks)
                    json.value(count);
                });
              });
          });
        });
    });
  });
  os << "\n";
}
