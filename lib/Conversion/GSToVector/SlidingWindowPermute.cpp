//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy sliding-window-permute: one output column, any mask. Lanes are rows.
// Two short windows of the activation stand in registers, and a permutation
// gives each lane the activation that its next weight needs: one instruction
// where a gather takes a load per lane.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include "gs/Runtime/gsrt.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include <numeric>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Bundles whose schedule is tried to predict the time of a weight.
constexpr int64_t sampledBundles = 6;

class SlidingWindowPermute : public Strategy {
public:
  StringRef name() const override { return "sliding-window-permute"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &target) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (c.columns() != 1)
      return "more than one output column: lanes run along columns instead";
    if (c.groups > 1)
      return "grouped convolution";
    // The permutations are intrinsics of AVX2 and AVX-512.
    if (!(target.requiredCpuFeatures & (target.lanes() == 16 ? GSRT_CPU_AVX512F : GSRT_CPU_AVX2)) ||
        (target.lanes() != 8 && target.lanes() != 16))
      return "the target has no permutation of its vectors";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &c, const TargetSpec &target) const override {
    return {{"sorted", 0, 1}, {"steps", 1, 32, formOf(c, target, 1, false).stepsPerBlock()}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    if (!weight.weight)
      return result;
    double lanes = double(target.lanes()), bundles = std::ceil(double(c.rows) / lanes);
    for (bool sorted : {false, true})
      for (int64_t perWindow : {1, 2, 3, 4, 6, 8}) {
        LaneWindows form = formOf(c, target, perWindow, sorted);
        if (form.stepsPerBlock() % perWindow)
          continue;
        double blocks = estimateLaneWindowBlocks(*weight.weight, form, c.columnOffset, sampledBundles);
        double steps = double(form.stepsPerBlock()), windows = 2 * double(form.windowsPerBlock());
        // Loads of weights and places, and of windows, which begin anywhere.
        double loads = (steps + 1) / target.loadsPerCycle + windows / target.misalignedLoadsPerCycle;
        // A vector of 8 lanes holds half of what the places name: two permutations and a selection.
        double permutes = (lanes == 16 ? 2.0 : 4.0) * steps / target.permutesPerCycle;
        double fma = steps / target.fmaPerCycle;
        double bytes = blocks * (steps * lanes * 4 + double(form.streams()) * 4 + windows * form.indexBits() / 8);
        // Sums of the accumulators and the branch at the end of a bundle; a row at a time where rows are permuted.
        double perBundle = 40 + (sorted ? lanes / target.storesPerCycle : 0);
        double cycles = std::max(blocks * (std::max({loads, permutes, fma}) + 0.5) + bundles * perBundle,
                                 cost::streamCycles(target, bytes));
        result.push_back({makeChoice(c.op->getContext(), {{"sorted", int64_t(sorted)}, {"steps", perWindow}}), cycles});
      }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr choice, const TargetSpec &target) const override {
    StorageRequest request;
    request.kind = StorageRequest::Kind::LaneWindows;
    request.laneWindows = formOf(c, choice, target);
    request.panelRows = request.laneWindows.lanes;
    return request;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const LaneWindows form = formOf(k.c, k.choice(), k.target);
    int64_t bundles = llvm::divideCeil(k.c.rows, form.lanes), ragged = k.c.rows % form.lanes;
    IndexRange range = k.share(bundles, k.buffers["offsets"]);
    Value full = k.index(k.c.rows / form.lanes);
    k.forRange({range.lo, arith::MinUIOp::create(k.b, range.hi, full)},
               [&](Value bundle) { emitBundle(k, form, bundle, form.lanes); });
    if (ragged)
      k.forRange({arith::MaxUIOp::create(k.b, range.lo, full), range.hi},
                 [&](Value bundle) { emitBundle(k, form, bundle, ragged); });
    return success();
  }

private:
  static LaneWindows formOf(const Contraction &c, const TargetSpec &target, int64_t perWindow, bool sorted) {
    int64_t lanes = target.lanes(), shared = 1;
    if (PatternAttrInterface pattern = c.pattern())
      if (SmallVector<int64_t> heights = pattern.getGroupForm(c.weightShape()).groupHeights(c.rows, lanes);
          !heights.empty())
        shared = std::gcd(heights.front(), lanes);
    return {lanes, perWindow, shared, sorted, c.inputSize};
  }
  static LaneWindows formOf(const Contraction &c, StrategyAttr choice, const TargetSpec &target) {
    return formOf(c, target, choice.getInt("steps", 2), choice.getInt("sorted", 0) != 0);
  }

  static Value call(KernelBuilder &k, StringRef intrinsic, ValueRange args) {
    return LLVM::CallIntrinsicOp::create(k.b, args[0].getType(), k.b.getStringAttr(intrinsic), args).getResult(0);
  }

  /// For each lane the activation at place `(words >> shift) mod (2 * lanes)` of the windows. The instructions read the
  /// lowest bits of a place only.
  static Value permute(KernelBuilder &k, Value first, Value second, Value words, int64_t shift) {
    auto type = cast<VectorType>(words.getType());
    auto splat = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(k.b, type, DenseElementsAttr::get(type, k.b.getI32IntegerAttr(value)));
    };
    Value places = shift ? arith::ShRUIOp::create(k.b, words, splat(shift)).getResult() : words;
    if (type.getNumElements() == 16)
      return call(k, "llvm.x86.avx512.vpermi2var.ps.512", {first, places, second});
    // Bit 3 of a place tells the window; as the sign it selects without a comparison.
    Value sign = arith::ShLIOp::create(k.b, words, splat(31 - 3 - shift));
    Value inSecond = arith::CmpIOp::create(k.b, arith::CmpIPredicate::slt, sign, splat(0));
    return arith::SelectOp::create(k.b, inSecond, call(k, "llvm.x86.avx2.permps", {second, places}),
                                   call(k, "llvm.x86.avx2.permps", {first, places}));
  }

  static void emitBundle(KernelBuilder &k, const LaneWindows &form, Value bundle, int64_t valid) {
    const int64_t lanes = form.lanes;
    const int64_t steps = form.stepsPerBlock(), streams = form.streams();
    VectorType type = k.vectorType(lanes), wordType = VectorType::get({lanes}, k.b.getI32Type());
    Value values = k.buffers["values"], places = k.buffers["lane_indices"], windows = k.buffers["indices"];
    Value lo = k.loadIndex(k.buffers["offsets"], bundle), hi = k.loadIndex(k.buffers["offsets"], k.add(bundle, 1));
    SmallVector<Value> sums(steps, k.zero(type));
    sums = k.accumulate(lo, hi, sums, [&](Value block, ValueRange acc) {
      Value words = k.load(places, k.mul(block, streams), VectorType::get({streams}, k.b.getI32Type()));
      if (streams != lanes) {
        SmallVector<int64_t> streamOf;
        for (int64_t lane = 0; lane < lanes; ++lane)
          streamOf.push_back(lane / form.sharedRows);
        words = vector::ShuffleOp::create(k.b, words, words, streamOf);
      }
      Value weights = k.mul(block, lanes * steps), pairs = k.mul(block, form.windowsPerBlock() * 2), first, second;
      SmallVector<Value> next;
      for (int64_t step = 0; step < steps; ++step) {
        if (step % form.windowSteps == 0) {
          Value pair = k.add(pairs, step / form.windowSteps * 2);
          first = k.loadInput(k.loadIndex(windows, pair), {0, form.firstWidth(), {}}, type);
          // One lane short: that place holds the zero of idle lanes.
          second = k.loadInput(k.loadIndex(windows, k.add(pair, 1)), {0, form.secondWidth(), {}}, type);
        }
        Value x = permute(k, first, second, words, step * form.placeBits());
        next.push_back(k.fma(k.load(values, k.add(weights, step * lanes), type), x, acc[step]));
      }
      return next;
    });
    while (sums.size() > 1) {
      SmallVector<Value> half;
      for (size_t i = 0; i + 1 < sums.size(); i += 2)
        half.push_back(arith::AddFOp::create(k.b, sums[i], sums[i + 1]));
      if (sums.size() % 2)
        half.push_back(sums.back());
      sums = half;
    }
    Value row = k.mul(bundle, lanes);
    if (form.sortRows)
      k.finishRowList(sums[0], k.load(k.buffers["row_order"], row, wordType), valid);
    else
      k.finishRows(sums[0], row, valid);
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getSlidingWindowPermuteStrategy() {
  static const SlidingWindowPermute strategy;
  return strategy;
}
} // namespace mlir::gs
