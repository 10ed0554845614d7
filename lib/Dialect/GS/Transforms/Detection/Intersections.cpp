//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks that live or die as a whole and keep n of m weights, or 4:2 tiles, inside; alone, or with a remainder without
// structure.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"
#include "Tile42.h"
#include <numeric>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

namespace {

/// First row and column of a block, and its weights.
struct KeptBlock {
  int64_t row, col, weights;
};

/// Blocks of one size that keep a weight.
struct Blocks {
  int64_t height, width;
  std::vector<KeptBlock> kept;
  int64_t all;          ///< with those that keep nothing
  int64_t multiple = 0; ///< what divides their number in every row of blocks
  int64_t liveRows = 0; ///< rows of blocks that keep one

  Blocks(const Bits &bits, int64_t height, int64_t width)
      : height(height), width(width), all(llvm::divideCeil(bits.rows, height) * llvm::divideCeil(bits.cols, width)) {
    std::vector<int32_t> weights(llvm::divideCeil(bits.cols, width));
    for (int64_t row = 0; row < bits.rows; row += height) {
      std::fill(weights.begin(), weights.end(), 0);
      for (int64_t r = row; r < std::min(bits.rows, row + height); ++r)
        for (auto [block, count] : llvm::enumerate(weights)) // `width` divides a word
          count += llvm::popcount(bits.extract(r, static_cast<int64_t>(block) * width, width));
      int64_t before = static_cast<int64_t>(kept.size());
      for (auto [block, count] : llvm::enumerate(weights))
        if (count)
          kept.push_back({row, static_cast<int64_t>(block) * width, count});
      int64_t inRow = static_cast<int64_t>(kept.size()) - before;
      multiple = std::gcd(multiple, inRow);
      liveRows += inRow != 0;
    }
  }
};

/// Windows of `rows` x `cols` weights that divide the blocks.
struct Window {
  int64_t rows, cols;
  int64_t size() const { return rows * cols; }
  bool divides(int64_t height, int64_t width) const { return height % rows == 0 && width % cols == 0; }

  /// Weights of the window at a place, and how many positions lie inside of the mask.
  std::pair<int64_t, int64_t> count(const Bits &bits, int64_t row, int64_t col) const {
    int64_t kept = 0, below = std::min(bits.rows, row + rows);
    for (int64_t r = row; r < below; ++r)
      kept += llvm::popcount(bits.extract(r, col, cols));
    return {kept, (below - row) * (std::min(bits.cols, col + cols) - col)};
  }
};

} // namespace

/// Calls fn(row, col) of each window in a block until it returns false.
static bool forEachWindow(const Bits &bits, const Blocks &blocks, const KeptBlock &block, const Window &window,
                          function_ref<bool(int64_t, int64_t)> fn) {
  for (int64_t r = block.row; r < std::min(bits.rows, block.row + blocks.height); r += window.rows)
    for (int64_t c = block.col; c < std::min(bits.cols, block.col + blocks.width); c += window.cols)
      if (!fn(r, c))
        return false;
  return true;
}

static PatternAttrInterface blockOf(MLIRContext *context, const Blocks &blocks) {
  return cast<PatternAttrInterface>(BlockAttr::get(context, blocks.height, blocks.width));
}

static PatternAttrInterface windowsOf(MLIRContext *context, const Window &window, int64_t n) {
  return cast<PatternAttrInterface>(NMAttr::get(context, n, window.size(), window.rows, window.cols, false));
}

/// n of m weights in every window of the kept blocks, n being what the fullest window has.
static void offerWindows(const Layer &layer, Proposals &to, const Blocks &blocks, const Window &window) {
  const Bits &bits = layer.inner;
  MLIRContext *context = layer.weight.elementType.getContext();
  int64_t n = 1, stored = 0;
  for (const KeptBlock &block : blocks.kept)
    if (!forEachWindow(bits, blocks, block, window, [&](int64_t row, int64_t col) {
          n = std::max(n, window.count(bits, row, col).first);
          return n < window.size();
        }))
      return; // a full window: no rule on windows
  auto pattern = IntersectionAttr::get(context, blockOf(context, blocks), windowsOf(context, window, n));
  for (const KeptBlock &block : blocks.kept)
    forEachWindow(bits, blocks, block, window, [&](int64_t row, int64_t col) {
      stored += std::min(n, window.count(bits, row, col).second);
      return true;
    });
  // Interleaved blocks: rows keep multiples of what a vector takes. Of two rows this would be chance.
  if (blocks.multiple >= 4 && blocks.liveRows >= 4) {
    auto counted = IntersectionAttr::get(context, pattern.getOuter(), pattern.getInner(), blocks.multiple);
    to.offer(counted, stored, stored, completionOf(counted));
  }
  to.offer(pattern, stored, stored, completionOf(pattern));
}

/// Whether all 4x4 tiles of a block lie in legal ones.
static bool holdsTiles(const Bits &bits, const Blocks &blocks, const KeptBlock &block, bool complement) {
  return forEachWindow(bits, blocks, block, {4, 4}, [&](int64_t row, int64_t col) {
    return legalTile42(tile42At(bits, row, col), complement) != 0;
  });
}

static void offerTiles42(const Layer &layer, Proposals &to, const Blocks &blocks, bool complement) {
  const Bits &bits = layer.inner;
  if (bits.rows % 4 || bits.cols % 4)
    return;
  int64_t stored = 0;
  for (const KeptBlock &block : blocks.kept)
    stored += std::min(blocks.height, bits.rows - block.row) * std::min(blocks.width, bits.cols - block.col) / 2;
  if (stored > layer.limit ||
      !llvm::all_of(blocks.kept, [&](const KeptBlock &block) { return holdsTiles(bits, blocks, block, complement); }))
    return;
  MLIRContext *context = layer.weight.elementType.getContext();
  auto pattern = IntersectionAttr::get(context, blockOf(context, blocks),
                                       cast<PatternAttrInterface>(Attribute(Tile42Attr::get(context, complement))));
  to.offer(pattern, stored, stored, completionOf(pattern));
}

/// Blocks that contain n of m weights in all windows, or contain legal 4:2 tiles, and all other weights for themselves.
static void offerRemainder(const Layer &layer, Proposals &to, const Blocks &blocks, PatternAttrInterface inside,
                           function_ref<bool(const KeptBlock &)> contains, double density) {
  int64_t covered = 0, whole = 0, within = 0;
  for (const KeptBlock &block : blocks.kept) {
    int64_t size =
        std::min(blocks.height, layer.weight.rows - block.row) * std::min(blocks.width, layer.weight.cols - block.col);
    auto inMask = static_cast<int64_t>(density * double(size));
    if (block.weights >= inMask && contains(block)) {
      ++whole;
      covered += inMask;
      within += block.weights;
    }
  }
  // As for unions of whole blocks: a tenth in either part is no mixture, and where all blocks live neither.
  double share = double(covered) / double(layer.nonZeros);
  if (share < 0.25 || share > 0.98 || 10 * whole > 9 * blocks.all)
    return;
  // Blocks that keep much more are fuller by chance, or by another structure.
  if (10 * covered < 8 * within)
    return;
  MLIRContext *context = layer.weight.elementType.getContext();
  auto rest = cast<PatternAttrInterface>(UnstructuredAttr::get(context));
  auto first = cast<PatternAttrInterface>(IntersectionAttr::get(context, blockOf(context, blocks), inside));
  Candidate candidate = {cast<PatternAttrInterface>(UnionAttr::get(context, {first, rest})), layer.nonZeros, whole,
                         nullptr};
  candidate.bytes = storageBytes(first, layer.shape, layer.weight.elementType, covered) +
                    storageBytes(rest, layer.shape, layer.weight.elementType, layer.nonZeros - covered);
  to.offer(std::move(candidate), Count::Exact);
}

static void offerRemainders(const Layer &layer, Proposals &to, const Blocks &blocks) {
  const Bits &bits = layer.inner;
  MLIRContext *context = layer.weight.elementType.getContext();
  for (auto [n, m] : {std::pair<int64_t, int64_t>{2, 4}, {1, 4}, {4, 8}, {2, 8}}) {
    Window window = {1, m};
    if (!window.divides(blocks.height, blocks.width))
      continue;
    auto contains = [&](const KeptBlock &block) {
      return forEachWindow(bits, blocks, block, window, [&](int64_t row, int64_t col) {
        auto [kept, positions] = window.count(bits, row, col);
        return kept >= std::min(n, positions);
      });
    };
    offerRemainder(layer, to, blocks, windowsOf(context, window, n), contains, double(n) / double(m));
  }
  if (bits.rows % 4 || bits.cols % 4)
    return;
  for (bool complement : {true, false})
    offerRemainder(
        layer, to, blocks, cast<PatternAttrInterface>(Attribute(Tile42Attr::get(context, complement))),
        [&](const KeptBlock &block) {
          return forEachWindow(bits, blocks, block, {4, 4}, [&](int64_t row, int64_t col) {
            return containsTile42(tile42At(bits, row, col), complement);
          });
        },
        0.5);
}

void mlir::gs::detection::detectIntersections(const Layer &layer, Proposals &to) {
  const Bits &bits = layer.inner;
  for (auto [height, width] :
       {std::pair<int64_t, int64_t>{8, 8}, {16, 16}, {32, 32}, {64, 64}, {4, 16}, {16, 32}, {8, 4}, {16, 4}, {16, 8}}) {
    if (2 * height > bits.rows || 2 * width > bits.cols)
      continue;
    Blocks blocks(bits, height, width);
    offerRemainders(layer, to, blocks);
    // Where nearly every block lives, the pattern inside is the pattern; where blocks are full, it is that of blocks.
    if (10 * static_cast<int64_t>(blocks.kept.size()) > 9 * blocks.all)
      continue;
    for (const Window &window : {Window{1, 4}, {1, 8}, {1, 16}, {1, 2}, {2, 4}, {4, 4}})
      if (window.divides(height, width))
        offerWindows(layer, to, blocks, window);
    for (bool complement : {true, false})
      if (height % 4 == 0 && width % 4 == 0)
        offerTiles42(layer, to, blocks, complement);
  }
}
