//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows of the report of a model, from the IR.
//
//===----------------------------------------------------------------------===//
#include "ReportInternal.h"
#include "gs/Conversion/GSToVector/StoredPool.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Dialect/ONNX/IR/ONNXDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <deque>
#include <tuple>

using namespace mlir;
using namespace mlir::gs;

double mlir::gs::runsPerInference(Operation *op) {
  double runs = 1;
  for (auto loop = op->getParentOfType<scf::ForOp>(); loop; loop = loop->getParentOfType<scf::ForOp>())
    if (std::optional<APInt> trips = loop.getStaticTripCount())
      runs *= trips->getLimitedValue();
  return runs;
}

std::string mlir::gs::shapeText(Type type) {
  auto shaped = dyn_cast<RankedTensorType>(type);
  return shaped
             ? llvm::join(llvm::map_range(shaped.getShape(),
                                          [](int64_t d) { return ShapedType::isDynamic(d) ? "?" : std::to_string(d); }),
                          "x")
             : "?";
}

static std::string printed(Attribute attr) {
  std::string text;
  llvm::raw_string_ostream(text) << attr;
  return text;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

std::vector<LayerReport> mlir::gs::listLayers(ModuleOp imported) {
  static const llvm::StringSet<> isRecurrent = {"LSTM", "GRU", "RNN"};
  static const llvm::StringSet<> kinds = {"Conv", "ConvTranspose", "MatMul", "Gemm", "LSTM", "GRU", "RNN"};
  std::vector<LayerReport> result;
  imported.walk([&](onnx::NodeOp node) {
    if (!kinds.contains(node.getOpType()) || node->getNumOperands() < 2)
      return;
    LayerReport layer;
    layer.node = nodeName(node.getLoc()).str();
    layer.op = node.getOpType().str();
    Value left = node->getOperand(0), right = node->getOperand(1);
    if (matchPattern(right, m_Constant()))
      layer.shape = shapeText(right.getType());
    else if (matchPattern(left, m_Constant()))
      layer.shape = shapeText(left.getType());
    else
      layer.shape = shapeText(left.getType()) + " * " + shapeText(right.getType());
    layer.pattern = "dense";
    result.push_back(layer);
    // The loop of a recurrent layer is reported by itself, per direction.
    if (!isRecurrent.contains(node.getOpType()) || node->getNumOperands() < 3)
      return;
    auto direction = dyn_cast_or_null<StringAttr>(node.getNodeAttr("direction"));
    bool both = direction && direction.getValue() == "bidirectional";
    layer.shape = shapeText(node->getOperand(2).getType());
    static constexpr StringRef parts[] = {"/recurrent", "/recurrent reverse"};
    for (StringRef part : ArrayRef<StringRef>(parts).take_front(both ? 2 : 1)) {
      result.push_back(layer);
      result.back().node += part;
    }
  });
  return result;
}

/// The pattern of the weight and what was tried before it.
static void readDetection(Operation *op, LayerReport &layer) {
  auto detected = op->getAttrOfType<DictionaryAttr>("gs.detected");
  if (!detected) {
    layer.refused.push_back({"any pattern", "no pattern was looked for"});
    return;
  }
  if (Attribute pattern = detected.get("pattern"))
    layer.pattern = isa<StringAttr>(pattern) ? cast<StringAttr>(pattern).str() : printed(pattern);
  if (auto density = detected.getAs<FloatAttr>("density"))
    layer.density = density.getValueAsDouble();
  if (auto refused = detected.getAs<ArrayAttr>("refused"))
    for (auto entry : refused.getAsRange<DictionaryAttr>())
      if (auto candidate = entry.getAs<StringAttr>("candidate"), reason = entry.getAs<StringAttr>("reason");
          candidate && reason)
        layer.refused.push_back({candidate.str(), reason.str()});
}

std::string mlir::gs::strategyText(StrategyAttr strategy) {
  std::string text = strategy.getName().str();
  if (strategy.getParams())
    for (NamedAttribute param : strategy.getParams())
      if (auto value = dyn_cast<IntegerAttr>(param.getValue()))
        text += (" " + param.getName().getValue() + "=" + Twine(value.getInt())).str();
  return text;
}

/// What `--tune` measured.
static void readTimings(Operation *op, LayerReport &layer) {
  auto measured = op->getAttrOfType<ArrayAttr>("gs.measured");
  if (!measured)
    return;
  for (auto entry : measured.getAsRange<DictionaryAttr>())
    if (auto choice = entry.getAs<StrategyAttr>("strategy"))
      if (auto us = entry.getAs<FloatAttr>("us"), predicted = entry.getAs<FloatAttr>("predicted_us"); us && predicted)
        layer.tuned.push_back({strategyText(choice), predicted.getValueAsDouble(), us.getValueAsDouble()});
  llvm::sort(layer.tuned, [](const auto &a, const auto &b) {
    return std::tie(a.measuredUs, a.strategy) < std::tie(b.measuredUs, b.strategy);
  });
}

/// What is left of a weight whose dead rows and channels were removed.
static void readRemoval(Operation *op, LayerReport &layer) {
  auto removed = op->getAttrOfType<DictionaryAttr>("gs.removed");
  FailureOr<Contraction> c = Contraction::get(op);
  if (!removed || failed(c))
    return;
  if (auto rows = removed.getAs<IntegerAttr>("rows"))
    layer.removedFilters = rows.getInt();
  if (auto channels = removed.getAs<IntegerAttr>("channels"))
    layer.removedChannels = channels.getInt();
  layer.shape = llvm::join(llvm::map_range(c->weightShape(), [](int64_t d) { return std::to_string(d); }), "x");
}

/// The kernel and those that it was preferred to.
static void readChoice(Operation *op, LayerReport &layer) {
  auto strategy = op->getAttrOfType<StrategyAttr>("strategy");
  StringRef chosen = strategy ? strategy.getName() : "";
  layer.strategy = strategy ? strategyText(strategy) : "";
  layer.sparse = layer.pattern != "dense" && chosen != "dense-tile" && chosen != "winograd";
  if (auto predicted = op->getAttrOfType<FloatAttr>("gs.predicted_us"))
    layer.predictedUs = predicted.getValueAsDouble();
  readTimings(op, layer);
  auto candidates = op->getAttrOfType<ArrayAttr>("gs.candidates");
  if (!candidates)
    return;
  for (auto entry : candidates.getAsRange<DictionaryAttr>()) {
    auto name = entry.getAs<StringAttr>("strategy");
    if (!name)
      continue;
    auto predicted = entry.getAs<FloatAttr>("predicted_us"), measured = entry.getAs<FloatAttr>("measured_us");
    if (predicted && (name.getValue() == "dense-tile" || name.getValue() == "winograd"))
      layer.densePredictedUs = layer.densePredictedUs ? std::min(*layer.densePredictedUs, predicted.getValueAsDouble())
                                                      : predicted.getValueAsDouble();
    if (name.getValue() == chosen)
      continue;
    if (auto reason = entry.getAs<StringAttr>("refused")) {
      layer.refused.push_back({name.str(), reason.str()});
    } else if (measured) {
      layer.refused.push_back({name.str(), formatted("measured to be slower: %.2f us", measured.getValueAsDouble())});
    } else if (predicted) {
      layer.refused.push_back({name.str(), formatted("predicted to be slower: %.2f us", predicted.getValueAsDouble())});
    }
  }
}

void mlir::gs::fillLayers(ModuleOp module, std::vector<LayerReport> &layers) {
  llvm::StringMap<std::deque<size_t>> rows; // Not every exporter gives every node a name of its own.
  for (auto [i, layer] : llvm::enumerate(layers))
    rows[layer.node].push_back(i);
  // The file need not tell the shape of what is computed; the loops do.
  auto completeShape = [&](linalg::LinalgOp loops, StringRef node) {
    auto found = rows.find(node);
    if (found == rows.end() || found->second.empty() || loops.getNumDpsInputs() < 2)
      return;
    std::string &shape = layers[found->second.front()].shape;
    if (StringRef(shape).contains('?'))
      shape = shapeText(loops.getDpsInputs()[0].getType()) + " * " + shapeText(loops.getDpsInputs()[1].getType());
  };
  llvm::StringSet<> alive; // names of nodes that code is left of
  std::vector<bool> filled(layers.size());
  module.walk([&](Operation *op) {
    std::string node = nodeName(op->getLoc()).str();
    alive.insert(node);
    if (auto loops = dyn_cast<linalg::LinalgOp>(op); loops && loops.getNumReductionLoops() > 0)
      completeShape(loops, node);
    if (!isa<MatmulOp, ConvOp>(op))
      return;
    std::deque<size_t> &waiting = rows[node];
    if (waiting.empty()) {
      LayerReport added;
      added.node = node;
      added.op = isa<ConvOp>(op) ? "Conv" : "MatMul";
      added.pattern = "dense";
      waiting.push_back(layers.size());
      layers.push_back(std::move(added));
      filled.push_back(false);
    }
    LayerReport &layer = layers[waiting.front()];
    double runs = runsPerInference(op);
    filled[waiting.front()] = true;
    waiting.pop_front();
    if (FailureOr<Contraction> c = Contraction::get(op); succeeded(c)) {
      layer.denseMacs = c->denseMacs() * runs;
      if (layer.shape.empty())
        layer.shape = llvm::join(llvm::map_range(c->weightShape(), [](int64_t d) { return std::to_string(d); }), "x");
    }
    readDetection(op, layer);
    readChoice(op, layer);
    readRemoval(op, layer);
    if (auto note = op->getAttrOfType<StringAttr>("gs.chain_note"))
      layer.chain = note.str();
    layer.inChain = Strip::isOn(op);
    if (auto note = op->getAttrOfType<StringAttr>("gs.pool_note"))
      layer.pool = note.str();
    layer.storesPool = op->hasAttr(StoredPool::name());
    if (auto order = op->getAttrOfType<StringAttr>("gs.row_order"))
      layer.rowOrder = order.str();
    for (std::optional<double> *predicted : {&layer.predictedUs, &layer.densePredictedUs})
      if (*predicted)
        **predicted *= runs;
  });
  for (auto [layer, known] : llvm::zip(layers, filled)) {
    if (known)
      continue;
    bool folded = !alive.contains(layer.node);
    layer.strategy = folded ? "folded" : "loops";
    std::string reason = "both operands are computed, so there are no weights that could be zero";
    if (folded)
      reason = "the result is a constant, computed when compiling";
    else if (layer.op == "ConvTranspose")
      reason = "transposed convolutions stay dense";
    else if (!StringRef(layer.shape).contains('*'))
      reason = "only a single matrix can be sparse, not a batch of them";
    layer.refused.push_back({"any pattern", reason});
  }
}

void mlir::gs::addMeasurement(ModelReport &report, ArrayRef<ModelReport::Other> times) {
  llvm::StringMap<LayerReport *> rows;
  for (LayerReport &layer : report.layers) {
    layer.measuredUs = 0; // Without code of its own: folded, or fused into another layer.
    rows.try_emplace(layer.node, &layer);
  }
  for (const ModelReport::Other &time : times) {
    auto row = rows.find(time.node);
    if (row == rows.end())
      report.others.push_back(time);
    else
      row->second->measuredUs = *row->second->measuredUs + time.measuredUs;
  }
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Value orNull(std::optional<double> number) {
  return number ? llvm::json::Value(*number) : llvm::json::Value(nullptr);
}

/// Node names may be any bytes, but JSON is UTF-8.
static std::string utf8(StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); }

static const char *roofName(const LayerReport &layer) {
  return layer.fmaRoofUs >= layer.memoryRoofUs ? "fma" : "memory";
}

llvm::json::Object mlir::gs::toJSON(const ModelReport &report) {
  llvm::json::Array layers, others;
  for (const LayerReport &layer : report.layers) {
    llvm::json::Array refused, tuned;
    for (const LayerReport::Refusal &refusal : layer.refused)
      refused.push_back(llvm::json::Object{{"candidate", utf8(refusal.candidate)}, {"reason", utf8(refusal.reason)}});
    for (const LayerReport::Timing &timing : layer.tuned)
      tuned.push_back(llvm::json::Object{
          {"strategy", timing.strategy}, {"predicted_us", timing.predictedUs}, {"measured_us", timing.measuredUs}});
    bool known = layer.roofUs() > 0;
    layers.push_back(llvm::json::Object{{"node", utf8(layer.node)},
                                        {"op", layer.op},
                                        {"shape", layer.shape},
                                        {"pattern", layer.pattern},
                                        {"density", layer.density},
                                        {"strategy", layer.strategy},
                                        {"predicted_us", orNull(layer.predictedUs)},
                                        {"measured_us", orNull(layer.measuredUs)},
                                        {"dense_predicted_us", orNull(layer.densePredictedUs)},
                                        {"kept_gflops", orNull(layer.gflops())},
                                        {"roof_us", known ? llvm::json::Value(layer.roofUs()) : nullptr},
                                        {"roof", known ? llvm::json::Value(roofName(layer)) : nullptr},
                                        {"roof_share", orNull(layer.roofShare(report.threads))},
                                        {"reason", layer.reason},
                                        {"tuned", std::move(tuned)},
                                        {"removed_filters", layer.removedFilters},
                                        {"removed_channels", layer.removedChannels},
                                        {"row_order", layer.rowOrder},
                                        {"chain", layer.chain},
                                        {"in_chain", layer.inChain},
                                        {"pool", layer.pool},
                                        {"stores_pool", layer.storesPool},
                                        {"refused", std::move(refused)}});
  }
  for (const ModelReport::Other &other : report.others)
    others.push_back(llvm::json::Object{{"node", utf8(other.node)}, {"measured_us", other.measuredUs}});
  bool measured = report.threads != 0;
  return llvm::json::Object{{"model", utf8(report.model)},
                            {"target", utf8(report.target)},
                            {"threads", measured ? llvm::json::Value(report.threads) : llvm::json::Value(nullptr)},
                            {"measured_us", orNull(report.measuredUs)},
                            {"layers", std::move(layers)},
                            {"others", measured ? llvm::json::Value(std::move(others)) : llvm::json::Value(nullptr)},
                            {"reading", reading(report)}};
}
