//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles of activations in the TCM.
//
//===----------------------------------------------------------------------===//
#include "EngineOp.h"
#include "llvm/Support/MathExtras.h"
#include <optional>

using namespace mlir;
using namespace mlir::gs;

static constexpr std::array<StringRef, 3> tileNames = {"tile_depth", "tile_height", "tile_width"};
static constexpr std::array<StringRef, 3> phaseNames = {"phases_depth", "phases_height", "phases_width"};

SmallVector<std::pair<StringRef, int64_t>> TilePlan::params() const {
  SmallVector<std::pair<StringRef, int64_t>> all = {{"buffers", buffers}};
  for (int dim = 0; dim < 3; ++dim) {
    all.push_back({tileNames[dim], out[dim]});
    if (phases[dim] > 1)
      all.push_back({phaseNames[dim], phases[dim]});
  }
  return all;
}

SmallVector<int64_t> TilePlan::columnOffsets(const EngineOp &op) const {
  SmallVector<int64_t> offsets;
  for (int64_t d = 0; d < op.dims[0].kernel; ++d)
    for (int64_t h = 0; h < op.dims[1].kernel; ++h)
      for (int64_t w = 0; w < op.dims[2].kernel; ++w)
        for (int64_t channel = 0; channel < op.channels(); ++channel)
          offsets.push_back(((d * dilation(op, 0) * in[1] + h * dilation(op, 1)) * in[2] + w * dilation(op, 2)) *
                                op.channels() +
                            channel);
  return offsets;
}

namespace {
/// What all plans of one op share.
struct Planner {
  const EngineOp &op;
  int64_t outputRows;

  /// Outputs of one phase in a dimension, the largest.
  int64_t extent(const TilePlan &plan, int dim) const { return llvm::divideCeil(op.dims[dim].out, plan.phases[dim]); }

  /// Fills in what follows from outputs and phases.
  void complete(TilePlan &plan) const {
    plan.inputBytes = op.channels() * op.bytes;
    if (op.isVector()) // zeros behind the vector
      plan.inputBytes += op.vectorBytes();
    plan.outputBytes = outputRows * op.bytes;
    bool whole = op.batch == 1;
    for (int dim = 0; dim < 3; ++dim) {
      const EngineDim &d = op.dims[dim];
      plan.in[dim] = (plan.out[dim] - 1) * d.stride + (d.kernel - 1) * plan.dilation(op, dim) + 1;
      plan.inputBytes *= plan.in[dim];
      plan.outputBytes *= plan.out[dim];
      whole &= plan.phases[dim] == 1 && plan.out[dim] >= d.out;
    }
    // Regions begin at multiples of the banks.
    plan.outputBytes = llvm::alignTo(plan.outputBytes, op.vectorBytes());
    if (whole)
      plan.buffers = 1; // there is no next tile
  }

  /// The largest tile with these phases and buffers, cut from the outside in; nothing if none fits.
  std::optional<TilePlan> largest(const TilePlan &start) const {
    TilePlan plan = start;
    for (int dim = 0; dim < 3; ++dim)
      plan.out[dim] = extent(plan, dim);
    auto fits = [&](TilePlan &tile) {
      tile.buffers = start.buffers;
      complete(tile);
      return tile.bytes() <= op.spec.tcmBytes;
    };
    if (fits(plan))
      return plan;
    for (int dim = 0; dim < 3; ++dim) {
      // The most outputs in this dimension, by halving the interval: a larger tile never needs less.
      TilePlan least = plan;
      least.out[dim] = 1;
      if (!fits(least)) {
        plan = least;
        continue;
      }
      int64_t low = 1, high = plan.out[dim];
      while (low < high) {
        TilePlan middle = plan;
        middle.out[dim] = (low + high + 1) / 2;
        (fits(middle) ? low : high) = fits(middle) ? middle.out[dim] : middle.out[dim] - 1;
      }
      // As many tiles as that takes, of equal size.
      plan.out[dim] = llvm::divideCeil(extent(plan, dim), llvm::divideCeil(extent(plan, dim), low));
      fits(plan);
      return plan;
    }
    return std::nullopt;
  }
};
} // namespace

FailureOr<TilePlan> mlir::gs::planTiles(const EngineOp &op, int64_t outputRows, StrategyAttr choice,
                                        std::string &reason) {
  Planner planner{op, outputRows};
  auto tooLarge = [&](const TilePlan &plan) -> FailureOr<TilePlan> {
    reason = "a tile of it needs " + std::to_string(plan.bytes()) + " bytes of the TCM, which has " +
             std::to_string(op.spec.tcmBytes);
    return failure();
  };
  std::optional<TilePlan> found;
  if (choice && choice.getParams() && llvm::any_of(tileNames, [&](StringRef name) { return choice.getInt(name, 0); })) {
    TilePlan plan;
    plan.buffers = choice.getInt("buffers", 1);
    if (plan.buffers != 1 && plan.buffers != 2) {
      reason = "buffers = " + std::to_string(plan.buffers) + " is not possible; use 1 or 2";
      return failure();
    }
    for (int dim = 0; dim < 3; ++dim) {
      const EngineDim &d = op.dims[dim];
      plan.phases[dim] = choice.getInt(phaseNames[dim], 1);
      plan.out[dim] = choice.getInt(tileNames[dim], planner.extent(plan, dim));
      if (plan.phases[dim] != 1 && (plan.phases[dim] != d.dilation || d.stride != 1)) {
        reason =
            (phaseNames[dim] + " = " + Twine(plan.phases[dim]) + " is neither 1 nor the dilation of stride 1").str();
        return failure();
      }
      if (plan.out[dim] < 1 || plan.out[dim] > planner.extent(plan, dim)) {
        reason =
            (tileNames[dim] + " = " + Twine(plan.out[dim]) + " is outside of 1 to " + Twine(planner.extent(plan, dim)))
                .str();
        return failure();
      }
    }
    planner.complete(plan);
    if (plan.bytes() > op.spec.tcmBytes)
      return tooLarge(plan);
    found = plan;
  }
  // With two buffers if possible, with phases if the plane cut into single outputs does not fit.
  TilePlan phased;
  for (int dim = 0; dim < 3; ++dim)
    if (const EngineDim &d = op.dims[dim]; d.dilation > 1 && d.stride == 1 && d.kernel > 1 && d.out >= d.dilation)
      phased.phases[dim] = d.dilation;
  for (int64_t buffers : {2, 1})
    for (TilePlan plan : {TilePlan(), phased})
      if (!found) {
        plan.buffers = buffers;
        found = planner.largest(plan);
      }
  if (!found) {
    TilePlan smallest = phased;
    planner.complete(smallest);
    smallest.buffers = 1;
    return tooLarge(smallest);
  }
  int64_t last = found->columnOffsets(op).back(), limit = op.bytes == 2 ? UINT16_MAX : INT32_MAX;
  if (last > limit) {
    reason = "displacements in its tile reach " + std::to_string(last) + ", but an index holds " +
             std::to_string(limit) + " at most";
    return failure();
  }
  return *found;
}
