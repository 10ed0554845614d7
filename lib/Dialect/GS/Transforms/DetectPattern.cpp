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
#include "Detection/Search.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Threading.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::gs {
#define GEN_PASS_DEF_DETECTPATTERN
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// One weight to be searched, and what was found.
struct Job {
  Operation *op = nullptr; ///< the first that uses it
  arith::ConstantOp constant;
  int64_t groups = 1;
  detection::Found found;
  ElementsAttr mask; ///< null: the non-zeros
  SmallVector<int64_t> rowOrder;
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

    // A constant of several contractions is searched once for all that have as many groups.
    llvm::MapVector<std::pair<Operation *, int64_t>, Job> jobs;
    SmallVector<std::pair<OpOperand *, std::pair<Operation *, int64_t>>> uses;
    WalkResult walk = getOperation()->walk([&](Operation *op) {
      OpOperand *operand = nullptr;
      int64_t groups = 1;
      if (auto conv = dyn_cast<ConvOp>(op)) {
        operand = &conv.getWeightMutable();
        groups = conv.getGroups();
      } else if (auto matmul = dyn_cast<MatmulOp>(op)) {
        operand = &matmul.getWeightMutable();
      } else {
        return WalkResult::advance();
      }
      Operation *def = operand->get().getDefiningOp(); // null or another op: packed already, or given at run time
      if (auto constant = dyn_cast_or_null<arith::ConstantOp>(def)) {
        uses.push_back({operand, {def, groups}});
        jobs.insert({{def, groups}, Job{op, constant, groups, {}, {}, {}}});
      } else if (auto constant = dyn_cast_or_null<gs::ConstantOp>(def)) {
        return WalkResult(describe(op, constant));
      }
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return signalPassFailure();

    // Large ones first, so that no thread is left with one at the end.
    SmallVector<std::pair<int64_t, size_t>> order;
    for (auto [i, job] : llvm::enumerate(jobs))
      order.push_back({-sizeOf(job.second), i});
    llvm::sort(order);
    if (failed(failableParallelForEach(
            &getContext(), order, [&](const auto &entry) { return detect((jobs.begin() + entry.second)->second); })))
      return signalPassFailure();

    llvm::DenseMap<std::pair<Operation *, int64_t>, Value> encoded;
    llvm::SetVector<Operation *> replaced;
    for (auto &[operand, key] : uses) {
      Job &job = jobs.find(key)->second;
      if (job.found.pattern) {
        Value &weight = encoded[key];
        if (!weight)
          weight = encode(job);
        operand->set(weight);
        replaced.insert(key.first);
      }
      record(operand->getOwner(), job.found);
    }
    for (Operation *constant : replaced)
      if (constant->use_empty())
        constant->erase();
  }

  static int64_t sizeOf(const Job &job) {
    auto type = dyn_cast<ShapedType>(const_cast<arith::ConstantOp &>(job.constant).getType());
    return type ? type.getNumElements() : 0;
  }

  LogicalResult detect(Job &job) {
    auto values = dyn_cast<ElementsAttr>(job.constant.getValue());
    if (!values)
      return success();
    auto mask = job.constant->getAttrOfType<ElementsAttr>("onnx.mask");
    FailureOr<Weight> weight = Weight::fromElements(values, mask, [&] { return job.op->emitOpError("weight: "); });
    if (failed(weight))
      return failure();
    ArrayRef<int64_t> shape = cast<RankedTensorType>(job.constant.getType()).getShape();
    detection::Found &found = job.found;
    found.density = weight->density();
    if (job.groups > 1 && weight->channels == 1) {
      found.refused.push_back({"any pattern", "depthwise convolutions stay dense"});
      return success();
    }
    if (1.0 - found.density < minSparsity) {
      found.refused.push_back(
          {"any pattern", llvm::formatv("{0:P1} of the weights are zero, less than the threshold of {1:P1}",
                                        1.0 - found.density, double(minSparsity))
                              .str()});
      return success();
    }
    if (!weight->numKept()) // any pattern holds, and none means anything
      found.pattern = cast<PatternAttrInterface>(UnstructuredAttr::get(&getContext()));
    else
      found = detection::searchPattern(job.op, *weight, shape, job.groups, {maxFill, explain}, spec);
    if (!weight->maskIsImplied())
      job.mask = weight->maskToElements(shape);
    job.rowOrder = weight->rowOrder;
    return success();
  }

  /// The constant with the pattern in its type; values stay as they are.
  Value encode(const Job &job) {
    arith::ConstantOp constant = job.constant;
    OpBuilder b(constant);
    auto type = cast<RankedTensorType>(constant.getType());
    auto encoded = RankedTensorType::get(type.getShape(), type.getElementType(), job.found.pattern);
    ++numDetected;
    return gs::ConstantOp::create(b, constant.getLoc(), encoded, cast<ElementsAttr>(constant.getValue()), job.mask,
                                  job.rowOrder.empty() ? DenseI64ArrayAttr() : b.getDenseI64ArrayAttr(job.rowOrder));
  }

  /// A pattern that the user wrote is kept; only its density is measured.
  LogicalResult describe(Operation *op, gs::ConstantOp constant) {
    FailureOr<Weight> weight = Weight::fromElements(constant.getValues(), constant.getMask().value_or(ElementsAttr()),
                                                    [&] { return constant.emitOpError(); });
    if (failed(weight))
      return failure();
    detection::Found found;
    found.pattern = gs::getPattern(constant.getType());
    found.density = weight->density();
    record(op, found);
    return success();
  }

  void record(Operation *op, const detection::Found &found) {
    Builder b(&getContext());
    Attribute pattern = found.pattern ? Attribute(found.pattern) : b.getStringAttr("dense");
    auto refused = llvm::map_to_vector(found.refused, [&](const auto &refusal) -> Attribute {
      return b.getDictionaryAttr({b.getNamedAttr("candidate", b.getStringAttr(refusal.first)),
                                  b.getNamedAttr("reason", b.getStringAttr(refusal.second))});
    });
    SmallVector<NamedAttribute> entries = {b.getNamedAttr("pattern", pattern),
                                           b.getNamedAttr("density", b.getF64FloatAttr(found.density)),
                                           b.getNamedAttr("refused", b.getArrayAttr(refused))};
    if (found.completed)
      entries.push_back(b.getNamedAttr("completed", b.getI64IntegerAttr(found.completed)));
    op->setAttr("gs.detected", b.getDictionaryAttr(entries));
    if (!remarks)
      return;
    InFlightDiagnostic remark = op->emitRemark("weight is ")
                                << pattern << ", density " << llvm::formatv("{0:P1}", found.density).str();
    for (const auto &[candidate, reason] : found.refused)
      remark.attachNote() << candidate << " refused: " << reason;
  }

  TargetSpec spec;
};

} // namespace
