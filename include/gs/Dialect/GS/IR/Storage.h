//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense weights with masks, and the buffers they are packed into.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DIALECT_GS_IR_STORAGE_H
#define GS_DIALECT_GS_IR_STORAGE_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "gs/Dialect/GS/IR/GroupForm.h"
#include "llvm/ADT/SmallVector.h"
#include <string>
#include <vector>

namespace mlir::gs {

/// A weight as a matrix of `rows` x `cols` elements in the channel-inner view (col = loc * channels + i), with its
/// mask and row order. `values` is row-major raw memory of rows * cols * elementBytes; mask[r * cols + c] != 0 means kept. The
/// mask is explicit because a kept weight may be zero. `rowOrder[p]` is the matrix row at position p (empty =
/// identity). For a fully connected layer channels == cols and locations == 1.
struct Weight {
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t channels = 0;  ///< input channels per group (I)
  int64_t locations = 1; ///< kernel locations (L); cols == channels * locations
  Type elementType;
  unsigned elementBytes = 4;
  std::vector<char> values;
  std::vector<uint8_t> mask;
  SmallVector<int64_t> rowOrder;

  bool kept(int64_t r, int64_t c) const { return mask[r * cols + c]; }
  int64_t numKept() const;
  double density() const { return rows * cols ? double(numKept()) / double(rows * cols) : 0.0; }

  /// Flattens a constant of shape (M, K), (O, I, k...) into the channel-inner matrix. Without `mask` every non-zero
  /// is kept (for floats -0.0 counts as zero, NaN as non-zero).
  static FailureOr<Weight> fromElements(ElementsAttr values, ElementsAttr mask, function_ref<InFlightDiagnostic()> emitError);
  /// Inverse of fromElements: values in the tensor's own order (row-major O, I, k...), zero where not kept.
  std::vector<char> toTensorOrder() const;
};

/// One named buffer of a packed weight: raw little-endian elements in row-major order.
struct Buffer {
  std::string name; ///< "values", "indices", "offsets", "row_order", ...
  SmallVector<int64_t> shape;
  Type elementType;
  std::vector<char> data;
};

/// What an index in the buffers means and how wide it is; part of the type of a packed weight (`!gs.compressed`).
struct Schema {
  bool joined = false;           ///< values and indices in one stream (GS only)
  bool quotient = false;         ///< store index div B (GS(B,B) only)
  unsigned indexBits = 32;       ///< 8, 16 or 32
  /// Activation index space: index stored for column c of row r = columnIndex[c] + (r / rowsPerConvGroup) * convGroupStride
  /// (the displacement of the activation). Empty: column index space, the index is the column itself.
  SmallVector<int64_t> columnIndex;
  int64_t rowsPerConvGroup = 0; ///< 0: one group
  int64_t convGroupStride = 0;
  /// Columns are cut into blocks of this many and `offsets` counts per (block, bundle), block-major; 0 = one block.
  /// Within a block groups stay bundle-major. Only for patterns whose groups have one column per row.
  int64_t columnBlock = 0;

  int64_t indexOf(int64_t row, int64_t col) const {
    int64_t base = columnIndex.empty() ? col : columnIndex[col];
    return rowsPerConvGroup ? base + (row / rowsPerConvGroup) * convGroupStride : base;
  }
};

/// Name, shape and element type of a buffer; numGroups is the number of stored groups.
struct StorageField {
  std::string name;
  SmallVector<int64_t> shape;
  Type elementType;
};

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_STORAGE_H
