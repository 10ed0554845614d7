//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which neighbouring layers run together in strips of lines, so that what lies
// between them stays in the second-level cache: docs/Rationale/Chains.md.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/Format.h"

namespace mlir::gs {
#define GEN_PASS_DEF_FUSECHAINS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// More members make more lines to compute twice, and more buffers to keep.
constexpr size_t maxMembers = 4;
/// A chain must be predicted to take this much less time than its members.
constexpr double leastGain = 0.02;
/// What a strip and a member cost besides their loops, in cycles; and each of the member's rows, whose loop ends with a
/// mispredicted branch and whose stream of activations the prefetchers find anew (docs/Rationale/Chains.md).
constexpr double perMember = 60, perRow = 20;
/// Lines of whole tensors are still in the cache when those of the next strip come; buffers of strips are written
/// again.
constexpr int64_t passing = 2;
/// What layers lose by strips of whole tensors that begin between two cache lines.
constexpr double misaligned = 0.15;

/// What lies between a layer and the next one of its path.
enum class Link {
  Strip,    ///< a strip, all that there is of the result
  Whole,    ///< lines of the whole result, which others read, too
  Residual, ///< lines of the whole result, which the next one adds
};

/// A layer that might be a member.
struct Layer {
  ConvOp op;
  ShapedType output;
  Contraction whole;
  WeightFacts facts;
  double cycles = 0; ///< on the whole
  Link link = Link::Strip;
};

/// Some layers in strips of `lines` lines of the last one.
struct Plan {
  int64_t lines = 0;
  SmallVector<Strip> strips;
  SmallVector<StrategyAttr> choices;
  double saved = 0, added = 0; ///< cycles
  double bytes = 0;            ///< between the members

  double gain() const { return saved - added; }
};

class FuseChains : public gs::impl::FuseChainsBase<FuseChains> {
public:
  using FuseChainsBase::FuseChainsBase;

  void runOnOperation() override {
    Operation *root = getOperation();
    FailureOr<TargetSpec> resolved = resolveTarget(target, [&](const Twine &message) { root->emitError() << message; });
    if (failed(resolved))
      return signalPassFailure();
    spec = *resolved;
    if (mode != "auto" && mode != "always" && mode != "never") {
      root->emitError("gs-fuse-chains: mode must be 'auto', 'always' or 'never', got '") << mode << "'";
      return signalPassFailure();
    }
    if (mode == "never")
      return;
    SmallVector<ConvOp> starts;
    next = 0;
    root->walk([&](ConvOp op) {
      if (!Strip::isOn(op))
        starts.push_back(op);
      else if (FailureOr<Strip> strip = Strip::get(op); succeeded(strip)) // written by hand
        next = std::max(next, strip->chain + 1);
    });
    DenseSet<Operation *> seen;
    for (ConvOp op : starts) {
      std::vector<Layer> path;
      for (ConvOp at = op; at && !seen.contains(at);) {
        FailureOr<Layer> layer = layerOf(at);
        if (failed(layer))
          return signalPassFailure();
        if (!layer->op)
          break;
        std::tie(at, layer->link) = readerOf(*layer);
        path.push_back(std::move(*layer));
      }
      for (Layer &layer : path)
        seen.insert(layer.op);
      if (path.size() > 1)
        cut(path);
    }
  }

private:
  /// The convolution in the same block that is the first to read the result of `layer`, and what lies between them;
  /// null if there is none.
  static std::pair<ConvOp, Link> readerOf(const Layer &layer) {
    ConvOp op = layer.op;
    if (op->getNumResults() != 1)
      return {};
    // Others have a whole tensor to read only where nothing puts it into a part of another one.
    Value result = op->getResult(0);
    ConvOp reader;
    for (Operation *user : result.getUsers()) {
      if (!isa<ConvOp, PackPlaneOp>(user) || user->getBlock() != op->getBlock())
        return {};
      if (auto conv = dyn_cast<ConvOp>(user); conv && (!reader || conv->isBeforeInBlock(reader)))
        reader = conv;
    }
    if (!reader || Strip::isOn(reader) || reader.getInit() == result)
      return {};
    if (reader.getInput() != result)
      return {op->hasOneUse() ? reader : ConvOp(), Link::Residual};
    return {reader, op->hasOneUse() && !addsWhole(layer) ? Link::Strip : Link::Whole};
  }

  /// Whether `layer` has an operand of its whole output.
  static bool addsWhole(const Layer &layer) {
    return llvm::any_of(layer.whole.epilogueOperands(),
                        [](Value operand) { return cast<ShapedType>(operand.getType()).getRank() > 1; });
  }

  /// Whether layers with whole tensors between them may run together: nothing computes a line twice, and nobody else
  /// reads such a tensor before the last one.
  static bool linksHold(ArrayRef<Layer> layers) {
    bool whole = false;
    Operation *last = layers.back().op;
    for (size_t i = 0; i + 1 < layers.size(); ++i) {
      ConvOp op = layers[i].op;
      whole |= layers[i].link != Link::Strip;
      if (whole && !keepsLines(layers[i + 1].op))
        return false;
      for (Operation *user : op->getUsers())
        if (user->isBeforeInBlock(last) &&
            !llvm::is_contained(llvm::map_range(layers, [](const Layer &layer) -> Operation * { return layer.op; }),
                                user))
          return false;
    }
    return true;
  }

  /// The facts of `op`; no op if it has no strategy or runs in no strips.
  FailureOr<Layer> layerOf(ConvOp op) {
    Layer layer;
    FailureOr<Contraction> c = Contraction::get(op);
    const Strategy *strategy = succeeded(c) && c->strategy() ? lookupStrategy(c->strategy().getName()) : nullptr;
    if (!strategy || op.getPlane() || op.getSpatialRank() != 2 || c->batch != 1 || !c->elementType().isF32() ||
        isa<CompressedType>(c->weight().getType()) || (c->groups > 1 && !c->isUnpacked))
      return layer;
    FailureOr<WeightFacts> facts = weightFacts(*c);
    if (failed(facts))
      return failure();
    layer.cycles = cyclesOf(*c, *facts).first;
    if (layer.cycles < 0)
      return layer;
    layer.op = op;
    layer.output = cast<ShapedType>(op.getInit().getType());
    layer.whole = *c;
    layer.facts = *facts;
    return layer;
  }

  /// Predicted cycles of `c` by the recorded strategy with the recorded parameters; in strips with the best that run
  /// so. Negative if there are none.
  std::pair<double, StrategyAttr> cyclesOf(const Contraction &c, const WeightFacts &facts) const {
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

  static int64_t lines(const Layer &layer) { return layer.output.getDimSize(2); }
  static int64_t width(const Layer &layer) { return layer.output.getDimSize(3); }
  static double outputBytes(const Layer &layer) { return double(layer.output.getNumElements()) * 4; }

  /// Cycles that writing and reading what lies between two layers takes beyond the second-level cache.
  double traffic(const Layer &before, const Layer &after) const {
    double bytes = outputBytes(before);
    bool others = before.link == Link::Whole && !before.op->hasOneUse();
    double set = bytes + double(before.whole.inputSize) * 4 + outputBytes(after);
    if (set <= 0.75 * double(spec.l2Bytes))
      return 0;
    double store = set <= double(spec.l3Bytes) ? spec.l3StoreBytesPerCycle : spec.dramStoreBytesPerCycle;
    double read = 1 / cost::streamBytesPerCycle(spec, set) - 1 / spec.l2BytesPerCycle;
    // What is written for others leaves the cache anyway.
    return bytes * std::max(0.0, read + (others ? 0 : 1 / store - 1 / spec.l2StoreBytesPerCycle));
  }

  /// The members in strips of `last` lines; nullopt if one of them cannot, or they do not fit the cache.
  std::optional<Plan> planFor(ArrayRef<Layer> layers, int64_t last) const {
    Plan plan;
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
    bool wholeLinks = llvm::any_of(layers.drop_back(), [](const Layer &layer) { return layer.link != Link::Strip; });
    double resident = 0;
    int64_t here = last;
    for (size_t i = count; i-- > 0;) {
      const Layer &layer = layers[i];
      if (here >= lines(layer))
        return std::nullopt;
      plan.strips[i].lines = here;
      bool writesWhole = i + 1 == count || layer.link != Link::Strip;
      plan.strips[i].outputPitch = writesWhole ? 0 : plan.strips[i + 1].inputPitch;
      int64_t elements = layer.whole.rows * plan.strips[i].outputPitch;
      // A sum lies where the residual was.
      if (writesWhole && wholeLinks && layer.link != Link::Residual)
        elements += passing * layer.whole.rows * here * width(layer);
      here = stripReach(layer.op, here);
      if (i && layers[i - 1].link == Link::Strip)
        plan.strips[i].inputPitch = stripPitch(layer.op, here);
      else if (wholeLinks && (!i || layers[i - 1].link == Link::Residual))
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
    for (const Layer &layer : layers)
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
  double barrierCycles() const {
    return threads > 1 ? double(threads) * spec.barrierMicroseconds * 1e3 * spec.clockGHz : 0;
  }

  static double total(ArrayRef<Layer> layers) {
    double cycles = 0;
    for (const Layer &layer : layers)
      cycles += layer.cycles;
    return cycles;
  }

  /// The strips that gain most; an empty string or why there are none.
  std::optional<Plan> bestPlan(ArrayRef<Layer> layers) const {
    if (!linksHold(layers))
      return std::nullopt;
    std::optional<Plan> best;
    for (int64_t at = 1; at < lines(layers.back()); ++at) {
      if (stripLines && at != stripLines)
        continue;
      if (std::optional<Plan> plan = planFor(layers, at); plan && (!best || plan->gain() > best->gain()))
        best = plan;
    }
    return best;
  }

  bool isWorth(ArrayRef<Layer> layers, const Plan &plan) const {
    return mode == "always" || plan.gain() > leastGain * total(layers);
  }

  /// Cuts a path of layers into chains so that all together gain most.
  void cut(ArrayRef<Layer> path) {
    struct Best {
      double gain = 0;
      size_t members = 1; ///< of the chain that ends here
      std::optional<Plan> plan;
    };
    SmallVector<Best> best(path.size() + 1);
    SmallVector<std::string> refused(path.size());
    for (size_t end = 1; end <= path.size(); ++end) {
      best[end].gain = best[end - 1].gain;
      for (size_t members = 2; members <= std::min(end, maxMembers); ++members) {
        ArrayRef<Layer> layers = path.slice(end - members, members);
        if (layers.front().whole.isUnpacked)
          continue;
        std::optional<Plan> plan = bestPlan(layers);
        if (members == 2)
          refused[end - 2] = refusal(layers, plan);
        if (!plan || !isWorth(layers, *plan))
          continue;
        // Where all chains are wanted, the longest.
        double gain = best[end - members].gain + (mode == "always" ? double(members) - 1 : plan->gain());
        if (gain > best[end].gain)
          best[end] = {gain, members, plan};
      }
    }
    for (size_t end = path.size(); end > 0; end -= best[end].members) {
      size_t members = best[end].members;
      if (best[end].plan)
        apply(path.slice(end - members, members), *best[end].plan);
      else if (end < path.size() && !refused[end - 1].empty())
        note(path[end - 1].op, refused[end - 1]);
    }
  }

  /// Why two layers are no chain; empty if they are, or nothing is to be gained.
  std::string refusal(ArrayRef<Layer> layers, const std::optional<Plan> &plan) const {
    std::string text;
    llvm::raw_string_ostream os(text);
    if (plan && !isWorth(layers, *plan))
      os << llvm::format("not in strips with the next layer: %.1f us more for lines computed twice and short strips, "
                         "%.1f us saved",
                         spec.microseconds(plan->added), spec.microseconds(plan->saved));
    else if (!plan && traffic(layers[0], layers[1]) > 0) {
      os << "not in strips with the next layer: ";
      if (!linksHold(layers)) {
        os << "others read what lies between them before its end, or lines of it would be computed twice";
        return text;
      }
      for (const Layer &layer : layers)
        if (!runsInStrips(layer)) {
          os << "strategy '" << layer.whole.strategy().getName() << "' of "
             << (&layer == layers.begin() ? "this" : "the next") << " one does not run so";
          return text;
        }
      os << "no number of lines suits both kernels and the second-level cache";
    }
    return text;
  }

  /// Whether the strategy of `layer` runs in strips with any of its parameters.
  bool runsInStrips(const Layer &layer) const {
    const Strategy *strategy = lookupStrategy(layer.whole.strategy().getName());
    return llvm::any_of(strategy->candidates(layer.whole, layer.facts, spec),
                        [&](const Candidate &candidate) { return strategy->runsInStrips(candidate.strategy); });
  }

  static void note(ConvOp op, const Twine &text) {
    op->setAttr("gs.chain_note", StringAttr::get(op.getContext(), text));
  }

  void apply(ArrayRef<Layer> layers, const Plan &plan) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format(
        "%zu layers in strips of %lld lines: %.2g MB between them stay in the cache%s, %.1f us less; %.1f us more for "
        "lines computed twice and short strips",
        layers.size(), static_cast<long long>(plan.lines), plan.bytes / 1e6,
        threads > 1 ? " and barriers are left out" : "", spec.microseconds(plan.saved), spec.microseconds(plan.added));
    for (size_t i = layers.size(); i-- > 0;) {
      ConvOp op = layers[i].op;
      Strip strip = plan.strips[i];
      strip.chain = next;
      strip.set(op);
      op.setStrategyAttr(plan.choices[i]);
      note(op, text);
      // Nothing may stand between two members: what does is needed by the later ones only.
      if (i + 1 < layers.size()) {
        ConvOp after = layers[i + 1].op;
        op->moveBefore(after);
      }
      ++numMembers;
    }
    ++next;
    ++numChains;
  }

  TargetSpec spec;
  int64_t next = 0; ///< number of the next chain
};

} // namespace
