//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns of blocks that keep a set of columns, or of rows and columns:
// block columns, BCR, one mask repeated.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

/// Rows and columns that a block uses.
static std::pair<uint64_t, uint64_t> usedOf(const Bits &bits, int64_t row, int64_t height, int64_t col, int64_t width) {
  uint64_t rows = 0, cols = 0;
  for (int64_t r = row; r < std::min(bits.rows, row + height); ++r)
    if (uint64_t word = bits.extract(r, col, width)) {
      rows |= uint64_t(1) << (r - row);
      cols |= word;
    }
  return {rows, cols};
}

static void offerBCR(const Layer &layer, Proposals &to, int64_t height, int64_t width) {
  const Bits &bits = layer.inner;
  int64_t stored = 0, left = layer.nonZeros;
  bool early = false;
  for (int64_t row = 0; row < bits.rows && !early; row += height) {
    for (int64_t col = 0; col < bits.cols; col += width) {
      auto [rows, cols] = usedOf(bits, row, height, col, width);
      stored += int64_t(llvm::popcount(rows)) * llvm::popcount(cols);
    }
    left = layer.nonZeros - layer.rowBegin[std::min(bits.rows, row + height)];
    early = stored + left > layer.limit;
  }
  auto pattern = BCRAttr::get(layer.weight.elementType.getContext(), height, width);
  to.offer(pattern, stored + left, stored, completionOf(pattern), early ? Count::AtLeast : Count::Exact);
}

static void offerBlockColumn(const Layer &layer, Proposals &to, int64_t height) {
  const Bits &bits = layer.inner;
  int64_t count = 0, stored = 0;
  bool dead = false;
  std::vector<uint64_t> used(bits.words);
  for (int64_t row = 0; row < bits.rows; row += height) {
    std::fill(used.begin(), used.end(), 0);
    int64_t live = 0, end = std::min(bits.rows, row + height);
    for (int64_t r = row; r < end; ++r) {
      live += layer.rowCount(r) != 0;
      for (int64_t w = 0; w < bits.words; ++w)
        used[w] |= bits.row(r)[w];
    }
    dead |= live != end - row;
    int64_t strip = 0;
    for (uint64_t word : used)
      strip += llvm::popcount(word);
    count += strip;
    stored += strip * live;
  }
  MLIRContext *context = layer.weight.elementType.getContext();
  // Without removed rows this is a block pattern of one column; it is proposed for its own sake, too.
  auto pattern = BlockColumnAttr::get(context, height, 64, dead);
  to.offer(pattern, stored, count, completionOf(pattern));
}

static void offerSameBlock(const Layer &layer, Proposals &to, int64_t height, int64_t width) {
  const Bits &bits = layer.inner;
  SmallVector<uint64_t> same(height, 0);
  for (int64_t r = 0; r < bits.rows; ++r)
    for (int64_t c = 0; c < bits.cols; c += width)
      same[r % height] |= bits.extract(r, c, width);
  int64_t count = 0;
  for (uint64_t word : same)
    count += llvm::popcount(word);
  int64_t tiles = ((bits.rows + height - 1) / height) * ((bits.cols + width - 1) / width);
  auto pattern = SameBlockAttr::get(layer.weight.elementType.getContext(), height, width);
  to.offer(pattern, count * tiles, count, completionOf(pattern));
}

void mlir::gs::detection::detectProducts(const Layer &layer, Proposals &to) {
  for (int64_t height : {4, 8, 16, 32, 64})
    if (height <= layer.weight.rows)
      offerBlockColumn(layer, to, height);
  for (int64_t height : {8, 16, 32, 64})
    for (int64_t width : {8, 16, 32, 64})
      if (height <= layer.weight.rows && width <= layer.weight.cols)
        offerBCR(layer, to, height, width);
  for (int64_t height : {4, 8, 16})
    for (int64_t width : {4, 8, 16})
      if (2 * height <= layer.weight.rows && 2 * width <= layer.weight.cols)
        offerSameBlock(layer, to, height, width);
}
