//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of strategies.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Conversion/GSToVector/TilePlan.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::gs;

namespace mlir::gs {
#define GS_STRATEGY(NAME) const Strategy &get##NAME##Strategy();
#include "../Strategies.def"
#undef GS_STRATEGY
} // namespace mlir::gs

ArrayRef<const Strategy *> mlir::gs::allStrategies() {
  static const Strategy *const strategies[] = {
#define GS_STRATEGY(NAME) &get##NAME##Strategy(),
#include "../Strategies.def"
#undef GS_STRATEGY
  };
  return strategies;
}

PatternAttrInterface StorageRequest::packedPattern(MLIRContext *context, PatternAttrInterface own) const {
  if (isDense())
    return {};
  // Every mask is a legal unstructured mask, and rows that share their columns are legal blocks of one column.
  if (kind == Kind::Rows)
    return cast<PatternAttrInterface>(UnstructuredAttr::get(context));
  // A bundle's groups in all tiles are groups of one bundle.
  if (kind == Kind::RowGroups || kind == Kind::Lanes) {
    auto pattern = kind == Kind::RowGroups
                       ? cast<PatternAttrInterface>(Attribute(BlockAttr::get(context, panelRows, 1)))
                       : cast<PatternAttrInterface>(Attribute(GatherScatterAttr::get(context, lanes, width)));
    return rowOrder ? cast<PatternAttrInterface>(Attribute(PermutedAttr::get(pattern))) : pattern;
  }
  if (kind == Kind::Windows)
    return cast<PatternAttrInterface>(WindowAttr::get(context, windowKept, windowWidth, panelRows));
  return own;
}

std::string mlir::gs::refusalOf(const Strategy &strategy, const Contraction &c, const WeightFacts &weight,
                                const TargetSpec &target) {
  if (c.isUnpacked && !strategy.readsUnpacked())
    return "reads packed planes, but the input of a depthwise convolution is read where it lies";
  return strategy.refuses(c, weight, target);
}

SmallVector<Candidate> mlir::gs::candidatesOf(const Strategy &strategy, const Contraction &c, const WeightFacts &weight,
                                              const TargetSpec &target) {
  SmallVector<Candidate> result = strategy.candidates(c, weight, target);
  for (Candidate &candidate : result)
    candidate.cycles += cost::epilogueCycles(target, c);
  return result;
}

double Strategy::laneUse(const Contraction &c, StrategyAttr, const TargetSpec &target) const {
  int64_t lanes = target.lanes(c.elementType().getIntOrFloatBitWidth());
  int64_t vectors = countVectors(planTiles(c, lanes, 4));
  // One column: lanes run along rows or non-zeros.
  return c.columns() > 1 && vectors ? double(c.columns()) / double(vectors * lanes) : 1;
}

bool mlir::gs::canStoreStrided(const Strategy &strategy, const Contraction &c) {
  auto output = cast<ShapedType>(c.init().getType());
  // Operands of the result's shape are read at the places where results are stored: they must lie as it does.
  bool elsewhere = llvm::any_of(c.epilogueOperands().getTypes(), [&](Type type) {
    return cast<ShapedType>(type).getShape() == output.getShape() && !(c.destination && type == output);
  });
  return isa<ConvOp>(c.op) && strategy.storesStrided() && !elsewhere &&
         (c.destination || c.keepsLines(output.getShape().drop_front(2)));
}

const Strategy *mlir::gs::lookupStrategy(StringRef name) {
  for (const Strategy *strategy : allStrategies())
    if (strategy->name() == name)
      return strategy;
  return nullptr;
}

FailureOr<WeightFacts> mlir::gs::weightFacts(const Contraction &c) {
  WeightFacts facts;
  facts.pattern = c.pattern();
  if (!facts.pattern) {
    facts.nonZeros = c.rows * c.cols;
    return facts;
  }
  facts.form = facts.pattern.getGroupForm(c.weightShape());
  auto constant = c.weight().getDefiningOp<ConstantOp>();
  if (!constant)
    return c.op->emitOpError("has an encoded weight that is not a gs.constant");
  FailureOr<Weight> weight = constant.getWeight([&] { return c.op->emitOpError(); });
  if (failed(weight))
    return failure();
  facts.nonZeros = weight->numKept();
  facts.weight = std::make_shared<const Weight>(std::move(*weight));
  return facts;
}

FailureOr<const Strategy *> mlir::gs::strategyOf(const Contraction &c, const TargetSpec &target) {
  StrategyAttr choice = c.strategy();
  if (!choice)
    return c.op->emitOpError("has no strategy; run gs-select-strategy or write one");
  const Strategy *strategy = lookupStrategy(choice.getName());
  if (!strategy) {
    InFlightDiagnostic diag = c.op->emitOpError("names the unknown strategy '") << choice.getName() << "'; known are ";
    llvm::interleaveComma(allStrategies(), diag, [&](const Strategy *s) { diag << "'" << s->name() << "'"; });
    return diag;
  }
  WeightFacts facts;
  facts.pattern = c.pattern();
  if (facts.pattern)
    facts.form = facts.pattern.getGroupForm(c.weightShape());
  std::string refusal = refusalOf(*strategy, c, facts, target);
  if (!refusal.empty())
    return c.op->emitOpError("asks for strategy '") << choice.getName() << "', which refuses it: " << refusal;
  if (failed(strategy->verifyParameters(c, choice, target)))
    return failure();
  return strategy;
}

LogicalResult Strategy::verifyParameters(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const {
  if (!choice.getParams())
    return success();
  SmallVector<StrategyParameter> known = parameters(c, target);
  for (NamedAttribute attr : choice.getParams()) {
    const auto *it = llvm::find_if(known, [&](const StrategyParameter &p) { return p.name == attr.getName(); });
    if (it == known.end()) {
      InFlightDiagnostic diag = c.op->emitOpError("strategy '") << name() << "' has no parameter " << attr.getName();
      if (known.empty())
        return diag << "; it takes none";
      diag << "; it takes ";
      llvm::interleaveComma(known, diag, [&](const StrategyParameter &p) { diag << "'" << p.name << "'"; });
      return diag;
    }
    int64_t value = choice.getInt(it->name, it->min);
    if (value < it->min || value > it->max)
      return c.op->emitOpError("strategy '") << name() << "': '" << it->name << "' must be from " << it->min << " to "
                                             << it->max << " here, got " << value;
    if (it->divides && it->divides % value)
      return c.op->emitOpError("strategy '")
             << name() << "': '" << it->name << "' must divide " << it->divides << " here, got " << value;
  }
  return success();
}

StrategyAttr Strategy::makeChoice(MLIRContext *ctx, ArrayRef<std::pair<StringRef, int64_t>> params) const {
  Builder b(ctx);
  SmallVector<NamedAttribute> attrs;
  for (auto [key, value] : params)
    attrs.push_back(b.getNamedAttr(key, b.getI64IntegerAttr(value)));
  return StrategyAttr::get(ctx, name(), attrs.empty() ? DictionaryAttr() : b.getDictionaryAttr(attrs));
}
