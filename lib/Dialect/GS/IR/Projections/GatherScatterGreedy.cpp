//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Greedy choices of units in a bundle of #gs.gather_scatter.
//
//===----------------------------------------------------------------------===//
#include "GatherScatterGreedy.h"
#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace mlir::gs::detail;

namespace {

class CountedChoice {
public:
  CountedChoice(const BundleScores &bundle, int64_t banks, int64_t width, int64_t groups, MutableArrayRef<uint8_t> kept)
      : bundle(bundle), banks(banks), rowLimit(width * groups), residueLimit(groups), rowCount(bundle.rows),
        residueCount(banks), kept(kept) {}

  bool choose() {
    std::vector<int64_t> order(bundle.rows * bundle.cols);
    std::iota(order.begin(), order.end(), 0);
    auto before = [&](int64_t a, int64_t b) {
      double left = bundle.at[a], right = bundle.at[b];
      return left != right ? left > right : a < b;
    };
    // The greedy choice seldom looks far beyond what it keeps.
    auto likely = std::min<int64_t>(int64_t(order.size()), 2 * rowLimit * bundle.rows + banks);
    std::nth_element(order.begin(), order.begin() + likely, order.end(), before);
    std::sort(order.begin(), order.begin() + likely, before);
    for (int64_t at : ArrayRef<int64_t>(order).take_front(likely)) {
      int64_t &row = rowCount[at / bundle.cols], &residue = residueCount[at % bundle.cols % banks];
      if (row < rowLimit && residue < residueLimit && bundle.at[at] >= 0) {
        kept[at] = 1;
        ++row;
        ++residue;
      }
    }
    for (int64_t row = 0; row < bundle.rows; ++row)
      while (rowCount[row] < rowLimit)
        if (!augment(row))
          return false;
    return true;
  }

private:
  /// The best unit of a row and residue that is kept already (the worst), -1 if there is none.
  int64_t find(int64_t row, int64_t residue, bool isKept) const {
    int64_t best = -1;
    for (int64_t col = residue; col < bundle.cols; col += banks) {
      int64_t at = row * bundle.cols + col;
      if (bool(kept[at]) == isKept && bundle.at[at] >= 0 &&
          (best < 0 || (isKept ? bundle.at[at] < bundle.at[best] : bundle.at[at] > bundle.at[best])))
        best = at;
    }
    return best;
  }

  /// One more unit for `row`: takes a free one of a residue that is not full, or of a full one whose unit in another
  /// row moves on. Breadth first, so that few units move.
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
          for (int64_t other = 0; other < bundle.rows; ++other)
            if (other != steps[i].row && find(other, residue, true) >= 0)
              steps.push_back({other, residue, int64_t(i)});
          continue;
        }
        // From the end back: each row gains one unit and gives the one before up.
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

  const BundleScores &bundle;
  int64_t banks, rowLimit, residueLimit;
  std::vector<int64_t> rowCount, residueCount;
  MutableArrayRef<uint8_t> kept;
};

} // namespace

bool mlir::gs::detail::chooseByCounts(const BundleScores &scores, int64_t banks, int64_t width, int64_t groups,
                                      MutableArrayRef<uint8_t> kept) {
  return CountedChoice(scores, banks, width, groups, kept).choose();
}

bool mlir::gs::detail::chooseByGroups(const BundleScores &scores, int64_t banks, int64_t width, int64_t groups,
                                      MutableArrayRef<uint8_t> kept) {
  // One falling list of units per (row, residue): a group looks only at the heads.
  std::vector<std::vector<int64_t>> lists(scores.rows * banks);
  for (int64_t row = 0; row < scores.rows; ++row)
    for (int64_t col = 0; col < scores.cols; ++col)
      if (scores.at[row * scores.cols + col] >= 0)
        lists[row * banks + col % banks].push_back(row * scores.cols + col);
  for (std::vector<int64_t> &list : lists)
    std::sort(list.begin(), list.end(),
              [&](int64_t a, int64_t b) { return scores.at[a] != scores.at[b] ? scores.at[a] > scores.at[b] : a < b; });
  std::vector<size_t> head(lists.size());
  std::vector<uint8_t> isFree(banks);
  std::vector<int64_t> room(scores.rows);
  for (; groups > 0; --groups) {
    std::fill(isFree.begin(), isFree.end(), 1);
    std::fill(room.begin(), room.end(), width);
    for (int64_t taken = 0; taken < width * scores.rows; ++taken) {
      int64_t best = -1, from = -1;
      for (int64_t row = 0; row < scores.rows; ++row)
        for (int64_t residue = 0; room[row] && residue < banks; ++residue) {
          int64_t list = row * banks + residue;
          if (!isFree[residue] || head[list] == lists[list].size())
            continue;
          int64_t at = lists[list][head[list]];
          if (best < 0 || scores.at[at] > scores.at[best] || (scores.at[at] == scores.at[best] && at < best)) {
            best = at;
            from = list;
          }
        }
      if (best < 0)
        return false;
      kept[best] = 1;
      ++head[from];
      isFree[from % banks] = 0;
      --room[from / banks];
    }
  }
  return true;
}
