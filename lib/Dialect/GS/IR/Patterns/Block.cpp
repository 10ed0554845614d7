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
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute BlockAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 2> extents;
  bool outer = false;
  if (parser.parseLess() || parseTile(parser, "a block", "#gs.block<4x1>", extents))
    return {};
  if (succeeded(parser.parseOptionalComma()) && parseView(parser, outer))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<BlockAttr>(loc, parser.getContext(), extents[0], extents[1], outer);
}

void BlockAttr::print(AsmPrinter &printer) const {
  printer << '<' << getRows() << 'x' << getCols();
  printView(printer, getOuter());
  printer << '>';
}

LogicalResult BlockAttr::verify(EmitError emitError, int64_t rows, int64_t cols, bool) {
  return verifyTileSize("BK-C1", "block", rows, cols, emitError);
}

static Tiles tilesOf(BlockAttr block, ArrayRef<int64_t>) {
  Tiles tiles;
  tiles.rows = block.getRows();
  tiles.cols = block.getCols();
  tiles.view = block.getOuter() ? View::ChannelOuter : View::ChannelInner;
  tiles.shapeLabel = "BK-C1";
  tiles.keepLabel = "BK-C2";
  tiles.noun = "block";
  return tiles;
}

LogicalResult BlockAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("BK-C1", shape, elementType, emitError);
}

GS_DEFINE_TILE_PATTERN(BlockAttr)
