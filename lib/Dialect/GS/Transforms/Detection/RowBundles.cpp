//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bundles of rows whose residues balance each other.
//
// A bundle of GS(B,k) keeps each residue equally often. Rows that were pruned in bundles have as many weights as the
// others of their bundle; which of several bundles with equally many, only the residues tell.
//
//===----------------------------------------------------------------------===//
#include "Residues.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Hashing.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

namespace {

/// Finds `size` of at most 34 rows, the first one among them, whose residues all occur equally often: sums of subsets
/// of one half of the rows are looked up for those of the other half.
class ExactBundle {
public:
  static constexpr int64_t mostRows = 34;

  ExactBundle(Residues &residues, ArrayRef<int64_t> rows, int64_t size)
      : residues(residues), rows(rows), size(size), half(rows.size() / 2) {}

  /// Bits of the rows, or 0.
  uint64_t find() {
    // What each bundle has of every residue follows from the number of weights of its rows.
    int64_t total = 0;
    for (int32_t count : residues.of(rows[0]))
      total += count;
    if (total * size % residues.banks)
      return 0;
    target = static_cast<uint64_t>(total * size / residues.banks);
    std::vector<uint64_t> sums = keysOf(0, half);
    llvm::DenseMap<uint64_t, uint32_t> firsts;
    for (uint64_t bits = 1; bits < sums.size(); bits += 2) // with the first row
      if (llvm::popcount(bits) <= size)
        firsts.insert({mix(sums[bits], llvm::popcount(bits)), static_cast<uint32_t>(bits)});
    uint64_t wanted = 0;
    for (int64_t j = 0; j < residues.banks; ++j)
      wanted += target * factor(j);
    sums = keysOf(half, rows.size() - half);
    for (uint64_t bits = 0; bits < sums.size(); ++bits) {
      int64_t left = size - llvm::popcount(bits);
      if (left < 1)
        continue;
      auto it = firsts.find(mix(wanted - sums[bits], left));
      if (it != firsts.end() && isExact(it->second | bits << half))
        return it->second | bits << half;
    }
    return 0;
  }

private:
  /// A linear hash of the counts; odd numbers without a pattern.
  static uint64_t factor(int64_t residue) {
    uint64_t x = (static_cast<uint64_t>(residue) + 1) * 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9ull;
    return (x ^ (x >> 32)) | 1;
  }
  /// Never one of the keys that DenseMap keeps for itself.
  static uint64_t mix(uint64_t sum, int64_t count) {
    return (sum * 64 + static_cast<uint64_t>(count)) & (~uint64_t(0) >> 1);
  }

  /// Hash of the sum of each subset of `count` rows.
  std::vector<uint64_t> keysOf(size_t begin, size_t count) const {
    std::vector<uint64_t> keys(size_t(1) << count, 0);
    for (size_t i = 0; i < count; ++i) {
      uint64_t key = 0;
      for (auto [j, weights] : llvm::enumerate(residues.of(rows[begin + i])))
        key += static_cast<uint64_t>(weights) * factor(static_cast<int64_t>(j));
      for (size_t bits = 0; bits < size_t(1) << i; ++bits)
        keys[bits | size_t(1) << i] = keys[bits] + key;
    }
    return keys;
  }

  bool isExact(uint64_t bits) const {
    SmallVector<uint64_t, 32> sums(residues.banks);
    for (; bits; bits &= bits - 1)
      for (auto [j, weights] : llvm::enumerate(residues.of(rows[llvm::countr_zero(bits)])))
        sums[j] += weights;
    return llvm::all_of(sums, [&](uint64_t sum) { return sum == target; });
  }

  Residues &residues;
  ArrayRef<int64_t> rows;
  int64_t size;
  size_t half;
  uint64_t target = 0;
};

/// Exchanges rows of neighbouring bundles as long as residues get more even.
class Exchange {
public:
  Exchange(Residues &residues, SmallVectorImpl<int64_t> &order, int64_t height)
      : residues(residues), order(order), height(height), banks(residues.banks),
        sums((order.size() + height - 1) / height * banks) {
    for (auto [position, row] : llvm::enumerate(order))
      add(static_cast<int64_t>(position), row, 1);
  }

  void run(int64_t sweeps) {
    // Rows that far apart differ too much in their number of weights.
    const int64_t reach = 4 * height, end = static_cast<int64_t>(order.size());
    for (int64_t sweep = 0; sweep < sweeps; ++sweep) {
      bool changed = false;
      for (int64_t i = 0; i < end; ++i)
        for (int64_t j = (i / height + 1) * height; j < std::min(end, i + reach); ++j)
          changed |= tryExchange(i, j);
      if (!changed)
        return;
    }
  }

private:
  void add(int64_t position, int64_t row, int32_t sign) {
    int32_t *sum = &sums[position / height * banks];
    for (int32_t count : residues.of(row))
      *sum++ += sign * count;
  }

  /// Exchanges two rows if the residues of their bundles differ less then: by the change of the sums of squares around
  /// the means. Rows of unlike numbers of weights stay apart, because the fullest row of a bundle counts.
  bool tryExchange(int64_t i, int64_t j) {
    int64_t most = residues.layer.rowCount(order[j]), unlike = most - residues.layer.rowCount(order[i]);
    if (std::abs(unlike) > 1 && std::abs(unlike) * 32 > most)
      return false;
    ArrayRef<int32_t> left = residues.of(order[i]), right = residues.of(order[j]);
    const int32_t *a = &sums[i / height * banks], *b = &sums[j / height * banks];
    int64_t change = 0, total = 0;
    for (int64_t residue = 0; residue < banks; ++residue) {
      int32_t d = right[residue] - left[residue];
      change += d * (a[residue] - b[residue] + d);
      total += a[residue] - b[residue];
    }
    change = change * banks - unlike * (total + unlike);
    if (change >= 0)
      return false;
    add(i, order[i], -1);
    add(j, order[j], -1);
    std::swap(order[i], order[j]);
    add(i, order[i], 1);
    add(j, order[j], 1);
    return true;
  }

  Residues &residues;
  SmallVectorImpl<int64_t> &order;
  int64_t height, banks;
  std::vector<int32_t> sums;
};

} // namespace

SmallVector<int64_t> mlir::gs::detection::balanceBundles(Residues &residues, int64_t width) {
  const Layer &layer = residues.layer;
  int64_t rows = layer.weight.rows, banks = residues.banks, height = banks / width;
  // Rows of a bundle keep a multiple of k weights each.
  int64_t fitting =
      llvm::count_if(llvm::seq<int64_t>(0, rows), [&](int64_t r) { return layer.rowCount(r) % width == 0; });
  if (5 * fitting < 4 * rows)
    return {};
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, rows));
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return std::make_pair(layer.rowCount(a), a) < std::make_pair(layer.rowCount(b), b);
  });
  int64_t stored = 0;
  for (int64_t begin = 0; begin < rows; begin += height)
    stored += (layer.rowCount(order[std::min(rows, begin + height) - 1]) + width - 1) / width * banks;
  if (stored > layer.limit)
    return {};

  SmallVector<int64_t> result, rest;
  for (int64_t begin = 0; begin < rows;) {
    int64_t end = begin + 1;
    while (end < rows && layer.rowCount(order[end]) == layer.rowCount(order[begin]))
      ++end;
    SmallVector<int64_t> same(ArrayRef<int64_t>(order).slice(begin, end - begin));
    begin = end;
    // Bundles with equally many weights, where there are few.
    while (static_cast<int64_t>(same.size()) >= height && same.size() <= ExactBundle::mostRows) {
      uint64_t bits = ExactBundle(residues, same, height).find();
      if (!bits)
        break;
      SmallVector<int64_t> others;
      for (auto [i, row] : llvm::enumerate(same))
        (bits >> i & 1 ? result : others).push_back(row);
      same = std::move(others);
    }
    llvm::append_range(rest, same);
  }
  Exchange exchange(residues, rest, height);
  exchange.run(1);
  SmallVector<int64_t> draft = result;
  llvm::append_range(draft, rest);
  if (countGatherScatter(residues, width, draft).count == Count::About)
    return {}; // far from what later sweeps gain
  exchange.run(3);
  llvm::append_range(result, rest);
  return result;
}
