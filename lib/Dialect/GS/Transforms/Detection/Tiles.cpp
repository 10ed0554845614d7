//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns of tiles that live or die as a whole: filters, channels, columns,
// kernel groups, KGS, blocks of both views.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

/// Tiles of one row of tiles with a bit set; `width` is a power of two, at most 64.
static int64_t countTiles(const Bits &bits, int64_t width) {
  uint64_t firsts = ~uint64_t(0) / (width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1);
  int64_t count = 0;
  for (uint64_t word : bits.data) {
    for (int64_t shift = 1; word && shift < width; shift *= 2)
      word |= word >> shift;
    count += llvm::popcount(word & firsts);
  }
  return count;
}

/// Tiles with a bit set by `keyOf` their row of tiles and first place; `width` is a power of two, at most 64.
static std::vector<int32_t> countTilesBy(const Bits &bits, int64_t width, int64_t keys,
                                         function_ref<int64_t(int64_t, int64_t)> keyOf) {
  uint64_t firsts = ~uint64_t(0) / (width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1);
  std::vector<int32_t> counts(keys);
  for (int64_t row = 0; row < bits.rows; ++row)
    for (int64_t w = 0; w < bits.words; ++w) {
      uint64_t word = bits.row(row)[w];
      for (int64_t shift = 1; word && shift < width; shift *= 2)
        word |= word >> shift;
      for (word &= firsts; word; word &= word - 1)
        ++counts[keyOf(row, w * 64 + llvm::countr_zero(word))];
    }
  return counts;
}

/// KGS whose groups keep equally many locations: those that lack one get the lowest free ones.
static void offerEqualLocations(const Layer &layer, Proposals &to, const Bits &inner, int64_t height, int64_t width) {
  int64_t channels = layer.weight.channels, locations = layer.weight.locations, perRow = channels / width;
  auto groupOf = [=](int64_t row, int64_t col) { return row * perRow + col % channels / width; };
  std::vector<int32_t> counts = countTilesBy(inner, width, inner.rows * perRow, groupOf);
  int64_t most = *llvm::max_element(counts), stored = most * inner.rows * perRow;
  if (most == locations)
    return;
  auto pattern = KGSAttr::get(layer.weight.elementType.getContext(), height, width, most);
  to.offer(pattern, stored * height * width, stored, completionOf(pattern));
}

/// Kernel groups of which every row of groups keeps equally many.
static void offerBalancedGroups(const Layer &layer, Proposals &to, const Bits &kernels, int64_t height, int64_t width) {
  std::vector<int32_t> counts = countTilesBy(kernels, width, kernels.rows, [](int64_t row, int64_t) { return row; });
  int64_t most = *llvm::max_element(counts), stored = most * kernels.rows;
  auto pattern = KernelGroupAttr::get(layer.weight.elementType.getContext(), height, width, true);
  to.offer(pattern, stored * height * width * layer.weight.locations, stored, completionOf(pattern));
}

static void offerTiles(Proposals &to, Attribute pattern, int64_t count, int64_t height, int64_t width) {
  to.offer(pattern, count * height * width, count, completionOf(pattern));
}

void mlir::gs::detection::detectTiles(const Layer &layer, Proposals &to) {
  MLIRContext *context = layer.weight.elementType.getContext();
  int64_t rows = layer.weight.rows, cols = layer.weight.cols, locations = layer.weight.locations;
  int64_t channels = layer.weight.channels;
  Bits all(1, cols);
  int64_t liveRows = 0;
  for (int64_t r = 0; r < rows; ++r) {
    liveRows += layer.rowCount(r) != 0;
    for (int64_t w = 0; w < all.words; ++w)
      all.data[w] |= layer.inner.row(r)[w];
  }
  offerTiles(to, FilterAttr::get(context), liveRows, 1, cols);
  // Whether a filter reads a channel at all.
  Bits kernels;
  if (locations > 1) {
    kernels = Bits(rows, channels);
    Bits live(1, channels);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t i = layer.rowBegin[r]; i < layer.rowBegin[r + 1]; ++i) {
        kernels.set(r, layer.columns[i] % channels);
        live.set(0, layer.columns[i] % channels);
      }
    offerTiles(to, ChannelAttr::get(context), countTiles(live, 1), rows, locations);
  }
  offerTiles(to, ColumnAttr::get(context), countTiles(all, 1), rows, 1);
  // Level h: groups of `height` rows as one.
  Bits inner = layer.inner, outer = layer.outer;
  for (int64_t height = 1; height <= 64 && height < 2 * rows; height *= 2) {
    for (int64_t width = 1; width <= 64 && width < 2 * cols; width *= 2) {
      bool divides = rows % height == 0 && channels % width == 0;
      if (locations > 1 && width <= channels && divides) {
        int64_t count = countTiles(kernels, width);
        // The pattern that says more comes first among equals.
        if (count * height * width * locations <= layer.limit)
          offerBalancedGroups(layer, to, kernels, height, width);
        offerTiles(to, KernelGroupAttr::get(context, height, width, false), count, height, width * locations);
      }
      if (height * width == 1)
        continue;
      int64_t count = countTiles(inner, width);
      // A KGS mask is a block mask of the channel-inner view whose blocks do not straddle locations.
      if (locations > 1 && width > 1 && divides) {
        if (count * height * width <= layer.limit)
          offerEqualLocations(layer, to, inner, height, width);
        offerTiles(to, KGSAttr::get(context, height, width, 0), count, height, width);
      }
      offerTiles(to, BlockAttr::get(context, height, width), count, height, width);
      if (locations > 1 && width > 1)
        offerTiles(to, BlockAttr::get(context, height, width, true), countTiles(outer, width), height, width);
    }
    inner = inner.halved();
    if (locations > 1) {
      outer = outer.halved();
      kernels = kernels.halved();
    }
  }
}
