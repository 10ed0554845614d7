//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.filter: tiles of one row and all columns.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

static Tiles tilesOf(FilterAttr, ArrayRef<int64_t> shape) {
  Tiles tiles;
  tiles.rows = 1;
  tiles.cols = numColumns(shape);
  tiles.view = View::ChannelInner;
  tiles.shapeLabel = tiles.keepLabel = "FL-C1";
  tiles.noun = "filter";
  tiles.allCols = true;
  return tiles;
}

LogicalResult FilterAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("FL-C1", shape, elementType, emitError);
}

GS_DEFINE_TILE_PATTERN(FilterAttr)
