//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses a strategy for every contraction from the cost model and records it.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/Format.h"

namespace mlir::gs {
#define GEN_PASS_DEF_SELECTSTRATEGY
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Sparse execution must be predicted to be this much faster than dense: the model's error is larger for sparse
/// kernels, whose time depends on the mask.
constexpr double denseAdvantage = 0.9;

class SelectStrategy : public gs::impl::SelectStrategyBase<SelectStrategy> {
public:
  using SelectStrategyBase::SelectStrategyBase;

  void runOnOperation() override {
    Operation *root = getOperation();
    FailureOr<TargetSpec> spec = resolveTarget(target, [&](const Twine &message) { root->emitError() << message; });
    if (failed(spec))
      return signalPassFailure();
    if (!force.empty() && !lookupStrategy(force)) {
      InFlightDiagnostic diag = root->emitError("unknown strategy '") << force << "'; known are ";
      llvm::interleaveComma(allStrategies(), diag, [&](const Strategy *s) { diag << "'" << s->name() << "'"; });
      return signalPassFailure();
    }
    wishes.clear();
    packedBytes = codeBytes = fewestBytes = 0;
    WalkResult result = root->walk([&](Operation *op) {
      if (!isa<MatmulOp, ConvOp>(op))
        return WalkResult::advance();
      return failed(select(op, *spec)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    spend(/*isCode=*/true, codeBudget, *spec);
    spend(/*isCode=*/false, transformBudget, *spec);
  }

private:
  using Times = DenseMap<Attribute, double>;

  /// Microseconds of the candidates that were timed on this machine (`gsc --tune`): they overrule predictions.
  static Times measuredTimes(Operation *op) {
    Times times;
    if (auto list = op->getAttrOfType<ArrayAttr>("gs.measured"))
      for (auto entry : list.getAsRange<DictionaryAttr>())
        if (auto choice = entry.getAs<StrategyAttr>("strategy"))
          if (auto us = entry.getAs<FloatAttr>("us"))
            times[choice] = us.getValueAsDouble();
    return times;
  }

  /// A candidate whose cycles are those measured, where they were.
  struct Ranked : Candidate {
    double predicted = 0; ///< cycles
    bool timed = false;
    double score = 0; ///< cycles, less what a prediction of dense kernels is trusted more
  };

  static SmallVector<Ranked> ranked(ArrayRef<Candidate> candidates, const Contraction &c, const Times &times,
                                    const TargetSpec &spec) {
    SmallVector<Ranked> result;
    for (const Candidate &candidate : candidates) {
      Ranked ranked{candidate, candidate.cycles};
      if (auto time = times.find(candidate.strategy); time != times.end()) {
        ranked.cycles = time->second * spec.clockGHz * 1e3;
        ranked.timed = true;
      }
      // What was measured needs no allowance for the error of a prediction.
      bool allowance = !ranked.timed && c.pattern() && isDense(c, candidate.strategy, spec);
      ranked.score = ranked.cycles * (allowance ? denseAdvantage : 1.0);
      result.push_back(ranked);
    }
    return result;
  }

  /// The fastest candidate: by its time where one was measured, else as predicted.
  static std::optional<Ranked> bestOf(ArrayRef<Ranked> candidates) {
    std::optional<Ranked> best;
    for (const Ranked &candidate : candidates)
      if (!best || (candidate.timed != best->timed ? candidate.timed : candidate.cycles < best->cycles))
        best = candidate;
    return best;
  }

  LogicalResult select(Operation *op, const TargetSpec &spec) {
    std::string reason;
    FailureOr<Contraction> c = Contraction::get(op, &reason);
    if (failed(c))
      return op->emitOpError("has no strategy: ") << reason;
    if (StrategyAttr written = c->strategy()) {
      if (failed(strategyOf(*c, spec)))
        return failure();
      apply(op, *c, written, spec);
      return success();
    }
    if (isa<CompressedType>(c->weight().getType()))
      return op->emitOpError("has a packed weight but no strategy: what a weight is packed for must be written");
    FailureOr<WeightFacts> facts = weightFacts(*c);
    if (failed(facts))
      return failure();
    Builder b(op->getContext());
    SmallVector<Attribute> considered;
    auto record = [&](StringRef name, StringRef key, Attribute value, Attribute measured = {}) {
      SmallVector<NamedAttribute> entry = {b.getNamedAttr("strategy", b.getStringAttr(name)),
                                           b.getNamedAttr(key, value)};
      if (measured)
        entry.push_back(b.getNamedAttr("measured_us", measured));
      considered.push_back(b.getDictionaryAttr(entry));
    };
    const Times times = measuredTimes(op);
    // The best of all with the other candidates of its strategy, and the best of those that add no bytes.
    std::optional<Ranked> best, compact;
    SmallVector<Ranked> variants;
    for (const Strategy *strategy : allStrategies()) {
      std::string refusal = refusalOf(*strategy, *c, *facts, spec);
      if (refusal.empty() && !force.empty() && strategy->name() != force && acceptsForced(*c, *facts, spec))
        refusal = "another strategy is forced";
      SmallVector<Ranked> all;
      if (refusal.empty())
        all = ranked(candidatesOf(*strategy, *c, *facts, spec), *c, times, spec);
      std::optional<Ranked> own = bestOf(all);
      if (!own) {
        record(strategy->name(), "refused",
               b.getStringAttr(refusal.empty() ? "no tile fits the registers of the target" : refusal));
        continue;
      }
      if (!times.empty() && !own->timed && force.empty()) {
        record(strategy->name(), "refused",
               b.getStringAttr("others were measured, this one is predicted to be slower"));
        continue;
      }
      record(strategy->name(), "predicted_us", b.getF64FloatAttr(spec.microseconds(own->predicted)),
             own->timed ? b.getF64FloatAttr(spec.microseconds(own->cycles)) : Attribute());
      if (!best || own->score < best->score) {
        best = own;
        variants = all;
      }
      if (own->extraBytes == 0 && (!compact || own->score < compact->score))
        compact = own;
    }
    if (!best) {
      InFlightDiagnostic diag = op->emitOpError("is refused by every strategy");
      for (Attribute entry : considered)
        diag.attachNote() << entry;
      return diag;
    }
    op->setAttr("gs.candidates", b.getArrayAttr(considered));
    bool isPanels = compact && isDense(*c, compact->strategy, spec);
    SmallVector<int64_t> heights = facts->form.groupHeights(c->rows, spec.lanes());
    double perIndex = heights.empty() ? 1 : double(heights.front());
    double allBytes = double(c->rows * c->cols) * 4, nonZeros = double(facts->nonZeros);
    double compactBytes = isPanels ? allBytes : nonZeros * (4 + 4 / perIndex);
    double shortIndices = isPanels ? 0 : nonZeros * 2 / perIndex;
    packedBytes += compactBytes;
    fewestBytes += compactBytes - shortIndices;
    if (best->extraBytes > 0 && compact && force.empty()) {
      bool isCode = !isDense(*c, best->strategy, spec);
      // Transformed weights take the place of those that are left, not of all.
      if (!isCode)
        for (Ranked &variant : variants)
          if (variant.extraBytes > 0)
            variant.extraBytes = std::max(1.0, variant.extraBytes + allBytes - compactBytes);
      wishes.push_back({op, *compact, stepsOf(variants, *compact), isCode, c->pattern() != nullptr, shortIndices});
    } else {
      decide(op, *best, spec);
    }
    return success();
  }

  /// A contraction that would run faster with more bytes.
  struct Wish {
    Operation *op;
    Ranked compact;            ///< what it runs as otherwise
    SmallVector<Ranked> steps; ///< ever more bytes, ever less time, and ever less time per byte
    bool isCode;               ///< its weights become code; else they are transformed
    bool isPruned;             ///< its weights have a pattern
    double shortIndices;       ///< bytes that indices of 16 bits would save
    size_t granted = 0;        ///< that many steps

    const Ranked &before(size_t step) const { return step ? steps[step - 1] : compact; }
    double bytes(size_t step) const { return steps[step].extraBytes - before(step).extraBytes; }
    double gainPerByte(size_t step) const { return (before(step).score - steps[step].score) / bytes(step); }
  };

  /// The lower convex hull of (bytes, cycles) from `compact` on.
  static SmallVector<Ranked> stepsOf(ArrayRef<Ranked> variants, const Ranked &compact) {
    SmallVector<Ranked> steps;
    const Ranked *at = &compact;
    while (true) {
      const Ranked *next = nullptr;
      double steepest = 0;
      for (const Ranked &variant : variants) {
        double bytes = variant.extraBytes - at->extraBytes, gain = at->score - variant.score;
        if (bytes <= 0 || gain <= 0 || gain / bytes <= steepest)
          continue;
        steepest = gain / bytes;
        next = &variant;
      }
      if (!next)
        return steps;
      steps.push_back(*next);
      at = next;
    }
  }

  void decide(Operation *op, const Ranked &choice, const TargetSpec &spec) {
    FailureOr<Contraction> c = Contraction::get(op);
    op->setAttr("gs.predicted_us", Builder(op).getF64FloatAttr(spec.microseconds(choice.predicted)));
    op->setAttr("strategy", choice.strategy);
    apply(op, *c, choice.strategy, spec);
  }

  /// Grants bytes to the contractions that gain most per byte, until the budget (a share of all weights) is spent.
  /// Pruned weights are transformed only while the program stays, by the same share, near the size that non-zeros and
  /// short indices have: whoever prunes wants a small file, too.
  void spend(bool isCode, double budget, const TargetSpec &spec) {
    SmallVector<std::pair<Wish *, size_t>> order;
    for (Wish &wish : wishes)
      if (wish.isCode == isCode)
        for (size_t step = 0; step < wish.steps.size(); ++step)
          order.push_back({&wish, step});
    llvm::stable_sort(order,
                      [](auto a, auto b) { return a.first->gainPerByte(a.second) > b.first->gainPerByte(b.second); });
    double left = budget * packedBytes;
    double leftIfPruned = isCode ? left : std::min(left, (1 + budget) * fewestBytes - packedBytes - codeBytes);
    for (auto [wish, step] : order)
      if (double bytes = wish->bytes(step); wish->granted == step && bytes <= (wish->isPruned ? leftIfPruned : left)) {
        left -= bytes;
        leftIfPruned -= bytes;
        // Code takes the place of indices and cannot be shorter.
        if (isCode) {
          codeBytes += bytes;
          fewestBytes += bytes + (step ? 0 : wish->shortIndices);
        }
        ++wish->granted;
      }
    for (Wish &wish : wishes)
      if (wish.isCode == isCode) {
        if (!wish.granted && !wish.steps.empty())
          recordRefusal(wish, std::max(0.0, wish.isPruned ? leftIfPruned : left), spec);
        decide(wish.op, wish.before(wish.granted), spec);
      }
  }

  /// Says in the list of candidates what the budget lacked.
  static void recordRefusal(const Wish &wish, double left, const TargetSpec &spec) {
    Builder b(wish.op);
    std::string reason;
    llvm::raw_string_ostream(reason) << llvm::format(
        "predicted %.1f us, but its %s %.0f KB more than the %s budget has left",
        spec.microseconds(wish.steps.front().cycles), wish.isCode ? "code takes" : "transformed weights take",
        (wish.steps.front().extraBytes - left) / 1024, wish.isCode ? "code" : "transform");
    SmallVector<Attribute> considered;
    for (Attribute entry : wish.op->getAttrOfType<ArrayAttr>("gs.candidates")) {
      auto dict = cast<DictionaryAttr>(entry);
      if (dict.getAs<StringAttr>("strategy").getValue() == wish.steps.front().strategy.getName())
        dict = b.getDictionaryAttr(
            {b.getNamedAttr("strategy", dict.get("strategy")), b.getNamedAttr("refused", b.getStringAttr(reason))});
      considered.push_back(dict);
    }
    wish.op->setAttr("gs.candidates", b.getArrayAttr(considered));
  }

  SmallVector<Wish> wishes;
  double packedBytes = 0; ///< of all weights, when none is code or transformed
  double codeBytes = 0;   ///< that code was granted beyond them
  double fewestBytes = 0; ///< of both, were indices of 16 bits

  bool acceptsForced(const Contraction &c, const WeightFacts &facts, const TargetSpec &spec) const {
    return refusalOf(*lookupStrategy(force), c, facts, spec).empty();
  }

  /// True if the choice computes with all weights.
  static bool isDense(const Contraction &c, StrategyAttr choice, const TargetSpec &spec) {
    return lookupStrategy(choice.getName())->storage(c, choice, spec).isDense();
  }

  /// A dense choice for an encoded weight drops the encoding: from here on the weight is dense.
  void apply(Operation *op, const Contraction &c, StrategyAttr choice, const TargetSpec &spec) {
    bool dense = !c.pattern() || isDense(c, choice, spec);
    if (dense)
      ++numDense;
    else
      ++numSparse;
    auto constant = c.weight().getDefiningOp<ConstantOp>();
    if (!dense || !constant)
      return;
    OpBuilder b(constant);
    Value plain = arith::ConstantOp::create(b, constant.getLoc(), cast<TypedAttr>(constant.getValues()));
    op->setOperand(0, plain);
    if (constant->use_empty())
      constant.erase();
  }
};

} // namespace
