//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cycles, counts and pictures of a simulated program.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_GSE_STATISTICS_H
#define GS_TARGET_GSE_STATISTICS_H

#include "gs/Target/GSE/EngineSpec.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mlir::gse {

/// How cycles are accounted; see docs/Simulator.md.
enum class TimingLevel {
  None,      ///< not at all
  Law,       ///< closed forms with the table's counts per iteration
  Program,   ///< the same with counts of the emitted loops
  Scoreboard ///< instruction by instruction
};
std::optional<TimingLevel> timingLevelNamed(llvm::StringRef name);
llvm::StringRef nameOf(TimingLevel level);

/// What cycles are spent on. `issue` is instructions / issue width; the excess up to the longest term goes to that
/// term; what a bundle costs besides its iterations, and waits for copies and for the first bytes of a stream, stand
/// apart. The parts sum to the total.
struct Breakdown {
  double issue = 0, port = 0, arithmetic = 0, chain = 0, stream = 0, fill = 0, reduction = 0, store = 0, scatter = 0,
         dma = 0, streamStartup = 0;

  static constexpr size_t size = 11;
  static const std::array<const char *, size> names; ///< keys of the JSON, in the order of `parts`
  std::array<double, size> parts() const {
    return {issue, port, arithmetic, chain, stream, fill, reduction, store, scatter, dma, streamStartup};
  }
  double total() const;
  void add(const Breakdown &other);
};

/// What bytes are moved for.
enum class Traffic { Values, Indices, Offsets, RowOrder, Activations, Results, PartialSums };
inline constexpr std::array<const char *, 7> trafficNames = {"values",      "indices", "offsets",     "row_order",
                                                             "activations", "results", "partial_sums"};

/// Accesses per sub-bank and window of time; windows grow so that there are never more than `maxWindows`.
class HeatMap {
public:
  static constexpr size_t maxWindows = 256;

  explicit HeatMap(size_t banks = 0) : banks(banks) {}
  /// Spreads these counts evenly over [begin, end) cycles.
  void add(double begin, double end, llvm::ArrayRef<int64_t> counts);
  double windowCycles() const { return width; }
  /// windows x banks
  const std::vector<std::vector<double>> &windows() const { return rows; }

private:
  size_t banks;
  double width = 16;
  std::vector<std::vector<double>> rows;
};

/// Cycles and counts of one region or kernel.
struct Statistics {
  std::string name;
  double cycles = 0;
  Breakdown breakdown;
  double conflictCycles = 0;       ///< total minus the total without conflicts; by law and program only
  int64_t bundles = 0, groups = 0; ///< runs of inner loops, and gathers or vector multiply-adds in them
  int64_t instructions = 0;        ///< that ran, loop overhead included
  int64_t laneOperations = 0;      ///< lanes of loads, gathers, scatters and arithmetic on vectors
  std::array<int64_t, trafficNames.size()> bytes = {};
  int64_t dmaBytes = 0, streamBytes = 0, cachedAccesses = 0, tcmAccesses = 0, multiplyAddLanes = 0;
  std::map<std::string, std::map<int64_t, int64_t>> occupancies; ///< by op: accesses by the cycles that they take
  std::vector<int64_t> banks;                                    ///< accesses by sub-bank
  /// Of the weight, where the program says it (`elements`, `nonzeros` of a region); else negative.
  int64_t elements = -1, nonzeros = -1;
  /// Share of weights that are kept, and of multiply-adds that are done; negative if not known.
  double nominalDensity() const { return nonzeros < 0 ? -1 : share(nonzeros); }
  double achievedDensity() const { return share(multiplyAddLanes); }
  /// The longest-running loop body as it was emitted: of one iteration.
  double loopInstructions = 0, loopLoads = 0, loopGathers = 0, loopArithmetic = 0, loopTrips = 0;

  void add(const Statistics &other);

private:
  double share(int64_t count) const {
    return elements > 0 ? static_cast<double>(count) / static_cast<double>(elements) : -1;
  }
};

/// One run of an inner loop, or several that were merged: when, and how long each unit was busy in it.
struct BundleSpan {
  double begin = 0, end = 0;
  int name = 0; ///< of the region, see Timeline::names
  int64_t bundles = 1, groups = 0;
  double port = 0, engine = 0, arithmetic = 0, stream = 0, occupancy = 1;
};

/// One instruction of the scoreboard.
struct InstructionSpan {
  enum Track : uint8_t { Core, Port, Engine, Arithmetic } track;
  const char *op;
  int64_t begin, cycles;
};

/// What happened when. Long ones are merged bundle by bundle, never cut off.
struct Timeline {
  static constexpr size_t maxBundles = 4096, maxCopies = 4096, maxInstructions = 20000;

  std::vector<std::string> names;
  std::vector<BundleSpan> bundles;
  int64_t merged = 1; ///< bundles per span
  struct Copy {
    double begin, end;
    int64_t bytes;
  };
  std::vector<Copy> copies;
  int64_t copiesMerged = 0; ///< copies that were joined with the one before
  std::vector<InstructionSpan> instructions;
  int64_t instructionsLeftOut = 0; ///< after the first ones; their bundles are there

  void addBundle(const BundleSpan &span);
  void addCopy(double begin, double end, int64_t bytes);
  void addInstruction(const InstructionSpan &span);
};

/// One run of a kernel.
struct KernelStatistics {
  EngineSpec engine;
  Statistics total;
  std::vector<Statistics> regions; ///< those that name a law, in the order of execution
  HeatMap heat;
  Timeline timeline;
};

/// One line per region, and one per kernel for what lies outside of regions.
void printTable(llvm::ArrayRef<KernelStatistics> kernels, llvm::raw_ostream &os);
/// All of it; schema "gse-statistics-2", docs/JSON.md.
void printJson(llvm::ArrayRef<KernelStatistics> kernels, TimingLevel level, llvm::raw_ostream &os);
/// Chrome trace events, one cycle drawn as one microsecond.
void printTrace(llvm::ArrayRef<KernelStatistics> kernels, TimingLevel level, llvm::raw_ostream &os);
/// One self-contained page: timeline, heat map of the sub-banks, where cycles go, occupancies.
void printPage(llvm::ArrayRef<KernelStatistics> kernels, TimingLevel level, llvm::raw_ostream &os);

} // namespace mlir::gse

#endif // GS_TARGET_GSE_STATISTICS_H
