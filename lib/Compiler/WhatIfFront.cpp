//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which choice per layer is best for the network.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/WhatIf.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>
#include <tuple>

using namespace mlir;
using namespace mlir::gs;

/// Layers that can be pruned: those whose energy counts.
static int64_t numPrunable(const WhatIfReport &report) {
  return llvm::count_if(report.layers, [](const WhatIfLayer &layer) { return layer.kept.empty(); });
}

WhatIfChoice WhatIfReport::dense() const {
  WhatIfChoice choice;
  choice.points.assign(layers.size(), -1);
  for (const WhatIfLayer &layer : layers) {
    choice.us += layer.denseKnownUs();
    choice.bytes += layer.denseBytes;
  }
  return choice;
}

/// Gives layer `i` its point `p` instead of what it has.
static void take(const WhatIfReport &report, WhatIfChoice &choice, size_t i, int64_t p) {
  const WhatIfLayer &layer = report.layers[i];
  auto value = [&](int64_t at, double dense, auto of) { return at < 0 ? dense : of(layer.points[at]); };
  auto change = [&](double dense, auto of) { return value(p, dense, of) - value(choice.points[i], dense, of); };
  choice.us += change(layer.denseKnownUs(), [](const WhatIfPoint &point) { return point.bestKnownUs(); });
  choice.bytes += change(layer.denseBytes, [](const WhatIfPoint &point) { return point.bytes; });
  choice.energy += change(1, [](const WhatIfPoint &point) { return point.energy; }) /
                   double(std::max<int64_t>(1, numPrunable(report)));
  choice.points[i] = p;
}

WhatIfChoice WhatIfReport::uniform(int64_t pattern, double sparsity) const {
  WhatIfChoice choice = dense();
  for (size_t i = 0; i < layers.size(); ++i)
    for (auto [p, point] : llvm::enumerate(layers[i].points))
      if (point.pattern == pattern && (point.sparsity == sparsity || ownDensity[pattern]))
        take(*this, choice, i, int64_t(p));
  return choice;
}

namespace {
/// A step from one choice of a layer to a faster one that keeps less.
struct Step {
  size_t layer;
  int64_t point;
  double saved, lost; ///< microseconds and share of the layer's energy
  size_t number = 0;
  double gain() const { return lost > 0 ? saved / lost : std::numeric_limits<double>::infinity(); }
};
} // namespace

/// The lower convex hull of (lost energy, time) of a layer, from dense on.
static void appendSteps(const WhatIfLayer &layer, size_t number, std::vector<Step> &steps) {
  struct Vertex {
    double lost, us;
    int64_t point;
  };
  std::vector<Vertex> all = {{0, layer.denseKnownUs(), -1}};
  for (auto [p, point] : llvm::enumerate(layer.points))
    all.push_back({std::max(0.0, 1 - point.energy), point.bestKnownUs(), int64_t(p)});
  llvm::sort(all, [](const Vertex &a, const Vertex &b) {
    return std::tie(a.lost, a.us, a.point) < std::tie(b.lost, b.us, b.point);
  });
  std::vector<Vertex> hull;
  for (const Vertex &v : all) {
    if (!hull.empty() && v.us >= hull.back().us)
      continue;
    while (hull.size() >= 2) {
      const Vertex &a = hull[hull.size() - 2], &b = hull.back();
      // b is above the line from a to v.
      if ((b.us - a.us) * (v.lost - a.lost) < (v.us - a.us) * (b.lost - a.lost))
        break;
      hull.pop_back();
    }
    hull.push_back(v);
  }
  // A point that loses nothing and is faster than dense stands first; dense need not be on the hull.
  Vertex from = {0, layer.denseKnownUs(), -1};
  for (const Vertex &v : hull) {
    if (v.point >= 0)
      steps.push_back({number, v.point, from.us - v.us, v.lost - from.lost});
    from = v;
  }
}

std::vector<WhatIfChoice> WhatIfReport::front() const {
  std::vector<Step> steps;
  for (auto [i, layer] : llvm::enumerate(layers))
    appendSteps(layer, i, steps);
  // On a hull the gains of a layer fall, so the order below keeps the order within each layer.
  // Equal gains keep their order, too: they are in it by number.
  for (auto [i, step] : llvm::enumerate(steps))
    step.number = i;
  llvm::sort(steps, [](const Step &a, const Step &b) {
    return a.gain() != b.gain() ? a.gain() > b.gain() : a.number < b.number;
  });
  std::vector<WhatIfChoice> result = {dense()};
  for (const Step &step : steps) {
    WhatIfChoice next = result.back();
    take(*this, next, step.layer, step.point);
    result.push_back(std::move(next));
  }
  return result;
}
