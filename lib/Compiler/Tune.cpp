//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Times the best few kernels of each contraction.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/Tune.h"
#include "Isolate.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/IR/Storage.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/SHA256.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// A candidate further behind than this, by prediction, is not worth its time.
constexpr double kFurthestBehind = 3;
/// Parameter sets of one strategy.
constexpr size_t kPerStrategy = 2;

struct Timed {
  StrategyAttr strategy;
  double predicted = 0; ///< cycles
  double us = 0;        ///< 0: not measured
};

/// The candidates to time, the best predicted first. The best that is not code and the best dense one are among them,
/// because the code budget and the comparison with dense need their times.
SmallVector<Timed> promising(const Contraction &c, const WeightFacts &facts, const TargetSpec &target,
                             const CompileOptions &compile, unsigned most) {
  SmallVector<Candidate> all;
  const Strategy *forced = compile.strategy.empty() ? nullptr : lookupStrategy(compile.strategy);
  if (forced && !refusalOf(*forced, c, facts, target).empty())
    forced = nullptr; // As in gs-select-strategy: it is used wherever it accepts the op.
  for (const Strategy *strategy : allStrategies()) {
    if ((forced && strategy != forced) || !refusalOf(*strategy, c, facts, target).empty())
      continue;
    SmallVector<Candidate> own = candidatesOf(*strategy, c, facts, target);
    llvm::sort(own, [](const Candidate &a, const Candidate &b) { return a.cycles < b.cycles; });
    own.truncate(std::min(own.size(), kPerStrategy));
    all.append(own);
  }
  llvm::sort(all, [](const Candidate &a, const Candidate &b) { return a.cycles < b.cycles; });
  SmallVector<Timed> result;
  bool compact = false, dense = false;
  for (const Candidate &candidate : all) {
    bool isDense = lookupStrategy(candidate.strategy.getName())->storage(c, candidate.strategy, target).isDense();
    bool needed = (!compact && candidate.extraBytes == 0) || (!dense && isDense);
    if (needed || (result.size() < most && candidate.cycles <= kFurthestBehind * all.front().cycles))
      result.push_back({candidate.strategy, candidate.cycles, 0});
    compact |= candidate.extraBytes == 0;
    dense |= isDense;
  }
  return result;
}

/// What the time of the layer depends on: its op with all types, and how its zeros are distributed. Two masks of equal
/// statistics share an entry, so that a network is not timed anew after each training.
std::string keyOf(Operation *op, const Contraction &c, StringRef machine) {
  std::string text = machine.str();
  llvm::raw_string_ostream os(text);
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(1);
  flags.elideLargeResourceString(1);
  flags.useLocalScope();
  isolate(op, nullptr)->print(os, flags);
  ElementsAttr values, mask;
  Operation *def = c.weight().getDefiningOp();
  if (auto constant = dyn_cast<gs::ConstantOp>(def)) {
    values = constant.getValues();
    mask = constant.getMask().value_or(ElementsAttr());
  } else {
    matchPattern(def, m_Constant(&values));
  }
  if (c.pattern() && values)
    if (FailureOr<Weight> weight = Weight::fromElements(values, mask, [&] { return op->emitOpError(); });
        succeeded(weight)) {
      double mean = weight->density() * double(weight->cols), variance = 0;
      for (int64_t row = 0; row < weight->rows; ++row) {
        auto begin = weight->mask.begin() + row * weight->cols;
        double kept = double(weight->cols - std::count(begin, begin + weight->cols, uint8_t(0)));
        variance += (kept - mean) * (kept - mean) / double(weight->rows);
      }
      os << llvm::format("density %.2g, rows vary by %.1f", weight->density(),
                         mean > 0 ? std::sqrt(variance) / mean : 0.0);
    }
  llvm::SHA256 hash;
  hash.update(text);
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

std::string textOf(StrategyAttr strategy) {
  std::string text;
  llvm::raw_string_ostream(text) << Attribute(strategy);
  return text;
}

class Tuner {
public:
  Tuner(const CompileOptions &compile, const TargetSpec &target, StringRef machine, TuneCache &cache,
        const TuneOptions &options, RunProgramFn run, EmitErrorFn emitError)
      : compile(compile), target(target), machine(machine), cache(cache), options(options), run(run),
        emitError(emitError) {}

  LogicalResult tune(Operation *op, const Twine &progress) {
    FailureOr<Contraction> c = Contraction::get(op);
    Operation *weight = succeeded(c) ? c->weight().getDefiningOp() : nullptr;
    // A strategy that a person wrote is not for us to doubt, and a packed weight has its strategy already.
    if (!isa_and_nonnull<gs::ConstantOp, arith::ConstantOp>(weight) || c->strategy())
      return success();
    FailureOr<WeightFacts> facts = weightFacts(*c);
    if (failed(facts))
      return failure();
    SmallVector<Timed> candidates = promising(*c, *facts, target, compile, options.maxCandidates);
    std::string key = keyOf(op, *c, machine);
    std::vector<TuneCache::Time> times;
    if (const std::vector<TuneCache::Time> *known = cache.lookup(key))
      times = *known;
    bool isNew = false;
    for (Timed &candidate : candidates) {
      std::string text = textOf(candidate.strategy);
      auto known = llvm::find_if(times, [&](const TuneCache::Time &time) { return time.strategy == text; });
      if (known != times.end()) {
        candidate.us = known->us;
        continue;
      }
      if (compile.phase && !isNew)
        compile.phase(("timing kernels of " + progress).str());
      FailureOr<double> us = measure(op, candidate.strategy);
      if (failed(us))
        return failure();
      candidate.us = *us;
      times.push_back({text, *us});
      isNew = true;
    }
    if (isNew)
      cache.add(key, times);
    Builder b(op->getContext());
    SmallVector<Attribute> measured;
    for (const Timed &candidate : candidates)
      measured.push_back(b.getDictionaryAttr(
          {b.getNamedAttr("strategy", candidate.strategy), b.getNamedAttr("us", b.getF64FloatAttr(candidate.us)),
           b.getNamedAttr("predicted_us", b.getF64FloatAttr(target.microseconds(candidate.predicted)))}));
    op->setAttr("gs.measured", b.getArrayAttr(measured));
    return success();
  }

private:
  FailureOr<double> measure(Operation *op, StrategyAttr strategy) {
    return timeAlone(isolate(op, strategy), compile, target, options.scratch, run, emitError);
  }

  const CompileOptions &compile;
  const TargetSpec &target;
  StringRef machine;
  TuneCache &cache;
  const TuneOptions &options;
  RunProgramFn run;
  EmitErrorFn emitError;
};

} // namespace

LogicalResult mlir::gs::tuneModule(ModuleOp module, const CompileOptions &compile, const TargetSpec &target,
                                   StringRef machine, TuneCache &cache, const TuneOptions &options, RunProgramFn run,
                                   EmitErrorFn emitError) {
  SmallVector<Operation *> work;
  module.walk([&](Operation *op) {
    if (isa<MatmulOp, ConvOp>(op))
      work.push_back(op);
  });
  Tuner tuner(compile, target, machine, cache, options, run, emitError);
  LogicalResult result = success();
  for (auto [i, op] : llvm::enumerate(work))
    if (failed(tuner.tune(op, "layer " + Twine(i + 1) + " of " + Twine(work.size())))) {
      result = failure();
      break;
    }
  // What was measured until then is worth keeping.
  if (failed(cache.save(emitError)))
    return failure();
  return result;
}
