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

#include "gs/Dialect/GS/IR/GroupForm.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SmallVector.h"
#include <string>
#include <vector>

namespace mlir::gs {

/// Receives a diagnostic; a null function makes the callee silent.
using EmitError = function_ref<InFlightDiagnostic()>;

/// A weight as a matrix of `rows` x `cols` elements in the channel-inner view (col = loc * channels + i), with its
/// mask and row order. `values` is row-major raw memory of rows * cols * elementBytes, zero where not kept;
/// mask[r * cols + c] != 0 means kept. The mask is explicit because a kept weight may be zero. `rowOrder[p]` is the
/// matrix row at position p (empty = identity); bundles are formed by position. A pattern whose tiles have bundles of
/// their own may have an order for each of T columns of tiles: `rowOrder[t * rows + p]`.
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
  int64_t rowAt(int64_t position) const { return rowOrder.empty() ? position : rowOrder[position]; }
  /// The row at a position in a column of tiles.
  int64_t rowAt(int64_t tile, int64_t position) const {
    return rowAt(static_cast<int64_t>(rowOrder.size()) > rows ? tile * rows + position : position);
  }
  const char *valueAt(int64_t r, int64_t c) const { return values.data() + (r * cols + c) * elementBytes; }
  char *valueAt(int64_t r, int64_t c) { return values.data() + (r * cols + c) * elementBytes; }
  int64_t numKept() const;
  double density() const { return rows * cols ? double(numKept()) / double(rows * cols) : 0.0; }

  /// All-zero weight with an empty mask for a tensor of shape (M, K) or (O, I, k...). Fails on a rank below 2, a
  /// non-static extent, an element type that is not f16, bf16, f32, f64, i8, i16 or i32, or more than 2^31 - 1
  /// elements.
  static FailureOr<Weight> zeros(ArrayRef<int64_t> shape, Type elementType, EmitError emitError);
  /// Flattens a constant of shape (M, K), (O, I, k...) into the channel-inner matrix. Without `mask` (an i1 or i8
  /// constant of the same shape) every non-zero is kept (for floats -0.0 counts as zero, NaN as non-zero). A non-zero
  /// value that the mask prunes is an error. Takes `dense`, splats and `dense_resource`.
  static FailureOr<Weight> fromElements(ElementsAttr values, ElementsAttr mask, EmitError emitError);
  /// Inverse of fromElements: values in the tensor's own order (row-major O, I, k...), zero where not kept.
  std::vector<char> toTensorOrder() const;
  /// True if the mask is just the non-zeros, so that a `gs.constant` needs none.
  bool maskIsImplied() const;
  /// The mask in the tensor's own order as an i1 constant of this shape, for `gs.constant`.
  ElementsAttr maskToElements(ArrayRef<int64_t> shape) const;
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
  bool joined = false;     ///< values and indices in one stream (GS only)
  bool quotient = false;   ///< store index div B (GS(B,B) only)
  unsigned indexBits = 32; ///< 8, 16 or 32; read as unsigned, and below 2^31 for 32 because vector gathers sign-extend
  /// Activation index space: index stored for column c of row r = columnIndex[c] + (r / rowsPerConvGroup) *
  /// convGroupStride (the displacement of the activation). Empty: column index space, the index is the column itself.
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
  int64_t numColumnBlocks(int64_t cols) const { return columnBlock ? (cols + columnBlock - 1) / columnBlock : 1; }
};

/// Name, shape and element type of a buffer.
struct StorageField {
  std::string name;
  SmallVector<int64_t> shape;
  Type elementType;
};

/// Checks that the geometry allows the schema: joined and quotient need residues, column blocks one column per group.
LogicalResult verifySchema(const GroupForm &form, Type elementType, const Schema &schema, EmitError emitError);

/// Checks that every pattern's shapes and element types share: rank 2 to 5, static positive extents, a storable type.
/// `label` opens the message.
LogicalResult verifyWeightShape(StringRef label, ArrayRef<int64_t> shape, Type elementType, EmitError emitError);

/// Bytes of an element of a storable type (f16, bf16, f32, f64, i8, i16, i32), else 0.
unsigned getElementBytes(Type elementType);

/// Raw little-endian elements of a `dense` or `dense_resource` constant whose element type has whole bytes. Splats
/// are expanded into `storage`; otherwise the result points into the attribute.
FailureOr<ArrayRef<char>> getRawData(ElementsAttr elements, std::vector<char> &storage, EmitError emitError = nullptr);

/// Constant of this type from raw row-major data: `dense` up to 1 KiB, else a resource that takes over the vector.
ElementsAttr makeElements(RankedTensorType type, std::vector<char> &&data);

/// Named buffers as the dictionary of a `gs.compressed_constant`, and back.
DictionaryAttr toAttr(MLIRContext *context, std::vector<Buffer> buffers);
FailureOr<std::vector<Buffer>> fromAttr(DictionaryAttr attr, EmitError emitError = nullptr);

} // namespace mlir::gs

#endif // GS_DIALECT_GS_IR_STORAGE_H
