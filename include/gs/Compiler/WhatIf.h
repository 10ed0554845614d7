//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What pruning would bring, before anyone trains: every layer of a model projected onto every pattern at every
// sparsity, with predicted time, packed bytes and kept energy; and which choice per layer is best.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_WHATIF_H
#define GS_COMPILER_WHATIF_H

#include "gs/Compiler/Compile.h"
#include "gs/Dialect/GS/IR/GSDialect.h"

namespace mlir::gs {

/// One layer pruned to one pattern at one sparsity.
struct WhatIfPoint {
  int64_t pattern = 0;     ///< index in WhatIfReport::patterns
  double sparsity = 0;     ///< asked for
  double density = 1;      ///< kept weights / weights, as projected
  double energy = 1;       ///< sum of squares of kept weights / of all weights
  double bytes = 0;        ///< packed weight in the pattern's own storage
  bool ownDensity = false; ///< the pattern says itself how many weights stay
  double us = 0;           ///< predicted, one core, of one inference
  std::optional<double> measuredUs;
  std::string strategy; ///< kernel and its parameters

  double bestKnownUs() const { return measuredUs.value_or(us); }
};

/// One Conv, MatMul or Gemm with a constant weight, or one matrix of a recurrent layer.
struct WhatIfLayer {
  std::string node, op, shape;
  double weights = 0; ///< number of weights
  double denseUs = 0, denseBytes = 0;
  std::optional<double> denseMeasuredUs;
  std::string denseStrategy;
  std::vector<WhatIfPoint> points;
  struct Refusal {
    int64_t pattern;
    std::string reason;
  };
  std::vector<Refusal> refused; ///< patterns that do not fit the layer
  std::string kept;             ///< why the layer stays dense whatever is asked for; "" if it does not

  double denseKnownUs() const { return denseMeasuredUs.value_or(denseUs); }
};

/// A choice for every layer.
struct WhatIfChoice {
  double us = 0, bytes = 0;
  double energy = 1;           ///< mean over the layers that can be pruned, each counting the same
  std::vector<int64_t> points; ///< per layer: index of its point, -1 for dense
};

struct WhatIfReport {
  std::string model, target;
  std::vector<std::string> patterns; ///< as in the IR: "#gs.block<4x1>"
  std::vector<char> ownDensity;      ///< per pattern: it says itself how many weights stay, and has one point per layer
  std::vector<double> sparsities;
  std::vector<WhatIfLayer> layers;
  bool measured = false;

  /// Every layer dense.
  WhatIfChoice dense() const;
  /// Every layer at one pattern and sparsity (of no matter to a pattern with its own density); layers that refuse the
  /// pattern stay dense.
  WhatIfChoice uniform(int64_t pattern, double sparsity) const;
  /// The choices that no other one beats in both time and kept energy, as far as they lie on the lower convex hull of
  /// all of them (for those, layer by layer is exact): from all dense to the fastest.
  std::vector<WhatIfChoice> front() const;
};

struct WhatIfOptions {
  std::vector<PatternAttrInterface> patterns;
  std::vector<double> sparsities;
  /// Times one inference of a program in microseconds; empty: nothing is measured.
  std::function<FailureOr<double>(StringRef program)> run;
  std::string scratch; ///< path of the programs to time
  int64_t measure = 2; ///< points of each layer to time, those of the front first
};

/// The patterns and sparsities of `gsc whatif` where none are named.
std::vector<std::string> defaultWhatIfPatterns();
std::vector<double> defaultWhatIfSparsities();

/// Evaluates `path`. Diagnostics go through the context's engine and, for programs that are timed, `emitError`.
FailureOr<WhatIfReport> whatIfONNX(StringRef path, MLIRContext *context, const CompileOptions &compile,
                                   const TargetSpec &target, const WhatIfOptions &options, EmitErrorFn emitError);

/// Keys as in docs/JSON.md.
llvm::json::Object toJSON(const WhatIfReport &report);
/// Speed-up and kept energy of every pattern and sparsity, and the front, for people.
void printWhatIf(const WhatIfReport &report, llvm::raw_ostream &os);
/// One self-contained page with plots.
void printWhatIfHTML(const WhatIfReport &report, llvm::raw_ostream &os);
/// The recipe of a choice as YAML, for pruners and `gsc prune` (docs/Recipe.md).
void printRecipe(const WhatIfReport &report, const WhatIfChoice &choice, llvm::raw_ostream &os);

} // namespace mlir::gs

#endif // GS_COMPILER_WHATIF_H
