//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns that hold after the rows are reordered: rows with equal columns become neighbours (blocks), rows whose
// residues balance each other share a bundle (gather-scatter).
//
//===----------------------------------------------------------------------===//
#include "Detection.h"
#include "Residues.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

namespace {

/// The mask of a layer with its rows in another order, and proposals for it as proposals for the layer.
class Reordered : Proposals {
public:
  Reordered(const Layer &layer, Proposals &to, SmallVector<int64_t> order)
      : to(to), order(std::move(order)), weight(reorder(layer.weight, this->order)),
        layer(weight, layer.shape, 1.0, weight.rows / layer.rowsPerGroup) {
    this->layer.limit = layer.limit;
  }

  void detectSharedColumns() {
    detectTiles(layer, *this);
    detectKernelPatterns(layer, *this);
  }

private:
  /// Only the mask: detectors of masks read nothing else.
  static Weight reorder(const Weight &from, ArrayRef<int64_t> order) {
    Weight weight;
    weight.rows = from.rows;
    weight.cols = from.cols;
    weight.channels = from.channels;
    weight.locations = from.locations;
    weight.elementType = from.elementType;
    weight.elementBytes = from.elementBytes;
    moveRows(from.mask, weight.mask, order, from.cols, /*back=*/false);
    return weight;
  }
  static void moveRows(const std::vector<uint8_t> &from, std::vector<uint8_t> &to, ArrayRef<int64_t> order,
                       int64_t cols, bool back) {
    to.resize(from.size());
    for (auto [position, row] : llvm::enumerate(order)) {
      int64_t source = back ? static_cast<int64_t>(position) : row,
              target = back ? row : static_cast<int64_t>(position);
      std::copy_n(from.begin() + source * cols, cols, to.begin() + target * cols);
    }
  }

  void offer(Candidate candidate, Count count) override {
    GroupForm form = candidate.pattern.getGroupForm(layer.shape);
    // What does not bundle rows holds in any order; of what shares the columns of all rows, too.
    if (form.bundleRows < 2 || form.bundleRows >= weight.rows)
      return;
    candidate.bytes =
        storageBytes(candidate.pattern, layer.shape, weight.elementType, candidate.groups) + 4 * weight.rows;
    candidate.pattern = cast<PatternAttrInterface>(PermutedAttr::get(candidate.pattern));
    candidate.complete = [complete = std::move(candidate.complete), order = order](Weight &whole) {
      Weight moved = reorder(whole, order);
      moved.values.resize(whole.values.size()); // completion looks at the mask
      if (complete && !complete(moved))
        return false;
      moveRows(moved.mask, whole.mask, order, whole.cols, /*back=*/true);
      whole.rowOrder = order;
      return true;
    };
    to.offer(std::move(candidate), count);
  }
  void refuse(PatternAttrInterface pattern, const Twine &reason) override {
    to.refuse(cast<PatternAttrInterface>(PermutedAttr::get(pattern)), reason);
  }

  Proposals &to;
  SmallVector<int64_t> order;
  Weight weight;
  Layer layer;
};

} // namespace

//===----------------------------------------------------------------------===//
// Rows with equal columns
//===----------------------------------------------------------------------===//

/// Whether two rows keep nearly the same columns: at most a fifth of the larger one is not in the other.
static bool isSimilar(const Layer &layer, int64_t a, int64_t b) {
  int64_t larger = std::max(layer.rowCount(a), layer.rowCount(b));
  if (5 * std::min(layer.rowCount(a), layer.rowCount(b)) < 4 * larger)
    return false;
  const uint64_t *left = layer.inner.row(a), *right = layer.inner.row(b);
  int64_t common = 0;
  for (int64_t w = 0; w < layer.inner.words; ++w)
    common += llvm::popcount(left[w] & right[w]);
  return 5 * common >= 4 * larger;
}

/// Whether rows have partners at all: a few rows are compared with all others.
static bool haveTwins(const Layer &layer, Proposals &to) {
  constexpr int64_t sampled = 16;
  int64_t rows = layer.weight.rows, tried = 0, paired = 0;
  for (int64_t i = 0; i < sampled && i < rows; ++i) {
    int64_t row = i * rows / std::min(sampled, rows);
    if (!layer.rowCount(row))
      continue;
    ++tried;
    for (int64_t other = row / layer.rowsPerGroup * layer.rowsPerGroup, end = other + layer.rowsPerGroup; other < end;
         ++other)
      if (other != row && isSimilar(layer, row, other)) {
        ++paired;
        break;
      }
  }
  if (2 * paired > tried)
    return true;
  auto block = cast<PatternAttrInterface>(BlockAttr::get(layer.weight.elementType.getContext(), 4, 1));
  to.refuse(cast<PatternAttrInterface>(PermutedAttr::get(block)),
            llvm::formatv("of {0} rows, {1} have another row with nearly the same columns", tried, paired).str());
  return false;
}

/// Rows with nearly equal columns one after the other: large powers of two of them first, so that each stands at a
/// multiple of its size, then what is left.
static SmallVector<int64_t> gatherTwins(const Layer &layer, int64_t begin, int64_t end) {
  std::vector<SmallVector<int64_t>> classes;
  SmallVector<int64_t> dead;
  for (int64_t row = begin; row < end; ++row) {
    if (!layer.rowCount(row)) {
      dead.push_back(row);
      continue;
    }
    auto same = llvm::find_if(classes, [&](ArrayRef<int64_t> rows) { return isSimilar(layer, rows[0], row); });
    if (same == classes.end())
      classes.push_back({row});
    else
      same->push_back(row);
  }
  classes.push_back(std::move(dead));
  SmallVector<int64_t> order;
  for (size_t size = 64; size > 0; size /= 2)
    for (SmallVector<int64_t> &rows : classes)
      while (rows.size() >= size) {
        llvm::append_range(order, ArrayRef<int64_t>(rows).take_front(size));
        rows.erase(rows.begin(), rows.begin() + size);
      }
  return order;
}

static void detectTwins(const Layer &layer, Proposals &to) {
  if (!haveTwins(layer, to))
    return;
  SmallVector<int64_t> order;
  for (int64_t begin = 0; begin < layer.weight.rows; begin += layer.rowsPerGroup)
    llvm::append_range(order, gatherTwins(layer, begin, begin + layer.rowsPerGroup));
  if (!llvm::is_sorted(order))
    Reordered(layer, to, std::move(order)).detectSharedColumns();
}

//===----------------------------------------------------------------------===//
// Rows whose residues balance
//===----------------------------------------------------------------------===//

static void detectBalance(const Layer &layer, Proposals &to) {
  if (layer.rowsPerGroup != layer.weight.rows)
    return; // bundles would mix the inputs of convolution groups
  for (int64_t banks : {16, 8, 32}) {
    if (banks > layer.weight.cols)
      continue;
    Residues residues(layer, banks);
    for (int64_t width = 1; width < banks; width *= 2) {
      if (layer.weight.rows <= banks / width)
        continue;
      SmallVector<int64_t> order = balanceBundles(residues, width);
      if (!order.empty() && !llvm::is_sorted(order))
        offerGatherScatter(residues, to, width, std::move(order));
    }
  }
}

void mlir::gs::detection::detectRowOrders(const Layer &layer, Proposals &to) {
  detectTwins(layer, to);
  detectBalance(layer, to);
}
