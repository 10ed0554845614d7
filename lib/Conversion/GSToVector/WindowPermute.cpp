//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy window-permute: one output column, every row keeps the same number of
// weights in every window of 16 or 32 columns. Lanes are rows. The window of the
// activation stands in registers, and a permutation gives each lane the one that
// its next weight needs; no window is searched for, and no lane is ever idle.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include "gs/Runtime/gsrt.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Windows of `width` columns, of which every row keeps `kept`.
struct Windows {
  int64_t width = 0, kept = 0;
  std::string refusal; ///< why a pattern has none; else empty
};

class WindowPermute : public Strategy {
public:
  StringRef name() const override { return "window-permute"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &target) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (c.columns() != 1)
      return "more than one output column: lanes run along columns instead";
    if (c.groups > 1)
      return "grouped convolution";
    if (!c.elementType().isF32())
      return "the permutations are those of f32";
    // The permutations are intrinsics of AVX2 and AVX-512.
    if (!(target.requiredCpuFeatures & (target.lanes() == 16 ? GSRT_CPU_AVX512F : GSRT_CPU_AVX2)) ||
        (target.lanes() != 8 && target.lanes() != 16))
      return "the target has no permutation of its vectors";
    for (int64_t column = 0; column < c.cols; ++column)
      if (c.columnOffset[column] != c.columnOffset[0] + column)
        return "the activations of a window do not lie side by side";
    return windowsOf(c).refusal;
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &) const override {
    return {{"bundles", 1, 4}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &,
                                    const TargetSpec &target) const override {
    SmallVector<Candidate> result;
    const Windows form = windowsOf(c);
    const int64_t lanes = target.lanes();
    for (int64_t bundles : {1, 2, 4}) {
      if (bundles > 1 && bundles * lanes > c.rows)
        continue;
      double windows = std::ceil(double(c.cols) / double(form.width));
      double steps = double(form.kept * bundles), registers = double(form.width / lanes);
      // Weights and positions; the window, once for all bundles.
      double loads = (2 * steps + registers) / target.loadsPerCycle;
      // Widening the positions is a permutation too. Selections between halves share the ports of arithmetic.
      double permuted = (lanes == 16 ? 1.0 : registers);
      double permutes = steps * (1 + permuted) / target.permutesPerCycle;
      double arithmetic = steps * (lanes == 16 ? 1.0 : permuted) / target.fmaPerCycle;
      double groups = std::ceil(double(c.rows) / double(lanes * bundles));
      double bytes = double(llvm::alignTo(c.rows, lanes)) * windows * double(form.kept) * 5;
      // Two permutations and a multiply-add share ports: together they take their sum on Zen 4, not much less on Intel.
      double cycles = groups * (windows * (std::max(loads, permutes + arithmetic) + 0.5) + 20 + 6 * double(bundles));
      cycles = std::max(cycles, cost::streamCycles(target, bytes));
      result.push_back({makeChoice(c.op->getContext(), {{"bundles", bundles}}), cycles});
    }
    return result;
  }

  StorageRequest storage(const Contraction &c, StrategyAttr, const TargetSpec &target) const override {
    StorageRequest request;
    request.kind = StorageRequest::Kind::Windows;
    request.activation = false;
    request.panelRows = target.lanes();
    Windows form = windowsOf(c);
    request.windowKept = form.kept;
    request.windowWidth = form.width;
    return request;
  }

  LogicalResult emit(KernelBuilder &k) const override {
    const Windows form = windowsOf(k.c);
    const int64_t lanes = k.lanes(), bundles = llvm::divideCeil(k.c.rows, lanes);
    const int64_t full = k.c.rows / lanes,
                  together = std::min(k.choice().getInt("bundles", 2), std::max<int64_t>(full, 1));
    // Threads share groups of bundles; the last ones, and rows that fill no vector, are one bundle at a time.
    IndexRange range = k.share(llvm::divideCeil(bundles, together));
    Value lo = k.mul(range.lo, together), hi = arith::MinUIOp::create(k.b, k.mul(range.hi, together), k.index(bundles));
    Value whole = k.index(full / together);
    k.forRange({range.lo, arith::MinUIOp::create(k.b, range.hi, whole)},
               [&](Value group) { emitBundles(k, form, k.mul(group, together), together, lanes); });
    Value begin = arith::MaxUIOp::create(k.b, lo, k.index(full / together * together));
    if (full % together)
      k.forRange({begin, arith::MinUIOp::create(k.b, hi, k.index(full))},
                 [&](Value bundle) { emitBundles(k, form, bundle, 1, lanes); });
    if (bundles > full)
      k.forRange({arith::MaxUIOp::create(k.b, lo, k.index(full)), hi},
                 [&](Value bundle) { emitBundles(k, form, bundle, 1, k.c.rows % lanes); });
    return success();
  }

private:
  /// Windows that every row of the pattern fills alike, as wide as possible.
  static Windows windowsOf(const Contraction &c) {
    GroupForm form = c.pattern().getGroupForm(c.weightShape());
    if (form.support != Support::PerLane || form.laneRule != LaneRule::Window || form.outer != Outer::FixedCount ||
        form.view == View::ChannelOuter)
      return {0, 0, "the pattern does not keep as many weights of every row in every window of columns"};
    const int64_t period = form.laneRulePeriod;
    for (int64_t width : {32, 16}) {
      // Narrow windows make a wide one if none sticks out of the weight.
      if (width % period || (width != period && c.cols % width))
        continue;
      return {width, form.width * form.fixedCount / int64_t(llvm::divideCeil(c.cols, period)) * (width / period), ""};
    }
    return {0, 0,
            "windows of " + std::to_string(period) + " of " + std::to_string(c.cols) +
                " columns do not make whole windows of 16 or 32"};
  }

  static Value call(KernelBuilder &k, StringRef intrinsic, ValueRange args) {
    return LLVM::CallIntrinsicOp::create(k.b, args[0].getType(), k.b.getStringAttr(intrinsic), args).getResult(0);
  }

  /// For each lane the activation at its place in the window. The instructions read the lowest bits of a place only.
  static Value permute(KernelBuilder &k, ArrayRef<Value> window, Value places) {
    auto type = cast<VectorType>(places.getType());
    if (type.getNumElements() == 16)
      return window.size() == 1 ? call(k, "llvm.x86.avx512.permvar.sf.512", {window[0], places})
                                : call(k, "llvm.x86.avx512.vpermi2var.ps.512", {window[0], places, window[1]});
    if (window.size() == 1)
      return call(k, "llvm.x86.avx2.permps", {window[0], places});
    // The highest bit of a place tells the half; as the sign it selects without a comparison.
    size_t half = window.size() / 2;
    auto splat = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(k.b, type, DenseElementsAttr::get(type, k.b.getI32IntegerAttr(value)));
    };
    Value sign = arith::ShLIOp::create(k.b, places, splat(31 - (half == 1 ? 3 : 4)));
    Value upper = arith::CmpIOp::create(k.b, arith::CmpIPredicate::slt, sign, splat(0));
    Value second = permute(k, window.drop_front(half), places), first = permute(k, window.take_front(half), places);
    return arith::SelectOp::create(k.b, upper, second, first);
  }

  /// The sums of `count` bundles from `bundle` on, of which the last one has `valid` rows.
  static void emitBundles(KernelBuilder &k, const Windows &form, Value bundle, int64_t count, int64_t valid) {
    const int64_t lanes = k.lanes(), perWindow = form.kept * lanes;
    const int64_t windows = llvm::divideCeil(k.c.cols, form.width), whole = k.c.cols / form.width;
    VectorType type = k.vectorType(lanes), wordType = VectorType::get({lanes}, k.b.getI32Type()),
               byteType = VectorType::get({lanes}, k.b.getI8Type());
    Value values = k.buffers["values"], places = k.buffers["indices"];
    // Eight sums hide the latency of their additions.
    const int64_t chains = std::clamp<int64_t>(8 / count, 1, 8);
    SmallVector<Value> bases;
    for (int64_t i = 0; i < count; ++i)
      bases.push_back(k.mul(k.add(bundle, i), windows * perWindow));
    int64_t turn = 0;
    auto step = [&](Value number, int64_t next, SmallVectorImpl<Value> &sums, int64_t columns) {
      Value at = k.add(k.mul(number, form.width), k.c.columnOffset[0] + next * form.width);
      SmallVector<Value> window;
      for (int64_t begin = 0; begin < form.width; begin += lanes) {
        int64_t readable = std::clamp<int64_t>(columns - begin, 0, lanes);
        window.push_back(readable ? k.loadInput(at, {begin, readable, {}}, type) : k.zero(type));
      }
      Value first = k.mul(number, perWindow);
      for (int64_t s = 0; s < form.kept; ++s, ++turn)
        for (int64_t i = 0; i < count; ++i) {
          Value position = k.add(k.add(bases[i], first), next * perWindow + s * lanes);
          Value word = arith::ExtUIOp::create(k.b, wordType, k.load(places, position, byteType));
          Value &sum = sums[i * chains + turn % chains];
          sum = k.fma(k.load(values, position, type), permute(k, window, word), sum);
        }
    };
    SmallVector<Value> sums(count * chains, k.zero(type));
    // So many windows per pass that the loop itself costs little.
    const int64_t unroll = std::clamp<int64_t>(8 / (form.kept * count), 1, std::max<int64_t>(whole, 1));
    sums = k.accumulate(k.index(0), k.index(whole / unroll), sums, [&](Value pass, ValueRange acc) {
      SmallVector<Value> next(acc);
      turn = 0;
      for (int64_t i = 0; i < unroll; ++i)
        step(k.mul(pass, unroll), i, next, form.width);
      return next;
    });
    for (int64_t number = whole / unroll * unroll; number < windows; ++number)
      step(k.index(number), 0, sums, std::min(form.width, k.c.cols - number * form.width));
    for (int64_t i = 0; i < count; ++i) {
      SmallVector<Value> parts(sums.begin() + i * chains, sums.begin() + (i + 1) * chains);
      for (; parts.size() > 1; parts.resize((parts.size() + 1) / 2))
        for (size_t j = 0; j < parts.size() / 2; ++j)
          parts[j] = arith::AddFOp::create(k.b, parts[j], parts[parts.size() - 1 - j]);
      k.finishRows(parts[0], k.mul(k.add(bundle, i), lanes), i + 1 == count ? valid : lanes);
    }
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getWindowPermuteStrategy() {
  static const WindowPermute strategy;
  return strategy;
}
} // namespace mlir::gs
