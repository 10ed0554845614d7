//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Predicted time of a contraction whose weight would get a pattern.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"
#include "gs/Conversion/GSToVector/Strategy.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

CostOf::CostOf(Operation *op, const TargetSpec &target)
    : target(target), c(Contraction::afterLayout(
                          op, target.lanes(cast<ShapedType>(op->getOperand(1).getType()).getElementTypeBitWidth()))) {}

std::optional<double> CostOf::cycles(PatternAttrInterface pattern, std::shared_ptr<const Weight> weight) {
  if (failed(c))
    return std::nullopt;
  c->weightPattern = pattern;
  WeightFacts facts;
  facts.pattern = pattern;
  facts.form = pattern.getGroupForm(c->weightShape());
  facts.nonZeros = weight->numKept();
  facts.weight = std::move(weight);
  std::optional<double> best;
  for (const Strategy *strategy : allStrategies()) {
    if (!refusalOf(*strategy, *c, facts, target).empty())
      continue;
    for (const gs::Candidate &candidate : candidatesOf(*strategy, *c, facts, target))
      if (!strategy->storage(*c, candidate.strategy, target).isDense() && (!best || candidate.cycles < *best))
        best = candidate.cycles;
  }
  return best;
}
