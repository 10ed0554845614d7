//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.intersection<[A, B]>: masks of B in the kept tiles of A.
//
//===----------------------------------------------------------------------===//
#include "Composite.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute IntersectionAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<PatternAttrInterface> terms;
  if (parsePatternList(parser, "CO-C2: an intersection", terms))
    return {};
  int64_t multiple = 1;
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("multiple") || parser.parseEqual() || parser.parseInteger(multiple)))
    return {};
  if (parser.parseGreater())
    return {};
  if (terms.size() != 2) {
    parser.emitError(loc) << "CO-C2: an intersection has two patterns, got " << terms.size();
    return {};
  }
  return parser.getChecked<IntersectionAttr>(loc, parser.getContext(), terms[0], terms[1], multiple);
}

void IntersectionAttr::print(AsmPrinter &printer) const {
  printer << "<[" << getOuter() << ", " << getInner() << "]";
  if (getMultiple() != 1)
    printer << ", multiple = " << getMultiple();
  printer << '>';
}

LogicalResult IntersectionAttr::verify(EmitError emitError, PatternAttrInterface outer, PatternAttrInterface inner,
                                       int64_t multiple) {
  if (multiple < 1 || multiple > INT32_MAX)
    return Report(emitError) << "CO-C4: multiple = " << multiple << " must lie in 1 to 2^31 - 1";
  if (multiple > 1 && !isa<BlockAttr>(Attribute(outer)))
    return Report(emitError) << "CO-C4: multiple = " << multiple << " counts blocks of a #gs.block, not of " << outer;
  if (isa<PermutedAttr>(Attribute(inner)))
    return Report(emitError) << "CO-C2: a pattern of an intersection cannot have a row order of its own; use "
                                "#gs.permuted<#gs.intersection<...>>";
  return verifyNesting("CO-C2", {outer, inner}, emitError);
}

/// Columns of one group of a pattern; 0 if its rule is not one on groups of a matrix.
static int64_t groupColumns(PatternAttrInterface pattern, const GroupForm &form) {
  if (auto strips = dyn_cast<BlockColumnAttr>(Attribute(pattern)))
    return strips.getCols();
  if (isa<Tile42Attr>(Attribute(pattern)))
    return 4;
  if (isa<SameBlockAttr, KernelPatternAttr>(Attribute(pattern)))
    return 0;
  if (form.laneRule == LaneRule::Window && form.support == Support::Dictionary)
    return form.laneRulePeriod / form.bundleRows;
  return form.laneRule == LaneRule::None ? form.width : form.laneRulePeriod;
}

/// Whether the tiles are unions of groups of the pattern, and the pattern is in a tile what it is on the whole weight.
static LogicalResult verifyGroups(PatternAttrInterface pattern, const GroupForm &tile, ArrayRef<int64_t> shape,
                                  EmitError emitError) {
  // A union holds in a tile if all of its terms do, an intersection if its own tiles lie within.
  if (auto sum = dyn_cast<UnionAttr>(Attribute(pattern))) {
    for (PatternAttrInterface term : sum.getTerms())
      if (failed(verifyGroups(term, tile, shape, emitError)))
        return failure();
    return success();
  }
  if (auto product = dyn_cast<IntersectionAttr>(Attribute(pattern))) {
    if (product.getMultiple() > 1)
      return Report(emitError) << "CO-C4: " << pattern
                               << " counts blocks of whole rows, which is no rule within a tile";
    return verifyGroups(product.getOuter(), tile, shape, emitError);
  }
  GroupForm group = pattern.getGroupForm(shape), inside = pattern.getGroupForm({tile.bundleRows, tile.width});
  int64_t columns = groupColumns(pattern, group);
  if (!columns || inside.bundleRows != group.bundleRows || inside.lanes != group.lanes || inside.width != group.width)
    return Report(emitError) << "CO-C2: " << pattern << " is no rule on groups within a tile of " << tile.bundleRows
                             << "x" << tile.width << " weights";
  if (tile.bundleRows % group.bundleRows || tile.width % columns)
    return Report(emitError) << "CO-C2: tiles of " << tile.bundleRows << "x" << tile.width
                             << " weights are no unions of groups of " << group.bundleRows << "x" << columns << " ("
                             << pattern << ")";
  if (group.view != View::Any && group.view != tile.view && columns > 1 && shape.size() > 2)
    return Report(emitError) << "CO-C2: the tiles of an intersection and " << pattern << " order columns differently";
  return success();
}

LogicalResult IntersectionAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("CO-C2", shape, elementType, emitError)) ||
      failed(getOuter().verifyPattern(shape, elementType, emitError)) ||
      failed(getInner().verifyPattern(shape, elementType, emitError)))
    return failure();
  GroupForm tile = getOuter().getGroupForm(shape);
  if (!isTiles(tile))
    return Report(emitError) << "CO-C2: the first pattern of an intersection must keep or remove whole tiles (such as "
                             << "#gs.block<16x16>), but " << getOuter() << " does not";
  if (failed(verifyGroups(getInner(), tile, shape, emitError)))
    return failure();
  for (int64_t rows : {std::min(tile.bundleRows, shape[0]), shape[0] % tile.bundleRows})
    for (int64_t cols : {std::min(tile.width, numColumns(shape)), numColumns(shape) % tile.width})
      if (rows && cols && failed(getInner().verifyPattern({rows, cols}, elementType, emitError)))
        return failure();
  return success();
}

LogicalResult IntersectionAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm IntersectionAttr::getGroupForm(ArrayRef<int64_t> shape) const {
  GroupForm form = opaqueForm({getOuter(), getInner()}, shape);
  form.sharedRows = commonSharedRows({getOuter(), getInner()}, shape);
  return form;
}

SmallVector<StorageField> IntersectionAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                       const Schema &schema) const {
  return UnstructuredAttr::get(getContext()).getStorage(shape, elementType, numGroups, schema);
}

LogicalResult IntersectionAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  Weight tiles = weight; // with kept tiles complete
  TileGrid grid = tileGrid(getOuter().getGroupForm(shapeOf(weight)), weight);
  LogicalResult result = success();
  for (int64_t bundle = 0; bundle < grid.numBundles(); ++bundle) {
    SmallVector<int64_t> rows = grid.rows(bundle);
    int64_t numTiles = 0;
    grid.forEachKeptTile(rows, [&](int64_t tile, int64_t) {
      ++numTiles;
      if (failed(result))
        return;
      ArrayRef<int64_t> columns = grid.columns(tile);
      FailureOr<Weight> part =
          Weight::zeros({int64_t(rows.size()), int64_t(columns.size())}, weight.elementType, emitError);
      if (failed(part)) {
        result = failure();
        return;
      }
      for (auto [i, row] : llvm::enumerate(rows))
        for (auto [j, col] : llvm::enumerate(columns)) {
          tiles.mask[row * weight.cols + col] = 1;
          part->mask[i * part->cols + j] = weight.mask[row * weight.cols + col];
          copyElement(part->valueAt(i, j), weight.valueAt(row, col), weight.elementBytes);
        }
      // What the pattern says about the tile, after the place of the tile.
      auto inTile = [&] {
        InFlightDiagnostic diagnostic = emitError();
        diagnostic << "CO-C2: in the tile at row " << rows[0] << ", column " << columns[0] << ": ";
        return diagnostic;
      };
      result = getInner().verifyMask(*part, emitError ? EmitError(inTile) : EmitError(nullptr));
    });
    if (succeeded(result) && numTiles % getMultiple())
      result = Report(emitError) << "CO-C4: row " << bundle << " of blocks keeps " << numTiles
                                 << " blocks, expected a multiple of " << getMultiple();
  }
  if (failed(result))
    return failure();
  return getOuter().verifyMask(tiles, emitError);
}

FailureOr<std::vector<Buffer>> IntersectionAttr::pack(const Weight &weight, const Schema &schema,
                                                      EmitError emitError) const {
  if (failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  return UnstructuredAttr::get(getContext()).pack(weight, schema, emitError);
}

FailureOr<Weight> IntersectionAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                           const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = UnstructuredAttr::get(getContext()).unpack(shape, elementType, buffers, schema, emitError);
  if (failed(weight) || failed(verifyMask(*weight, emitError)))
    return failure();
  return weight;
}
