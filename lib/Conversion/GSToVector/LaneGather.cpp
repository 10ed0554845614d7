//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy lane-gather: one output column. A group's weights are one vector,
// its activations one gather; the lanes of a row are summed at the end.
// GS(B,k) groups fill B lanes; of an unstructured row, chunks of non-zeros do.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

class LaneGather : public Strategy {
public:
  StringRef name() const override { return "lane-gather"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (c.columns() != 1)
      return "more than one output column: lanes run along columns instead";
    if (c.groups > 1)
      return "grouped convolution";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &) const override { return {}; }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    double lanes = double(target.lanes()), inputBytes = double(c.cols) * 4;
    double gather = inputBytes <= double(target.l1Bytes) ? target.gatherCyclesL1 : target.gatherCyclesL2;
    // Groups of GS have all their lanes full; an unstructured row ends in a partial chunk.
    double chunks = double(weight.nonZeros) / lanes + (isGrouped(weight.form) ? 0 : 0.5 * double(c.rows));
    double bytes = double(weight.nonZeros) * 8;
    double cycles = std::max(chunks * (gather + 2), bytes / cost::streamBytesPerCycle(target, bytes)) +
                    double(llvm::divideCeil(c.rows, weight.form.bundleRows)) * 25;
    if (weight.form.rowOrder && isGrouped(weight.form))
      cycles += cost::scatteredRows(target, c);
    return {{makeChoice(c.op->getContext(), {}), cycles}};
  }

  StorageRequest storage(const Contraction &c, StrategyAttr, const TargetSpec &) const override {
    GroupForm form = c.pattern().getGroupForm(c.weightShape());
    StorageRequest request{StorageRequest::Kind::Rows};
    if (!isGrouped(form))
      return request;
    request.kind = StorageRequest::Kind::Lanes;
    request.lanes = form.lanes;
    request.width = form.width;
    request.rowOrder = form.rowOrder;
    return request;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    GroupForm form = k.c.pattern().getGroupForm(k.c.weightShape());
    if (isGrouped(form))
      emitGroups(k, form);
    else
      emitRows(k);
    return success();
  }

private:
  static bool isGrouped(const GroupForm &form) {
    return form.hasResidueLanes() && form.lanes > 1 && form.outer == Outer::Offsets;
  }

  /// i32 (or narrower, unsigned) indices as a vector that a gather takes.
  static Value widen(KernelBuilder &k, Value indices) {
    auto type = cast<VectorType>(indices.getType());
    if (type.getElementTypeBitWidth() >= 32)
      return indices;
    return arith::ExtUIOp::create(k.b, VectorType::get(type.getShape(), k.b.getI32Type()), indices);
  }

  static void emitGroups(KernelBuilder &k, const GroupForm &form) {
    const Contraction &c = k.c;
    int64_t lanes = form.lanes, rows = form.bundleRows, bundles = form.numBundles(c.rows);
    VectorType type = k.vectorType(lanes);
    Value values = k.buffers["values"], indices = k.buffers["indices"], offsets = k.buffers["offsets"];
    auto indexType = VectorType::get({lanes}, cast<MemRefType>(indices.getType()).getElementType());
    auto maskType = VectorType::get({lanes}, k.b.getI1Type());
    Value mask = arith::ConstantOp::create(k.b, maskType, DenseElementsAttr::get(maskType, true));
    auto bundle = [&](Value bundleIndex, int64_t rowsHere) {
      Value lo = k.loadIndex(offsets, bundleIndex), hi = k.loadIndex(offsets, k.add(bundleIndex, 1));
      Value sum = k.accumulate(lo, hi, {k.zero(type)}, [&](Value g, ValueRange acc) {
        Value at = k.mul(g, lanes);
        Value index = widen(k, k.load(indices, at, indexType));
        Value x = vector::GatherOp::create(k.b, type, k.input, ValueRange{k.index(0)}, index, mask, k.zero(type));
        return SmallVector<Value>{k.fma(k.load(values, at, type), x, acc[0])};
      })[0];
      Value row = k.mul(bundleIndex, rows);
      if (form.width == 1) {
        k.finishRowsAt(sum, row, rowsHere);
        return;
      }
      Value perRow = k.zero(k.vectorType(rows));
      for (int64_t r = 0; r < rowsHere; ++r) {
        Value part = sum;
        if (rows > 1)
          part = vector::ExtractStridedSliceOp::create(k.b, sum, ArrayRef<int64_t>{r * form.width},
                                                       ArrayRef<int64_t>{form.width}, ArrayRef<int64_t>{1});
        Value total = vector::ReductionOp::create(k.b, vector::CombiningKind::ADD, part, arith::FastMathFlags::reassoc);
        perRow = vector::InsertOp::create(k.b, total, perRow, ArrayRef<int64_t>{r});
      }
      k.finishRowsAt(perRow, row, rowsHere);
    };
    IndexRange range = k.share(bundles, offsets);
    Value full = k.index(c.rows / rows);
    k.forRange({range.lo, arith::MinUIOp::create(k.b, range.hi, full)}, [&](Value i) { bundle(i, rows); });
    if (c.rows % rows)
      k.forRange({arith::MaxUIOp::create(k.b, range.lo, full), range.hi}, [&](Value i) { bundle(i, c.rows % rows); });
  }

  /// Rows of any length: chunks of `lanes` non-zeros, the last one masked.
  static void emitRows(KernelBuilder &k) {
    int64_t lanes = k.lanes();
    VectorType type = k.vectorType(lanes);
    Value values = k.buffers["values"], indices = k.buffers["indices"], offsets = k.buffers["offsets"];
    auto indexType = VectorType::get({lanes}, cast<MemRefType>(indices.getType()).getElementType());
    auto maskType = VectorType::get({lanes}, k.b.getI1Type());
    k.forRange(k.share(k.c.rows, offsets), [&](Value row) {
      Value lo = k.loadIndex(offsets, row), hi = k.loadIndex(offsets, k.add(row, 1));
      Value chunks = arith::CeilDivUIOp::create(k.b, arith::SubIOp::create(k.b, hi, lo), k.index(lanes));
      Value sum = k.accumulate(k.index(0), chunks, {k.zero(type)}, [&](Value chunk, ValueRange acc) {
        Value at = k.add(lo, k.mul(chunk, lanes));
        Value mask = vector::CreateMaskOp::create(k.b, maskType, ValueRange{arith::SubIOp::create(k.b, hi, at)});
        Value zeroIndex = arith::ConstantOp::create(k.b, indexType, k.b.getZeroAttr(indexType));
        Value index = vector::MaskedLoadOp::create(k.b, indexType, indices, ValueRange{at}, mask, zeroIndex);
        Value w = vector::MaskedLoadOp::create(k.b, type, values, ValueRange{at}, mask, k.zero(type));
        Value x =
            vector::GatherOp::create(k.b, type, k.input, ValueRange{k.index(0)}, widen(k, index), mask, k.zero(type));
        return SmallVector<Value>{k.fma(w, x, acc[0])};
      })[0];
      Value total = vector::ReductionOp::create(k.b, vector::CombiningKind::ADD, sum, arith::FastMathFlags::reassoc);
      k.finishRows(vector::BroadcastOp::create(k.b, k.vectorType(1), total), row, 1);
    });
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getLaneGatherStrategy() {
  static const LaneGather strategy;
  return strategy;
}
} // namespace mlir::gs
