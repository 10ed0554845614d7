//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of rows by the residue of their column, and what they mean for gather-scatter patterns.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_RESIDUES_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_RESIDUES_H

#include "Detection.h"

namespace mlir::gs::detection {

/// Weights of each row of a layer by column mod `banks` (at most 64), counted when asked for.
class Residues {
public:
  Residues(const Layer &layer, int64_t banks)
      : layer(layer), banks(banks), residue(layer.weight.cols), counted(layer.weight.rows),
        counts(layer.weight.rows * banks) {
    for (int64_t col = 0; col < layer.weight.cols; ++col)
      residue[col] = static_cast<uint8_t>(col % banks);
  }

  ArrayRef<int32_t> of(int64_t row) {
    int32_t *own = counts.data() + row * banks;
    if (!counted[row]) {
      counted[row] = 1;
      for (int64_t i = layer.rowBegin[row]; i < layer.rowBegin[row + 1]; ++i)
        ++own[residue[layer.columns[i]]];
    }
    return ArrayRef<int32_t>(own, banks);
  }

  const Layer &layer;
  const int64_t banks;

private:
  std::vector<uint8_t> residue, counted;
  std::vector<int32_t> counts;
};

/// Weights that a pattern would store.
struct Stored {
  int64_t weights;
  Count count;
};

/// The weights that GS(banks, width) stores of rows in this order (empty: as they stand), without those that only a
/// scarcity of columns adds.
Stored countGatherScatter(Residues &residues, int64_t width, ArrayRef<int64_t> order);

/// Proposes GS(banks, width), with rows in this order unless it is empty; what it stores.
Stored offerGatherScatter(Residues &residues, Proposals &to, int64_t width, SmallVector<int64_t> order);

/// An order of the rows in which bundles of `banks / width` neighbours store little for GS(banks, width): rows with
/// as many weights stand together, and of those the ones whose residues balance. Exact where few bundles have rows
/// with equally many weights, else by exchanging rows. Empty where no order is worth a look.
SmallVector<int64_t> balanceBundles(Residues &residues, int64_t width);

} // namespace mlir::gs::detection

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_RESIDUES_H
