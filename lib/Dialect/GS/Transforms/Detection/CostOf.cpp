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

CostOf::CostOf(Operation *op, const TargetSpec &target) : target(target) {
  // A twin of the op outside of the program, with the types that it will have when its strategy is chosen.
  clone = op->clone();
  clone->removeAttr("strategy");
  for (OpOperand &operand : clone->getOpOperands())
    operand.set(values.addArgument(operand.get().getType(), op->getLoc()));
  auto conv = dyn_cast<ConvOp>(clone);
  if (!conv || !needsPlane(conv) || isDepthwise(conv))
    return;
  auto input = cast<RankedTensorType>(conv.getInput().getType());
  PlaneAttr plane = planFor(conv, target.lanes(input.getElementTypeBitWidth()));
  values.getArgument(1).setType(
      RankedTensorType::get({input.getDimSize(0), input.getDimSize(1), plane.getSize()}, input.getElementType()));
  conv.setPlaneAttr(plane);
}

CostOf::~CostOf() { clone->destroy(); }

std::optional<double> CostOf::cycles(PatternAttrInterface pattern, std::shared_ptr<const Weight> weight) {
  auto plain = cast<RankedTensorType>(values.getArgument(0).getType());
  values.getArgument(0).setType(RankedTensorType::get(plain.getShape(), plain.getElementType(), pattern));
  FailureOr<Contraction> c = Contraction::get(clone);
  if (failed(c))
    return std::nullopt;
  WeightFacts facts;
  facts.pattern = pattern;
  facts.form = pattern.getGroupForm(c->weightShape());
  facts.nonZeros = weight->numKept();
  facts.weight = std::move(weight);
  std::optional<double> best;
  for (const Strategy *strategy : allStrategies()) {
    if (!refusalOf(*strategy, *c, facts, target).empty())
      continue;
    for (const gs::Candidate &candidate : strategy->candidates(*c, facts, target))
      if (!strategy->storage(*c, candidate.strategy, target).isDense() && (!best || candidate.cycles < *best))
        best = candidate.cycles;
  }
  return best;
}
