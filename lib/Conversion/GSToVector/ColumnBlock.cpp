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

class ColumnBlock : public Strategy {
public:
  StringRef name() const override { return "column-block"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (c.columns() != 1)
      return "more than one output column: lanes run along columns instead";
    if (c.groups > 1)
      return "grouped convolution";
    if (weight.pattern && (!weight.form.rowsShareColumn() || weight.form.bundleRows < 4))
      return "fewer than four rows share a column";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    if (!c.pattern())
      return {{"rows", 1, 4 * int64_t(target.lanes())}};
    int64_t v = c.pattern().getGroupForm(c.weightShape()).bundleRows;
    return {{"rows", v, v}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    int64_t v = weight.pattern ? weight.form.bundleRows : target.lanes();
    double blocks = weight.pattern ? double(weight.nonZeros) / double(v) : double(llvm::divideCeil(c.rows, v) * c.cols);
    double bytes = blocks * double(v * 4 + (weight.pattern ? 4 : 0));
    double step = std::max(
        {1.0 / target.fmaBroadcastPerCycle, 2.0 / target.loadsPerCycle, double(target.fmaLatency) / double(unroll)});
    double cycles = std::max(blocks * step, bytes / cost::streamBytesPerCycle(target, bytes)) +
                    double(llvm::divideCeil(c.rows, v)) * 20;
    return {{makeChoice(c.op->getContext(), {{"rows", v}}), cycles}};
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    if (c.pattern())
      return {};
    return {StorageRequest::Kind::Panels, true, 0, choice.getInt("rows", target.lanes())};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    bool dense = !c.pattern();
    int64_t v = dense ? k.choice().getInt("rows", k.lanes()) : c.pattern().getGroupForm(c.weightShape()).bundleRows;
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
    k.finishRows(tail, k.mul(g, v), valid);
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getColumnBlockStrategy() {
  static const ColumnBlock strategy;
  return strategy;
}
} // namespace mlir::gs
