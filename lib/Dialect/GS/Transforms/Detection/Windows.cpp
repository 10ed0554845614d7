//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns that keep a fixed number in each window or tile: N:M, windows of vector registers, 4:2 tiles.
//
//===----------------------------------------------------------------------===//
#include "Tile42.h"
#include <array>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

static void offerNM(const Layer &layer, Proposals &to, int64_t height, int64_t width, bool outer) {
  const Bits &bits = outer ? layer.outer : layer.inner;
  int64_t m = height * width;
  int64_t tiles = ((bits.rows + height - 1) / height) * ((bits.cols + width - 1) / width);
  // With more per tile, too much would be stored.
  int64_t most = std::min(m - 1, layer.limit / tiles), n = 1;
  for (int64_t row = 0; row < bits.rows && n <= most; row += height)
    for (int64_t begin = 0; begin < bits.cols && n <= most; begin += width) {
      int64_t kept = 0;
      for (int64_t r = row; r < std::min(bits.rows, row + height); ++r)
        kept += llvm::popcount(bits.extract(r, begin, width));
      n = std::max(n, kept);
    }
  if (n >= m && most == m - 1)
    return; // every weight, and that is not too many
  int64_t stored = n * tiles;
  Count count = n > most ? Count::AtLeast : Count::Exact;
  if (count == Count::AtLeast) // the mask misses the largest number that may be stored
    n = std::max<int64_t>(1, most);
  MLIRContext *context = layer.weight.elementType.getContext();
  // The masks of windows as wide as a register or two are those of N:M; their lanes lie as the kernel reads them.
  bool isWindow = height == 1 && !outer && (m == 16 || m == 32);
  Attribute pattern = isWindow ? Attribute(WindowAttr::get(context, n, m, 16))
                               : Attribute(NMAttr::get(context, n, m, height, width, outer));
  to.offer(pattern, stored, tiles, completionOf(pattern), count);
}

/// Legal 4x4 tiles, ascending: two weights per row and column, and if asked complementary rows 0, 1 and 2, 3.
static const std::vector<unsigned> &legalTiles(bool complement) {
  static const std::array<std::vector<unsigned>, 2> legal = [] {
    std::array<std::vector<unsigned>, 2> result;
    for (unsigned tile = 0; tile < 1 << 16; ++tile) {
      bool isLegal = true;
      for (unsigned i = 0; i < 4 && isLegal; ++i)
        isLegal = llvm::popcount(tile >> 4 * i & 15) == 2 && llvm::popcount(tile >> i & 0x1111) == 2;
      if (!isLegal)
        continue;
      result[0].push_back(tile);
      if (((tile ^ tile >> 4) & 15) == 15 && ((tile >> 8 ^ tile >> 12) & 15) == 15)
        result[1].push_back(tile);
    }
    return result;
  }();
  return legal[complement];
}

unsigned mlir::gs::detection::legalTile42(unsigned tile, bool complement) {
  const std::vector<unsigned> &legal = legalTiles(complement);
  auto it = llvm::find_if(legal, [&](unsigned whole) { return (tile & ~whole) == 0; });
  return it == legal.end() ? 0 : *it;
}

bool mlir::gs::detection::containsTile42(unsigned tile, bool complement) {
  return llvm::any_of(legalTiles(complement), [&](unsigned part) { return (part & ~tile) == 0; });
}

static void offerTile42(const Layer &layer, Proposals &to, bool complement) {
  const Bits &bits = layer.inner;
  if (bits.rows % 4 || bits.cols % 4)
    return;
  auto pattern = Tile42Attr::get(layer.weight.elementType.getContext(), complement);
  int64_t stored = bits.rows * bits.cols / 2;
  bool holds = stored <= layer.limit;
  for (int64_t row = 0; row < bits.rows && holds; row += 4)
    for (int64_t col = 0; col < bits.cols && holds; col += 4)
      holds = legalTile42(tile42At(bits, row, col), complement) != 0;
  // A tile in no legal one cannot be completed: the verifier tells which.
  to.offer(pattern, stored, bits.rows / 4 * (bits.cols / 4), !holds ? nullptr : completionOf(pattern));
}

void mlir::gs::detection::detectWindows(const Layer &layer, Proposals &to) {
  // One window a row would only say that rows keep equally many.
  for (int64_t m = 2; m <= 32; ++m)
    for (bool outer : {false, true})
      if (2 * m <= layer.weight.cols && (!outer || layer.weight.locations > 1))
        offerNM(layer, to, 1, m, outer);
  for (int64_t height : {2, 4, 8})
    for (int64_t width : {2, 4, 8})
      if (height * width <= 32 && height <= layer.weight.rows && 2 * width <= layer.weight.cols)
        offerNM(layer, to, height, width, false);
  for (bool complement : {true, false})
    offerTile42(layer, to, complement);
}
