//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.kernel_group<gM x gN>: tiles of the channel-outer view.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute KernelGroupAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 2> extents;
  bool balanced = false;
  if (parser.parseLess() || parseTile(parser, "a kernel group", "#gs.kernel_group<4x4>", extents))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("balanced"))
      return {};
    balanced = true;
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<KernelGroupAttr>(loc, parser.getContext(), extents[0], extents[1], balanced);
}

void KernelGroupAttr::print(AsmPrinter &printer) const {
  printer << '<' << getFilters() << 'x' << getChannels() << (getBalanced() ? ", balanced>" : ">");
}

LogicalResult KernelGroupAttr::verify(EmitError emitError, int64_t filters, int64_t channels, bool) {
  return verifyTileSize("VK-C1", "kernel group", filters, channels, emitError);
}

static Tiles tilesOf(KernelGroupAttr group, ArrayRef<int64_t> shape) {
  Tiles tiles;
  tiles.rows = group.getFilters();
  tiles.cols = group.getChannels() * (numColumns(shape) / shape[1]);
  tiles.view = View::ChannelOuter;
  tiles.shapeLabel = "VK-C1";
  tiles.keepLabel = "VK-C2";
  tiles.noun = "kernel group";
  if (group.getBalanced())
    tiles.count = Tiles::Count::Equal;
  tiles.countLabel = "CN-C2";
  return tiles;
}

LogicalResult KernelGroupAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("VK-C1", shape, elementType, emitError)) ||
      failed(verifyDivides("VK-C1", getFilters(), "filters", shape[0], emitError)))
    return failure();
  return verifyDivides("VK-C1", getChannels(), "input channels", shape[1], emitError);
}

GS_DEFINE_TILE_PATTERN(KernelGroupAttr)
