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
#include "ChainPlan.h"
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

class FuseChains : public gs::impl::FuseChainsBase<FuseChains> {
public:
  using FuseChainsBase::FuseChainsBase;

  void runOnOperation() override {
    Operation *root = getOperation();
    FailureOr<TargetSpec> resolved = resolveTarget(target, [&](const Twine &message) { root->emitError() << message; });
    if (failed(resolved))
      return signalPassFailure();
    spec = *resolved;
    planner.emplace(spec, threads, stripLines);
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
      std::vector<ChainLayer> path;
      for (ConvOp at = op; at && !seen.contains(at);) {
        FailureOr<ChainLayer> layer = layerOf(at);
        if (failed(layer))
          return signalPassFailure();
        if (!layer->op)
          break;
        std::tie(at, layer->link) = readerOf(*layer);
        // In front of pointwise ones, a 3x3 layer loses more in strips than it saves (docs/Rationale/Chains.md).
        if (layer->op.getPlane() && !(at && isDepthwise(at)) && mode != "always")
          break;
        path.push_back(std::move(*layer));
      }
      for (ChainLayer &layer : path)
        seen.insert(layer.op);
      if (path.size() > 1)
        cut(path);
    }
  }

private:
  /// The convolution in the same block that is the first to read the result of `layer`, and what lies between them;
  /// null if there is none.
  static std::pair<ConvOp, ChainLink> readerOf(const ChainLayer &layer) {
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
      return {op->hasOneUse() ? reader : ConvOp(), ChainLink::Residual};
    return {reader, op->hasOneUse() && !addsWhole(layer) ? ChainLink::Strip : ChainLink::Whole};
  }

  /// Whether `layer` has an operand of its whole output.
  static bool addsWhole(const ChainLayer &layer) {
    return llvm::any_of(layer.whole.epilogueOperands(),
                        [](Value operand) { return cast<ShapedType>(operand.getType()).getRank() > 1; });
  }

  /// The facts of `op`; no op if it has no strategy or runs in no strips.
  FailureOr<ChainLayer> layerOf(ConvOp op) {
    ChainLayer layer;
    FailureOr<Contraction> c = Contraction::get(op);
    const Strategy *strategy = succeeded(c) && c->strategy() ? lookupStrategy(c->strategy().getName()) : nullptr;
    if (!strategy || op.getSpatialRank() != 2 || c->batch != 1 || !c->elementType().isF32() ||
        isa<CompressedType>(c->weight().getType()) || (c->groups > 1 && !c->isUnpacked))
      return layer;
    FailureOr<WeightFacts> facts = weightFacts(*c);
    if (failed(facts))
      return failure();
    layer.cycles = planner->cyclesOf(*c, *facts).first;
    if (layer.cycles < 0)
      return layer;
    layer.op = op;
    layer.output = cast<ShapedType>(op.getInit().getType());
    layer.whole = *c;
    layer.facts = *facts;
    return layer;
  }

  bool isWorth(ArrayRef<ChainLayer> layers, const ChainPlan &plan) const {
    return mode == "always" || plan.gain() > leastGain * ChainPlanner::total(layers);
  }

  /// Cuts a path of layers into chains so that all together gain most.
  void cut(ArrayRef<ChainLayer> path) {
    struct Best {
      double gain = 0;
      size_t members = 1; ///< of the chain that ends here
      std::optional<ChainPlan> plan;
    };
    SmallVector<Best> best(path.size() + 1);
    SmallVector<std::string> refused(path.size());
    for (size_t end = 1; end <= path.size(); ++end) {
      best[end].gain = best[end - 1].gain;
      for (size_t members = 2; members <= std::min(end, maxMembers); ++members) {
        ArrayRef<ChainLayer> layers = path.slice(end - members, members);
        if (layers.front().whole.isUnpacked)
          continue;
        std::optional<ChainPlan> plan = planner->bestPlan(layers);
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
  std::string refusal(ArrayRef<ChainLayer> layers, const std::optional<ChainPlan> &plan) const {
    std::string text;
    llvm::raw_string_ostream os(text);
    if (plan && !isWorth(layers, *plan))
      os << llvm::format("not in strips with the next layer: %.1f us more for lines computed twice and short strips, "
                         "%.1f us saved",
                         spec.microseconds(plan->added), spec.microseconds(plan->saved));
    else if (!plan && planner->traffic(layers[0], layers[1]) > 0) {
      os << "not in strips with the next layer: ";
      if (!ChainPlanner::linksHold(layers)) {
        os << "others read what lies between them before its end, or lines of it would be computed twice";
        return text;
      }
      for (const ChainLayer &layer : layers)
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
  bool runsInStrips(const ChainLayer &layer) const {
    const Strategy *strategy = lookupStrategy(layer.whole.strategy().getName());
    return llvm::any_of(strategy->candidates(layer.whole, layer.facts, spec),
                        [&](const Candidate &candidate) { return strategy->runsInStrips(candidate.strategy); });
  }

  static void note(ConvOp op, const Twine &text) {
    op->setAttr("gs.chain_note", StringAttr::get(op.getContext(), text));
  }

  void apply(ArrayRef<ChainLayer> layers, const ChainPlan &plan) {
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
  std::optional<ChainPlanner> planner; ///< on `spec`
  int64_t next = 0;                    ///< number of the next chain
};

} // namespace
