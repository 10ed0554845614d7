//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the packers of all patterns share.
//
//===----------------------------------------------------------------------===//
#include "PackUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

LogicalResult mlir::gs::detail::checkInput(const Weight &weight, const Schema &schema, EmitError emitError,
                                           int64_t columnTiles) {
  int64_t size = weight.rows * weight.cols;
  if (static_cast<int64_t>(weight.mask.size()) != size ||
      static_cast<int64_t>(weight.values.size()) != size * weight.elementBytes)
    return Report(emitError) << "weight of " << weight.rows << " x " << weight.cols << " has " << weight.mask.size()
                             << " mask bytes and " << weight.values.size() << " value bytes, expected " << size
                             << " and " << size * weight.elementBytes;
  std::vector<bool> seen(weight.rows, false);
  for (auto [position, row] : llvm::enumerate(weight.rowOrder)) {
    if (position % weight.rows == 0) // the order of the next column of tiles
      seen.assign(weight.rows, false);
    if (row < 0 || row >= weight.rows || seen[row])
      return Report(emitError) << "CO-C3: row order is not a permutation: row " << row << " is "
                               << (row < 0 || row >= weight.rows ? "outside of the weight" : "listed twice");
    seen[row] = true;
  }
  int64_t listed = weight.rowOrder.size();
  if (listed && listed != weight.rows && listed != columnTiles * weight.rows) {
    Report report(emitError);
    report << "CO-C3: row order lists " << listed << " of " << weight.rows << " rows";
    if (columnTiles > 1)
      report << " and must list them once, or once for each of " << columnTiles << " columns of tiles";
    return report;
  }
  if (!schema.columnIndex.empty() && static_cast<int64_t>(schema.columnIndex.size()) != weight.cols)
    return Report(emitError) << "index space activation gives " << schema.columnIndex.size()
                             << " displacements for a weight of " << weight.cols << " columns";
  return success();
}

LogicalResult mlir::gs::detail::checkIndex(StringRef label, const Schema &schema, int64_t row, int64_t col,
                                           int64_t index, EmitError emitError) {
  if (index >= 0 && index <= maxIndex(schema.indexBits))
    return success();
  return Report(emitError) << label << "index " << index << " of row " << row << ", column " << col << " does not fit i"
                           << schema.indexBits << ", whose largest index is " << maxIndex(schema.indexBits)
                           << "; choose a wider index";
}

ColumnLookup::ColumnLookup(const Schema &schema, int64_t cols) : schema(schema), cols(cols) {
  columns.reserve(schema.columnIndex.size());
  for (auto [col, index] : llvm::enumerate(schema.columnIndex)) {
    auto [it, inserted] = columns.try_emplace(index, col);
    if (!inserted)
      it->second = -1;
  }
}

int64_t ColumnLookup::columnOf(int64_t row, int64_t index) const {
  if (schema.rowsPerConvGroup)
    index -= row / schema.rowsPerConvGroup * schema.convGroupStride;
  if (schema.columnIndex.empty())
    return index >= 0 && index < cols ? index : -1;
  auto it = columns.find(index);
  return it == columns.end() ? -1 : it->second;
}

const Buffer *mlir::gs::detail::findBuffer(ArrayRef<Buffer> buffers, StringRef name) {
  const Buffer *it = llvm::find_if(buffers, [&](const Buffer &buffer) { return buffer.name == name; });
  return it == buffers.end() ? nullptr : it;
}

ArrayRef<int32_t> mlir::gs::detail::getOffsets(const Buffer &buffer) {
  return {reinterpret_cast<const int32_t *>(buffer.data.data()), buffer.data.size() / 4};
}

std::vector<Buffer> mlir::gs::detail::allocate(ArrayRef<StorageField> fields) {
  std::vector<Buffer> buffers;
  for (const StorageField &field : fields) {
    int64_t size = getElementBytes(field.elementType);
    for (int64_t extent : field.shape)
      size *= extent;
    buffers.push_back({field.name, field.shape, field.elementType, std::vector<char>(size)});
  }
  return buffers;
}
