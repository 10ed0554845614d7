//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Smallest legal masks of patterns that keep fixed numbers or listed shapes.
//
//===----------------------------------------------------------------------===//
#include "../Patterns/TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

LogicalResult NMAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  LogicalResult result = success();
  TileGrid(weight, getTileRows(), getTileCols(), getOuter() ? View::ChannelOuter : View::ChannelInner)
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        int64_t kept = 0;
        for (int64_t row : rows)
          for (int64_t col : columns)
            kept += weight.kept(row, col);
        if (kept > getN() && succeeded(result))
          result = Report(emitError) << "NM-C3: the window at row " << rows[0] << ", column " << columns[0] << " keeps "
                                     << kept << " weights, more than " << getN();
        for (int64_t row : rows)
          for (int64_t col : columns)
            if (kept < getN() && !weight.kept(row, col)) {
              weight.mask[row * weight.cols + col] = 1;
              ++kept;
            }
      });
  return result;
}

LogicalResult WindowAttr::complete(Weight &weight, EmitError emitError) const {
  return NMAttr::get(getContext(), getQ(), getW()).complete(weight, emitError);
}

LogicalResult Tile42Attr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  if (weight.rows % 4 || weight.cols % 4)
    return Report(emitError) << "TT-C1: " << weight.rows << " rows and " << weight.cols
                             << " columns are not both multiples of 4";
  std::vector<unsigned> masks = tile42Library(getComplement());
  LogicalResult result = success();
  TileGrid(weight, 4, 4).forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    unsigned kept = 0;
    for (int at = 0; at < 16; ++at)
      kept |= unsigned(weight.kept(rows[at / 4], columns[at % 4])) << at;
    auto whole = llvm::find_if(masks, [&](unsigned mask) { return (kept & ~mask) == 0; });
    if (whole == masks.end()) {
      if (succeeded(result))
        result = Report(emitError) << (getComplement() ? "TT-C2" : "TT-C1")
                                   << ": no legal mask contains the tile at row " << rows[0] << ", column "
                                   << columns[0];
      return;
    }
    for (int at = 0; at < 16; ++at)
      weight.mask[rows[at / 4] * weight.cols + columns[at % 4]] = *whole >> at & 1;
  });
  return result;
}

LogicalResult KernelPatternAttr::complete(Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  if (weight.locations != 9 || weight.rows % getGroup())
    return Report(emitError) << "KP-C1: a weight of " << weight.rows << " filters and " << weight.locations
                             << " kernel locations has no 3x3 kernels in groups of " << getGroup();
  LogicalResult result = success();
  TileGrid(weight, getGroup(), 9, View::ChannelOuter)
      .forEachTile([&](int64_t group, int64_t channel, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        int64_t kept = 0;
        for (int64_t row : rows)
          for (auto [bit, col] : llvm::enumerate(columns))
            kept |= int64_t(weight.kept(row, col)) << bit;
        if (!kept && getConnectivity())
          return;
        auto whole = llvm::find_if(getPatterns(), [&](int64_t mask) { return (kept & ~mask) == 0; });
        if (whole == getPatterns().end()) {
          if (succeeded(result))
            result = Report(emitError) << "KP-C2: no mask of the library contains what filters of group " << group
                                       << " keep of channel " << channel;
          return;
        }
        for (int64_t row : rows)
          for (auto [bit, col] : llvm::enumerate(columns))
            weight.mask[row * weight.cols + col] = *whole >> bit & 1;
      });
  return result;
}
