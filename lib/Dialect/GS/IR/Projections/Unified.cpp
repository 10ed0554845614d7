//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.unified: one magnitude for the blocks that lose least by it. Exact but for rounding.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/Signs.h"
#include "ProjectionUtils.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Bits of the element nearest to a number that is not negative.
static uint64_t bitsOf(Type type, double value) {
  if (auto floating = dyn_cast<FloatType>(type)) {
    llvm::APFloat number(value);
    bool lost = false;
    number.convert(floating.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
    return number.bitcastToAPInt().getZExtValue();
  }
  return static_cast<uint64_t>(std::llround(value));
}

namespace {
/// A block that may get one magnitude.
struct Candidate {
  double error = 0;     ///< sum of (|w| - u)^2
  double energy = 0;    ///< n u^2, what stays
  double magnitude = 0; ///< u
  bool isFinite = true; ///< nothing is the mean of what is no number
};
} // namespace

FailureOr<Projection> UnifiedAttr::project(const Weight &dense, const ProjectOptions &options,
                                           EmitError emitError) const {
  if (failed(checkProjection(dense, options, emitError)))
    return failure();
  TileGrid grid(dense, getRows(), getCols(), getOuter() ? View::ChannelOuter : View::ChannelInner);
  std::vector<Candidate> blocks;
  double all = 0;
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    Candidate &block = blocks.emplace_back();
    double sum = 0, first = std::abs(numberAt(dense, rows[0], columns[0]));
    bool same = true;
    auto forEach = [&](auto &&fn) {
      for (int64_t row : rows)
        for (int64_t col : columns)
          fn(std::abs(numberAt(dense, row, col)));
    };
    forEach([&](double value) {
      block.isFinite &= std::isfinite(value);
      same &= value == first;
      sum += value;
    });
    // Equal magnitudes are their mean, whatever their sum is rounded to.
    block.magnitude = same ? first : sum / double(rows.size() * columns.size());
    forEach([&](double value) { block.error += (value - block.magnitude) * (value - block.magnitude); });
    block.energy = double(rows.size() * columns.size()) * block.magnitude * block.magnitude;
    for (int64_t row : rows)
      for (int64_t col : columns)
        all += scoreAt(dense, row, col);
  });
  // Free blocks are those that would lose most; what is no number stays free.
  auto number = static_cast<int64_t>(blocks.size());
  std::vector<double> losses;
  int64_t mustBeFree = 0;
  for (const Candidate &block : blocks) {
    losses.push_back(block.isFinite ? std::min(block.error, 1e300) : 2e300);
    mustBeFree += !block.isFinite;
  }
  std::vector<uint8_t> isFree(number);
  for (int64_t block : largest(losses, std::max(mustBeFree, shareOf(options.density, number))))
    isFree[block] = 1;
  Projection projection = emptyProjection(dense);
  projection.ownDensity = true; // pruned is only what rounds to nothing
  Weight &weight = projection.weight;
  SignedBits element(weight.elementType, weight.elementBytes);
  double lost = 0;
  int64_t next = 0;
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    bool free = isFree[next];
    const Candidate &block = blocks[next++];
    uint64_t common = free ? 0 : bitsOf(weight.elementType, block.magnitude);
    lost += free ? 0 : block.error;
    projection.groups += free;
    for (int64_t row : rows)
      for (int64_t col : columns) {
        weight.mask[row * weight.cols + col] = free || !element.isZero(common);
        uint64_t bits = element.load(weight.valueAt(row, col));
        bool negative = element.isNegative(bits) && !element.isZero(bits); // the sign of a zero is plus
        if (!free)
          element.store(weight.valueAt(row, col), negative ? element.negate(common) : common);
      }
  });
  projection.density = weight.density();
  projection.keptEnergy = all > 0 ? 1 - std::min(1.0, lost / all) : 1;
  return projection;
}
