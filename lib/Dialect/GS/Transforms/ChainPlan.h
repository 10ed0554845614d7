//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What layers gain in strips of lines, and what strips cost.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_CHAINPLAN_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_CHAINPLAN_H

#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/IR/Strip.h"
#include "gs/Target/TargetSpec.h"

namespace mlir::gs {

/// What lies between a layer and the next one of its path.
enum class ChainLink {
  Strip,    ///< a strip, all that there is of the result
  Whole,    ///< lines of the whole result, which others read, too
  Residual, ///< lines of the whole result, which the next one adds
};

/// A layer that might be a member.
struct ChainLayer {
  ConvOp op;
  ShapedType output;
  Contraction whole;
  WeightFacts facts;
  double cycles = 0; ///< on the whole
  ChainLink link = ChainLink::Strip;
};

/// Some layers in strips of `lines` lines of the last one.
struct ChainPlan {
  int64_t lines = 0;
  SmallVector<Strip> strips;
  SmallVector<StrategyAttr> choices;
  double saved = 0, added = 0; ///< cycles
  double bytes = 0;            ///< between the members

  double gain() const { return saved - added; }
};

/// Plans strips on a target.
class ChainPlanner {
public:
  /// `threads`: 0 if their number is not known; `stripLines`: the only number of lines that is considered, 0: all.
  ChainPlanner(const TargetSpec &spec, int64_t threads, int64_t stripLines)
      : spec(spec), threads(threads), stripLines(stripLines) {}

  /// Whether layers with whole tensors between them may run together: nothing computes a line twice, and nobody else
  /// reads such a tensor before the last one.
  static bool linksHold(ArrayRef<ChainLayer> layers);

  /// Predicted cycles of `c` by the recorded strategy with the recorded parameters; in strips with the best that run
  /// so. Negative if there are none.
  std::pair<double, StrategyAttr> cyclesOf(const Contraction &c, const WeightFacts &facts) const;

  /// Cycles that writing and reading what lies between two layers takes beyond the second-level cache.
  double traffic(const ChainLayer &before, const ChainLayer &after) const;

  /// The strips that gain most; nullopt if there are none.
  std::optional<ChainPlan> bestPlan(ArrayRef<ChainLayer> layers) const;

  /// Cycles of layers that run as they are.
  static double total(ArrayRef<ChainLayer> layers);

private:
  std::optional<ChainPlan> planFor(ArrayRef<ChainLayer> layers, int64_t last) const;
  double barrierCycles() const;

  const TargetSpec &spec;
  int64_t threads, stripLines;
};

} // namespace mlir::gs

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_CHAINPLAN_H
