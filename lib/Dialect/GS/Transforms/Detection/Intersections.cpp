//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks that live or die as a whole and keep n of m weights inside.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

/// First row and column of each block with a weight.
static std::vector<std::pair<int64_t, int64_t>> keptBlocks(const Bits &bits, int64_t height, int64_t width) {
  std::vector<std::pair<int64_t, int64_t>> kept;
  for (int64_t row = 0; row < bits.rows; row += height)
    for (int64_t col = 0; col < bits.cols; col += width)
      for (int64_t r = row; r < std::min(bits.rows, row + height); ++r)
        if (bits.extract(r, col, width)) {
          kept.push_back({row, col});
          break;
        }
  return kept;
}

static void offerIntersection(const Layer &layer, Proposals &to, int64_t height, int64_t width,
                              const std::vector<std::pair<int64_t, int64_t>> &kept, int64_t m) {
  const Bits &bits = layer.inner;
  // Calls fn(row, begin, columns) of each window in a kept block.
  auto forEachWindow = [height, width, m, rows = bits.rows, cols = bits.cols](const auto &blocks, auto &&fn) {
    for (auto [row, col] : blocks)
      for (int64_t r = row; r < std::min(rows, row + height); ++r)
        for (int64_t begin = col; begin < std::min(cols, col + width); begin += m)
          fn(r, begin, std::min(m, cols - begin));
  };
  int64_t n = 1, stored = 0;
  forEachWindow(kept, [&](int64_t row, int64_t begin, int64_t) {
    n = std::max<int64_t>(n, llvm::popcount(bits.extract(row, begin, m)));
  });
  if (n >= m)
    return;
  forEachWindow(kept, [&](int64_t, int64_t, int64_t columns) { stored += std::min(n, columns); });
  MLIRContext *context = layer.weight.elementType.getContext();
  auto block = cast<PatternAttrInterface>(BlockAttr::get(context, height, width));
  auto inside = cast<PatternAttrInterface>(NMAttr::get(context, n, m, 1, m, false));
  to.offer(IntersectionAttr::get(context, block, inside), stored, stored, [=](Weight &weight) {
    forEachWindow(kept, [&](int64_t row, int64_t begin, int64_t columns) {
      uint8_t *mask = &weight.mask[row * weight.cols + begin];
      int64_t left = n - std::count_if(mask, mask + columns, [](uint8_t bit) { return bit != 0; });
      for (int64_t i = 0; i < columns && left > 0; ++i)
        if (!mask[i]) {
          mask[i] = 1;
          --left;
        }
    });
    return true;
  });
}

void mlir::gs::detection::detectIntersections(const Layer &layer, Proposals &to) {
  const Bits &bits = layer.inner;
  for (auto [height, width] : {std::pair<int64_t, int64_t>{8, 8}, {16, 16}, {32, 32}, {64, 64}, {4, 16}, {16, 32}}) {
    if (2 * height > bits.rows || 2 * width > bits.cols)
      continue;
    std::vector<std::pair<int64_t, int64_t>> kept = keptBlocks(bits, height, width);
    // Where nearly every block lives, the pattern inside is the pattern; where blocks are full, it is that of blocks.
    int64_t all = ((bits.rows + height - 1) / height) * ((bits.cols + width - 1) / width);
    if (10 * static_cast<int64_t>(kept.size()) > 9 * all)
      continue;
    for (int64_t m : {4, 8, 16})
      if (width % m == 0)
        offerIntersection(layer, to, height, width, kept, m);
  }
}
