//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The answers of gsc whatif as JSON, as a table and as a recipe.
//
//===----------------------------------------------------------------------===//
#include "ReportInternal.h"
#include "gs/Compiler/WhatIf.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/YAMLParser.h"

using namespace mlir;
using namespace mlir::gs;

static std::string utf8(StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); }

static llvm::json::Value orNull(std::optional<double> number) {
  return number ? llvm::json::Value(*number) : llvm::json::Value(nullptr);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static llvm::json::Object toJSON(const WhatIfChoice &choice, bool withPoints) {
  llvm::json::Object object{{"us", choice.us}, {"bytes", choice.bytes}, {"energy", choice.energy}};
  if (withPoints)
    object["points"] = llvm::json::Array(choice.points);
  return object;
}

llvm::json::Object mlir::gs::toJSON(const WhatIfReport &report) {
  llvm::json::Array layers, uniform, front;
  for (const WhatIfLayer &layer : report.layers) {
    llvm::json::Array points, refused;
    for (const WhatIfPoint &point : layer.points)
      points.push_back(llvm::json::Object{{"pattern", point.pattern},
                                          {"sparsity", point.sparsity},
                                          {"density", point.density},
                                          {"energy", point.energy},
                                          {"bytes", point.bytes},
                                          {"predicted_us", point.us},
                                          {"measured_us", orNull(point.measuredUs)},
                                          {"strategy", point.strategy}});
    for (const WhatIfLayer::Refusal &refusal : layer.refused)
      refused.push_back(llvm::json::Object{{"pattern", refusal.pattern}, {"reason", utf8(refusal.reason)}});
    layers.push_back(llvm::json::Object{{"node", utf8(layer.node)},
                                        {"op", layer.op},
                                        {"shape", layer.shape},
                                        {"weights", layer.weights},
                                        {"dense_predicted_us", layer.denseUs},
                                        {"dense_measured_us", orNull(layer.denseMeasuredUs)},
                                        {"dense_bytes", layer.denseBytes},
                                        {"dense_strategy", layer.denseStrategy},
                                        {"stays_dense", utf8(layer.kept)},
                                        {"points", std::move(points)},
                                        {"refused", std::move(refused)}});
  }
  for (auto [p, pattern] : llvm::enumerate(report.patterns))
    for (double sparsity : report.sparsities) {
      llvm::json::Object object = ::toJSON(report.uniform(int64_t(p), sparsity), false);
      object["pattern"] = int64_t(p);
      object["sparsity"] = report.ownDensity[p] ? llvm::json::Value(nullptr) : sparsity;
      uniform.push_back(std::move(object));
      if (report.ownDensity[p])
        break;
    }
  llvm::json::Array own;
  for (char each : report.ownDensity)
    own.push_back(bool(each));
  for (const WhatIfChoice &choice : report.front())
    front.push_back(::toJSON(choice, true));
  return llvm::json::Object{{"model", utf8(report.model)},
                            {"target", utf8(report.target)},
                            {"measured", report.measured},
                            {"patterns", llvm::json::Array(report.patterns)},
                            {"own_density", std::move(own)},
                            {"sparsities", llvm::json::Array(report.sparsities)},
                            {"dense", ::toJSON(report.dense(), false)},
                            {"layers", std::move(layers)},
                            {"uniform", std::move(uniform)},
                            {"front", std::move(front)}};
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

static std::string duration(double us) {
  return us < 1000 ? formatted("%.1f us", us) : formatted("%.3g ms", us / 1000);
}

void mlir::gs::printWhatIf(const WhatIfReport &report, llvm::raw_ostream &os) {
  WhatIfChoice dense = report.dense();
  size_t pruned = llvm::count_if(report.layers, [](const WhatIfLayer &layer) { return !layer.points.empty(); });
  os << report.model << " for " << report.target << ": " << report.layers.size() << " layers, " << pruned
     << " of them can be pruned; dense " << duration(dense.us) << " on one core, "
     << formatted("%.1f MB", dense.bytes / 1e6) << "\n\n";
  os << "The same pattern and sparsity everywhere: speed-up over dense (share of the weights' energy that is kept)\n\n";
  size_t width = 8;
  for (const std::string &pattern : report.patterns)
    width = std::max(width, shortPattern(pattern).size() + 2);
  os << std::string(width, ' ');
  for (double sparsity : report.sparsities)
    os << formatted("%14s", formatted("%g %%", 100 * sparsity).c_str());
  os << "\n" << std::string(width + 14 * report.sparsities.size(), '-') << "\n";
  for (auto [p, pattern] : llvm::enumerate(report.patterns)) {
    os << llvm::left_justify(shortPattern(pattern), width);
    if (report.ownDensity[p]) {
      WhatIfChoice choice = report.uniform(int64_t(p), 0);
      os << formatted("%14s", formatted("%.2fx (%.2f)", dense.us / choice.us, choice.energy).c_str())
         << "   whatever the sparsity: the pattern says how many weights stay\n";
      continue;
    }
    for (double sparsity : report.sparsities) {
      WhatIfChoice choice = report.uniform(int64_t(p), sparsity);
      bool any = llvm::any_of(choice.points, [](int64_t point) { return point >= 0; });
      os << formatted("%14s", any ? formatted("%.2fx (%.2f)", dense.us / choice.us, choice.energy).c_str() : "-");
    }
    os << "\n";
  }
  std::vector<WhatIfChoice> front = report.front();
  os << "\nThe best pattern and sparsity per layer:\n\n";
  os << "  energy kept   time        speed-up   weights\n";
  for (double energy : {0.99, 0.95, 0.9, 0.8, 0.7, 0.0}) {
    const WhatIfChoice *best = nullptr;
    for (const WhatIfChoice &choice : front)
      if (choice.energy >= energy)
        best = &choice;
    if (best)
      os << formatted("  %-13s %-11s %-10s %.1f MB\n", formatted("%.3f", best->energy).c_str(),
                      duration(best->us).c_str(), formatted("%.2fx", dense.us / best->us).c_str(), best->bytes / 1e6);
  }
}

//===----------------------------------------------------------------------===//
// Recipe
//===----------------------------------------------------------------------===//

void mlir::gs::printRecipe(const WhatIfReport &report, const WhatIfChoice &choice, llvm::raw_ostream &os) {
  WhatIfChoice dense = report.dense();
  auto quoted = [](StringRef text) { return "\"" + llvm::yaml::escape(text) + "\""; };
  os << "# " << llvm::yaml::escape(report.model) << " for " << llvm::yaml::escape(report.target)
     << formatted(": predicted %.2f times as fast as dense, %.1f %% of the energy kept\n", dense.us / choice.us,
                  100 * choice.energy)
     << "version: 1\nlayers:\n";
  bool any = false;
  for (auto [layer, point] : llvm::zip(report.layers, choice.points)) {
    if (point < 0)
      continue;
    const WhatIfPoint &p = layer.points[point];
    os << "  - node: " << quoted(layer.node) << "\n    pattern: " << quoted(report.patterns[p.pattern])
       << formatted("\n    sparsity: %g\n", p.sparsity);
    any = true;
  }
  if (!any)
    os << "  []\n";
}
