//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the target's rates allow each layer, and why it takes longer.
//
//===----------------------------------------------------------------------===//
#include "ReportInternal.h"
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <deque>

using namespace mlir;
using namespace mlir::gs;

std::optional<double> LayerReport::gflops() const {
  std::optional<double> us = bestKnownUs();
  if (!us || !(*us > 0) || !(denseMacs > 0))
    return std::nullopt;
  return 2e-3 * keptMacs() / *us;
}

std::optional<double> LayerReport::roofShare(int threads) const {
  std::optional<double> us = bestKnownUs();
  if (!us || !(*us > 0) || !(roofUs() > 0))
    return std::nullopt;
  return roofUs() / (measuredUs ? std::max(threads, 1) : 1) / *us;
}

/// Bytes of the packed weight of `c`; 0 if it is not packed.
static double packedBytes(const Contraction &c) {
  auto constant = c.weight().getDefiningOp<CompressedConstantOp>();
  if (!constant)
    return 0;
  double bytes = 0;
  for (NamedAttribute buffer : constant.getBuffers())
    if (auto elements = dyn_cast<ElementsAttr>(buffer.getValue()))
      bytes += double(elements.getNumElements()) * double(elements.getElementType().getIntOrFloatBitWidth()) / 8;
  return bytes;
}

void mlir::gs::fillRoofs(ModuleOp module, const TargetSpec &target, std::vector<LayerReport> &layers) {
  llvm::StringMap<std::deque<LayerReport *>> rows;
  for (LayerReport &layer : layers)
    rows[layer.node].push_back(&layer);
  // One inference reads all weights: those of a layer have left every cache that cannot hold them all.
  double allWeights = 0;
  SmallVector<std::pair<LayerReport *, Contraction>> work;
  module.walk([&](Operation *op) {
    if (!isa<MatmulOp, ConvOp>(op))
      return;
    std::deque<LayerReport *> &waiting = rows[nodeName(op->getLoc())];
    FailureOr<Contraction> c = Contraction::get(op);
    if (waiting.empty() || failed(c))
      return;
    work.push_back({waiting.front(), *c});
    waiting.pop_front();
    allWeights += packedBytes(*c);
  });
  for (auto &[layer, c] : work) {
    double lanes = target.lanes(c.elementType().getIntOrFloatBitWidth());
    layer->fmaRoofUs = target.microseconds(layer->keptMacs() / (lanes * target.fmaPerCycle));
    // In a loop over time, the weights of the loop alone share the caches.
    double runs = runsPerInference(c.op);
    double weights = runs * packedBytes(c) / cost::streamBytesPerCycle(target, runs > 1 ? packedBytes(c) : allWeights);
    double activations = runs * cost::memoryFloor(target, c, 0);
    layer->memoryRoofUs = target.microseconds(weights + activations);
    layer->weightsBind = weights >= activations;
    if (StrategyAttr choice = c.strategy())
      layer->laneUse = lookupStrategy(choice.getName())->laneUse(c, choice, target);
  }
}

/// Why a layer that computes with every weight does so.
static std::string denseReason(const LayerReport &layer) {
  if (layer.pattern == "dense")
    return layer.refused.empty() ? "no pattern was found" : layer.refused.front().reason;
  for (const LayerReport::Timing &timing : layer.tuned)
    if (timing.strategy.substr(0, 5) != layer.strategy.substr(0, 5))
      return formatted("the dense kernel was measured to be faster: %.1f against %.1f us",
                       layer.tuned.front().measuredUs, timing.measuredUs);
  return "the dense kernel is predicted to be faster";
}

static std::string reasonOf(const LayerReport &layer, int threads) {
  if (!layer.sparse)
    return denseReason(layer);
  std::optional<double> share = layer.roofShare(threads), us = layer.bestKnownUs();
  if (!share)
    return "";
  if (layer.densePredictedUs && *layer.densePredictedUs < 1.1 * layer.predictedUs.value_or(0))
    return formatted("too few zeros for this shape: dense would take %.1f us", *layer.densePredictedUs);
  if (*share >= kGoodShare)
    return "";
  double predictedShare = layer.predictedUs && *layer.predictedUs > 0 ? layer.roofUs() / *layer.predictedUs : 1;
  bool slowerThanModel = layer.measuredUs && predictedShare / *share > 1.3;
  if (*us < 10)
    return "so short that starting loops and meeting at barriers count";
  if (slowerThanModel && threads > 1)
    return "far slower than predicted for that many threads: its work is shared unevenly, or memory binds";
  if (layer.laneUse < 0.8)
    return formatted("%.0f %% of the vector lanes compute nothing: its lines fill no whole vectors",
                     100 * (1 - layer.laneUse));
  if (slowerThanModel)
    return "far slower than predicted: packing of its input, or what the cost model does not see (a busy machine, too)";
  if (layer.fmaRoofUs >= layer.memoryRoofUs)
    return "loads, not multiply-adds, bind this kernel: too few rows share an activation that was loaded";
  return layer.weightsBind ? "indices and loop control take longer than streaming the weights"
                           : "activations are read more often than once";
}

void mlir::gs::explainGains(ModelReport &report) {
  for (LayerReport &layer : report.layers)
    layer.reason = reasonOf(layer, report.threads);
}
