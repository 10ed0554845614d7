//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.block<r x c>: block compressed sparse rows.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Largest number of weights of a tile; far above any useful tile, and small enough that padding stays harmless.
static constexpr int64_t maxTileSize = 65536;

Attribute BlockAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> extents;
  if (parser.parseLess() || parser.parseDimensionList(extents, /*allowDynamic=*/false, /*withTrailingX=*/false) ||
      parser.parseGreater())
    return {};
  if (extents.size() != 2) {
    parser.emitError(loc) << "a block is written as rows x columns, such as #gs.block<4x1>; got " << extents.size()
                          << " extent(s)";
    return {};
  }
  return parser.getChecked<BlockAttr>(loc, parser.getContext(), extents[0], extents[1]);
}

void BlockAttr::print(AsmPrinter &printer) const { printer << '<' << getRows() << 'x' << getCols() << '>'; }

LogicalResult BlockAttr::verify(EmitError emitError, int64_t rows, int64_t cols) {
  if (rows < 1 || cols < 1 || rows > maxTileSize || cols > maxTileSize || rows * cols > maxTileSize)
    return Report(emitError) << "BK-C1: a block of " << rows << "x" << cols
                             << " is not possible; both extents must be positive and their product at most "
                             << maxTileSize;
  return success();
}

LogicalResult BlockAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("BK-C1", shape, elementType, emitError);
}

LogicalResult BlockAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

static Tiles tilesOf(BlockAttr block) {
  Tiles tiles;
  tiles.rows = block.getRows();
  tiles.cols = block.getCols();
  tiles.shapeLabel = "BK-C1";
  tiles.keepLabel = "BK-C2";
  tiles.noun = "block";
  return tiles;
}

GroupForm BlockAttr::getGroupForm(ArrayRef<int64_t>) const { return tileForm(tilesOf(*this)); }

SmallVector<StorageField> BlockAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                const Schema &schema) const {
  return tileStorage(getContext(), tilesOf(*this), shape, elementType, numGroups, schema);
}

LogicalResult BlockAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  return verifyTileMask(tilesOf(*this), weight, emitError);
}

FailureOr<std::vector<Buffer>> BlockAttr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  return packTiles(tilesOf(*this), weight, schema, emitError);
}

FailureOr<Weight> BlockAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                    const Schema &schema, EmitError emitError) const {
  return unpackTiles(tilesOf(*this), *this, shape, elementType, buffers, schema, emitError);
}
