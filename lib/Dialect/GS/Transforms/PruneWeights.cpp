//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prunes dense constant weights to one pattern, or completes the masks of pruned ones to it.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Dialect/GS/IR/Projection.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::gs {
#define GEN_PASS_DEF_PRUNEWEIGHTS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// What became of one weight.
struct Pruned {
  Value weight;
  double density = 1, energy = 1;
  int64_t completed = 0; ///< zeros that are kept so that the pattern holds
  std::string refusal;   ///< why it stays dense, or ""
};

struct PruneWeights : gs::impl::PruneWeightsBase<PruneWeights> {
  using PruneWeightsBase::PruneWeightsBase;

  void runOnOperation() override {
    if (failed(readOptions()))
      return signalPassFailure();
    llvm::DenseMap<std::pair<Operation *, int64_t>, Pruned> seen; // (constant, convolution groups)
    llvm::SmallSetVector<Operation *, 8> replaced;
    WalkResult walk = getOperation()->walk([&](Operation *op) -> WalkResult {
      if (!isa<MatmulOp, ConvOp>(op))
        return WalkResult::advance();
      OpOperand &operand = op->getOpOperand(0);
      auto constant = operand.get().getDefiningOp<arith::ConstantOp>();
      if (!constant) // it has a pattern already, or is given at run time
        return WalkResult::advance();
      auto conv = dyn_cast<ConvOp>(op);
      auto [known, isNew] = seen.try_emplace({constant, conv ? conv.getGroups() : 1});
      if (isNew && failed(prune(op, constant, conv ? conv.getGroups() : 1, known->second)))
        return WalkResult::interrupt();
      record(op, known->second);
      if (!known->second.refusal.empty())
        return WalkResult::advance();
      operand.set(known->second.weight);
      replaced.insert(constant);
      return WalkResult::advance();
    });
    for (Operation *constant : replaced)
      if (constant->use_empty())
        constant->erase();
    if (walk.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult readOptions() {
    if (!(density >= 0 && density <= 1))
      return getOperation()->emitError(
          "gs-prune-weights: density is the share of weights that stay; it lies in [0, 1]");
    options.density = density;
    if (failed(readChoice("score", score, "energy", "magnitude", options.score, ProjectOptions::Score::Energy,
                          ProjectOptions::Score::Magnitude)) ||
        failed(readChoice("method", method, "greedy", "exact", options.method, ProjectOptions::Method::Greedy,
                          ProjectOptions::Method::Exact)) ||
        failed(readChoice("rounding", rounding, "budget", "published", options.rounding,
                          ProjectOptions::Rounding::Budget, ProjectOptions::Rounding::Published)) ||
        failed(readChoice("sign", sign, "energy", "sum", options.polarity, ProjectOptions::Polarity::Energy,
                          ProjectOptions::Polarity::Sum)))
      return failure();
    std::string text = (StringRef(pattern).starts_with("#gs.") ? "" : "#gs.") + pattern, cause;
    {
      ScopedDiagnosticHandler handler(&getContext(), [&](Diagnostic &diagnostic) {
        if (cause.empty())
          cause = diagnostic.str();
        return success();
      });
      parsed = dyn_cast_or_null<PatternAttrInterface>(parseAttribute(text, &getContext()));
    }
    if (!parsed)
      return getOperation()->emitError() << "gs-prune-weights: '" << pattern << "' is not a pattern"
                                         << (cause.empty() ? "" : ": ") << cause << "; write one as in #gs.block<4x1>";
    projector = dyn_cast<ProjectionAttrInterface>(parsed);
    if (!projector)
      return getOperation()->emitError() << "gs-prune-weights: there is no projection onto " << parsed;
    return success();
  }

  template <typename T>
  LogicalResult readChoice(StringRef name, StringRef given, StringRef first, StringRef second, T &choice, T ifFirst,
                           T ifSecond) {
    if (given != first && given != second)
      return getOperation()->emitError() << "gs-prune-weights: " << name << " is '" << first << "' or '" << second
                                         << "', not '" << given << "'";
    choice = given == first ? ifFirst : ifSecond;
    return success();
  }

  /// The weight that is not zero, with the fewest zeros kept that make its mask legal.
  FailureOr<Projection> completed(const Weight &weight, EmitError emit, int64_t &added) {
    Projection result;
    result.weight = weight;
    if (failed(projector.complete(result.weight, emit)))
      return failure();
    added = result.weight.numKept() - weight.numKept();
    result.density = result.weight.density();
    return result;
  }

  /// Projects or completes, or says why not. Fails only on what no layer may be.
  LogicalResult prune(Operation *op, arith::ConstantOp constant, int64_t groups, Pruned &result) {
    auto values = dyn_cast<ElementsAttr>(constant.getValue());
    auto type = cast<RankedTensorType>(constant.getType());
    FailureOr<Weight> dense = Weight::fromElements(values, nullptr, [&] { return op->emitOpError("weight: "); });
    if (failed(dense))
      return failure();
    if (groups > 1 && dense->channels == 1) {
      result.refusal = "depthwise convolutions stay dense";
      return success();
    }
    FailureOr<Projection> projection;
    {
      ScopedDiagnosticHandler handler(&getContext(), [&](Diagnostic &diagnostic) {
        if (result.refusal.empty())
          result.refusal = diagnostic.str();
        return success();
      });
      auto emit = [&] { return emitError(op->getLoc()); };
      if (failed(parsed.verifyPattern(type.getShape(), type.getElementType(), emit)))
        return success();
      int64_t bundleRows = parsed.getGroupForm(type.getShape()).bundleRows;
      if (groups > 1 && (dense->rows / groups) % bundleRows) {
        result.refusal = llvm::formatv("a convolution group has {0} rows, which bundles of {1} rows straddle",
                                       dense->rows / groups, bundleRows);
        return success();
      }
      if (groups > 1 && parsed.getGroupForm(type.getShape()).rowOrder) {
        result.refusal = "rows of different convolution groups cannot change places";
        return success();
      }
      projection = complete ? completed(*dense, emit, result.completed) : projector.project(*dense, options, emit);
      if (failed(projection))
        return success();
    }
    const Weight &weight = projection->weight;
    if (failed(parsed.verifyMask(weight, [&] { return op->emitOpError("projection: "); })))
      return failure();
    OpBuilder b(constant);
    auto encoded = RankedTensorType::get(type.getShape(), type.getElementType(), parsed);
    ElementsAttr mask = weight.maskIsImplied() ? ElementsAttr() : weight.maskToElements(type.getShape());
    DenseI64ArrayAttr order = weight.rowOrder.empty() ? DenseI64ArrayAttr() : b.getDenseI64ArrayAttr(weight.rowOrder);
    result.weight =
        gs::ConstantOp::create(b, constant.getLoc(), encoded, makeElements(type, weight.toTensorOrder()), mask, order);
    result.density = projection->density;
    result.energy = projection->keptEnergy;
    ++numPruned;
    numRemoved += weight.rows * weight.cols - weight.numKept();
    return success();
  }

  void record(Operation *op, const Pruned &pruned) {
    Builder b(&getContext());
    NamedAttrList entries;
    if (pruned.refusal.empty()) {
      entries.set("pattern", parsed);
      entries.set("density", b.getF64FloatAttr(pruned.density));
      if (complete)
        entries.set("completed", b.getI64IntegerAttr(pruned.completed));
      else
        entries.set("energy", b.getF64FloatAttr(pruned.energy));
    } else {
      entries.set("pattern", b.getStringAttr("dense"));
      entries.set("reason", b.getStringAttr(pruned.refusal));
    }
    op->setAttr("gs.pruned", entries.getDictionary(&getContext()));
    if (!remarks)
      return;
    if (pruned.refusal.empty() && complete)
      op->emitRemark() << "completed to " << parsed << ": " << pruned.completed << " zeros are kept";
    else if (pruned.refusal.empty())
      op->emitRemark() << "pruned to " << parsed
                       << llvm::formatv(": {0:P1} of the weights and {1:P1} of their energy stay", pruned.density,
                                        pruned.energy)
                              .str();
    else
      op->emitRemark() << "stays dense: " << pruned.refusal;
  }

  ProjectOptions options;
  PatternAttrInterface parsed;
  ProjectionAttrInterface projector;
};

} // namespace
