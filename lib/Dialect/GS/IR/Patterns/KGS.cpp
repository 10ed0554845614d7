//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.kgs<p x q>: tiles of the channel-inner view inside kernel locations.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute KGSAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 2> extents;
  int64_t locations = 0;
  if (parser.parseLess() || parseTile(parser, "a group", "#gs.kgs<8x4>", extents))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("locations") || parser.parseEqual() || parser.parseInteger(locations)))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<KGSAttr>(loc, parser.getContext(), extents[0], extents[1], locations);
}

void KGSAttr::print(AsmPrinter &printer) const {
  printer << '<' << getFilters() << 'x' << getChannels();
  if (getLocations())
    printer << ", locations = " << getLocations();
  printer << '>';
}

LogicalResult KGSAttr::verify(EmitError emitError, int64_t filters, int64_t channels, int64_t locations) {
  if (locations < 0)
    return Report(emitError) << "KG-C3: " << locations << " locations are not possible";
  return verifyTileSize("KG-C1", "group", filters, channels, emitError);
}

static Tiles tilesOf(KGSAttr kgs, ArrayRef<int64_t> shape) {
  Tiles tiles;
  tiles.rows = kgs.getFilters();
  tiles.cols = kgs.getChannels();
  tiles.shapeLabel = "KG-C1";
  tiles.keepLabel = "KG-C2";
  tiles.noun = "group";
  if (kgs.getLocations()) {
    tiles.count = Tiles::Count::Fixed;
    tiles.countLabel = "KG-C3";
    tiles.fixedCount = kgs.getLocations();
    tiles.countPeriod = shape[1] / kgs.getChannels();
  }
  return tiles;
}

LogicalResult KGSAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("KG-C1", shape, elementType, emitError)) ||
      failed(verifyDivides("KG-C1", getFilters(), "filters", shape[0], emitError)) ||
      failed(verifyDivides("KG-C1", getChannels(), "input channels", shape[1], emitError)))
    return failure();
  int64_t locations = numColumns(shape) / shape[1];
  if (locations < 2)
    return Report(emitError) << "KG-C1: a kernel of one location has nothing to choose from; use #gs.block<"
                             << getFilters() << "x" << getChannels() << ">";
  if (getLocations() > locations)
    return Report(emitError) << "KG-C3: " << getLocations() << " locations of a kernel that has " << locations;
  return success();
}

GS_DEFINE_TILE_PATTERN(KGSAttr)
