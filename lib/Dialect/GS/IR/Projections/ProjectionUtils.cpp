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

static double numberAt(const Weight &weight, int64_t row, int64_t col) {
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

std::vector<double> mlir::gs::detail::scoresOf(const Weight &weight) {
  std::vector<double> scores(weight.rows * weight.cols);
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t col = 0; col < weight.cols; ++col)
      scores[row * weight.cols + col] = scoreAt(weight, row, col);
  return scores;
}

std::vector<int64_t> mlir::gs::detail::largest(ArrayRef<double> scores, int64_t count) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  count = std::clamp<int64_t>(count, 0, static_cast<int64_t>(order.size()));
  auto before = [&](int64_t a, int64_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; };
  std::nth_element(order.begin(), order.begin() + count, order.end(), before);
  order.resize(count);
  std::sort(order.begin(), order.end());
  return order;
}

int64_t mlir::gs::detail::shareOf(double share, int64_t whole) {
  return std::clamp<int64_t>(std::llround(share * static_cast<double>(whole)), 0, whole);
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
