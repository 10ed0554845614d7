//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Minimum-cost flow in a bundle of #gs.gather_scatter.
//
//===----------------------------------------------------------------------===//
#include "GatherScatterFlow.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>

using namespace mlir;
using namespace mlir::gs::detail;

static constexpr double infinity = std::numeric_limits<double>::infinity();

BundleFlow::BundleFlow(const BundleScores &given, int64_t banks, int64_t width)
    : banks(banks), width(width), cols(given.cols), realRows(given.rows),
      rows(given.rows * width < banks ? given.rows + 1 : given.rows), scores(given.at.begin(), given.at.end()),
      entries(realRows * cols), begin(realRows * banks + 1), sorted(realRows * banks), flow(rows * banks),
      cost(rows * banks, infinity), refund(rows * banks, infinity), rowPotential(rows), residuePotential(banks),
      rowDistance(rows), residueDistance(banks), rowParent(rows), residueParent(banks), rowDone(rows),
      residueDone(banks), supply(rows), demand(banks) {
  // What is no number outweighs all others, but not so much that their differences drown in it.
  double most = 0;
  for (double score : scores)
    if (score < 1e300)
      most = std::max(most, score);
  double top = 4.0 * double(banks) * std::max(most, 1e-300);
  for (double &score : scores)
    score = std::min(score, top);
  int32_t place = 0;
  for (int64_t row = 0; row < realRows; ++row)
    for (int64_t residue = 0; residue < banks; ++residue) {
      begin[arcOf(row, residue)] = place;
      for (int64_t col = residue; col < cols; col += banks)
        if (scores[row * cols + col] >= 0)
          entries[place++] = static_cast<int32_t>(row * cols + col);
    }
  begin.back() = place;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t residue = 0; residue < banks; ++residue) {
      refresh(row, residue);
      if (double c = cost[arcOf(row, residue)]; c < infinity)
        rowPotential[row] = std::max(rowPotential[row], -c);
    }
  }
}

void BundleFlow::refresh(int64_t row, int64_t residue) {
  int64_t arc = arcOf(row, residue);
  int32_t taken = flow[arc];
  double &back = refund[residue * rows + row];
  if (row >= realRows) { // absent rows take as many of a residue as there are, for nothing
    cost[arc] = 0;
    back = taken ? 0 : infinity;
    return;
  }
  auto size = static_cast<int32_t>(begin[arc + 1] - begin[arc]);
  if (taken >= sorted[arc] && sorted[arc] < size) {
    auto before = [&](int32_t a, int32_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; };
    auto first = entries.begin() + begin[arc] + sorted[arc], end = entries.begin() + begin[arc] + size;
    int32_t more = std::min(size - sorted[arc], std::max(8, sorted[arc]));
    if (first + more != end)
      std::nth_element(first, first + more, end, before);
    std::sort(first, first + more, before);
    sorted[arc] += more;
  }
  cost[arc] = taken < size ? -scoreOf(arc, taken) : infinity;
  back = taken ? scoreOf(arc, taken - 1) : infinity;
}

void BundleFlow::move(int64_t row, int64_t residue, int64_t amount) {
  int64_t arc = arcOf(row, residue);
  if (row < realRows)
    pendingTotal += amount > 0 ? scoreOf(arc, flow[arc]) : -scoreOf(arc, flow[arc] - 1);
  flow[arc] += static_cast<int32_t>(amount);
  refresh(row, residue);
}

bool BundleFlow::augment() {
  std::fill(residueDistance.begin(), residueDistance.end(), infinity);
  std::fill(rowDone.begin(), rowDone.end(), 0);
  std::fill(residueDone.begin(), residueDone.end(), 0);
  for (int64_t row = 0; row < rows; ++row) {
    rowDistance[row] = supply[row] ? 0 : infinity;
    rowParent[row] = -1;
  }
  int64_t found = -1;
  while (true) {
    // The nearest node that is not done; of equal ones a residue with demand ends the search soonest.
    double nearest = infinity;
    int64_t node = -1;
    for (int64_t residue = 0; residue < banks; ++residue)
      if (!residueDone[residue] && residueDistance[residue] < nearest) {
        nearest = residueDistance[residue];
        node = rows + residue;
      }
    for (int64_t row = 0; row < rows; ++row)
      if (!rowDone[row] && rowDistance[row] < nearest) {
        nearest = rowDistance[row];
        node = row;
      }
    if (node < 0)
      return false;
    // Rounding may make a reduced cost less than zero by its last digit.
    if (node >= rows) {
      int64_t residue = node - rows;
      residueDone[residue] = 1;
      if (demand[residue]) {
        found = residue;
        break;
      }
      const double *back = refund.data() + residue * rows;
      for (int64_t row = 0; row < rows; ++row) {
        double there = nearest + std::max(0.0, back[row] + residuePotential[residue] - rowPotential[row]);
        if (!rowDone[row] && there < rowDistance[row]) {
          rowDistance[row] = there;
          rowParent[row] = static_cast<int32_t>(residue);
        }
      }
      continue;
    }
    rowDone[node] = 1;
    const double *out = cost.data() + node * banks;
    for (int64_t residue = 0; residue < banks; ++residue) {
      double there = nearest + std::max(0.0, out[residue] + rowPotential[node] - residuePotential[residue]);
      if (!residueDone[residue] && there < residueDistance[residue]) {
        residueDistance[residue] = there;
        residueParent[residue] = static_cast<int32_t>(node);
      }
    }
  }
  double length = residueDistance[found];
  for (int64_t row = 0; row < rows; ++row)
    if (rowDone[row])
      rowPotential[row] += rowDistance[row] - length;
  for (int64_t residue = 0; residue < banks; ++residue)
    if (residueDone[residue])
      residuePotential[residue] += residueDistance[residue] - length;
  --demand[found];
  for (int64_t residue = found;;) {
    int64_t row = residueParent[residue];
    move(row, residue, 1);
    log.push_back({static_cast<int32_t>(row), static_cast<int32_t>(residue), 1});
    if (rowParent[row] < 0) {
      --supply[row];
      return true;
    }
    residue = rowParent[row];
    move(row, residue, -1);
    log.push_back({static_cast<int32_t>(row), static_cast<int32_t>(residue), -1});
  }
}

void BundleFlow::undo() {
  for (const Change &change : llvm::reverse(log))
    move(change.row, change.residue, -change.amount);
  log.clear();
}

std::optional<double> BundleFlow::nextGain() {
  if (next == Next::Unknown) {
    pendingTotal = total;
    int64_t missing = banks;
    for (int64_t row = 0; row < rows; ++row)
      supply[row] = static_cast<int32_t>(row < realRows ? width : banks - width * realRows);
    std::fill(demand.begin(), demand.end(), 1);
    while (missing && augment())
      --missing;
    next = missing ? Next::None : Next::Found;
    if (missing)
      undo(); // for good: the potentials need not fit any more
  }
  if (next == Next::None)
    return std::nullopt;
  return std::max(0.0, pendingTotal - total);
}

void BundleFlow::grant() {
  total = pendingTotal;
  log.clear();
  ++granted;
  next = Next::Unknown;
}

void BundleFlow::write(MutableArrayRef<uint8_t> kept) {
  if (next == Next::Found) {
    undo();
    next = Next::None;
  }
  for (int64_t row = 0; row < realRows; ++row)
    for (int64_t residue = 0; residue < banks; ++residue) {
      int64_t arc = arcOf(row, residue);
      for (int32_t entry = 0; entry < flow[arc]; ++entry)
        kept[entries[begin[arc] + entry]] = 1;
    }
}
