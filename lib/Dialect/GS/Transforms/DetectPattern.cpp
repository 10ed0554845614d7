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
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Threading.h"
#include <algorithm>
#include <cstring>

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

/// Kept columns of every bundle of `height` rows: a tile is kept if one of its weights is.
struct Tiles {
  int64_t height;
  int64_t count = 0;
  std::vector<uint8_t> kept; ///< bundles x cols

  Tiles(const Weight &weight, int64_t height) : height(height) {
    int64_t bundles = llvm::divideCeil(weight.rows, height);
    kept.assign(bundles * weight.cols, 0);
    for (int64_t row = 0; row < weight.rows; ++row) {
      uint8_t *to = kept.data() + row / height * weight.cols;
      const uint8_t *from = weight.mask.data() + row * weight.cols;
      for (int64_t col = 0; col < weight.cols; ++col)
        to[col] |= from[col];
    }
    for (uint8_t tile : kept)
      count += tile != 0;
  }

  /// Marks all weights of kept tiles as kept.
  void complete(Weight &weight) const {
    for (int64_t row = 0; row < weight.rows; ++row)
      std::memcpy(weight.mask.data() + row * weight.cols, kept.data() + row / height * weight.cols, weight.cols);
  }
};

/// The search over all patterns for the weight of one contraction.
class Search {
public:
  Search(Weight &weight, ArrayRef<int64_t> shape, int64_t groups, double maxFill, Location loc)
      : weight(weight), shape(shape), groups(groups), maxFill(maxFill), loc(loc), nonZeros(weight.numKept()) {}

  Detection run() {
    MLIRContext *context = loc.getContext();
    for (int64_t rows : {16, 8, 4})
      if (tryBlock(BlockAttr::get(context, rows, 1)))
        return finish();
    for (auto [banks, width] : gatherScatter)
      if (tryExact(cast<PatternAttrInterface>(GatherScatterAttr::get(context, banks, width))))
        return finish();
    result.pattern = cast<PatternAttrInterface>(UnstructuredAttr::get(context));
    return finish();
  }

private:
  static constexpr std::pair<int64_t, int64_t> gatherScatter[] = {{16, 1}, {16, 16}, {16, 2}, {16, 4}, {16, 8},
                                                                  {8, 1},  {8, 8},   {8, 2},  {8, 4}};

  Detection finish() {
    result.density = weight.density();
    return result;
  }

  /// Parameters fit the shape, and no bundle of rows lies in two convolution groups.
  bool fits(PatternAttrInterface pattern) {
    CapturedError error(loc);
    if (failed(error.run([&](EmitError emit) { return pattern.verifyPattern(shape, weight.elementType, emit); }))) {
      result.refuse(pattern, error.message());
      return false;
    }
    int64_t bundleRows = pattern.getGroupForm(shape).bundleRows;
    if (groups > 1 && (weight.rows / groups) % bundleRows) {
      result.refuse(pattern, formatText("a convolution group has {0} rows, which bundles of {1} rows straddle",
                                        weight.rows / groups, bundleRows));
      return false;
    }
    return true;
  }

  bool tryExact(PatternAttrInterface pattern) {
    if (!fits(pattern))
      return false;
    CapturedError error(loc);
    if (failed(error.run([&](EmitError emit) { return pattern.verifyMask(weight, emit); }))) {
      result.refuse(pattern, error.message());
      return false;
    }
    // Lanes of rows that a ragged last bundle lacks are stored too.
    GroupForm form = pattern.getGroupForm(shape);
    int64_t stored = 0;
    for (int64_t row = 0; row < weight.rows; row += form.bundleRows) {
      const uint8_t *mask = weight.mask.data() + row * weight.cols;
      stored +=
          std::count_if(mask, mask + weight.cols, [](uint8_t kept) { return kept != 0; }) / form.width * form.lanes;
    }
    if (stored > maxFill * nonZeros) {
      result.refuse(pattern, storesTooMuch(stored));
      return false;
    }
    result.pattern = pattern;
    return true;
  }

  std::string storesTooMuch(int64_t stored) const {
    return formatText("{0} weights would be stored for {1} non-zeros (limit: {2:F2} times as many)", stored, nonZeros,
                      maxFill);
  }

  /// Fine-tuned weights may contain accidental zeros, so a V x 1 block is accepted as long as whole tiles store few
  /// weights more than there are non-zeros. The zeros among them are kept weights from then on.
  bool tryBlock(BlockAttr block) {
    auto pattern = cast<PatternAttrInterface>(block);
    if (!fits(pattern))
      return false;
    Tiles tiles(weight, block.getRows());
    int64_t stored = tiles.count * block.getRows();
    if (stored > maxFill * nonZeros) {
      CapturedError error(loc);
      LogicalResult legal = error.run([&](EmitError emit) { return pattern.verifyMask(weight, emit); });
      result.refuse(pattern, (succeeded(legal) ? "" : error.message() + "; ") + storesTooMuch(stored));
      return false;
    }
    tiles.complete(weight);
    result.pattern = pattern;
    return true;
  }

  template <typename... Args> static std::string formatText(const char *format, Args &&...args) {
    return llvm::formatv(format, std::forward<Args>(args)...).str();
  }

  Weight &weight;
  ArrayRef<int64_t> shape;
  int64_t groups;
  double maxFill;
  Location loc;
  int64_t nonZeros;
  Detection result;
};

struct DetectPattern : gs::impl::DetectPatternBase<DetectPattern> {
  using DetectPatternBase::DetectPatternBase;

  void runOnOperation() override {
    if (!(minSparsity >= 0 && minSparsity <= 1) || !(maxFill >= 1)) {
      getOperation()->emitError("gs-detect-pattern: min-sparsity must lie in [0, 1] and max-fill must be at least 1");
      return signalPassFailure();
    }
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
    detection = Search(*weight, type.getShape(), groups, maxFill, op->getLoc()).run();
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
    op->setAttr("gs.detected", b.getDictionaryAttr({b.getNamedAttr("pattern", pattern),
                                                    b.getNamedAttr("density", b.getF64FloatAttr(detection.density)),
                                                    b.getNamedAttr("refused", b.getArrayAttr(refused))}));
    if (!remarks)
      return;
    InFlightDiagnostic remark = op->emitRemark("weight is ")
                                << pattern << ", density " << llvm::formatv("{0:P1}", detection.density).str();
    for (const auto &[candidate, reason] : detection.refused)
      remark.attachNote() << candidate << " refused: " << reason;
  }

  llvm::DenseMap<std::pair<Operation *, int64_t>, Found> seen;
  llvm::SetVector<Operation *> replaced; ///< constants without a use; erased when no key can name them any more
};

} // namespace
