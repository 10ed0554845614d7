//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GS(B,k) for all B from 4 to 64, of rows as they stand and of units of several weights.
//
//===----------------------------------------------------------------------===//
#include "Residues.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

Stored mlir::gs::detection::countGatherScatter(Residues &residues, int64_t width, ArrayRef<int64_t> order) {
  const Layer &layer = residues.layer;
  int64_t banks = residues.banks, height = banks / width, rows = layer.weight.rows;
  int64_t bundles = (rows + height - 1) / height;
  auto rowAt = [&](int64_t position) { return order.empty() ? position : order[position]; };
  // The least number of groups of a bundle: of its fullest row, then of its fullest residue class as well.
  auto groupsOfRows = [&](int64_t bundle) {
    int64_t most = 0;
    for (int64_t p = bundle * height; p < std::min(rows, (bundle + 1) * height); ++p)
      most = std::max(most, (layer.rowCount(rowAt(p)) + width - 1) / width);
    return most;
  };
  int64_t byRows = 0;
  for (int64_t bundle = 0; bundle < bundles; ++bundle)
    byRows += groupsOfRows(bundle) * banks;
  if (byRows > layer.limit)
    return {byRows, Count::AtLeast};
  SmallVector<int64_t, 64> counts(banks);
  auto moreOfResidues = [&](int64_t bundle) {
    std::fill(counts.begin(), counts.end(), 0);
    for (int64_t p = bundle * height; p < std::min(rows, (bundle + 1) * height); ++p)
      for (auto [count, own] : llvm::zip_equal(counts, residues.of(rowAt(p))))
        count += own;
    return std::max<int64_t>(0, *llvm::max_element(counts) - groupsOfRows(bundle)) * banks;
  };
  // Most masks miss by far, which every eighth bundle tells.
  constexpr int64_t step = 8, fewest = 8;
  if (bundles >= step * fewest) {
    int64_t sampled = 0, taken = 0;
    for (int64_t bundle = step / 2; bundle < bundles; bundle += step, ++taken)
      sampled += moreOfResidues(bundle);
    int64_t about = byRows + sampled * bundles / taken;
    if (double(about) > 1.05 * double(layer.limit))
      return {about, Count::About};
  }
  int64_t stored = byRows;
  for (int64_t bundle = 0; bundle < bundles; ++bundle) {
    stored += moreOfResidues(bundle);
    if (stored > layer.limit)
      return {stored, Count::AtLeast};
  }
  return {stored, Count::Exact};
}

Stored mlir::gs::detection::offerGatherScatter(Residues &residues, Proposals &to, int64_t width,
                                               SmallVector<int64_t> order) {
  const Layer &layer = residues.layer;
  int64_t banks = residues.banks;
  Stored stored = countGatherScatter(residues, width, order);
  auto pattern =
      cast<PatternAttrInterface>(GatherScatterAttr::get(layer.weight.elementType.getContext(), banks, width));
  Candidate candidate = {pattern, stored.weights, stored.weights / banks, nullptr};
  if (!order.empty()) {
    candidate.pattern = cast<PatternAttrInterface>(PermutedAttr::get(pattern));
    candidate.bytes =
        storageBytes(pattern, layer.shape, layer.weight.elementType, candidate.groups) + 4 * layer.weight.rows;
  }
  candidate.complete = [complete = completionOf(pattern), order = std::move(order)](Weight &weight) {
    weight.rowOrder = order;
    return complete(weight);
  };
  to.offer(std::move(candidate), stored.count);
  return stored;
}

/// GS of units: the mask of units is a layer of its own.
static void offerUnits(const Layer &layer, Proposals &to, int64_t unitRows, int64_t unitCols) {
  const Weight &from = layer.weight;
  int64_t perLocation = (from.channels + unitCols - 1) / unitCols;
  Weight units;
  units.rows = (from.rows + unitRows - 1) / unitRows;
  units.channels = perLocation;
  units.locations = from.locations;
  units.cols = perLocation * from.locations;
  units.elementType = from.elementType;
  auto unitOf = [=, channels = from.channels](int64_t col) {
    return col / channels * perLocation + col % channels / unitCols;
  };
  units.mask.resize(units.rows * units.cols);
  int64_t kept = 0;
  for (int64_t row = 0; row < from.rows; ++row)
    for (int64_t i = layer.rowBegin[row]; i < layer.rowBegin[row + 1]; ++i) {
      uint8_t &unit = units.mask[row / unitRows * units.cols + unitOf(layer.columns[i])];
      kept += !unit;
      unit = 1;
    }
  int64_t size = unitRows * unitCols;
  if (kept * size > layer.limit)
    return; // no units to begin with
  auto shared = std::make_shared<const Weight>(std::move(units));
  Layer small(*shared, layer.shape, 1.0);
  small.limit = layer.limit / size;
  // Of all B and k, the one that stores least: kernels differ little.
  std::optional<Stored> best;
  int64_t banks = 0, width = 0;
  for (int64_t b : {16, 8, 32}) {
    if (b > shared->cols)
      continue;
    Residues residues(small, b);
    for (int64_t k = 1; k <= b; k *= 2) {
      Stored stored = countGatherScatter(residues, k, {});
      if (!best || std::tie(stored.count, stored.weights) < std::tie(best->count, best->weights)) {
        best = stored;
        banks = b;
        width = k;
      }
    }
  }
  if (!best)
    return;
  auto pattern = GatherScatterAttr::get(from.elementType.getContext(), banks, width, unitRows, unitCols, 0, 0);
  to.offer(pattern, best->weights * size, best->weights / banks, completionOf(pattern), best->count);
}

/// Weights that GS(banks, width) stores if every tile is GS on its own. Tiles begin at multiples of bundles and banks.
static int64_t storedInTiles(const Layer &layer, int64_t banks, int64_t width, int64_t tileRows, int64_t tileCols) {
  int64_t rows = layer.weight.rows, height = banks / width, stored = 0;
  int64_t across = llvm::divideCeil(layer.weight.cols, tileCols);
  std::vector<int32_t> residues(across * banks), ofRow(across), most(across);
  for (int64_t band = 0; band < rows; band += tileRows)
    for (int64_t begin = band; begin < std::min(rows, band + tileRows); begin += height) {
      std::fill(residues.begin(), residues.end(), 0);
      std::fill(most.begin(), most.end(), 0);
      for (int64_t row = begin; row < std::min({rows, band + tileRows, begin + height}); ++row) {
        std::fill(ofRow.begin(), ofRow.end(), 0);
        for (int64_t i = layer.rowBegin[row]; i < layer.rowBegin[row + 1]; ++i) {
          int64_t tile = layer.columns[i] / tileCols;
          ++ofRow[tile];
          ++residues[tile * banks + layer.columns[i] % banks];
        }
        for (int64_t tile = 0; tile < across; ++tile)
          most[tile] = std::max<int32_t>(most[tile], static_cast<int32_t>(llvm::divideCeil(ofRow[tile], width)));
      }
      for (int64_t tile = 0; tile < across; ++tile)
        stored += banks * std::max(most[tile], *std::max_element(residues.begin() + tile * banks,
                                                                 residues.begin() + (tile + 1) * banks));
    }
  return stored;
}

/// Tiles in which a weight that is GS as a whole is GS as well: halves, quarters and eighths of its columns, all rows
/// or parts of them. They only add counts, so none of them is better; but they say how the weight was pruned.
static void offerTiledGatherScatter(const Layer &layer, Proposals &to, int64_t banks, int64_t width, int64_t stored) {
  int64_t height = banks / width, rows = layer.weight.rows, cols = layer.weight.cols;
  for (int64_t down : {1, 2, 4})
    for (int64_t parts : {8, 4, 2}) {
      int64_t tileRows = llvm::alignTo(llvm::divideCeil(rows, down), height), tileCols = cols / parts;
      if (cols % parts || tileCols % banks || (down > 1 && tileRows * down != rows))
        continue;
      if (storedInTiles(layer, banks, width, tileRows, tileCols) > stored)
        continue;
      auto pattern =
          GatherScatterAttr::get(layer.weight.elementType.getContext(), banks, width, 1, 1, tileRows, tileCols);
      to.offer(pattern, stored, stored / banks, completionOf(pattern));
      break;
    }
}

void mlir::gs::detection::detectGatherScatter(const Layer &layer, Proposals &to) {
  // Powers of two are what machines have; they come first among equals.
  SmallVector<int64_t> sizes = {16, 8, 32, 4, 64};
  for (int64_t banks = 5; banks < 64; ++banks)
    if (!llvm::isPowerOf2_64(banks))
      sizes.push_back(banks);
  SmallVector<std::tuple<int64_t, int64_t, int64_t>> holding; // banks, width, weights
  for (int64_t banks : sizes) {
    if (banks > layer.weight.cols)
      continue;
    Residues residues(layer, banks);
    for (int64_t width = 1; width <= banks; ++width)
      if (banks % width == 0)
        if (Stored stored = offerGatherScatter(residues, to, width, {});
            stored.count == Count::Exact && stored.weights <= layer.limit && llvm::isPowerOf2_64(banks))
          holding.push_back({banks, width, stored.weights});
  }
  if (holding.size() > 4)
    holding.resize(4);
  for (auto [banks, width, stored] : holding)
    offerTiledGatherScatter(layer, to, banks, width, stored);
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{8, 1}, {4, 1}, {2, 1}, {1, 2}, {1, 4}, {1, 8}, {4, 4}})
    if (rows <= layer.weight.rows && cols <= layer.weight.channels)
      offerUnits(layer, to, rows, cols);
}
