//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The canonical geometry of a pattern, and which schemas it allows.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GroupForm.h"
#include "Patterns/PackUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

void GroupForm::print(raw_ostream &os) const {
  os << (view == View::Any ? "any view" : view == View::ChannelInner ? "channel-inner" : "channel-outer");
  os << ", bundle of " << bundleRows << " rows, group of " << lanes << " lanes (" << width << " per row)";
  if (unitRows != 1 || unitCols != 1)
    os << " of " << unitRows << "x" << unitCols << " units";
  switch (support) {
  case Support::Contiguous:
    os << ", contiguous";
    break;
  case Support::PerLane:
    os << ", a column per lane";
    break;
  case Support::Shared:
    os << ", shared columns";
    break;
  case Support::Dictionary:
    os << ", dictionary";
    break;
  }
  if (laneRule == LaneRule::ResiduesMod)
    os << ", residues mod " << laneRulePeriod;
  else if (laneRule == LaneRule::Window)
    os << ", windows of " << laneRulePeriod;
  switch (outer) {
  case Outer::All:
    os << ", all groups";
    break;
  case Outer::FixedCount:
    os << ", " << fixedCount << " groups per bundle";
    break;
  case Outer::Offsets:
    os << ", offsets per bundle";
    break;
  case Outer::OffsetsIndex:
    os << ", offsets per bundle and an index per group";
    break;
  }
  if (isTiled())
    os << ", tiles of " << tileRows << "x" << tileCols;
  if (rowOrder)
    os << ", rows permuted";
  if (sharedRows > 1 && !rowsShareColumn())
    os << ", " << sharedRows << " rows share columns";
  if (stripRows > 1)
    os << ", rows of strips of " << stripRows << " share columns in part";
}

SmallVector<int64_t> GroupForm::groupHeights(int64_t rows, int64_t most) const {
  SmallVector<int64_t> heights;
  auto add = [&](int64_t height) {
    if (height <= most && sharesRows(height, rows) && !llvm::is_contained(heights, height))
      heights.push_back(height);
  };
  for (int64_t part : {1, 2, 4})
    if (sharedRows % part == 0)
      add(sharedRows / part);
  // A group higher than the weight would be padding.
  for (int64_t height = 2; height <= most && height < 2 * rows; height *= 2)
    add(height);
  for (int64_t height = most; heights.empty() && height > 1; --height)
    add(height);
  llvm::sort(heights, std::greater<>());
  return heights;
}

LogicalResult mlir::gs::verifySchema(const GroupForm &form, Type elementType, const Schema &schema,
                                     EmitError emitError) {
  if (schema.indexBits != 8 && schema.indexBits != 16 && schema.indexBits != 32)
    return Report(emitError) << "index must have 8, 16 or 32 bits, not " << schema.indexBits;
  bool residues = form.support == Support::PerLane && form.laneRule == LaneRule::ResiduesMod;
  if (schema.joined && !residues)
    return Report(emitError) << "layout = joined needs groups of lanes with residues (#gs.gather_scatter); use "
                                "layout = split";
  if (schema.joined && elementType.getIntOrFloatBitWidth() != schema.indexBits)
    return Report(emitError) << "layout = joined needs an index as wide as a value: " << elementType << " has "
                             << elementType.getIntOrFloatBitWidth() << " bits, the index " << schema.indexBits;
  if (schema.quotient && !(residues && form.width == form.lanes))
    return Report(emitError) << "index_form = quotient needs all lanes of a group in one row, one per residue "
                                "(#gs.gather_scatter with width = banks)";
  if (schema.quotient && schema.joined)
    return Report(emitError) << "index_form = quotient needs layout = split";
  if (schema.quotient && form.unitCols > 1 && !schema.columnIndex.empty())
    return Report(emitError) << "index_form = quotient of units of " << form.unitCols
                             << " columns needs index_space = column";
  if (form.rowOrder && schema.rowsPerConvGroup)
    return Report(emitError) << "index_space = activation of a convolution with groups needs rows in their order, but "
                                "this pattern permutes them; use index_space = column";
  if (form.indexBuffer.empty() && (!schema.columnIndex.empty() || schema.rowsPerConvGroup))
    return Report(emitError)
           << "index_space = activation needs columns in the buffers, but this pattern stores positions "
              "in tiles; use index_space = column";
  if (schema.columnBlock < 0)
    return Report(emitError) << "column_block must not be negative, got " << schema.columnBlock;
  if (schema.columnBlock && !form.oneColumnPerGroup())
    return Report(emitError) << "column_block needs one column per group (#gs.unstructured or #gs.block with one "
                                "column), but this pattern has groups of "
                             << form.lanes << " lanes on several columns";
  return success();
}
