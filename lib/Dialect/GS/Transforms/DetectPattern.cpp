//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the sparsity pattern of dense constant weights.
//
//===----------------------------------------------------------------------===//
#include "Detection/Detection.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Threading.h"

namespace mlir::gs {
#define GEN_PASS_DEF_DETECTPATTERN
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// What the search found for one weight.
struct Detection {
  PatternAttrInterface pattern; ///< null: dense
  double density = 1.0;         ///< kept weights / all weights
  int64_t completed = 0;        ///< zeros that the pattern keeps although the file did not
  SmallVector<std::pair<std::string, std::string>> refused;

  void refuse(Attribute candidate, const Twine &reason) {
    std::string text;
    llvm::raw_string_ostream os(text);
    candidate.print(os);
    refused.push_back({text, reason.str()});
  }
};

/// Runs `check` and keeps the text of the diagnostic it emits instead of showing it. Diagnostics of other threads pass.
class CapturedError {
public:
  explicit CapturedError(Location loc)
      : loc(loc), thread(llvm::get_threadid()), handler(loc.getContext(), [this](Diagnostic &diag) {
          if (llvm::get_threadid() != thread)
            return failure();
          text = diag.str();
          return success();
        }) {}

  LogicalResult run(function_ref<LogicalResult(EmitError)> check) {
    return check([this] { return emitError(loc); });
  }
  StringRef message() const { return text; }

private:
  Location loc;
  uint64_t thread;
  std::string text;
  ScopedDiagnosticHandler handler;
};

/// The search over all patterns for the weight of one contraction: detectors propose, the cost model decides.
class Search : detection::Proposals {
public:
  Search(Operation *op, Weight &weight, ArrayRef<int64_t> shape, int64_t groups, double maxFill, bool explain,
         const TargetSpec &target)
      : op(op), weight(weight), shape(shape), groups(groups), maxFill(maxFill), explain(explain), target(target),
        layer(weight, shape, maxFill) {}

  Detection run() {
    detection::detectTiles(layer, *this);
    detection::detectGatherScatter(layer, *this);
    detection::detectProducts(layer, *this);
    detection::detectKernelPatterns(layer, *this);
    detection::detectWindows(layer, *this);
    offer(UnstructuredAttr::get(op->getContext()), layer.nonZeros, layer.nonZeros, nullptr);
    choose();
    for (auto &[family, miss] : misses)
      refuseMiss(miss);
    result.density = weight.density();
    return std::move(result);
  }

private:
  /// A pattern that would store too much.
  struct Miss {
    PatternAttrInterface pattern;
    int64_t stored;
    bool isBound;
  };
  struct Ranked {
    detection::Candidate candidate;
    GroupForm form;
    std::shared_ptr<const Weight> weight; ///< with the zeros that the pattern keeps
    double cycles = 0;
    int64_t bytes = 0;
  };

  void offer(Attribute attr, int64_t stored, int64_t groupCount, std::function<bool(Weight &)> complete,
             bool isBound) override {
    auto pattern = cast<PatternAttrInterface>(attr);
    // Every weight, or nearly: dense is better.
    if (stored > layer.limit || isBound) {
      Miss miss = {pattern, stored, isBound};
      if (explain)
        return refuseMiss(miss);
      // The nearest miss of a family stands for it.
      auto [it, isNew] = misses.insert({pattern.getAbstractAttribute().getName(), miss});
      if (!isNew && stored < it->second.stored)
        it->second = miss;
      return;
    }
    if (!fits(pattern))
      return;
    candidates.push_back({pattern, stored, groupCount, std::move(complete)});
  }
  void offer(Attribute attr, int64_t stored, int64_t groupCount, std::function<bool(Weight &)> complete) {
    offer(attr, stored, groupCount, std::move(complete), false);
  }

  /// Parameters fit the shape, and no bundle of rows lies in two convolution groups.
  bool fits(PatternAttrInterface pattern) {
    CapturedError error(op->getLoc());
    if (failed(error.run([&](EmitError emit) { return pattern.verifyPattern(shape, weight.elementType, emit); }))) {
      if (explain)
        result.refuse(pattern, error.message());
      return false;
    }
    int64_t bundleRows = pattern.getGroupForm(shape).bundleRows;
    if (groups > 1 && (weight.rows / groups) % bundleRows) {
      result.refuse(pattern, llvm::formatv("a convolution group has {0} rows, which bundles of {1} rows straddle",
                                           weight.rows / groups, bundleRows)
                                 .str());
      return false;
    }
    return true;
  }

  /// Why the mask is not legal as it is, and that too many zeros would have to be kept to make it so.
  void refuseMiss(const Miss &miss) {
    CapturedError error(op->getLoc());
    std::string reason;
    auto verify = [&](EmitError emit) { return miss.pattern.verifyMask(weight, emit); };
    if (failed(error.run([&](EmitError emit) { return miss.pattern.verifyPattern(shape, weight.elementType, emit); })))
      return result.refuse(miss.pattern, error.message());
    if (failed(error.run(verify)))
      reason = (error.message() + "; ").str();
    reason += llvm::formatv("{0}{1} weights would be stored for {2} non-zeros (limit: {3:F2} times as many)",
                            miss.isBound ? "at least " : "", miss.stored, layer.nonZeros, maxFill)
                  .str();
    result.refuse(miss.pattern, reason);
  }

  /// The weight with the zeros that the pattern keeps; null, with a reason recorded, if it does not hold even so.
  std::shared_ptr<const Weight> completed(const detection::Candidate &candidate) {
    if (candidate.stored == layer.nonZeros && original) {
      CapturedError error(op->getLoc());
      if (succeeded(error.run([&](EmitError emit) { return candidate.pattern.verifyMask(*original, emit); })))
        return original;
    }
    auto copy = std::make_shared<Weight>(weight);
    CapturedError error(op->getLoc());
    if (candidate.complete && !candidate.complete(*copy)) {
      result.refuse(candidate.pattern, "no legal mask contains all non-zeros");
      return nullptr;
    }
    if (failed(error.run([&](EmitError emit) { return candidate.pattern.verifyMask(*copy, emit); }))) {
      result.refuse(candidate.pattern, error.message());
      return nullptr;
    }
    if (int64_t kept = copy->numKept(); kept > layer.limit) {
      refuseMiss({candidate.pattern, kept, false});
      return nullptr;
    }
    return copy;
  }

  /// Tiles of one size of rows run as tiles of its parts: at equal weights the higher ones are no slower.
  bool isDominated(size_t index) const {
    GroupForm own = candidates[index].pattern.getGroupForm(shape);
    if (own.support != Support::Contiguous)
      return false;
    for (auto [i, other] : llvm::enumerate(candidates)) {
      GroupForm form = other.pattern.getGroupForm(shape);
      if (i != index && other.stored <= candidates[index].stored && form.support == Support::Contiguous &&
          form.sharedRows > own.sharedRows && form.sharedRows % own.sharedRows == 0)
        return true;
    }
    return false;
  }

  /// Where rows share nothing, kernels differ little: of the sizes of such a family the one that stores least goes on,
  /// or the first few that store nothing in vain. Completion and the cost model look at the whole mask.
  void thin() {
    constexpr int64_t mostExact = 4;
    llvm::DenseMap<StringRef, std::pair<int64_t, size_t>> least; // stored, index
    llvm::DenseMap<StringRef, int64_t> exact;
    auto family = [](const detection::Candidate &c) { return c.pattern.getAbstractAttribute().getName(); };
    for (auto [i, c] : llvm::enumerate(candidates))
      if (auto [it, isNew] = least.insert({family(c), {c.stored, i}}); !isNew && c.stored < it->second.first)
        it->second = {c.stored, i};
    std::vector<detection::Candidate> left;
    for (auto [i, c] : llvm::enumerate(candidates)) {
      bool keep = c.pattern.getGroupForm(shape).sharedRows > 1 || least[family(c)].second == i ||
                  (c.stored == layer.nonZeros && exact[family(c)]++ < mostExact);
      if (keep)
        left.push_back(std::move(c));
      else if (explain)
        result.refuse(c.pattern, "holds, but others of its family store fewer weights or come first");
    }
    candidates = std::move(left);
  }

  int64_t bytesOf(const detection::Candidate &candidate) const {
    Schema schema;
    schema.indexBits = weight.cols < 1 << 16 ? 16 : 32;
    int64_t bytes = 0;
    for (const StorageField &field :
         candidate.pattern.getStorage(shape, weight.elementType, candidate.groups, schema)) {
      int64_t elements = 1;
      for (int64_t extent : field.shape)
        elements *= extent;
      bytes += elements * int64_t(llvm::divideCeil(field.elementType.getIntOrFloatBitWidth(), 8));
    }
    return bytes;
  }

  void choose() {
    original = std::make_shared<const Weight>(weight);
    detection::CostOf cost(op, target);
    thin();
    std::optional<Ranked> best;
    SmallVector<Ranked> known; ///< one per geometry
    for (size_t i = 0; i < candidates.size(); ++i) {
      const detection::Candidate &candidate = candidates[i];
      if (isDominated(i)) {
        if (explain)
          result.refuse(candidate.pattern, "holds, and so do higher tiles with the same weights");
        continue;
      }
      Ranked ranked{candidate, candidate.pattern.getGroupForm(shape), completed(candidate)};
      if (!ranked.weight)
        continue;
      ranked.bytes = bytesOf(candidate);
      auto same = llvm::find_if(known, [&](const Ranked &other) { return isSame(ranked, other); });
      if (same != known.end()) {
        ranked.cycles = same->cycles;
      } else {
        ranked.cycles = cost.cycles(candidate.pattern, ranked.weight).value_or(1e30);
        known.push_back(ranked);
      }
      if (!best) {
        best = ranked;
        continue;
      }
      bool wins = std::make_pair(ranked.cycles, ranked.bytes) < std::make_pair(best->cycles, best->bytes);
      lose(wins ? *best : ranked, wins ? ranked : *best);
      if (wins)
        best = ranked;
    }
    if (!best)
      return;
    result.pattern = best->candidate.pattern;
    weight.mask = best->weight->mask;
    result.completed = best->weight->numKept() - layer.nonZeros;
  }

  /// Whether strategies see no difference.
  static bool isSame(const Ranked &a, const Ranked &b) {
    const GroupForm &f = a.form, &g = b.form;
    return a.weight == b.weight && f.sharedRows == g.sharedRows && f.rowOrder == g.rowOrder && f.support == g.support &&
           f.lanes == g.lanes && f.width == g.width && f.bundleRows == g.bundleRows && f.laneRule == g.laneRule &&
           f.laneRulePeriod == g.laneRulePeriod && f.outer == g.outer && f.unitCols == g.unitCols;
  }

  void lose(const Ranked &loser, const Ranked &winner) {
    std::string by;
    llvm::raw_string_ostream os(by);
    winner.candidate.pattern.print(os);
    double us = target.microseconds(loser.cycles), best = target.microseconds(winner.cycles);
    if (loser.cycles > winner.cycles)
      result.refuse(loser.candidate.pattern,
                    llvm::formatv("holds, but is predicted to take {0:F1} us, {1} {2:F1} us", us, by, best).str());
    else
      result.refuse(loser.candidate.pattern,
                    llvm::formatv("holds and is predicted to be as fast, but {0} takes {1} bytes, this {2}", by,
                                  winner.bytes, loser.bytes)
                        .str());
  }

  Operation *op;
  Weight &weight;
  ArrayRef<int64_t> shape;
  int64_t groups;
  double maxFill;
  bool explain;
  const TargetSpec &target;
  detection::Layer layer;
  std::shared_ptr<const Weight> original;
  std::vector<detection::Candidate> candidates;
  llvm::MapVector<StringRef, Miss> misses;
  Detection result;
};

struct DetectPattern : gs::impl::DetectPatternBase<DetectPattern> {
  using DetectPatternBase::DetectPatternBase;

  void runOnOperation() override {
    if (!(minSparsity >= 0 && minSparsity <= 1) || !(maxFill >= 1)) {
      getOperation()->emitError("gs-detect-pattern: min-sparsity must lie in [0, 1] and max-fill must be at least 1");
      return signalPassFailure();
    }
    FailureOr<TargetSpec> resolved =
        resolveTarget(target, [&](const Twine &message) { getOperation()->emitError() << message; });
    if (failed(resolved))
      return signalPassFailure();
    spec = *resolved;
    WalkResult walk = getOperation()->walk([&](Operation *op) -> WalkResult {
      if (auto conv = dyn_cast<ConvOp>(op))
        return visit(op, conv.getWeightMutable(), conv.getGroups());
      if (auto matmul = dyn_cast<MatmulOp>(op))
        return visit(op, matmul.getWeightMutable(), 1);
      return WalkResult::advance();
    });
    for (Operation *constant : replaced)
      constant->erase();
    seen.clear();
    replaced.clear();
    if (walk.wasInterrupted())
      signalPassFailure();
  }

  /// Searches, replaces the weight, and records the outcome on the op.
  LogicalResult visit(Operation *op, OpOperand &operand, int64_t groups) {
    Operation *def = operand.get().getDefiningOp();
    if (!isa_and_nonnull<arith::ConstantOp, gs::ConstantOp>(def))
      return success(); // packed already, or given at run time
    auto key = std::make_pair(def, groups);
    auto known = seen.find(key);
    if (known == seen.end()) {
      FailureOr<Found> found = isa<arith::ConstantOp>(def) ? detect(op, cast<arith::ConstantOp>(def), groups)
                                                           : describe(cast<gs::ConstantOp>(def));
      if (failed(found))
        return failure();
      known = seen.insert({key, std::move(*found)}).first;
    }
    const Found &found = known->second;
    operand.set(found.weight);
    if (def->use_empty())
      replaced.insert(def);
    record(op, found.detection);
    return success();
  }

  struct Found {
    Detection detection;
    Value weight;
  };

  FailureOr<Found> detect(Operation *op, arith::ConstantOp constant, int64_t groups) {
    Found found{Detection(), constant};
    auto values = dyn_cast<ElementsAttr>(constant.getValue());
    if (!values)
      return found;
    auto mask = constant->getAttrOfType<ElementsAttr>("onnx.mask");
    FailureOr<Weight> weight = Weight::fromElements(values, mask, [&] { return op->emitOpError("weight: "); });
    if (failed(weight))
      return failure();
    auto type = cast<RankedTensorType>(constant.getType());
    Detection &detection = found.detection;
    detection.density = weight->density();
    if (groups > 1 && weight->channels == 1) {
      detection.refused.push_back({"any pattern", "depthwise convolutions stay dense"});
      return found;
    }
    if (1.0 - detection.density < minSparsity) {
      detection.refused.push_back(
          {"any pattern", llvm::formatv("{0:P1} of the weights are zero, less than the threshold of {1:P1}",
                                        1.0 - detection.density, double(minSparsity))
                              .str()});
      return found;
    }
    if (!weight->numKept()) { // any pattern holds, and none means anything
      detection.pattern = cast<PatternAttrInterface>(UnstructuredAttr::get(&getContext()));
    } else
      detection = Search(op, *weight, type.getShape(), groups, maxFill, explain, spec).run();
    OpBuilder b(constant);
    auto encoded = RankedTensorType::get(type.getShape(), type.getElementType(), detection.pattern);
    found.weight =
        gs::ConstantOp::create(b, constant.getLoc(), encoded, values,
                               weight->maskIsImplied() ? ElementsAttr() : weight->maskToElements(type.getShape()));
    ++numDetected;
    return found;
  }

  /// A pattern that the user wrote is kept; only its density is measured.
  FailureOr<Found> describe(gs::ConstantOp constant) {
    FailureOr<Weight> weight = Weight::fromElements(constant.getValues(), constant.getMask().value_or(ElementsAttr()),
                                                    [&] { return constant.emitOpError(); });
    if (failed(weight))
      return failure();
    Found found{Detection(), constant};
    found.detection.pattern = gs::getPattern(constant.getType());
    found.detection.density = weight->density();
    return found;
  }

  void record(Operation *op, const Detection &detection) {
    Builder b(&getContext());
    Attribute pattern = detection.pattern ? Attribute(detection.pattern) : b.getStringAttr("dense");
    auto refused = llvm::map_to_vector(detection.refused, [&](const auto &refusal) -> Attribute {
      return b.getDictionaryAttr({b.getNamedAttr("candidate", b.getStringAttr(refusal.first)),
                                  b.getNamedAttr("reason", b.getStringAttr(refusal.second))});
    });
    SmallVector<NamedAttribute> entries = {b.getNamedAttr("pattern", pattern),
                                           b.getNamedAttr("density", b.getF64FloatAttr(detection.density)),
                                           b.getNamedAttr("refused", b.getArrayAttr(refused))};
    if (detection.completed)
      entries.push_back(b.getNamedAttr("completed", b.getI64IntegerAttr(detection.completed)));
    op->setAttr("gs.detected", b.getDictionaryAttr(entries));
    if (!remarks)
      return;
    InFlightDiagnostic remark = op->emitRemark("weight is ")
                                << pattern << ", density " << llvm::formatv("{0:P1}", detection.density).str();
    for (const auto &[candidate, reason] : detection.refused)
      remark.attachNote() << candidate << " refused: " << reason;
  }

  TargetSpec spec;
  llvm::DenseMap<std::pair<Operation *, int64_t>, Found> seen;
  llvm::SetVector<Operation *> replaced; ///< constants without a use; erased when no key can name them any more
};

} // namespace
