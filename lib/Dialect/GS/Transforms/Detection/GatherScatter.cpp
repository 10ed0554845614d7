//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GS(B,k) for all B from 4 to 64.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

namespace {

/// Adds the zeros that a bundle lacks: a flow from rows with fewer than k * n weights to residues with fewer than n,
/// over the free columns of a row in a residue class.
class Filler {
public:
  Filler(Weight &weight, int64_t begin, int64_t end, int64_t banks, int64_t width)
      : weight(weight), begin(begin), rows(end - begin), banks(banks), width(width), free(rows * banks, 0),
        flow(rows * banks), rowKept(rows, 0), residueKept(banks, 0) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < weight.cols; ++c) {
        bool kept = weight.kept(begin + r, c);
        rowKept[r] += kept;
        residueKept[c % banks] += kept;
        free[r * banks + c % banks] += !kept;
      }
  }

  bool run() {
    int64_t n = *llvm::max_element(residueKept);
    for (int64_t kept : rowKept)
      n = std::max(n, (kept + width - 1) / width);
    // One or two groups more may be needed where columns are scarce.
    for (int64_t most = n + 2; n <= most; ++n)
      if (flows(n))
        return fill();
    return false;
  }

private:
  bool flows(int64_t n) {
    std::fill(flow.begin(), flow.end(), 0);
    need.assign(banks, n);
    for (int64_t j = 0; j < banks; ++j)
      need[j] -= residueKept[j];
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t i = rowKept[r]; i < width * n; ++i) {
        seen.assign(banks, 0);
        if (!augment(r))
          return false;
      }
    return true;
  }

  bool augment(int64_t row) {
    for (int64_t j = 0; j < banks; ++j) {
      if (seen[j] || flow[row * banks + j] == free[row * banks + j])
        continue;
      seen[j] = 1;
      if (need[j] > 0) {
        --need[j];
        ++flow[row * banks + j];
        return true;
      }
      for (int64_t other = 0; other < rows; ++other)
        if (other != row && flow[other * banks + j] && augment(other)) {
          --flow[other * banks + j];
          ++flow[row * banks + j];
          return true;
        }
    }
    return false;
  }

  bool fill() {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < weight.cols; ++c) {
        uint8_t &kept = weight.mask[(begin + r) * weight.cols + c];
        if (!kept && flow[r * banks + c % banks]) {
          --flow[r * banks + c % banks];
          kept = 1;
        }
      }
    return true;
  }

  Weight &weight;
  int64_t begin, rows, banks, width;
  std::vector<int64_t> free, flow, rowKept, residueKept, need;
  std::vector<char> seen;
};

} // namespace

static bool completeGS(Weight &weight, int64_t banks, int64_t width) {
  int64_t height = banks / width;
  for (int64_t row = 0; row < weight.rows; row += height)
    if (!Filler(weight, row, std::min(weight.rows, row + height), banks, width).run())
      return false;
  return true;
}

void mlir::gs::detection::offerGatherScatter(const Layer &layer, Proposals &to, int64_t banks, int64_t width) {
  int64_t height = banks / width, rows = layer.weight.rows;
  // The least number of groups of a bundle: of its fullest row, then of its fullest residue class as well.
  auto groupsOfRows = [&](int64_t row) {
    int64_t most = 0;
    for (int64_t r = row; r < std::min(rows, row + height); ++r)
      most = std::max(most, (layer.rowCount(r) + width - 1) / width);
    return most;
  };
  int64_t stored = 0;
  for (int64_t row = 0; row < rows; row += height)
    stored += groupsOfRows(row) * banks;
  bool bound = stored > layer.limit;
  SmallVector<int64_t, 64> counts(banks);
  for (int64_t row = 0; row < rows && !bound; row += height) {
    std::fill(counts.begin(), counts.end(), 0);
    for (int64_t i = layer.rowBegin[row], end = layer.rowBegin[std::min(rows, row + height)]; i < end; ++i)
      ++counts[static_cast<uint32_t>(layer.columns[i]) % static_cast<uint32_t>(banks)];
    int64_t byRows = groupsOfRows(row);
    stored += (std::max(byRows, *llvm::max_element(counts)) - byRows) * banks;
    bound = stored > layer.limit;
  }
  to.offer(
      GatherScatterAttr::get(layer.weight.elementType.getContext(), banks, width), stored, stored / banks,
      [=](Weight &weight) { return completeGS(weight, banks, width); }, bound);
}

void mlir::gs::detection::detectGatherScatter(const Layer &layer, Proposals &to) {
  // Powers of two are what machines have; they come first among equals.
  SmallVector<int64_t> sizes = {16, 8, 32, 4, 64};
  for (int64_t banks = 5; banks < 64; ++banks)
    if (!llvm::isPowerOf2_64(banks))
      sizes.push_back(banks);
  for (int64_t banks : sizes)
    for (int64_t width = 1; width <= banks; ++width)
      if (banks % width == 0 && banks <= layer.weight.cols)
        offerGatherScatter(layer, to, banks, width);
}
