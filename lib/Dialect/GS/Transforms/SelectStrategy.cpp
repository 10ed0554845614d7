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
    packedBytes = 0;
    WalkResult result = root->walk([&](Operation *op) {
      if (!isa<MatmulOp, ConvOp>(op))
        return WalkResult::advance();
      return failed(select(op, *spec)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    spendCodeBudget(*spec);
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
  };

  /// The fastest candidate: by its time where one was measured, else as predicted.
  static std::optional<Ranked> bestOf(ArrayRef<Candidate> candidates, const Times &times, const TargetSpec &spec) {
    std::optional<Ranked> best;
    for (const Candidate &candidate : candidates) {
      Ranked ranked{candidate, candidate.cycles, false};
      if (auto time = times.find(candidate.strategy); time != times.end()) {
        ranked.cycles = time->second * spec.clockGHz * 1e3;
        ranked.timed = true;
      }
      if (!best || (ranked.timed != best->timed ? ranked.timed : ranked.cycles < best->cycles))
        best = ranked;
    }
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
    // The best of all, and the best of those that do not turn weights into code.
    std::optional<Ranked> best, compact;
    double bestScore = 0, compactScore = 0;
    for (const Strategy *strategy : allStrategies()) {
      std::string refusal = refusalOf(*strategy, *c, *facts, spec);
      if (refusal.empty() && !force.empty() && strategy->name() != force && acceptsForced(*c, *facts, spec))
        refusal = "another strategy is forced";
      std::optional<Ranked> own;
      if (refusal.empty())
        own = bestOf(strategy->candidates(*c, *facts, spec), times, spec);
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
      // What was measured needs no allowance for the error of a prediction.
      double score =
          own->cycles * (!own->timed && facts->pattern && isDense(*c, own->strategy, spec) ? denseAdvantage : 1.0);
      if (!best || score < bestScore) {
        best = own;
        bestScore = score;
      }
      if (own->extraBytes == 0 && (!compact || score < compactScore)) {
        compact = own;
        compactScore = score;
      }
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
    packedBytes += isPanels ? double(c->rows * c->cols) * 4 : double(facts->nonZeros) * (4 + 4 / perIndex);
    if (best->extraBytes > 0 && compact && force.empty())
      wishes.push_back({op, *best, *compact});
    else
      decide(op, *best, spec);
    return success();
  }

  /// A contraction that would run faster as code, and what it runs as otherwise.
  struct Wish {
    Operation *op;
    Ranked code, compact;
    double gainPerByte() const { return (compact.cycles - code.cycles) / code.extraBytes; }
  };

  void decide(Operation *op, const Ranked &choice, const TargetSpec &spec) {
    FailureOr<Contraction> c = Contraction::get(op);
    op->setAttr("gs.predicted_us", Builder(op).getF64FloatAttr(spec.microseconds(choice.predicted)));
    op->setAttr("strategy", choice.strategy);
    apply(op, *c, choice.strategy, spec);
  }

  /// Grants code to the contractions that gain most per byte, until the budget is spent.
  void spendCodeBudget(const TargetSpec &spec) {
    SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, wishes.size()));
    llvm::sort(order, [&](size_t a, size_t b) {
      double left = wishes[a].gainPerByte(), right = wishes[b].gainPerByte();
      return left != right ? left > right : a < b;
    });
    double left = codeBudget * packedBytes;
    for (size_t i : order) {
      Wish &wish = wishes[i];
      if (wish.code.extraBytes <= left) {
        left -= wish.code.extraBytes;
        decide(wish.op, wish.code, spec);
        continue;
      }
      Builder b(wish.op);
      std::string reason;
      llvm::raw_string_ostream(reason) << llvm::format(
          "predicted %.1f us, but its code takes %.0f KB more than the code "
          "budget has left",
          spec.microseconds(wish.code.cycles), (wish.code.extraBytes - left) / 1024);
      SmallVector<Attribute> considered;
      for (Attribute entry : wish.op->getAttrOfType<ArrayAttr>("gs.candidates")) {
        auto dict = cast<DictionaryAttr>(entry);
        if (dict.getAs<StringAttr>("strategy").getValue() == wish.code.strategy.getName())
          dict = b.getDictionaryAttr(
              {b.getNamedAttr("strategy", dict.get("strategy")), b.getNamedAttr("refused", b.getStringAttr(reason))});
        considered.push_back(dict);
      }
      wish.op->setAttr("gs.candidates", b.getArrayAttr(considered));
      decide(wish.op, wish.compact, spec);
    }
  }

  SmallVector<Wish> wishes;
  double packedBytes = 0; ///< of all weights, when none is code

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
