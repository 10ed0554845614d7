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
#include "PackGroups.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>
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
  if (partColumns)
    all.push_back({"part_columns", partColumns});
  return all;
}

TilePlan TilePlan::forPart(const EngineOp &part) const {
  TilePlan plan = *this;
  plan.completeInput(part);
  return plan;
}

void TilePlan::completeInput(const EngineOp &op) {
  inputBytes = op.channels() * op.bytes;
  // Lines so long that a column of the weight and its activation have the same residue.
  int64_t step = op.unaligned && op.pattern ? op.banks / std::gcd(op.banks, op.channels()) : 1, outer = 1;
  for (int dim = 0; dim < 3; ++dim) {
    const EngineDim &d = op.dims[dim];
    in[dim] = (out[dim] - 1) * d.stride + (d.kernel - 1) * dilation(op, dim) + 1 + (dim == 2 ? op.slack : 0);
    if (outer > 1)
      in[dim] += llvm::mod(d.kernel - in[dim], step);
    outer *= d.kernel;
    inputBytes *= in[dim];
  }
  if (op.isVector()) // zeros behind the vector
    inputBytes += op.vectorBytes();
  inputBytes = llvm::alignTo(inputBytes, op.vectorBytes());
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
  std::vector<EngineOp> parts = {}; ///< if the weight is cut

  /// Outputs of one phase in a dimension, the largest.
  int64_t extent(const TilePlan &plan, int dim) const { return llvm::divideCeil(op.dims[dim].out, plan.phases[dim]); }

  /// Fills in what follows from outputs and phases.
  void complete(TilePlan &plan) const {
    plan.completeInput(op);
    plan.outputBytes = outputRows * op.bytes;
    bool whole = op.batch == 1 && parts.empty();
    for (int dim = 0; dim < 3; ++dim) {
      plan.outputBytes *= plan.out[dim];
      whole &= plan.phases[dim] == 1 && plan.out[dim] >= op.dims[dim].out;
    }
    if (!parts.empty()) {
      plan.inputBytes = 0;
      for (const EngineOp &part : parts)
        plan.inputBytes = std::max(plan.inputBytes, plan.forPart(part).inputBytes);
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

/// What one input region needs at least, and what there is.
static std::string tooLarge(const EngineOp &op, const TilePlan &plan) {
  return "a tile of it needs " + std::to_string(plan.bytes()) + " bytes of the TCM, which has " +
         std::to_string(op.spec.tcmBytes);
}

/// The tile that a choice names; nothing if it names none.
static FailureOr<TilePlan> readTile(Planner &planner, StrategyAttr choice, std::string &reason) {
  const EngineOp &op = planner.op;
  TilePlan plan;
  plan.partColumns = choice.getInt("part_columns", op.mustCut() ? op.cutUnit() : 0);
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
      reason = (phaseNames[dim] + " = " + Twine(plan.phases[dim]) + " is neither 1 nor the dilation of stride 1").str();
      return failure();
    }
    if (plan.out[dim] < 1 || plan.out[dim] > planner.extent(plan, dim)) {
      reason =
          (tileNames[dim] + " = " + Twine(plan.out[dim]) + " is outside of 1 to " + Twine(planner.extent(plan, dim)))
              .str();
      return failure();
    }
  }
  if (plan.partColumns)
    planner.parts = op.cut(plan.partColumns);
  planner.complete(plan);
  if (plan.bytes() > op.spec.tcmBytes) {
    reason = tooLarge(op, plan);
    return failure();
  }
  return plan;
}

/// Why columns cannot be cut in pieces of so many, or an empty string.
static std::string refusesCut(const EngineOp &op, bool cuts, int64_t columns) {
  if (!columns)
    return op.mustCut() ? "its rows have an order of their own in each column of tiles; part_columns must be " +
                              std::to_string(op.cutUnit())
                        : "";
  if (!cuts)
    return "this kernel adds no partial sums";
  int64_t unit = op.cutUnit();
  if (!unit && op.unaligned)
    return "its " + std::to_string(op.ownChannels) + " channels are no multiple of " + std::to_string(op.banks);
  if (!unit) { // in the middle, where a tile could end
    int64_t step = op.weight.locations > 1 ? op.weight.channels : op.banks;
    return firstGroupAcross(op, std::max(step, op.weight.cols / 2 / step * step));
  }
  if (columns < 0 || columns % unit || (op.mustCut() && columns != unit))
    return "part_columns = " + std::to_string(columns) + " is not " + (op.mustCut() ? "" : "a multiple of ") +
           std::to_string(unit) + ", where the columns of the weight can be cut";
  return "";
}

FailureOr<TilePlan> mlir::gs::planTiles(const EngineOp &op, int64_t outputRows, bool cuts, StrategyAttr choice,
                                        std::string &reason) {
  Planner planner{op, outputRows};
  std::optional<TilePlan> found;
  int64_t asked = choice ? choice.getInt("part_columns", 0) : 0;
  if (asked || op.mustCut())
    if (reason = refusesCut(op, cuts, asked ? asked : op.cutUnit()); !reason.empty())
      return failure();
  bool named =
      choice && choice.getParams() && llvm::any_of(tileNames, [&](StringRef name) { return choice.getInt(name, 0); });
  if (named) {
    FailureOr<TilePlan> plan = readTile(planner, choice, reason);
    if (failed(plan))
      return failure();
    found = *plan;
  }
  // With two buffers if possible, with phases if the plane cut into single outputs does not fit.
  TilePlan phased;
  for (int dim = 0; dim < 3; ++dim)
    if (const EngineDim &d = op.dims[dim]; d.dilation > 1 && d.stride == 1 && d.kernel > 1 && d.out >= d.dilation)
      phased.phases[dim] = d.dilation;
  auto search = [&](int64_t columns) {
    planner.parts = columns ? op.cut(columns) : std::vector<EngineOp>();
    for (int64_t buffers : {2, 1})
      for (TilePlan plan : {TilePlan(), phased})
        if (!found) {
          plan.buffers = buffers;
          plan.partColumns = columns;
          found = planner.largest(plan);
        }
  };
  if (!found)
    search(asked ? asked : op.mustCut() ? op.cutUnit() : 0);
  if (!found) {
    TilePlan smallest = phased;
    planner.complete(smallest);
    smallest.buffers = 1;
    reason = tooLarge(op, smallest);
    if (asked || op.mustCut())
      return failure();
    // As few parts as possible, of equal size.
    int64_t unit = op.cutUnit(), extent = op.cutExtent();
    if (std::string refusal = refusesCut(op, cuts, unit ? unit : op.banks); !refusal.empty()) {
      reason += "; " + refusal;
      return failure();
    }
    for (int64_t count = 2, pieces = llvm::divideCeil(extent, unit); !found && count <= pieces; ++count) {
      int64_t columns = llvm::divideCeil(pieces, count) * unit;
      // What cannot fit by its share of the frames needs no closer look.
      if (columns < extent && smallest.inputBytes * columns / extent <= op.spec.tcmBytes)
        search(columns);
    }
    if (!found) {
      reason += "; nor does a part of " + std::to_string(unit) + " columns fit";
      return failure();
    }
  }
  int64_t limit = op.bytes == 2 ? UINT16_MAX : INT32_MAX, last = 0;
  if (found->partColumns) {
    planner.parts = op.cut(found->partColumns);
    for (const EngineOp &part : planner.parts)
      last = std::max(last, found->forPart(part).columnOffsets(part).back());
  } else {
    last = found->columnOffsets(op).back();
  }
  if (last > limit) {
    reason = "displacements in its tile reach " + std::to_string(last) + ", but an index holds " +
             std::to_string(limit) + " at most";
    return failure();
  }
  return *found;
}
