//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The choice of a strategy of the engine, and its form on the op.
//
//===----------------------------------------------------------------------===//
#include "SelectEngineStrategy.h"
#include "gs/Dialect/GS/IR/GSDialect.h"

using namespace mlir;
using namespace mlir::gs;

/// Parameters that any strategy of the engine may have.
static constexpr std::array<StringRef, 12> knownParameters = {
    "accumulators", "buffers",       "channels",     "fp32",       "fused",       "part_columns",
    "phases_depth", "phases_height", "phases_width", "tile_depth", "tile_height", "tile_width"};

StrategyAttr EngineChoice::attr(const EngineOp &op) const {
  MLIRContext *context = op.op->getContext();
  Builder b(context);
  SmallVector<NamedAttribute> params;
  auto add = [&](StringRef name, int64_t value) { params.push_back(b.getNamedAttr(name, b.getI64IntegerAttr(value))); };
  add("accumulators", variant.accumulators);
  if (variant.fused)
    add("fused", 1);
  if (variant.fp32)
    add("fp32", 1);
  if (variant.channels > 1)
    add("channels", variant.channels);
  if (!op.isVector() || plan.partColumns)
    for (auto [name, value] : plan.params())
      add(name, value);
  return StrategyAttr::get(context, strategy->name(), DictionaryAttr::get(context, params));
}

/// The variant of a choice; empty reason if it is possible.
static EngineVariant readVariant(StrategyAttr choice, EngineVariant variant, std::string &reason) {
  if (choice && choice.getParams())
    for (NamedAttribute param : choice.getParams())
      if (!llvm::is_contained(knownParameters, param.getName().getValue())) {
        reason = "strategy '" + choice.getName().str() + "' has no parameter '" + param.getName().str() + "'";
        return variant;
      }
  auto read = [&](StringRef name, int64_t fallback, ArrayRef<int64_t> possible) {
    int64_t value = choice ? choice.getInt(name, fallback) : fallback;
    if (!llvm::is_contained(possible, value)) {
      std::string all;
      for (int64_t each : possible)
        all += (all.empty() ? "" : each == possible.back() ? " or " : ", ") + std::to_string(each);
      reason = name.str() + " = " + std::to_string(value) + " is not possible; use " + all;
    }
    return value;
  };
  variant.accumulators = read("accumulators", variant.accumulators, {1, 2, 4});
  variant.channels = read("channels", variant.channels, {1, 4});
  variant.fused = read("fused", variant.fused, {0, 1});
  variant.fp32 = read("fp32", variant.fp32, {0, 1});
  return variant;
}

/// Why a strategy cannot run an op in this variant; fills in the choice if it can.
static std::string tryStrategy(const EngineOp &op, const EngineStrategy &strategy, const EngineVariant &variant,
                               StrategyAttr own, EngineChoice &choice) {
  if (variant.fp32 && op.bytes != 2)
    return "elements are f32 already";
  if (std::string reason = strategy.refuses(op, variant); !reason.empty())
    return reason;
  std::string reason;
  FailureOr<TilePlan> plan =
      planTiles(op, strategy.rowsInTcm(op, variant), strategy.addsParts(op, variant), own, reason);
  if (failed(plan))
    return reason;
  choice = {&strategy, variant, *plan};
  return "";
}

FailureOr<EngineChoice> mlir::gs::chooseEngineStrategy(const EngineOp &op, const EngineDefaults &defaults,
                                                       std::string &reason) {
  auto own = op.op->getAttrOfType<StrategyAttr>("strategy");
  EngineChoice choice;
  EngineVariant variant = readVariant(own, defaults.variant, reason);
  if (!reason.empty())
    return failure();
  std::string name = own ? own.getName().str() : defaults.strategy;
  if (!name.empty()) {
    const EngineStrategy *strategy = lookupEngineStrategy(name);
    if (!strategy) {
      reason = "there is no strategy '" + name + "' of the engine; there are ";
      for (const EngineStrategy *each : allEngineStrategies())
        reason += (each == allEngineStrategies().front() ? "" : ", ") + each->name().str();
      return failure();
    }
    reason = tryStrategy(op, *strategy, variant, own, choice);
    if (!reason.empty())
      return failure();
    return choice;
  }
  std::string reasons;
  for (const EngineStrategy *strategy : allEngineStrategies()) {
    if (!strategy->isDefaultFor(op))
      continue;
    std::string refusal = tryStrategy(op, *strategy, variant, own, choice);
    if (refusal.empty())
      return choice;
    reasons += (reasons.empty() ? "" : "; ") + strategy->name().str() + ": " + refusal;
  }
  reason = reasons;
  return failure();
}
