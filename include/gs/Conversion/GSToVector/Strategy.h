//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A lowering strategy: when it applies, what it costs, how it wants the weight
// packed, and how it emits code. One file per strategy, one line in
// lib/Conversion/Strategies.def.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOVECTOR_STRATEGY_H
#define GS_CONVERSION_GSTOVECTOR_STRATEGY_H

#include "gs/Conversion/GSToVector/StoredPool.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Dialect/GS/IR/LaneWindows.h"
#include "gs/Target/TargetSpec.h"
#include <memory>

namespace mlir::gs {

class KernelBuilder;

/// What selection knows about a weight without looking at it again.
struct WeightFacts {
  PatternAttrInterface pattern; ///< null: dense
  GroupForm form;               ///< valid if pattern
  int64_t nonZeros = 0;         ///< kept weights
  /// The weight itself where its constant was read, for strategies whose time depends on the mask; else null.
  std::shared_ptr<const Weight> weight;
};

/// The facts of the weight of `c`; a diagnostic on the op if its constant is wrong.
FailureOr<WeightFacts> weightFacts(const Contraction &c);

/// How a strategy wants the weight packed.
struct StorageRequest {
  enum class Kind {
    Groups,    ///< the buffers of the pattern itself
    Lanes,     ///< #gs.gather_scatter<banks = lanes, width = width> without tiles (GroupForm::hasResidueLanes)
    Rows,      ///< compressed sparse rows, whatever the pattern
    RowGroups, ///< V x 1 blocks of `panelRows` rows, of a pattern whose rows share columns (GroupForm::sharesRows)
    Windows,   ///< #gs.window<windowKept : windowWidth, rows = panelRows>, of a pattern that fills all windows alike
    Panels,    ///< all weights: values[ceil(M/panelRows)][K][panelRows], indices[K]
    MaskedColumns, ///< chunks of panelRows rows: each used column once with the rows that keep it
    Winograd,      ///< transformed 3x3 kernels: values[ceil(M/panelRows)][(winogradTile + 2)^2][I][panelRows]
    LaneWindows,   ///< rows in lanes, places in short windows of the activation (LaneWindows.h)
    SortedRows,    ///< sections of panelRows rows, by number of weights in each block of columns (SortedRows.h)
    RowLists       ///< lists of at most panelRows rows that share columns, and the rest by rows (RowLists.h)
  };
  Kind kind = Kind::Groups;
  bool activation = true;  ///< index space: displacements in the activation, else columns
  int64_t columnBlock = 0; ///< Rows, RowGroups, MaskedColumns, SortedRows, Groups of V x 1: columns per block, 0 = one
  int64_t panelRows = 0;   ///< RowGroups, Windows, Panels, MaskedColumns, Winograd, LaneWindows, SortedRows, RowLists
  int64_t fewestColumns = 0;    ///< RowLists: columns of a list at least
  int64_t winogradTile = 0;     ///< Winograd: 2 or 4
  int64_t windowKept = 0;       ///< Windows: weights of a row in each window
  int64_t windowWidth = 0;      ///< Windows: columns of a window, 16 or 32
  LaneWindows laneWindows = {}; ///< LaneWindows
  int64_t lanes = 0, width = 0; ///< Lanes
  bool rowOrder = false;        ///< RowGroups, Lanes: rows in the weight's order, which is a buffer `row_order`

  /// Name of the layout in `!gs.compressed`.
  StringRef layout() const {
    switch (kind) {
    case Kind::Panels:
      return "panels";
    case Kind::MaskedColumns:
      return "masked_columns";
    case Kind::Winograd:
      return winogradTile == 2 ? "winograd_2x2" : "winograd_4x4";
    case Kind::LaneWindows:
      return "lane_windows";
    case Kind::SortedRows:
      return "sorted_rows";
    case Kind::RowLists:
      return "row_lists";
    default:
      return "split";
    }
  }
  /// Pattern in whose form a weight of pattern `own` is packed; null for dense forms.
  PatternAttrInterface packedPattern(MLIRContext *context, PatternAttrInterface own) const;
  /// `panel_rows` of `!gs.compressed`: a V x 1 block says itself how many rows it has, and so does a window.
  int64_t typePanelRows() const { return kind == Kind::RowGroups || kind == Kind::Windows ? 0 : panelRows; }
  /// Whether all weights are kept, zeros included.
  bool isDense() const { return kind == Kind::Panels || kind == Kind::Winograd; }
};

/// How a kernel is divided into steps that all threads finish before the next one begins, and the memory that they
/// share. The network calls `rounds` times each of the `kernels` in turn.
struct KernelPlan {
  int64_t kernels = 1, rounds = 1;
  int64_t scratchElements = 0; ///< of the contraction's element type; undefined at the begin
};

/// An integer that a choice may give to its strategy, and what it may be.
struct StrategyParameter {
  StringRef name;
  int64_t min, max;
  int64_t divides = 0; ///< not 0: the value must divide this number
};

/// One way to run a contraction with a strategy: its parameters and predicted cycles on one core.
struct Candidate {
  StrategyAttr strategy;
  double cycles = 0;
  /// Bytes that the program grows beyond packed weights (with indices, if sparse), for a strategy that turns weights
  /// into code or transforms them.
  double extraBytes = 0;
};

class Strategy {
public:
  virtual ~Strategy() = default;
  /// File name in kebab-case; the name in `#gs.strategy`.
  virtual StringRef name() const = 0;
  /// Why the strategy cannot run this contraction, or an empty string.
  virtual std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &target) const = 0;
  /// The parameters of a choice for this contraction, all optional.
  virtual SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const = 0;
  /// Whether the kernel takes the input of a convolution as it is, without a plane (Contraction::isUnpacked).
  virtual bool readsUnpacked() const { return false; }
  /// Whether the kernel stores into a Contraction::destination.
  virtual bool storesStrided() const { return false; }
  /// Whether the kernel of this choice stores every result once, behind the epilogue that has read its operands at that
  /// place: then the memory of an operand may be that of the result (gs-reuse-residuals).
  virtual bool storesOnce(StrategyAttr /*choice*/) const { return false; }
  /// Whether the kernel of that choice can compute some lines of its output at a time (Contraction::isStrip).
  virtual bool runsInStrips(StrategyAttr /*choice*/) const { return false; }
  /// Whether the kernel of that choice can compute such a pool of its results in their store.
  virtual bool storesPool(StrategyAttr /*choice*/, const StoredPool &) const { return false; }
  /// Parameter sets worth considering. Only called if the contraction is not refused.
  virtual SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                            const TargetSpec &target) const = 0;
  virtual StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const = 0;
  /// Whether the kernel reads this buffer of the packed weight at run time; others do not get into the program.
  virtual bool readsBuffer(StringRef /*buffer*/) const { return true; }
  /// Steps and shared memory, where one kernel does not do.
  virtual KernelPlan plan(const Contraction &, StrategyAttr /*choice*/, const TargetSpec &) const { return {}; }
  /// Of the lanes of all vectors in which this choice computes outputs, the share that is stored; by default with
  /// vectors along lines, as planTiles cuts them.
  virtual double laneUse(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const;
  /// Emits the body of the kernel function, or that of `kernel.step` of the plan.
  virtual LogicalResult emit(KernelBuilder &kernel) const = 0;

  /// Checks a choice, which may be written by hand, against `parameters`; one diagnostic on the op if it is wrong.
  LogicalResult verifyParameters(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const;

protected:
  /// `#gs.strategy<name, {params}>`.
  StrategyAttr makeChoice(MLIRContext *ctx, ArrayRef<std::pair<StringRef, int64_t>> params) const;
};

/// All strategies, in the order of Strategies.def.
ArrayRef<const Strategy *> allStrategies();
/// Why `strategy` cannot run this contraction, or an empty string: `refuses`, and what holds for all strategies.
std::string refusalOf(const Strategy &strategy, const Contraction &c, const WeightFacts &weight,
                      const TargetSpec &target);
/// The candidates of `strategy` with what every kernel pays for the epilogue (cost::epilogueCycles).
SmallVector<Candidate> candidatesOf(const Strategy &strategy, const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target);
/// Whether a kernel of `strategy` can write the result of `c` into any Contraction::destination: no copy of it is
/// needed.
bool canStoreStrided(const Strategy &strategy, const Contraction &c);
/// Strategy of that name, or null.
const Strategy *lookupStrategy(StringRef name);
/// The strategy that `c` names, if it can be executed so; failure with a diagnostic on the op if it names none or an
/// unknown one, if the strategy refuses it, or if a parameter is wrong.
FailureOr<const Strategy *> strategyOf(const Contraction &c, const TargetSpec &target);

} // namespace mlir::gs

#endif // GS_CONVERSION_GSTOVECTOR_STRATEGY_H
