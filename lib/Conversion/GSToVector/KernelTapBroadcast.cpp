//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategy kernel-tap-broadcast: kernels that keep one of a few sets of taps. A
// row's kernels stand in the order of their sets; each set is a loop over its
// kernels with constant displacements, so that a kernel needs one index, and a
// vector of activations that several taps and output lines of the tile read is
// loaded once.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/KernelBuilder.h"
#include <map>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Kernel locations of a weight of shape (O, I, k...), and its input channels.
int64_t locationsOf(const Contraction &c) {
  return c.weightShape().size() > 2 ? ShapedType::getNumElements(c.weightShape().drop_front(2)) : 1;
}
int64_t channelsOf(const Contraction &c) { return c.weightShape()[1]; }

/// Displacement of a kernel location from the first one, and of an input channel from the one before.
int64_t displacement(const Contraction &c, int64_t location) {
  return c.columnOffset[location * channelsOf(c)] - c.columnOffset[0];
}
int64_t channelStride(const Contraction &c) { return channelsOf(c) > 1 ? c.columnOffset[1] - c.columnOffset[0] : 0; }

/// How many sets of taps the pattern names; 0 if its storage is not that of kernels of one row by their set.
int64_t numTapSets(const Contraction &c, const GroupForm &form) {
  if (form.view != View::ChannelOuter || form.support != Support::Dictionary || form.bundleRows != 1)
    return 0;
  int64_t found = 0, sets = 0;
  for (const StorageField &field : c.pattern().getStorage(c.weightShape(), c.elementType(), 0, Schema())) {
    found += field.name == "pattern_id" || field.name == "channel" || field.name == "offsets";
    if (field.name == "dictionary")
      sets = field.shape[0];
  }
  return found == 3 ? sets : 0;
}

/// Taps that the kernel of (row, input channel) keeps, as a bit mask.
uint32_t tapsOf(const Weight &weight, int64_t row, int64_t channel) {
  uint32_t taps = 0;
  for (int64_t location = 0; location < weight.locations; ++location)
    taps |= uint32_t(weight.kept(row, location * weight.channels + channel)) << location;
  return taps;
}

/// A vector of activations, and which (tap of the set, vector of the tile) use it.
struct Load {
  VectorPlace place;
  SmallVector<std::pair<int64_t, int64_t>> uses;
};

/// The different vectors that a set of taps reads for the vectors of a tile, in order of memory.
SmallVector<Load> loadsOf(const Contraction &c, uint32_t taps, ArrayRef<VectorPlace> vectors) {
  std::map<std::pair<int64_t, int64_t>, Load> loads; // by displacement and readable lanes
  int64_t tap = 0;
  for (int64_t location = 0; location < locationsOf(c); ++location) {
    if (!(taps >> location & 1))
      continue;
    for (auto [j, vector] : llvm::enumerate(vectors)) {
      VectorPlace place = vector;
      place.in += displacement(c, location);
      Load &load = loads[{place.in, place.readable}];
      load.place = place;
      load.uses.emplace_back(tap, j);
    }
    ++tap;
  }
  SmallVector<Load> result;
  for (auto &[key, load] : loads)
    result.push_back(std::move(load));
  return result;
}

class KernelTapBroadcast : public Strategy {
public:
  StringRef name() const override { return "kernel-tap-broadcast"; }

  std::string refuses(const Contraction &c, const WeightFacts &weight, const TargetSpec &) const override {
    if (!weight.pattern)
      return "the weight is dense";
    if (weight.form.sharedRows > 1)
      return "groups of rows share all their columns (row-group-broadcast)";
    int64_t sets = numTapSets(c, weight.form);
    if (sets == 0)
      return "the pattern does not name the sets of taps that kernels keep";
    if (sets > maxSets || locationsOf(c) > 32)
      return "the code would have a loop for each of more than 32 sets of taps";
    if (c.columns() < 2)
      return "one output column: lanes run along non-zeros instead (sliding-window-permute)";
    if (c.groups > 1 && weight.form.rowOrder)
      return "rows that the pattern puts side by side may belong to several convolution groups";
    for (int64_t location = 0; location < locationsOf(c); ++location)
      for (int64_t channel = 0; channel < channelsOf(c); ++channel)
        if (c.columnOffset[location * channelsOf(c) + channel] !=
            c.columnOffset[0] + displacement(c, location) + channel * channelStride(c))
          return "the taps of different channels are displaced differently";
    return "";
  }

  SmallVector<StrategyParameter> parameters(const Contraction &, const TargetSpec &target) const override {
    return {{"nr", 1, target.vectorRegisters}};
  }

  SmallVector<Candidate> candidates(const Contraction &c, const WeightFacts &weight,
                                    const TargetSpec &target) const override {
    Kinds kinds = kindsOf(c, weight);
    SmallVector<Candidate> result;
    bool aligned = cost::inputIsAligned(c, target.lanes());
    double rate = aligned ? target.loadsPerCycle : target.misalignedLoadsPerCycle;
    for (int64_t nr : {1, 2, 4, 6, 8, 12, 16}) {
      int64_t most = 1;
      for (uint32_t taps : kinds.taps)
        most = std::max<int64_t>(most, llvm::popcount(taps));
      // Sums, an activation, and the weights of a kernel if there are not too many.
      if (nr + 1 + std::min<int64_t>(most, 4) > target.vectorRegisters)
        continue;
      double cycles = 0, bytes = double(weight.nonZeros) * 4 + double(c.rows) * double(kinds.taps.size()) * 8;
      auto plan = planTiles(c, target.lanes(), nr);
      for (const TileLoop &tile : plan) {
        double n = double(tile.vectors.size());
        double inputBytes = double(c.cols * c.groups) * n * double(target.vectorBytes());
        double tileCycles = kinds.lists * 16 + double(c.rows) * n / target.storesPerCycle;
        for (auto [taps, kernels] : llvm::zip_equal(kinds.taps, kinds.kernels)) {
          double entries = double(llvm::popcount(taps));
          SmallVector<Load> loads = loadsOf(c, taps, tile.vectors);
          // Vectors less than a vector apart share lines, which come from farther caches once.
          int64_t lines = 0, last = -target.lanes();
          for (const Load &load : loads)
            if (load.place.in >= last + target.lanes())
              ++lines, last = load.place.in;
          double fma = entries * n / target.fmaPerCycle;
          double ports = double(loads.size()) / rate + (entries + 1) / std::max(target.broadcastsPerCycle, 1.0) * 0.5;
          double cache = double(lines) * cost::vectorLoadCycles(target, inputBytes);
          tileCycles += kernels * (std::max({fma, ports, cache, entries * double(target.fmaLatency)}) + 0.3);
        }
        tileCycles = std::max(tileCycles, bytes / cost::streamBytesPerCycle(target, bytes));
        cycles += double(tile.count()) * tileCycles;
      }
      result.push_back({makeChoice(c.op->getContext(), {{"nr", nr}}),
                        std::max(cycles, cost::memoryFloor(target, c, bytes)) +
                            (weight.form.rowOrder ? double(countTiles(plan)) * cost::scatteredRows(target, c) : 0)});
    }
    return result;
  }

  StorageRequest storage(const Contraction &, StrategyAttr, const TargetSpec &) const override {
    return {StorageRequest::Kind::Groups, /*activation=*/false};
  }

  /// The sets are in the code.
  bool readsBuffer(StringRef name) const override { return name != "dictionary"; }

  LogicalResult emit(KernelBuilder &k) const override {
    const Contraction &c = k.c;
    SmallVector<uint32_t> sets;
    if (failed(readSets(k, sets)))
      return failure();
    auto plan = planTiles(c, k.lanes(), k.choice().getInt("nr", 8));
    bool split = k.splitsTiles(plan);
    IndexRange rows = split ? k.all(c.rows) : k.share(c.rows, k.buffers["offsets"]);
    k.forEachTile(plan, split, [&](const TileLoop &tile, KernelBuilder::TileBase base) {
      k.forRange(rows, [&](Value position) { emitRow(k, sets, tile, base, position); });
    });
    return success();
  }

private:
  /// Each set is a loop of its own.
  static constexpr int64_t maxSets = 32;

  /// The sets of taps, the kernels of each, and the (row, set) that have any.
  struct Kinds {
    SmallVector<uint32_t> taps;
    SmallVector<double> kernels;
    double lists = 0;
  };

  static Kinds kindsOf(const Contraction &c, const WeightFacts &weight) {
    Kinds kinds;
    if (!weight.weight) { // as if all kernels kept their first taps, and every row had all sets
      auto entries = static_cast<unsigned>(weight.form.width);
      kinds.taps.push_back(static_cast<uint32_t>((uint64_t(1) << entries) - 1));
      kinds.kernels.push_back(double(weight.nonZeros) / entries);
      kinds.lists = double(c.rows * numTapSets(c, weight.form));
      return kinds;
    }
    std::map<uint32_t, double> all;
    for (int64_t row = 0; row < c.rows; ++row) {
      llvm::SmallDenseSet<uint32_t> own;
      for (int64_t channel = 0; channel < channelsOf(c); ++channel)
        if (uint32_t taps = tapsOf(*weight.weight, row, channel)) {
          all[taps] += 1;
          own.insert(taps);
        }
      kinds.lists += double(own.size());
    }
    for (auto [taps, kernels] : all) {
      kinds.taps.push_back(taps);
      kinds.kernels.push_back(kernels);
    }
    return kinds;
  }

  /// The sets of taps; failure with a diagnostic if the packed weight is not what the kernel relies on: kernels of
  /// known channels in the order of their sets.
  static LogicalResult readSets(KernelBuilder &k, SmallVector<uint32_t> &sets) {
    auto constant = k.c.weight().getDefiningOp<CompressedConstantOp>();
    auto emitError = [&] { return k.c.op->emitOpError("weight cannot be run as it is packed: "); };
    FailureOr<std::vector<Buffer>> buffers = fromAttr(constant.getBuffers(), emitError);
    CompressedType type = constant.getType();
    if (failed(buffers) || failed(type.getPattern().unpack(type.getLogical().getShape(), k.c.elementType(), *buffers,
                                                           type.getSchema(), emitError)))
      return failure();
    for (const Buffer &buffer : *buffers)
      if (buffer.name == "dictionary")
        for (size_t at = 0; at + 2 <= buffer.data.size(); at += 2) {
          uint16_t taps;
          std::memcpy(&taps, buffer.data.data() + at, 2);
          sets.push_back(taps);
        }
    return success();
  }

  static void emitRow(KernelBuilder &k, ArrayRef<uint32_t> sets, const TileLoop &tile, KernelBuilder::TileBase base,
                      Value position) {
    VectorType type = k.vectorType(k.lanes());
    Value row = k.rowAt(position), in = k.add(base.in, k.c.columnOffset[0]);
    if (k.c.groups > 1)
      in = k.add(in, k.mul(arith::DivUIOp::create(k.b, row, k.index(k.c.rowsPerGroup())), k.c.groupStride));
    // The number of the kernel that is next, then the sums.
    SmallVector<Value> state{k.loadIndex(k.buffers["offsets"], position)};
    Value end = k.loadIndex(k.buffers["offsets"], k.add(position, 1));
    state.append(tile.vectors.size(), k.zero(type));
    for (auto [number, taps] : llvm::enumerate(sets))
      state = forKernelsOf(k, number, end, state, [&](Value kernel, ValueRange acc) {
        return addKernel(k, loadsOf(k.c, taps, tile.vectors), llvm::popcount(taps), in, kernel, acc);
      });
    Value out = k.add(base.out, k.mul(row, k.c.outRowStride()));
    for (auto [place, sum] : llvm::zip_equal(tile.vectors, ArrayRef(state).drop_front()))
      k.finish(sum, row, out, place);
  }

  /// Runs `body` for the kernels from `state[0]` on that are before `end` and of set `number`.
  static SmallVector<Value> forKernelsOf(KernelBuilder &k, int64_t number, Value end, ArrayRef<Value> state,
                                         function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    Value ids = k.buffers["pattern_id"];
    Value last = k.index(cast<MemRefType>(ids.getType()).getNumElements() - 1);
    auto loop = scf::WhileOp::create(
        k.b, ValueRange(state).getTypes(), state,
        [&](OpBuilder &, Location, ValueRange args) {
          Value isInRow = arith::CmpIOp::create(k.b, arith::CmpIPredicate::ult, args[0], end);
          Value id = k.loadIndex(ids, arith::MinUIOp::create(k.b, args[0], last));
          Value isOfSet = arith::CmpIOp::create(k.b, arith::CmpIPredicate::eq, id, k.index(number));
          scf::ConditionOp::create(k.b, arith::AndIOp::create(k.b, isInRow, isOfSet), args);
        },
        [&](OpBuilder &, Location, ValueRange args) {
          SmallVector<Value> next{k.add(args[0], 1)};
          llvm::append_range(next, body(args[0], args.drop_front()));
          scf::YieldOp::create(k.b, next);
        });
    return SmallVector<Value>(loop.getResults());
  }

  /// Adds the products of one kernel to the sums.
  static SmallVector<Value> addKernel(KernelBuilder &k, ArrayRef<Load> loads, int64_t entries, Value in, Value kernel,
                                      ValueRange sums) {
    VectorType type = k.vectorType(k.lanes());
    Value at = k.add(in, k.mul(k.loadIndex(k.buffers["channel"], kernel), channelStride(k.c)));
    Value first = k.mul(kernel, entries);
    SmallVector<Value> weights, next(sums);
    for (int64_t tap = 0; tap < entries; ++tap)
      weights.push_back(k.broadcastLoad(k.buffers["values"], k.add(first, tap), type));
    for (const Load &load : loads) {
      Value x = k.loadInput(at, load.place, type);
      for (auto [tap, vector] : load.uses)
        next[vector] = k.fma(weights[tap], x, next[vector]);
    }
    return next;
  }
};

} // namespace

namespace mlir::gs {
const Strategy &getKernelTapBroadcastStrategy() {
  static const KernelTapBroadcast strategy;
  return strategy;
}
} // namespace mlir::gs
