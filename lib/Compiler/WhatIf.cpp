//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prunes every layer to every pattern and asks the cost model, or the machine.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/WhatIf.h"
#include "Isolate.h"
#include "ReportInternal.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/IR/Projection.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Threading.h"
#include "llvm/ADT/StringMap.h"
#include <mutex>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// A layer while it is evaluated.
struct Work {
  Operation *op = nullptr;
  Contraction c;
  ElementsAttr values;
  double runs = 1;           ///< of the op in one inference
  size_t representative = 0; ///< first layer of the same shape: only its times are predicted and measured
};

/// All that the time of a layer depends on besides its mask.
std::string shapeKey(const Work &work) {
  std::string key;
  llvm::raw_string_ostream os(key);
  const Contraction &c = work.c;
  for (int64_t value : {c.batch, c.rows, c.cols, c.groups, c.outer, c.lines, c.lineLength, c.outerStride, c.lineStride,
                        c.groupStride, c.inputBatchStride, c.inputSize, int64_t(c.isUnpacked), int64_t(work.runs)})
    os << value << ' ';
  llvm::interleave(c.weightShape(), os, "x");
  os << ' ' << c.elementType();
  // A residual is read, a bias hardly.
  for (Value operand : c.epilogueOperands())
    os << ' ' << operand.getType();
  return key;
}

/// The fastest candidate of all strategies, or of the dense ones if the facts name no pattern.
std::optional<Candidate> fastest(const Contraction &c, const WeightFacts &facts, const TargetSpec &target) {
  std::optional<Candidate> best;
  for (const Strategy *strategy : allStrategies()) {
    if (!refusalOf(*strategy, c, facts, target).empty())
      continue;
    for (const Candidate &candidate : candidatesOf(*strategy, c, facts, target))
      if (!best || candidate.cycles < best->cycles)
        best = candidate;
  }
  return best;
}

/// Bytes of a packed weight with indices as narrow as its columns allow.
double packedBytes(PatternAttrInterface pattern, const Weight &weight, ArrayRef<int64_t> shape, int64_t groups) {
  Schema schema;
  schema.indexBits = weight.cols <= 65536 ? 16 : 32;
  double bytes = 0;
  for (const StorageField &field : pattern.getStorage(shape, weight.elementType, groups, schema)) {
    double elements = 1;
    for (int64_t extent : field.shape)
      elements *= double(extent);
    bytes += elements * field.elementType.getIntOrFloatBitWidth() / 8;
  }
  return bytes;
}

/// Why `pattern` does not fit the layer, or "". Not for threads: it listens to the diagnostics of the context.
std::string refusalOf(PatternAttrInterface pattern, const Work &w) {
  std::string cause;
  ScopedDiagnosticHandler handler(w.op->getContext(), [&](Diagnostic &diagnostic) {
    if (cause.empty())
      cause = diagnostic.str();
    return success();
  });
  (void)pattern.verifyPattern(w.c.weightShape(), w.c.elementType(), [&] { return emitError(w.op->getLoc()); });
  return cause;
}

class Evaluator {
public:
  Evaluator(const TargetSpec &target, const WhatIfOptions &options, WhatIfReport &report, std::vector<Work> &work)
      : target(target), options(options), report(report), work(work) {}

  /// Projections of layer `i`, and predictions if it represents its shape.
  LogicalResult evaluate(size_t i) {
    WhatIfLayer &layer = report.layers[i];
    const Work &w = work[i];
    if (!layer.kept.empty())
      return success();
    FailureOr<Weight> dense = Weight::fromElements(w.values, nullptr, [&] { return w.op->emitOpError(); });
    if (failed(dense))
      return failure();
    for (auto [number, pattern] : llvm::enumerate(options.patterns)) {
      if (llvm::any_of(layer.refused, [&](const auto &refusal) { return refusal.pattern == int64_t(number); }))
        continue;
      for (double sparsity : options.sparsities) {
        ProjectOptions project;
        project.density = 1 - sparsity;
        FailureOr<Projection> projection = cast<ProjectionAttrInterface>(pattern).project(*dense, project, nullptr);
        if (failed(projection)) {
          layer.refused.push_back({int64_t(number), "this weight has no projection onto it"});
          break;
        }
        bool own = projection->ownDensity;
        layer.points.push_back(
            pointOf(w, number, pattern, sparsity, *dense, std::move(*projection), w.representative == i));
        if (own) {
          layer.points.back().ownDensity = true;
          layer.points.back().sparsity = 1 - layer.points.back().density;
          break;
        }
      }
    }
    return success();
  }

private:
  WhatIfPoint pointOf(const Work &w, int64_t number, PatternAttrInterface pattern, double sparsity, const Weight &dense,
                      Projection &&projection, bool predict) {
    WhatIfPoint point;
    point.pattern = number;
    point.sparsity = sparsity;
    point.density = projection.density;
    point.energy = projection.keptEnergy;
    point.bytes = packedBytes(pattern, dense, w.c.weightShape(), projection.groups);
    if (!predict)
      return point;
    WeightFacts facts;
    facts.pattern = pattern;
    facts.form = pattern.getGroupForm(w.c.weightShape());
    facts.nonZeros = projection.weight.numKept();
    facts.weight = std::make_shared<const Weight>(std::move(projection.weight));
    Contraction c = w.c;
    c.weightPattern = pattern;
    if (std::optional<Candidate> best = fastest(c, facts, target)) {
      point.us = target.microseconds(best->cycles) * w.runs;
      point.strategy = strategyText(best->strategy);
    }
    return point;
  }

  const TargetSpec &target;
  const WhatIfOptions &options;
  WhatIfReport &report;
  std::vector<Work> &work;
};

/// Why a layer stays dense whatever is asked for, or "".
std::string keptDense(Operation *op, const Contraction &c) {
  if (auto conv = dyn_cast<ConvOp>(op); conv && isDepthwise(conv))
    return "depthwise convolutions stay dense: a few weights per channel leave nothing to skip";
  if (!c.elementType().isF32())
    return "only float32 weights are projected";
  return "";
}

/// Times the dense kernel and the points of each shape that the front uses most, then the fastest ones.
class Measurer {
public:
  Measurer(const CompileOptions &compile, const TargetSpec &target, const WhatIfOptions &options, WhatIfReport &report,
           std::vector<Work> &work, EmitErrorFn emitError)
      : compile(compile), target(target), options(options), report(report), work(work), emitError(emitError) {}

  LogicalResult run() {
    std::vector<SmallVector<int64_t>> wanted = choose();
    for (auto [i, w] : llvm::enumerate(work)) {
      if (w.representative != i || report.layers[i].points.empty())
        continue;
      if (compile.phase)
        compile.phase(("timing layer " + Twine(i + 1) + " of " + Twine(work.size())).str());
      FailureOr<double> dense = time(w, nullptr, nullptr);
      if (failed(dense))
        return failure();
      report.layers[i].denseMeasuredUs = *dense * w.runs;
      for (int64_t p : wanted[i])
        if (failed(timePoint(i, p)))
          return failure();
    }
    // Layers of one shape share their times.
    for (auto [i, w] : llvm::enumerate(work)) {
      WhatIfLayer &layer = report.layers[i];
      const WhatIfLayer &source = report.layers[w.representative];
      layer.denseMeasuredUs = source.denseMeasuredUs;
      for (auto [point, from] : llvm::zip(layer.points, source.points))
        point.measuredUs = from.measuredUs;
    }
    report.measured = true;
    return success();
  }

private:
  /// Per representative the points to time.
  std::vector<SmallVector<int64_t>> choose() {
    std::vector<SmallVector<int64_t>> wanted(work.size());
    auto want = [&](size_t i, int64_t p) {
      SmallVector<int64_t> &list = wanted[work[i].representative];
      if (p >= 0 && int64_t(list.size()) < options.measure && !llvm::is_contained(list, p))
        list.push_back(p);
    };
    std::vector<WhatIfChoice> front = report.front();
    // From the choice that keeps nine tenths outwards: there people look first.
    auto middle = llvm::find_if(front, [](const WhatIfChoice &choice) { return choice.energy < 0.9; });
    std::rotate(front.begin(), middle == front.begin() ? middle : std::prev(middle), front.end());
    for (const WhatIfChoice &choice : front)
      for (auto [i, p] : llvm::enumerate(choice.points))
        want(i, p);
    return wanted;
  }

  LogicalResult timePoint(size_t i, int64_t p) {
    const Work &w = work[i];
    WhatIfPoint &point = report.layers[i].points[p];
    PatternAttrInterface pattern = options.patterns[point.pattern];
    FailureOr<Weight> dense = Weight::fromElements(w.values, nullptr, [&] { return w.op->emitOpError(); });
    if (failed(dense))
      return failure();
    ProjectOptions project;
    project.density = 1 - point.sparsity;
    FailureOr<Projection> projection =
        cast<ProjectionAttrInterface>(pattern).project(*dense, project, [&] { return w.op->emitOpError(); });
    if (failed(projection))
      return failure();
    FailureOr<double> us = time(w, pattern, &projection->weight);
    if (failed(us))
      return failure();
    point.measuredUs = *us * w.runs;
    return success();
  }

  /// Microseconds of the contraction with this weight in place of its own; null: its own, dense.
  FailureOr<double> time(const Work &w, PatternAttrInterface pattern, const Weight *weight) {
    Operation *constant = w.c.weight().getDefiningOp();
    OpBuilder b(w.op);
    Operation *pruned = nullptr;
    if (weight) {
      auto type = cast<RankedTensorType>(w.values.getType());
      ElementsAttr values = makeElements(type, weight->toTensorOrder());
      ElementsAttr mask = weight->maskIsImplied() ? ElementsAttr() : weight->maskToElements(type.getShape());
      auto encoded = RankedTensorType::get(type.getShape(), type.getElementType(), pattern);
      pruned = gs::ConstantOp::create(b, w.op->getLoc(), encoded, values, mask,
                                      weight->rowOrder.empty() ? DenseI64ArrayAttr()
                                                               : b.getDenseI64ArrayAttr(weight->rowOrder));
      w.op->setOperand(0, pruned->getResult(0));
    }
    OwningOpRef<ModuleOp> alone = isolate(w.op, nullptr);
    if (pruned) {
      w.op->setOperand(0, constant->getResult(0));
      pruned->erase();
    }
    return timeAlone(std::move(alone), compile, target, options.scratch, options.run, emitError);
  }

  const CompileOptions &compile;
  const TargetSpec &target;
  const WhatIfOptions &options;
  WhatIfReport &report;
  std::vector<Work> &work;
  EmitErrorFn emitError;
};

/// The rows of the report, and what belongs to them.
LogicalResult collect(ModuleOp module, const TargetSpec &target, WhatIfReport &report, std::vector<Work> &work) {
  llvm::StringMap<size_t> seen;
  WalkResult result = module.walk([&](Operation *op) {
    if (!isa<MatmulOp, ConvOp>(op))
      return WalkResult::advance();
    Work w;
    FailureOr<Contraction> c = Contraction::get(op);
    if (failed(c) || !matchPattern(c->weight(), m_Constant(&w.values)))
      return WalkResult::advance();
    w.op = op;
    w.c = std::move(*c);
    w.runs = runsPerInference(op);
    w.representative = seen.try_emplace(shapeKey(w), work.size()).first->second;
    WhatIfLayer layer;
    layer.node = nodeName(op->getLoc()).str();
    layer.op = isa<ConvOp>(op) ? "Conv" : "MatMul";
    layer.shape = shapeText(w.values.getType());
    layer.weights = double(w.values.getNumElements());
    layer.denseBytes = layer.weights * w.c.elementType().getIntOrFloatBitWidth() / 8;
    layer.kept = keptDense(op, w.c);
    WeightFacts facts;
    facts.nonZeros = w.c.rows * w.c.cols;
    std::optional<Candidate> best = fastest(w.c, facts, target);
    if (!best)
      return op->emitOpError("is refused by every strategy"), WalkResult::interrupt();
    layer.denseUs = target.microseconds(best->cycles) * w.runs;
    layer.denseStrategy = strategyText(best->strategy);
    report.layers.push_back(std::move(layer));
    work.push_back(std::move(w));
    return WalkResult::advance();
  });
  return success(!result.wasInterrupted());
}

} // namespace

std::vector<std::string> mlir::gs::defaultWhatIfPatterns() {
  return {"unstructured",   "block<4x1>", "block<8x1>", "block<4x4>", "gather_scatter<banks = 16, width = 1>",
          "window<3 : 32>", "kgs<8x4>",   "filter"};
}

std::vector<double> mlir::gs::defaultWhatIfSparsities() { return {0.5, 0.6, 0.7, 0.8, 0.9, 0.95}; }

FailureOr<WhatIfReport> mlir::gs::whatIfONNX(StringRef path, MLIRContext *context, const CompileOptions &compile,
                                             const TargetSpec &target, const WhatIfOptions &options,
                                             EmitErrorFn emitError) {
  CompileOptions dense = compile;
  dense.dense = true; // Zeros that are there already are weights like others here.
  FailureOr<OwningOpRef<ModuleOp>> module = findStructureONNX(path, context, dense);
  if (failed(module))
    return failure();
  WhatIfReport report;
  report.target = target.name;
  report.sparsities = options.sparsities;
  for (PatternAttrInterface pattern : options.patterns) {
    std::string text;
    llvm::raw_string_ostream(text) << pattern;
    report.patterns.push_back(text);
  }
  report.ownDensity.resize(options.patterns.size());
  std::vector<Work> work;
  if (failed(collect(**module, target, report, work)))
    return failure();
  if (report.layers.empty())
    return (*module)->emitError("has no layer with constant weights, so there is nothing to prune");
  if (compile.phase)
    compile.phase("pruning on trial");
  for (auto [layer, w] : llvm::zip(report.layers, work))
    for (auto [number, pattern] : llvm::enumerate(options.patterns))
      if (std::string reason = layer.kept.empty() ? refusalOf(pattern, w) : ""; !reason.empty())
        layer.refused.push_back({int64_t(number), reason});
  Evaluator evaluator(target, options, report, work);
  if (failed(failableParallelForEachN(context, 0, work.size(), [&](size_t i) { return evaluator.evaluate(i); })))
    return failure();
  for (auto [i, w] : llvm::enumerate(work))
    for (auto [point, from] : llvm::zip(report.layers[i].points, report.layers[w.representative].points)) {
      point.us = from.us;
      point.strategy = from.strategy;
    }
  for (const WhatIfLayer &layer : report.layers)
    for (const WhatIfPoint &point : layer.points)
      report.ownDensity[point.pattern] |= point.ownDensity;
  if (options.run && failed(Measurer(dense, target, options, report, work, emitError).run()))
    return failure();
  return report;
}
