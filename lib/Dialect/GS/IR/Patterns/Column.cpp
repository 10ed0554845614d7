//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.column: tiles of all rows and one column.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

static Tiles tilesOf(ColumnAttr, ArrayRef<int64_t> shape) {
  Tiles tiles;
  tiles.rows = shape[0];
  tiles.cols = 1;
  tiles.view = View::ChannelInner;
  tiles.shapeLabel = tiles.keepLabel = "CL-C1";
  tiles.noun = "column";
  tiles.allRows = true;
  return tiles;
}

LogicalResult ColumnAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("CL-C1", shape, elementType, emitError);
}

GS_DEFINE_TILE_PATTERN(ColumnAttr)
