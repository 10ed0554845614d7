//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the projections of patterns share.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Squares of double numbers overflow; half of the range keeps sums of scores finite.
static constexpr double largestScore = 1e300;

double mlir::gs::detail::numberAt(const Weight &weight, int64_t row, int64_t col) {
  const char *data = weight.valueAt(row, col);
  auto read = [&](auto zero) {
    std::memcpy(&zero, data, sizeof zero);
    return zero;
  };
  Type type = weight.elementType;
  if (type.isF32())
    return read(0.0f);
  if (type.isF64())
    return read(0.0);
  if (auto floating = dyn_cast<FloatType>(type))
    return llvm::APFloat(floating.getFloatSemantics(), llvm::APInt(16, read(uint16_t(0)))).convertToDouble();
  switch (weight.elementBytes) {
  case 1:
    return read(int8_t(0));
  case 2:
    return read(int16_t(0));
  default:
    return read(int32_t(0));
  }
}

double mlir::gs::scoreAt(const Weight &weight, int64_t row, int64_t col) {
  double value = numberAt(weight, row, col), score = value * value;
  return score < largestScore ? score : largestScore; // NaN, too
}

LogicalResult mlir::gs::detail::checkProjection(const Weight &dense, const ProjectOptions &options, EmitError emitError,
                                                int64_t rowOrders) {
  if (failed(checkInput(dense, Schema(), emitError, rowOrders)))
    return failure();
  if (!(options.density >= 0 && options.density <= 1))
    return Report(emitError) << "projection: density is the share of weights that stay; it lies in [0, 1]";
  if (!options.scores.empty() && static_cast<int64_t>(options.scores.size()) != dense.rows * dense.cols)
    return Report(emitError) << "projection: " << static_cast<int64_t>(options.scores.size()) << " scores for "
                             << dense.rows << " x " << dense.cols << " weights; give one per weight";
  return success();
}

/// A zero that the mask keeps is more than one that it prunes, so that to project twice changes nothing.
static constexpr double keptZero = 1e-300;

double Scores::at(int64_t row, int64_t col) const {
  int64_t place = row * weight.cols + col;
  double score = 0;
  if (!options.scores.empty())
    score = options.scores[place];
  else if (options.score == ProjectOptions::Score::Energy)
    score = scoreAt(weight, row, col);
  else
    score = std::abs(numberAt(weight, row, col));
  if (score <= 0)
    return score < 0 ? -1 : weight.mask[place] ? keptZero : 0;
  return score < largestScore ? score : largestScore; // NaN, too
}

LogicalResult mlir::gs::detail::checkForbidden(PatternAttrInterface pattern, const Projection &projection,
                                               const ProjectOptions &options, EmitError emitError) {
  if (llvm::none_of(options.scores, [](double score) { return score < 0; }))
    return success();
  const Weight &weight = projection.weight;
  for (size_t at = 0; at < weight.mask.size(); ++at)
    if (weight.mask[at] && options.scores[at] < 0)
      return Report(emitError) << "projection: " << pattern << " needs row " << static_cast<int64_t>(at) / weight.cols
                               << ", column " << static_cast<int64_t>(at) % weight.cols << ", which must not stay";
  return pattern.verifyMask(weight, emitError);
}

std::vector<double> Scores::all() const {
  std::vector<double> scores(weight.rows * weight.cols);
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t col = 0; col < weight.cols; ++col)
      scores[row * weight.cols + col] = at(row, col);
  return scores;
}

std::vector<int64_t> mlir::gs::detail::largest(ArrayRef<double> scores, int64_t count) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  count = std::clamp<int64_t>(count, 0, static_cast<int64_t>(order.size()));
  auto before = [&](int64_t a, int64_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; };
  std::nth_element(order.begin(), order.begin() + count, order.end(), before);
  order.resize(count);
  llvm::erase_if(order, [&](int64_t at) { return scores[at] < 0; });
  std::sort(order.begin(), order.end());
  return order;
}

int64_t mlir::gs::detail::shareOf(double share, int64_t whole) {
  return std::clamp<int64_t>(std::llround(share * static_cast<double>(whole)), 0, whole);
}

Weight mlir::gs::detail::partOf(const Weight &weight, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
  Weight part;
  part.rows = static_cast<int64_t>(rows.size());
  part.cols = part.channels = static_cast<int64_t>(columns.size());
  part.elementType = weight.elementType;
  part.elementBytes = weight.elementBytes;
  part.values.resize(part.rows * part.cols * part.elementBytes);
  part.mask.resize(part.rows * part.cols);
  for (auto [i, row] : llvm::enumerate(rows))
    for (auto [j, col] : llvm::enumerate(columns)) {
      part.mask[i * part.cols + j] = weight.mask[row * weight.cols + col];
      copyElement(part.valueAt(i, j), weight.valueAt(row, col), weight.elementBytes);
    }
  return part;
}

Projection mlir::gs::detail::emptyProjection(const Weight &dense) {
  Projection projection;
  projection.weight = dense;
  std::fill(projection.weight.mask.begin(), projection.weight.mask.end(), 0);
  return projection;
}

void mlir::gs::finishProjection(const Weight &dense, Projection &projection) {
  Weight &weight = projection.weight;
  double all = 0, kept = 0;
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t col = 0; col < weight.cols; ++col) {
      double score = scoreAt(dense, row, col);
      all += score;
      if (weight.kept(row, col))
        kept += score;
      else
        std::memset(weight.valueAt(row, col), 0, weight.elementBytes);
    }
  projection.density = weight.density();
  projection.keptEnergy = all > 0 ? kept / all : 1;
}
