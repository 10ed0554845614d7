//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mixtures: whole blocks, and a remainder without structure or of blocks of another shape.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

namespace {

/// A block size and what a union with it would consist of.
struct Mixture {
  int64_t height, width;
  int64_t blocks = 0;  ///< full ones, and those that are completed
  int64_t covered = 0; ///< non-zeros in blocks
  int64_t added = 0;   ///< zeros that complete blocks
  int64_t fullest = 0; ///< weights that the smallest completed block has
  int64_t bytes = 0;
};

} // namespace

/// Calls fn(count, size) of every block with a weight, row of blocks by row of blocks, the block's first row and column
/// as well.
static void forEachBlock(const Layer &layer, int64_t height, int64_t width,
                         function_ref<void(int64_t, int64_t, int64_t, int64_t)> fn) {
  int64_t rows = layer.weight.rows, cols = layer.weight.cols, shift = llvm::Log2_64(width);
  std::vector<uint16_t> counts((cols + width - 1) >> shift);
  std::vector<int32_t> used;
  for (int64_t row = 0; row < rows; row += height) {
    int64_t end = std::min(rows, row + height);
    for (int64_t i = layer.rowBegin[row]; i < layer.rowBegin[end]; ++i)
      if (!counts[layer.columns[i] >> shift]++)
        used.push_back(layer.columns[i] >> static_cast<int32_t>(shift));
    for (int32_t block : used) {
      int64_t col = int64_t(block) << shift;
      fn(counts[block], (end - row) * (std::min(cols, col + width) - col), row, col);
      counts[block] = 0;
    }
    used.clear();
  }
}

/// Blocks with three quarters of their weights or more are completed, if that is what most blocks lack least.
static bool isNearlyFull(int64_t count, int64_t size) { return 4 * count >= 3 * size; }

static Mixture measure(const Layer &layer, int64_t height, int64_t width) {
  Mixture full = {height, width}, near = {height, width};
  forEachBlock(layer, height, width, [&](int64_t count, int64_t size, int64_t, int64_t) {
    Mixture &kind = count == size ? full : near;
    if (!isNearlyFull(count, size))
      return;
    ++kind.blocks;
    kind.covered += count;
    kind.added += size - count;
  });
  // Where chance made nearly full blocks, there are more of them than full ones.
  if (near.blocks >= full.blocks || layer.nonZeros + near.added > layer.limit)
    return full;
  full.blocks += near.blocks;
  full.covered += near.covered;
  full.added = near.added;
  return full;
}

/// Blocks r x c, and the rest in blocks c x r.
static void offerTransposed(const Layer &layer, Proposals &to, int64_t height, int64_t width) {
  const Bits &bits = layer.inner;
  std::vector<std::pair<int64_t, int64_t>> full;
  int64_t covered = 0;
  forEachBlock(layer, height, width, [&](int64_t count, int64_t size, int64_t row, int64_t col) {
    if (count != size)
      return;
    full.push_back({row, col});
    covered += count;
  });
  // As with a remainder without structure; where the rest has none, its blocks are mostly empty.
  double share = double(covered) / double(layer.nonZeros);
  if (share < 0.1 || share > 0.9)
    return;
  Bits rest = bits;
  for (auto [row, col] : full)
    for (int64_t r = row; r < std::min(bits.rows, row + height); ++r)
      for (int64_t c = col; c < std::min(bits.cols, col + width); ++c)
        rest.row(r)[c / 64] &= ~(uint64_t(1) << (c % 64));
  auto whole = static_cast<int64_t>(full.size());
  int64_t others = 0, added = 0;
  for (int64_t row = 0; row < bits.rows; row += width)
    for (int64_t col = 0; col < bits.cols; col += height) {
      int64_t kept = 0, end = std::min(bits.rows, row + width), columns = std::min(height, bits.cols - col);
      for (int64_t r = row; r < end; ++r)
        kept += llvm::popcount(rest.extract(r, col, height));
      if (kept) {
        ++others;
        added += (end - row) * columns - kept;
      }
    }
  if (layer.nonZeros + added > layer.limit)
    return;
  MLIRContext *context = layer.weight.elementType.getContext();
  auto first = cast<PatternAttrInterface>(BlockAttr::get(context, height, width));
  auto second = cast<PatternAttrInterface>(BlockAttr::get(context, width, height));
  auto pattern = UnionAttr::get(context, {first, second});
  Candidate candidate = {cast<PatternAttrInterface>(pattern), layer.nonZeros + added, whole + others,
                         completionOf(pattern)};
  candidate.bytes = storageBytes(first, layer.shape, layer.weight.elementType, whole) +
                    storageBytes(second, layer.shape, layer.weight.elementType, others);
  to.offer(std::move(candidate), Count::Exact);
}

void mlir::gs::detection::detectUnions(const Layer &layer, Proposals &to) {
  MLIRContext *context = layer.weight.elementType.getContext();
  Type elementType = layer.weight.elementType;
  auto rest = cast<PatternAttrInterface>(UnstructuredAttr::get(context));
  std::vector<Mixture> found;
  for (auto [height, width] : {std::pair<int64_t, int64_t>{4, 1},
                               {8, 1},
                               {16, 1},
                               {32, 1},
                               {1, 4},
                               {1, 8},
                               {1, 16},
                               {4, 4},
                               {8, 8},
                               {16, 16}}) {
    if (height > layer.weight.rows || width > layer.weight.cols)
      continue;
    Mixture mixture = measure(layer, height, width);
    // A tenth in either part would not repay a second pass; all of them in blocks are no mixture.
    double share = double(mixture.covered) / double(layer.nonZeros);
    if (share < 0.25 || share > 0.98)
      continue;
    auto block = cast<PatternAttrInterface>(BlockAttr::get(context, height, width));
    mixture.bytes = storageBytes(block, layer.shape, elementType, mixture.blocks) +
                    storageBytes(rest, layer.shape, elementType, layer.nonZeros - mixture.covered);
    found.push_back(mixture);
  }
  // The cost model looks at whole masks: the two that store the fewest bytes go on.
  llvm::sort(found, [](const Mixture &a, const Mixture &b) {
    return std::tie(a.bytes, a.height, a.width) < std::tie(b.bytes, b.height, b.width);
  });
  if (found.size() > 2)
    found.resize(2);
  for (const Mixture &mixture : found) {
    auto block = cast<PatternAttrInterface>(BlockAttr::get(context, mixture.height, mixture.width));
    auto complete = [&layer, mixture](Weight &weight) {
      if (mixture.added)
        forEachBlock(layer, mixture.height, mixture.width, [&](int64_t count, int64_t size, int64_t row, int64_t col) {
          if (count < size && isNearlyFull(count, size))
            for (int64_t r = row; r < std::min(weight.rows, row + mixture.height); ++r)
              std::fill_n(&weight.mask[r * weight.cols + col], std::min(mixture.width, weight.cols - col), 1);
        });
      return true;
    };
    Candidate candidate = {cast<PatternAttrInterface>(UnionAttr::get(context, {block, rest})),
                           layer.nonZeros + mixture.added, mixture.blocks, complete, mixture.bytes};
    to.offer(std::move(candidate), Count::Exact);
  }
  for (auto [height, width] : {std::pair<int64_t, int64_t>{16, 1}, {8, 1}, {4, 1}, {8, 2}, {16, 4}, {8, 4}})
    if (height <= std::min(layer.weight.rows, layer.weight.cols))
      offerTransposed(layer, to, height, width);
}
