//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.channel: tiles of all rows and all locations of a channel.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

static Tiles tilesOf(ChannelAttr, ArrayRef<int64_t> shape) {
  Tiles tiles;
  tiles.rows = shape[0];
  tiles.cols = numColumns(shape) / shape[1];
  tiles.view = View::ChannelOuter;
  tiles.shapeLabel = tiles.keepLabel = "CH-C1";
  tiles.noun = "channel";
  tiles.allRows = true;
  return tiles;
}

LogicalResult ChannelAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("CH-C1", shape, elementType, emitError);
}

GS_DEFINE_TILE_PATTERN(ChannelAttr)
