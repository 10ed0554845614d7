//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Projection onto #gs.gather_scatter. Groups go to bundles by the number of their weights above the layer's threshold
// (largest remainder), so that the budget is met within one group. In a bundle of n groups a weight is taken, largest
// first, while its row has fewer than k * n and its residue fewer than n; what is missing then comes in by augmenting
// paths, so no hole is left. Such a mask splits into groups (Koenig). Greedy, so not exact.
//
//===----------------------------------------------------------------------===//
#include "ProjectionUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

namespace {

/// The choice of weights in one bundle.
class Bundle {
public:
  Bundle(const Weight &dense, ArrayRef<double> scores, ArrayRef<int64_t> rows, int64_t banks, int64_t width,
         int64_t groups)
      : dense(dense), scores(scores), rows(rows), banks(banks), rowLimit(width * groups), residueLimit(groups),
        rowCount(rows.size()), residueCount(banks), kept(rows.size() * dense.cols) {}

  /// Chooses; false if the shape has no room for so many groups.
  bool choose() {
    std::vector<int64_t> order(kept.size());
    std::iota(order.begin(), order.end(), 0);
    auto before = [&](int64_t a, int64_t b) {
      double left = score(a), right = score(b);
      return left != right ? left > right : a < b;
    };
    // The greedy choice seldom looks far beyond what it keeps.
    auto likely = std::min<int64_t>(int64_t(order.size()), 2 * rowLimit * int64_t(rows.size()) + banks);
    std::nth_element(order.begin(), order.begin() + likely, order.end(), before);
    std::sort(order.begin(), order.begin() + likely, before);
    for (int64_t at : ArrayRef<int64_t>(order).take_front(likely)) {
      int64_t &row = rowCount[at / dense.cols], &residue = residueCount[at % dense.cols % banks];
      if (row < rowLimit && residue < residueLimit) {
        kept[at] = 1;
        ++row;
        ++residue;
      }
    }
    for (size_t row = 0; row < rows.size(); ++row)
      while (rowCount[row] < rowLimit)
        if (!augment(int64_t(row)))
          return false;
    return true;
  }

  void write(Weight &weight) const {
    for (auto [i, row] : llvm::enumerate(rows))
      std::copy_n(kept.data() + i * dense.cols, dense.cols, weight.mask.data() + row * dense.cols);
  }

private:
  double score(int64_t at) const { return scores[rows[at / dense.cols] * dense.cols + at % dense.cols]; }

  /// The best weight of a row and residue that is kept already (or not), -1 if there is none.
  int64_t find(int64_t row, int64_t residue, bool isKept) const {
    int64_t best = -1;
    for (int64_t col = residue; col < dense.cols; col += banks) {
      int64_t at = row * dense.cols + col;
      if (bool(kept[at]) == isKept && (best < 0 || (isKept ? score(at) < score(best) : score(at) > score(best))))
        best = at;
    }
    return best;
  }

  /// One more weight for `row`: takes a free one of a residue that is not full, or of a full one whose weight in
  /// another row moves on. Breadth first, so that few weights move.
  bool augment(int64_t row) {
    struct Step {
      int64_t row, residue, parent;
    };
    std::vector<Step> steps = {{row, -1, -1}};
    std::vector<uint8_t> seen(banks);
    for (size_t i = 0; i < steps.size(); ++i)
      for (int64_t residue = 0; residue < banks; ++residue) {
        if (seen[residue] || find(steps[i].row, residue, false) < 0)
          continue;
        seen[residue] = 1;
        if (residueCount[residue] >= residueLimit) {
          for (int64_t other = 0; other < int64_t(rows.size()); ++other)
            if (other != steps[i].row && find(other, residue, true) >= 0)
              steps.push_back({other, residue, int64_t(i)});
          continue;
        }
        // From the end back: each row gains one weight and gives the one before up.
        int64_t gained = residue;
        for (int64_t at = int64_t(i); at >= 0; at = steps[at].parent) {
          kept[find(steps[at].row, gained, false)] = 1;
          if (steps[at].residue < 0)
            break;
          kept[find(steps[at].row, steps[at].residue, true)] = 0;
          gained = steps[at].residue;
        }
        ++residueCount[residue];
        ++rowCount[row];
        return true;
      }
    return false;
  }

  const Weight &dense;
  ArrayRef<double> scores;
  ArrayRef<int64_t> rows;
  int64_t banks, rowLimit, residueLimit;
  std::vector<int64_t> rowCount, residueCount;
  std::vector<uint8_t> kept;
};

} // namespace

FailureOr<Projection> GatherScatterAttr::project(const Weight &dense, const ProjectOptions &options,
                                                 EmitError emitError) const {
  if (failed(checkInput(dense, Schema(), emitError)))
    return failure();
  if (getUnitRows() != 1 || getUnitCols() != 1 || getTileRows())
    return Report(emitError) << "no projection onto units or tiles of #gs.gather_scatter";
  int64_t banks = getBanks(), width = getWidth(), height = banks / width;
  int64_t bundles = llvm::divideCeil(dense.rows, height), total = dense.rows * dense.cols;
  std::vector<double> scores = scoresOf(dense);
  // How many weights of each bundle are among the best.
  std::vector<double> share(bundles);
  for (int64_t at : largest(scores, shareOf(options.density, total)))
    share[at / dense.cols / height] += 1;
  std::vector<int64_t> groups(bundles), most(bundles), size(bundles);
  int64_t left = shareOf(options.density, total);
  for (int64_t bundle = 0; bundle < bundles; ++bundle) {
    int64_t rows = std::min(height, dense.rows - bundle * height);
    size[bundle] = width * rows;
    // A row has room for cols / width groups, and the smallest residue class for as many as it has weights.
    most[bundle] = std::min(dense.cols / width, dense.cols / banks * rows);
    groups[bundle] = std::min<int64_t>(most[bundle], int64_t(share[bundle]) / size[bundle]);
    share[bundle] = share[bundle] / double(size[bundle]) - double(groups[bundle]);
    left -= groups[bundle] * size[bundle];
  }
  std::vector<int64_t> order(bundles);
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](int64_t a, int64_t b) { return share[a] > share[b]; });
  for (bool granted = true; granted && left > 0;) {
    granted = false;
    for (int64_t bundle : order)
      if (groups[bundle] < most[bundle] && 2 * left >= size[bundle]) {
        ++groups[bundle];
        left -= size[bundle];
        granted = true;
      }
  }
  Projection projection = emptyProjection(dense);
  for (int64_t bundle = 0; bundle < bundles; ++bundle) {
    SmallVector<int64_t> rows;
    for (int64_t row = bundle * height; row < std::min(dense.rows, (bundle + 1) * height); ++row)
      rows.push_back(dense.rowAt(row));
    for (int64_t count = groups[bundle]; count > 0; --count) {
      Bundle chosen(dense, scores, rows, banks, width, count);
      if (!chosen.choose())
        continue; // A ragged bundle may have less room than its counts say.
      chosen.write(projection.weight);
      projection.groups += count;
      break;
    }
  }
  finishProjection(dense, projection);
  return projection;
}
