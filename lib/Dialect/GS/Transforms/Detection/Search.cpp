//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Detectors propose, the cost model decides.
//
//===----------------------------------------------------------------------===//
#include "Search.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Threading.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

void Found::refuse(Attribute candidate, const Twine &reason) {
  std::string text;
  llvm::raw_string_ostream os(text);
  candidate.print(os);
  refused.push_back({text, reason.str()});
}

namespace {

/// Times that differ by less are called equal: predictions err by more.
constexpr double nearlyAsFast = 1.05;

/// Runs `check` and keeps the text of the diagnostic it emits instead of showing it. Diagnostics of other threads pass.
class CapturedError {
public:
  explicit CapturedError(Location loc)
      : loc(loc), thread(llvm::get_threadid()), handler(loc.getContext(), [this](Diagnostic &diag) {
          if (llvm::get_threadid() != thread)
            return failure();
          text = diag.str();
          return success();
        }) {}

  LogicalResult run(function_ref<LogicalResult(EmitError)> check) {
    return check([this] { return emitError(loc); });
  }
  StringRef message() const { return text; }

private:
  Location loc;
  uint64_t thread;
  std::string text;
  ScopedDiagnosticHandler handler;
};

/// The search over all patterns for the weight of one contraction.
class Search : Proposals {
public:
  Search(Operation *op, Weight &weight, ArrayRef<int64_t> shape, int64_t groups, const SearchOptions &options,
         const TargetSpec &target)
      : op(op), weight(weight), shape(shape), groups(groups), options(options), target(target),
        layer(weight, shape, options.maxFill, groups) {}

  Found run() {
    detectTiles(layer, *this);
    detectGatherScatter(layer, *this);
    detectProducts(layer, *this);
    detectKernelPatterns(layer, *this);
    detectWindows(layer, *this);
    detectRowOrders(layer, *this);
    detectUnions(layer, *this);
    detectIntersections(layer, *this);
    detectValues(layer, *this);
    Proposals::offer(UnstructuredAttr::get(op->getContext()), layer.nonZeros, layer.nonZeros, nullptr);
    choose();
    for (auto &[family, miss] : misses)
      refuseMiss(miss);
    result.density = weight.density();
    return std::move(result);
  }

private:
  /// A pattern that would store too much.
  struct Miss {
    PatternAttrInterface pattern;
    int64_t stored;
    Count count;
  };
  /// A pattern that holds.
  struct Entry : Candidate {
    GroupForm form;
    StringRef family() const { return pattern.getAbstractAttribute().getName(); }
  };
  struct Ranked {
    PatternAttrInterface pattern;
    GroupForm form;
    std::shared_ptr<const Weight> weight; ///< with the zeros that the pattern keeps
    double cycles = 0;
    int64_t bytes = 0;
  };

  void offer(Candidate candidate, Count count) override {
    // Every weight, or nearly: dense is better.
    if (candidate.stored > layer.limit || count != Count::Exact) {
      Miss miss = {candidate.pattern, candidate.stored, count};
      if (options.explain)
        return refuseMiss(miss);
      // The nearest miss of a family stands for it.
      auto [it, isNew] = misses.insert({candidate.pattern.getAbstractAttribute().getName(), miss});
      if (!isNew && candidate.stored < it->second.stored)
        it->second = miss;
      return;
    }
    if (fits(candidate.pattern)) {
      GroupForm form = candidate.pattern.getGroupForm(shape);
      candidates.push_back({std::move(candidate), form});
    }
  }
  void refuse(PatternAttrInterface pattern, const Twine &reason) override {
    if (!options.explain && !seen.insert(pattern.getAbstractAttribute().getName()).second)
      return;
    CapturedError error(op->getLoc());
    std::string text;
    // The rows of a permuted pattern have no order yet that a message could speak of.
    if (!pattern.getGroupForm(shape).rowOrder &&
        failed(error.run([&](EmitError emit) { return pattern.verifyMask(weight, emit); })))
      text = (error.message() + "; ").str();
    result.refuse(pattern, text + reason);
  }

  /// Parameters fit the shape, and no bundle of rows lies in two convolution groups.
  bool fits(PatternAttrInterface pattern) {
    CapturedError error(op->getLoc());
    if (failed(error.run([&](EmitError emit) { return pattern.verifyPattern(shape, weight.elementType, emit); }))) {
      if (options.explain)
        result.refuse(pattern, error.message());
      return false;
    }
    int64_t bundleRows = pattern.getGroupForm(shape).bundleRows;
    if (groups > 1 && (weight.rows / groups) % bundleRows) {
      result.refuse(pattern, llvm::formatv("a convolution group has {0} rows, which bundles of {1} rows straddle",
                                           weight.rows / groups, bundleRows)
                                 .str());
      return false;
    }
    return true;
  }

  /// Why the mask is not legal as it is, and that too many zeros would have to be kept to make it so.
  void refuseMiss(const Miss &miss) {
    CapturedError error(op->getLoc());
    if (failed(error.run([&](EmitError emit) { return miss.pattern.verifyPattern(shape, weight.elementType, emit); })))
      return result.refuse(miss.pattern, error.message());
    refuse(miss.pattern, llvm::formatv("{0}{1} weights would be stored for {2} non-zeros (limit: {3:F2} times as many)",
                                       miss.count == Count::AtLeast ? "at least "
                                       : miss.count == Count::About ? "about "
                                                                    : "",
                                       miss.stored, layer.nonZeros, options.maxFill)
                             .str());
  }

  /// The weight with the zeros that the pattern keeps; null, with a reason recorded, if it does not hold even so.
  std::shared_ptr<const Weight> completed(const Entry &candidate) {
    PatternAttrInterface pattern = candidate.pattern;
    if (candidate.stored == layer.nonZeros && !candidate.form.rowOrder) {
      CapturedError error(op->getLoc());
      if (succeeded(error.run([&](EmitError emit) { return pattern.verifyMask(*original, emit); })))
        return original;
    }
    auto copy = std::make_shared<Weight>(*original);
    CapturedError error(op->getLoc());
    if (candidate.complete && !candidate.complete(*copy)) {
      result.refuse(pattern, "no legal mask contains all non-zeros");
      return nullptr;
    }
    if (failed(error.run([&](EmitError emit) { return pattern.verifyMask(*copy, emit); }))) {
      result.refuse(pattern, error.message());
      return nullptr;
    }
    if (int64_t kept = copy->numKept(); kept > layer.limit) {
      refuseMiss({pattern, kept, Count::Exact});
      return nullptr;
    }
    return copy;
  }

  /// Tiles of one size of rows run as tiles of its parts: at equal weights the higher ones are no slower.
  bool isDominated(size_t index) const {
    const GroupForm &own = candidates[index].form;
    if (own.support != Support::Contiguous)
      return false;
    for (auto [i, other] : llvm::enumerate(candidates))
      if (i != index && other.stored <= candidates[index].stored && other.form.support == Support::Contiguous &&
          (own.rowOrder || !other.form.rowOrder) && other.form.sharedRows > own.sharedRows &&
          other.form.sharedRows % own.sharedRows == 0)
        return true;
    return false;
  }

  /// Where rows share nothing, kernels differ little: of the sizes of such a family the one that stores least goes on,
  /// or the first few that store nothing in vain. Completion and the cost model look at the whole mask.
  void thin() {
    constexpr int64_t mostExact = 4;
    llvm::DenseMap<StringRef, std::pair<int64_t, size_t>> least; // stored, index
    llvm::DenseMap<StringRef, int64_t> exact;
    // Of a family, whose members stand together, those of high strips first: more rows share more.
    for (auto begin = candidates.begin(); begin != candidates.end();) {
      auto end = std::find_if(begin, candidates.end(), [&](const Entry &c) { return c.family() != begin->family(); });
      std::stable_sort(begin, end, [](const Entry &a, const Entry &b) { return a.form.stripRows > b.form.stripRows; });
      begin = end;
    }
    for (auto [i, c] : llvm::enumerate(candidates))
      if (auto [it, isNew] = least.insert({c.family(), {c.stored, i}}); !isNew && c.stored < it->second.first)
        it->second = {c.stored, i};
    std::vector<Entry> left;
    for (auto [i, c] : llvm::enumerate(candidates)) {
      bool keep = c.form.sharedRows > 1 || least[c.family()].second == i ||
                  (c.stored == layer.nonZeros && exact[c.family()]++ < mostExact);
      if (keep)
        left.push_back(std::move(c));
      else if (options.explain)
        result.refuse(c.pattern, "holds, but others of its family store fewer weights or come first");
    }
    candidates = std::move(left);
  }

  int64_t bytesOf(const Candidate &candidate) const {
    if (candidate.bytes)
      return candidate.bytes;
    return storageBytes(candidate.pattern, shape, weight.elementType, candidate.groups);
  }

  void choose() {
    original = std::make_shared<const Weight>(weight);
    CostOf cost(op, target);
    thin();
    SmallVector<Ranked> known; ///< those that no higher tiles replace
    for (size_t i = 0; i < candidates.size(); ++i) {
      const Entry &candidate = candidates[i];
      if (isDominated(i)) {
        if (options.explain)
          result.refuse(candidate.pattern, "holds, and so do higher tiles with the same weights");
        continue;
      }
      Ranked ranked{candidate.pattern, candidate.form, completed(candidate)};
      if (!ranked.weight)
        continue;
      ranked.bytes = bytesOf(candidate);
      auto same = llvm::find_if(known, [&](const Ranked &other) { return isSame(ranked, other); });
      ranked.cycles = same != known.end() ? same->cycles : cost.cycles(candidate.pattern, ranked.weight).value_or(1e30);
      known.push_back(ranked);
    }
    if (known.empty())
      return;
    const Ranked &best = bestOf(known);
    for (const Ranked &ranked : known)
      if (&ranked != &best)
        lose(ranked, best);
    result.pattern = best.pattern;
    result.completed = best.weight->numKept() - layer.nonZeros;
    weight.rowOrder = best.weight->rowOrder;
    if (best.weight != original)
      weight.mask = best.weight->mask;
  }

  /// The fastest, then the smallest; but where that has no structure and others are nearly as fast, predictions cannot
  /// tell, and a share of bytes counts as much as one of time.
  static const Ranked &bestOf(ArrayRef<Ranked> known) {
    const Ranked *best = llvm::min_element(known, [](const Ranked &a, const Ranked &b) {
      return std::make_pair(a.cycles, a.bytes) < std::make_pair(b.cycles, b.bytes);
    });
    if (!isa<UnstructuredAttr>(best->pattern))
      return *best;
    double limit = nearlyAsFast * best->cycles;
    for (const Ranked &ranked : known)
      if (ranked.cycles <= limit && ranked.cycles * double(ranked.bytes) < best->cycles * double(best->bytes))
        best = &ranked;
    return *best;
  }

  /// Whether strategies see no difference.
  static bool isSame(const Ranked &a, const Ranked &b) {
    const GroupForm &f = a.form, &g = b.form;
    return a.weight == b.weight && f.sharedRows == g.sharedRows && f.stripRows == g.stripRows &&
           f.rowOrder == g.rowOrder && f.support == g.support && f.lanes == g.lanes && f.width == g.width &&
           f.bundleRows == g.bundleRows && f.laneRule == g.laneRule && f.laneRulePeriod == g.laneRulePeriod &&
           f.outer == g.outer && f.unitCols == g.unitCols;
  }

  void lose(const Ranked &loser, const Ranked &winner) {
    std::string by;
    llvm::raw_string_ostream os(by);
    winner.pattern.print(os);
    double us = target.microseconds(loser.cycles), best = target.microseconds(winner.cycles);
    if (loser.cycles >= 1e30)
      result.refuse(loser.pattern, "holds, but no strategy executes it here");
    else if (loser.cycles <= nearlyAsFast * winner.cycles && loser.bytes >= winner.bytes)
      result.refuse(loser.pattern,
                    llvm::formatv("holds and is predicted to be {0} fast, but {1} takes {2} bytes, this {3}",
                                  loser.cycles == winner.cycles ? "as" : "about as", by, winner.bytes, loser.bytes)
                        .str());
    else
      result.refuse(loser.pattern,
                    llvm::formatv("holds, but is predicted to take {0:F1} us, {1} {2:F1} us", us, by, best).str());
  }

  Operation *op;
  Weight &weight;
  ArrayRef<int64_t> shape;
  int64_t groups;
  SearchOptions options;
  const TargetSpec &target;
  Layer layer;
  std::shared_ptr<const Weight> original;
  std::vector<Entry> candidates;
  llvm::MapVector<StringRef, Miss> misses;
  llvm::DenseSet<StringRef> seen; ///< families with a near miss
  Found result;
};

} // namespace

Found mlir::gs::detection::searchPattern(Operation *op, Weight &weight, ArrayRef<int64_t> shape, int64_t groups,
                                         const SearchOptions &options, const TargetSpec &target) {
  return Search(op, weight, shape, groups, options, target).run();
}
