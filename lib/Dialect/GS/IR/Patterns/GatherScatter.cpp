//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.gather_scatter<banks, width, unit, tile>: mask check, packing and unpacking of GS(B,k).
//
//===----------------------------------------------------------------------===//
#include "GatherScatterGrid.h"
#include "GatherScatterMatching.h"
#include "TileUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

Attribute GatherScatterAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  std::optional<int64_t> banks, width;
  SmallVector<int64_t> unit, tile;
  auto parseOne = [&]() -> ParseResult {
    SMLoc keyLoc = parser.getCurrentLocation();
    StringRef key;
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return failure();
    auto twice = [&] { return parser.emitError(keyLoc) << "'" << key << "' is given twice"; };
    if (key == "banks" || key == "width") {
      std::optional<int64_t> &number = key == "banks" ? banks : width;
      if (number)
        return twice();
      return parser.parseInteger(number.emplace());
    }
    if (key != "unit" && key != "tile")
      return parser.emitError(keyLoc) << "#gs.gather_scatter has no parameter '" << key
                                      << "'; it takes banks, width, unit and tile";
    SmallVector<int64_t> &extents = key == "unit" ? unit : tile;
    if (!extents.empty())
      return twice();
    return key == "unit" ? parseTile(parser, "a unit", "4x1", extents)
                         : parseTile(parser, "a tile", "256x512", extents);
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseOne))
    return {};
  if (!banks || !width) {
    parser.emitError(loc) << "#gs.gather_scatter needs " << (banks ? "width" : "banks")
                          << ", such as <banks = 16, width = 4>";
    return {};
  }
  if (unit.empty())
    unit = {1, 1};
  if (tile.empty())
    tile = {0, 0};
  else if (tile[0] < 1 || tile[1] < 1) {
    parser.emitError(loc) << "GS-C8: tile = " << tile[0] << "x" << tile[1] << " must be positive";
    return {};
  }
  return parser.getChecked<GatherScatterAttr>(loc, parser.getContext(), *banks, *width, unit[0], unit[1], tile[0],
                                              tile[1]);
}

void GatherScatterAttr::print(AsmPrinter &printer) const {
  printer << "<banks = " << getBanks() << ", width = " << getWidth();
  if (getUnitRows() != 1 || getUnitCols() != 1)
    printer << ", unit = " << getUnitRows() << 'x' << getUnitCols();
  if (getTileRows())
    printer << ", tile = " << getTileRows() << 'x' << getTileCols();
  printer << '>';
}

LogicalResult GatherScatterAttr::verify(EmitError emitError, int64_t banks, int64_t width, int64_t unitRows,
                                        int64_t unitCols, int64_t tileRows, int64_t tileCols) {
  if (banks < 1 || width < 1)
    return Report(emitError) << "GS-C1: banks = " << banks << " and width = " << width << " must be positive";
  if (banks > INT16_MAX)
    return Report(emitError) << "GS-C1: banks = " << banks << " must be at most " << INT16_MAX;
  if (banks % width)
    return Report(emitError) << "GS-C1: width must divide banks, but " << banks << " mod " << width << " = "
                             << banks % width;
  if (failed(verifyTileSize("GS-C7", "unit", unitRows, unitCols, emitError)))
    return failure();
  if (!tileRows && !tileCols)
    return success();
  if (tileRows < 1 || tileCols < 1 || tileRows > INT32_MAX || tileCols > INT32_MAX)
    return Report(emitError) << "GS-C8: tile = " << tileRows << "x" << tileCols << " must be positive and below 2^31";
  int64_t rows = banks / width * unitRows, cols = banks * unitCols;
  if (tileRows % rows)
    return Report(emitError) << "GS-C8: a tile of " << tileRows << " rows is not cut into whole bundles of " << rows
                             << " rows (banks / width * unit rows)";
  if (tileCols % cols)
    return Report(emitError) << "GS-C8: a tile of " << tileCols << " columns must be a multiple of " << cols
                             << " columns (banks * unit columns), so that residues in the tile are those in the weight";
  return success();
}

LogicalResult GatherScatterAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("GS-C2", shape, elementType, emitError)))
    return failure();
  GatherScatterGrid grid(*this, shape);
  if (grid.unitsAcross < getBanks()) {
    Report report(emitError);
    report << "GS-C9: a group of " << getBanks() << " different residues needs at least " << getBanks() << " columns"
           << (grid.hasUnits() ? " of units" : "") << ", but the weight has " << grid.unitsAcross;
    return report;
  }
  int64_t location = grid.unitsPerLocation * grid.unitCols;
  if (grid.locations > 1 && getTileCols() % location)
    return Report(emitError) << "GS-C8: a tile of a convolution is a run of kernel locations, but " << getTileCols()
                             << " columns are no multiple of its " << location << " channels; cut channels by several "
                             << "convolutions whose results are added";
  return success();
}

LogicalResult GatherScatterAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm GatherScatterAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = View::ChannelInner;
  form.unitRows = form.sharedRows = getUnitRows();
  form.unitCols = getUnitCols();
  form.bundleRows = getBanks() / getWidth() * getUnitRows();
  form.lanes = getBanks();
  form.width = getWidth();
  form.support = Support::PerLane;
  form.laneRule = LaneRule::ResiduesMod;
  form.laneRulePeriod = getBanks();
  form.outer = Outer::Offsets;
  form.tileRows = getTileRows();
  form.tileCols = getTileCols();
  return form;
}

SmallVector<StorageField> GatherScatterAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                        const Schema &schema) const {
  GatherScatterGrid grid(*this, shape);
  Type index = IntegerType::get(getContext(), schema.indexBits);
  StorageField offsets = {"offsets", {grid.bundlesPerBand + 1}, IntegerType::get(getContext(), 32)};
  if (getTileRows())
    offsets.shape.insert(offsets.shape.begin(), grid.numTiles());
  if (schema.joined)
    return {{"stream", {numGroups, grid.unitRows * grid.unitCols + 1, grid.banks}, index}, offsets};
  StorageField values = {"values", {numGroups, grid.banks}, elementType};
  if (grid.hasUnits())
    values.shape = {numGroups, grid.unitRows, grid.unitCols, grid.banks};
  return {values, {"indices", {numGroups, grid.banks}, index}, offsets};
}

//===----------------------------------------------------------------------===//
// Mask
//===----------------------------------------------------------------------===//

/// The weight as this pattern cuts it.
static GatherScatterGrid gridOf(GatherScatterAttr pattern, const Weight &weight) { return {pattern, shapeOf(weight)}; }

/// "bundle 3", and of which tile if there are several.
static std::string nameOf(const GatherScatterGrid &grid, const GatherScatterGrid::Bundle &bundle) {
  std::string name = "bundle " + std::to_string(bundle.number);
  if (grid.numTiles() > 1)
    name += " of tile (" + std::to_string(bundle.band) + ", " + std::to_string(bundle.columnTile) + ")";
  return name;
}

/// Row and column of the first unit of the bundle with this residue.
static std::pair<int64_t, int64_t> findResidue(const GatherScatterGrid &grid, const Weight &weight,
                                               const GatherScatterGrid::Bundle &bundle, int64_t residue) {
  UnitReader reader(grid, weight);
  std::vector<int32_t> units;
  for (int64_t unitRow = bundle.begin; unitRow < bundle.end; ++unitRow)
    if (succeeded(reader.read(unitRow, bundle.columnTile, units, nullptr)))
      for (int32_t unit : units)
        if (unit % grid.banks == residue)
          return {weight.rowAt(bundle.columnTile, unitRow * grid.unitRows), grid.columnOf(unit)};
  return {weight.rowAt(bundle.columnTile, bundle.begin * grid.unitRows),
          grid.columnOf(grid.tileBegin(bundle.columnTile) + residue)};
}

LogicalResult GatherScatterAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError, columnTilesOf(*this, shapeOf(weight)).size())))
    return failure();
  GatherScatterGrid grid = gridOf(*this, weight);
  auto banks = static_cast<uint32_t>(grid.banks);
  StringRef ofUnits = grid.hasUnits() ? " of units" : "", noun = grid.hasUnits() ? "units" : "weights";
  if (grid.unitsAcross < grid.banks)
    return Report(emitError) << "GS-C9: a group of " << banks << " different residues needs at least " << banks
                             << " columns" << ofUnits << ", but the weight has " << grid.unitsAcross;
  UnitReader reader(grid, weight);
  std::vector<int32_t> residues(banks), units;
  std::vector<int64_t> rowCounts(grid.bundleUnits);
  return grid.forEachBundle([&](const GatherScatterGrid::Bundle &bundle) -> LogicalResult {
    llvm::fill(residues, 0);
    int64_t total = 0;
    for (int64_t unitRow = bundle.begin; unitRow < bundle.end; ++unitRow) {
      if (failed(reader.read(unitRow, bundle.columnTile, units, emitError)))
        return failure();
      for (int32_t unit : units)
        ++residues[static_cast<uint32_t>(unit) % banks];
      rowCounts[unitRow - bundle.begin] = static_cast<int64_t>(units.size());
      total += static_cast<int64_t>(units.size());
    }
    // The number of groups that comes nearest to the kept weights; a legal bundle meets it exactly.
    int64_t lanes = grid.width * bundle.size(), groups = (total + lanes / 2) / lanes;
    for (int64_t unitRow = bundle.begin; unitRow < bundle.end; ++unitRow)
      if (int64_t count = rowCounts[unitRow - bundle.begin]; count != grid.width * groups)
        return Report(emitError) << "GS-C4: row" << ofUnits << " "
                                 << (grid.hasUnits() ? unitRow : weight.rowAt(bundle.columnTile, unitRow)) << " of "
                                 << nameOf(grid, bundle) << " keeps " << count << " " << noun << ", expected "
                                 << grid.width * groups << " (" << groups << " groups of " << grid.width
                                 << " from each of its " << bundle.size() << " rows" << ofUnits << ", GS-F1)";
    bool full = bundle.size() == grid.bundleUnits;
    for (uint32_t residue = 0; residue < banks; ++residue) {
      int64_t count = residues[residue];
      if (full ? count == groups : count <= groups)
        continue;
      auto [row, col] = findResidue(grid, weight, bundle, residue);
      return Report(emitError) << "GS-C5: residue " << residue << " mod " << banks << " occurs " << count
                               << " times in " << nameOf(grid, bundle) << ", expected " << (full ? "" : "at most ")
                               << groups << " (once in each of its " << groups << " groups, GS-F2); first at row "
                               << row << ", column " << col;
    }
    // Only a ragged bundle gets here, because a full one needs all residues.
    if (int64_t across = grid.tileEnd(bundle.columnTile) - grid.tileBegin(bundle.columnTile);
        groups && across < grid.banks)
      return Report(emitError) << "GS-C9: the ragged " << nameOf(grid, bundle) << " keeps " << total << " " << noun
                               << ", but its tile has only " << across << " of the " << banks
                               << " columns that padding lanes need; remove them or make tiles that divide the weight";
    return success();
  });
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

namespace {
/// Where the weights and the index of a lane stand in either layout.
struct LaneLayout {
  LaneLayout(const GatherScatterGrid &grid, const Schema &schema)
      : banks(grid.banks), unitCols(grid.unitCols), unitSize(grid.unitRows * grid.unitCols), joined(schema.joined) {}

  int64_t groupSize() const { return (joined ? unitSize + 1 : unitSize) * banks; }
  /// Of row i and column j of the unit in a lane.
  int64_t value(int64_t group, int64_t lane, int64_t i, int64_t j) const {
    return group * groupSize() + (i * unitCols + j) * banks + lane;
  }
  int64_t index(int64_t group, int64_t lane) const {
    return joined ? group * groupSize() + unitSize * banks + lane : group * banks + lane;
  }

  int64_t banks, unitCols, unitSize;
  bool joined;
};
} // namespace

FailureOr<std::vector<Buffer>> GatherScatterAttr::pack(const Weight &weight, const Schema &schema,
                                                       EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError, columnTilesOf(*this, shapeOf(weight)).size())) ||
      failed(verifySchema(getGroupForm({}), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  GatherScatterGrid grid = gridOf(*this, weight);
  UnitReader reader(grid, weight);
  std::vector<int32_t> units, matched(grid.banks);
  SmallVector<int64_t> degrees;
  int64_t groups = 0;
  (void)grid.forEachBundle([&](const GatherScatterGrid::Bundle &bundle) {
    LogicalResult result = reader.read(bundle.begin, bundle.columnTile, units, nullptr);
    groups += degrees.emplace_back(static_cast<int64_t>(units.size()) / grid.width);
    return result;
  });
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, groups, schema));
  std::vector<char> &values = buffers[0].data, &indices = buffers[schema.joined ? 0 : 1].data;
  auto *offsets = reinterpret_cast<int32_t *>(buffers.back().data.data());
  const int64_t numOffsets = buffers.back().data.size() / sizeof(int32_t), unitSize = grid.unitRows * grid.unitCols;
  const unsigned bytes = weight.elementBytes;
  LaneLayout layout(grid, schema);
  BundleMatcher matcher(grid.banks);
  int64_t group = 0, nextOffset = 0;
  const int64_t *nextDegree = degrees.begin();
  LogicalResult packed = grid.forEachBundle([&](const GatherScatterGrid::Bundle &bundle) -> LogicalResult {
    int64_t degree = *nextDegree++;
    for (int64_t at = grid.offsetOf(bundle); nextOffset <= at; ++nextOffset)
      offsets[nextOffset] = static_cast<int32_t>(group);
    matcher.reset(degree);
    for (int64_t j = 0; j < bundle.size(); ++j) {
      if (failed(reader.read(bundle.begin + j, bundle.columnTile, units, emitError)))
        return failure();
      for (int64_t t = 0; t < grid.width; ++t)
        matcher.setColumns(j * grid.width + t, ArrayRef(units).slice(t * degree, degree));
    }
    if (bundle.size() < grid.bundleUnits)
      matcher.fillVirtual(bundle.size() * grid.width);
    for (int64_t end = group + degree; group < end; ++group) {
      if (failed(matcher.takeMatching(matched)))
        return Report(emitError) << "GS-C3: " << nameOf(grid, bundle) << " has no perfect matching for group "
                                 << degree - (end - group) << " of " << degree;
      for (int64_t j = 0; j < grid.bundleUnits; ++j) {
        int32_t *lanes = matched.data() + j * grid.width;
        std::sort(lanes, lanes + grid.width, [&](int32_t a, int32_t b) { return a % grid.banks < b % grid.banks; });
        bool real = j < bundle.size();
        // The activation of a padding lane only has to exist; its product is never stored.
        int64_t position = (real ? bundle.begin + j : bundle.end - 1) * grid.unitRows;
        int64_t row = weight.rowAt(bundle.columnTile, position);
        for (int64_t t = 0; t < grid.width; ++t) {
          // A virtual node knows residues only; those of a tile are those of the weight.
          int64_t lane = j * grid.width + t, unit = lanes[t] + (real ? 0 : grid.tileBegin(bundle.columnTile));
          int64_t col = grid.columnOf(unit), index = schema.indexOf(row, col);
          if (schema.columnIndex.empty())
            index += unit - col;
          if (schema.quotient) {
            if (index % grid.banks != lane)
              return Report(emitError) << "GS-C10: index_form = quotient needs the activation of row " << row
                                       << ", column " << col << " at residue " << lane << " mod " << grid.banks
                                       << ", but its displacement " << index << " has residue " << index % grid.banks
                                       << "; banks must divide the channel count";
            index /= grid.banks;
          }
          if (failed(checkIndex("GS-C11: ", schema, row, col, index, emitError)))
            return failure();
          storeIndex(indices, layout.index(group, lane), schema.indexBits, index);
          if (!real)
            continue;
          if (unitSize == 1) {
            copyElement(values.data() + layout.value(group, lane, 0, 0) * bytes, weight.valueAt(row, col), bytes);
            continue;
          }
          for (int64_t i = 0, height = grid.rowsOf(bundle.begin + j); i < height; ++i)
            for (int64_t c = 0, across = grid.columnsOf(unit); c < across; ++c)
              copyElement(values.data() + layout.value(group, lane, i, c) * bytes,
                          weight.valueAt(weight.rowAt(bundle.columnTile, position + i), col + c), bytes);
        }
      }
    }
    return success();
  });
  if (failed(packed))
    return failure();
  std::fill(offsets + nextOffset, offsets + numOffsets, static_cast<int32_t>(group));
  return buffers;
}

FailureOr<Weight> GatherScatterAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                            const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  GatherScatterGrid grid = gridOf(*this, *weight);
  const std::vector<char> &values = findBuffer(buffers, schema.joined ? "stream" : "values")->data;
  const std::vector<char> &indices = findBuffer(buffers, schema.joined ? "stream" : "indices")->data;
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  ColumnLookup lookup(schema, weight->cols);
  LaneLayout layout(grid, schema);
  const bool inUnits = schema.columnIndex.empty() && grid.hasUnits();
  const unsigned bytes = weight->elementBytes;
  /// The unit column that an index means; -1 if none does.
  auto unitOf = [&](int64_t row, int64_t index) -> int64_t {
    if (inUnits) {
      if (schema.rowsPerConvGroup)
        index -= row / schema.rowsPerConvGroup * schema.convGroupStride;
      return index >= 0 && index < grid.unitsAcross ? index : -1;
    }
    int64_t col = lookup.columnOf(row, index);
    return col >= 0 && grid.columnOf(grid.unitOf(col)) == col ? grid.unitOf(col) : -1;
  };
  LogicalResult unpacked = grid.forEachBundle([&](const GatherScatterGrid::Bundle &bundle) -> LogicalResult {
    const int32_t *range = offsets.data() + grid.offsetOf(bundle);
    for (int64_t group = range[0]; group < range[1]; ++group)
      for (int64_t lane = 0; lane < bundle.size() * grid.width; ++lane) {
        int64_t unitRow = bundle.begin + lane / grid.width, row = unitRow * grid.unitRows;
        int64_t index = loadIndex(indices, layout.index(group, lane), schema.indexBits);
        int64_t unit = unitOf(row, schema.quotient ? index * grid.banks + lane : index);
        bool inTile = unit >= grid.tileBegin(bundle.columnTile) && unit < grid.tileEnd(bundle.columnTile);
        if (!inTile || weight->kept(row, grid.columnOf(unit)))
          return Report(emitError) << "GS-C3: index " << index << " of lane " << lane << " of group " << group
                                   << " (row " << row << ")"
                                   << (unit < 0  ? " names no column"
                                       : !inTile ? " names a column of another tile"
                                                 : " names a column twice");
        for (int64_t i = 0, height = grid.rowsOf(unitRow); i < height; ++i)
          for (int64_t c = 0, across = grid.columnsOf(unit); c < across; ++c) {
            int64_t col = grid.columnOf(unit) + c;
            weight->mask[(row + i) * weight->cols + col] = 1;
            copyElement(weight->valueAt(row + i, col), values.data() + layout.value(group, lane, i, c) * bytes, bytes);
          }
      }
    return success();
  });
  if (failed(unpacked))
    return failure();
  return weight;
}
