//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy column-block: one output column. Lanes run along the V rows that
// share a column; each block is one vector of weights times a broadcast
// activation. A dense weight is the case in which every column is there.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Independent accumulators per row group, so that the FMA latency does not bind.
constexpr int64_t unroll = 4;
/// Rows of a group: fewer are better served by lanes of several groups, more do not fit the registers.
constexpr int64_t fewestRows = 4, maxVectors = 4;

class ColumnBlock : public Strategy {
public:
  StringRef name() const override { return "column-block"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &target) const override {
    if (c.columns() != 1)
      return "more than one output column: lanes run along columns instead";
    if (c.groups > 1)
      return "grouped convolution";
    if (weight.pattern && heights(c, weight.form, target).empty())
      return "fewer than four rows share a column";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    if (!c.pattern())
      return {{"rows", 1, maxVectors * int64_t(target.lanes())}};
    GroupForm form = c.pattern().getGroupForm(c.weightShape());
    return {{"rows", fewestRows, heights(c, form, target).front(), form.heightsDivide(c.rows)}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<int64_t> all{target.lanes()};
    if (weight.pattern)
      all = heights(c, weight.form, target);
    SmallVector<Candidate> result;
    for (int64_t v : all) {
      // Groups of the last rows may stick out.
      double groups = double(llvm::divideCeil(c.rows, v));
      double blocks = weight.pattern ? double(weight.nonZeros) * groups / double(c.rows) : groups * double(c.cols);
      double bytes = blocks * double(v * 4 + (weight.pattern ? 4 : 0));
      double vectors = double(llvm::divideCeil(v, int64_t(target.lanes())));
      double step = std::max({vectors / target.fmaBroadcastPerCycle, (1 + vectors) / target.loadsPerCycle,
                              double(target.fmaLatency) / double(unroll)});
      double cycles = std::max(blocks * step, bytes / cost::streamBytesPerCycle(target, bytes)) + groups * 20;
      if (weight.form.rowOrder)
        cycles += cost::scatteredRows(target, c);
      result.push_back({makeChoice(c.op->getContext(), {{"rows", v}}), cycles});
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    if (!c.pattern())
      return {StorageRequest::Kind::Panels, true, 0, choice.getInt("rows", target.lanes())};
    GroupForm form = c.pattern().getGroupForm(c.weightShape());
    StorageRequest request{StorageRequest::Kind::RowGroups, true, 0,
                           choice.getInt("rows", heights(c, form, target).front())};
    request.rowOrder = form.rowOrder;
    return request;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    bool dense = !c.pattern();
    int64_t v = dense ? k.choice().getInt("rows", k.lanes()) : c.pattern().getGroupForm(c.weightShape()).sharedRows;
    int64_t groups = llvm::divideCeil(c.rows, v), full = c.rows / v;
    Value offsets = k.buffers["offsets"];
    IndexRange range = k.share(groups, dense ? Value() : offsets);
    Value fullValue = k.index(full);
    k.forRange({range.lo, arith::MinUIOp::create(k.b, range.hi, fullValue)},
               [&](Value g) { emitGroup(k, g, v, v, dense); });
    if (c.rows % v)
      k.forRange({arith::MaxUIOp::create(k.b, range.lo, fullValue), range.hi},
                 [&](Value g) { emitGroup(k, g, v, c.rows % v, dense); });
    return success();
  }

private:
  /// How many rows a group may have.
  static SmallVector<int64_t> heights(const Contraction &c, const GroupForm &form, const TargetSpec &target) {
    SmallVector<int64_t> all = form.inOrder().groupHeights(c.rows, maxVectors * target.lanes());
    llvm::erase_if(all, [](int64_t height) { return height < fewestRows; });
    return all;
  }

  static void emitGroup(KernelBuilder &k, Value g, int64_t v, int64_t valid, bool dense) {
    VectorType type = k.vectorType(v);
    Value lo, hi;
    if (dense) {
      lo = k.mul(g, k.c.cols);
      hi = k.add(lo, k.c.cols);
    } else {
      lo = k.loadIndex(k.buffers["offsets"], g);
      hi = k.loadIndex(k.buffers["offsets"], k.add(g, 1));
    }
    Value indices = k.buffers[dense ? "indices" : "block_cols"];
    auto step = [&](Value block, Value acc) {
      Value which = dense ? arith::SubIOp::create(k.b, block, lo).getResult() : block;
      Value x = k.broadcastLoad(k.input, k.loadIndex(indices, which), type);
      return k.fma(k.load(k.buffers["values"], k.mul(block, v), type), x, acc);
    };
    // Four blocks per step, then the rest one by one.
    Value count = arith::SubIOp::create(k.b, hi, lo);
    Value steps = arith::DivUIOp::create(k.b, count, k.index(unroll));
    SmallVector<Value> sums(unroll, k.zero(type));
    sums = k.accumulate(k.index(0), steps, sums, [&](Value s, ValueRange acc) {
      Value block = k.add(lo, k.mul(s, unroll));
      SmallVector<Value> next;
      for (int64_t i = 0; i < unroll; ++i)
        next.push_back(step(k.add(block, i), acc[i]));
      return next;
    });
    Value rest = k.add(lo, k.mul(steps, unroll));
    Value tail = k.accumulate(rest, hi, {sums[0]},
                              [&](Value block, ValueRange acc) { return SmallVector<Value>{step(block, acc[0])}; })[0];
    for (int64_t i = 1; i < unroll; ++i)
      tail = arith::AddFOp::create(k.b, tail, sums[i]);
    k.finishRowsAt(tail, k.mul(g, v), valid);
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getColumnBlockStrategy() {
  static const ColumnBlock strategy;
  return strategy;
}
} // namespace mlir::gs
