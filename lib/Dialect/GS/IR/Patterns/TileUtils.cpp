//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Mask check, packing and unpacking of aligned tiles.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

TileGrid::TileGrid(const Weight &weight, int64_t tileRows, int64_t tileCols, View view)
    : weight(weight), tileRows(tileRows), tileCols(tileCols), order(weight.cols), tileOfColumn(weight.cols),
      counts(llvm::divideCeil(weight.cols, tileCols), 0) {
  bool outer = view == View::ChannelOuter && weight.locations > 1;
  for (int64_t place = 0; place < weight.cols; ++place) {
    int64_t col = outer ? place % weight.locations * weight.channels + place / weight.locations : place;
    order[place] = col;
    tileOfColumn[col] = place / tileCols;
  }
}

SmallVector<int64_t> TileGrid::rows(int64_t bundle) const {
  SmallVector<int64_t> result;
  for (int64_t p = bundle * tileRows, e = std::min(p + tileRows, weight.rows); p < e; ++p)
    result.push_back(weight.rowAt(p));
  return result;
}

GroupForm mlir::gs::detail::tileForm(const Tiles &tiles) {
  GroupForm form;
  // Single columns may be numbered in any order; wider tiles cut one view.
  form.view = tiles.cols == 1 ? View::Any : tiles.view;
  form.bundleRows = tiles.rows;
  form.lanes = tiles.rows * tiles.cols;
  form.width = tiles.cols;
  form.support = Support::Contiguous;
  form.outer = Outer::OffsetsIndex;
  form.indexBuffer = "block_cols";
  form.sharedRows = tiles.rows;
  return form;
}

SmallVector<StorageField> mlir::gs::detail::tileStorage(MLIRContext *context, const Tiles &tiles,
                                                        ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                        const Schema &schema) {
  int64_t cols = ShapedType::getNumElements(shape.drop_front());
  int64_t bundles = llvm::divideCeil(shape[0], tiles.rows);
  return {{"values", {numGroups, tiles.cols, tiles.rows}, elementType},
          {"block_cols", {numGroups}, IntegerType::get(context, schema.indexBits)},
          {"offsets", {schema.numColumnBlocks(cols) * bundles + 1}, IntegerType::get(context, 32)}};
}

/// "block row 2, block column 3", or "filter 2" and "channel 3" where there is only one tile in the other direction.
static std::string nameTile(const Tiles &tiles, int64_t bundle, int64_t tile) {
  std::string noun = tiles.noun.str();
  if (tiles.allRows)
    return noun + " " + std::to_string(tile);
  if (tiles.allCols)
    return noun + " " + std::to_string(bundle);
  return noun + " row " + std::to_string(bundle) + ", " + noun + " column " + std::to_string(tile);
}

LogicalResult mlir::gs::detail::verifyTileMask(const Tiles &tiles, const Weight &weight, EmitError emitError) {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  TileGrid grid(weight, tiles.rows, tiles.cols, tiles.view);
  int64_t period = tiles.count == Tiles::Count::Fixed ? tiles.countPeriod : 1, expected = tiles.fixedCount;
  for (int64_t bundle = 0, e = grid.numBundles(); bundle < e; ++bundle) {
    SmallVector<int64_t> rows = grid.rows(bundle), kept(period, 0);
    int64_t badTile = -1, badCount = 0;
    grid.forEachKeptTile(rows, [&](int64_t tile, int64_t count) {
      ++kept[tile % period];
      if (badTile < 0 && count != static_cast<int64_t>(rows.size() * grid.columns(tile).size()))
        badTile = tile, badCount = count;
    });
    if (badTile >= 0) {
      ArrayRef<int64_t> columns = grid.columns(badTile);
      for (int64_t row : rows)
        for (int64_t col : columns)
          if (!weight.kept(row, col))
            return Report(emitError) << tiles.keepLabel << ": " << nameTile(tiles, bundle, badTile) << " keeps "
                                     << badCount << " weights, expected 0 or "
                                     << static_cast<int64_t>(rows.size() * columns.size()) << " (" << tiles.noun << " "
                                     << tiles.rows << "x" << tiles.cols << "); row " << row << ", column " << col
                                     << " is pruned";
    }
    if (tiles.count == Tiles::Count::Any)
      continue;
    if (bundle == 0 && tiles.count == Tiles::Count::Equal)
      expected = kept[0];
    for (auto [place, number] : llvm::enumerate(kept))
      if (number != expected) {
        Report report(emitError);
        report << tiles.countLabel << ": row " << bundle << " of " << tiles.noun << "s keeps " << number;
        if (period > 1)
          report << " in place " << static_cast<int64_t>(place);
        return report << ", expected " << expected;
      }
  }
  return success();
}

/// Checks that one displacement describes a whole tile: its rows lie in one convolution group, and its columns are
/// spaced as those of the first tile.
static LogicalResult checkActivation(const Tiles &tiles, const Schema &schema, ArrayRef<int64_t> rows,
                                     ArrayRef<int64_t> columns, ArrayRef<int64_t> first, EmitError emitError) {
  for (int64_t row : rows)
    if (schema.rowsPerConvGroup && row / schema.rowsPerConvGroup != rows[0] / schema.rowsPerConvGroup)
      return Report(emitError) << tiles.keepLabel << ": rows " << rows[0] << " and " << row << " of a " << tiles.noun
                               << " lie in different convolution groups of " << schema.rowsPerConvGroup
                               << " rows, so they share no activation";
  if (schema.columnIndex.empty())
    return success();
  for (auto [col, model] : llvm::zip(columns, first)) {
    int64_t spacing = schema.columnIndex[model] - schema.columnIndex[first[0]];
    int64_t found = schema.columnIndex[col] - schema.columnIndex[columns[0]];
    if (found != spacing)
      return Report(emitError) << tiles.keepLabel << ": columns " << columns[0] << " and " << col << " of a "
                               << tiles.noun << " are apart by a displacement of " << found
                               << " in the activation, expected " << spacing << "; use a " << tiles.noun
                               << " of one column";
  }
  return success();
}

FailureOr<std::vector<Buffer>> mlir::gs::detail::packTiles(const Tiles &tiles, const Weight &weight,
                                                           const Schema &schema, EmitError emitError) {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(tileForm(tiles), weight.elementType, schema, emitError)) ||
      failed(verifyTileMask(tiles, weight, emitError)))
    return failure();
  TileGrid grid(weight, tiles.rows, tiles.cols, tiles.view);
  int64_t bundles = grid.numBundles(), blocks = schema.numColumnBlocks(weight.cols);
  // Count first, because the groups of a later column block follow those of all rows of tiles of an earlier one.
  auto blockOf = [&](int64_t tile) { return schema.columnBlock ? tile * tiles.cols / schema.columnBlock : 0; };
  std::vector<int64_t> starts(blocks * bundles + 1, 0);
  for (int64_t bundle = 0; bundle < bundles; ++bundle)
    grid.forEachKeptTile(grid.rows(bundle),
                         [&](int64_t tile, int64_t) { ++starts[blockOf(tile) * bundles + bundle + 1]; });
  for (size_t i = 1; i < starts.size(); ++i)
    starts[i] += starts[i - 1];
  SmallVector<int64_t> shape = {weight.rows, weight.cols};
  std::vector<Buffer> buffers =
      allocate(tileStorage(weight.elementType.getContext(), tiles, shape, weight.elementType, starts.back(), schema));
  llvm::copy(starts, reinterpret_cast<int32_t *>(buffers[2].data.data()));
  bool columnSpace = schema.columnIndex.empty() && !schema.rowsPerConvGroup;
  unsigned bytes = weight.elementBytes;
  LogicalResult result = success();
  for (int64_t bundle = 0; bundle < bundles; ++bundle) {
    SmallVector<int64_t> rows = grid.rows(bundle);
    grid.forEachKeptTile(rows, [&](int64_t tile, int64_t) {
      ArrayRef<int64_t> columns = grid.columns(tile);
      int64_t group = starts[blockOf(tile) * bundles + bundle]++;
      // A column is its tile's number; an activation is where the tile's first column lies.
      int64_t index = columnSpace ? tile : schema.indexOf(rows[0], columns[0]);
      if (succeeded(result))
        result = checkActivation(tiles, schema, rows, columns, grid.columns(0), emitError);
      if (succeeded(result))
        result = checkIndex((tiles.shapeLabel + ": ").str(), schema, rows[0], columns[0], index, emitError);
      storeIndex(buffers[1].data, group, schema.indexBits, index);
      char *to = buffers[0].data.data() + group * tiles.cols * tiles.rows * bytes;
      for (auto [place, col] : llvm::enumerate(columns))
        for (auto [lane, row] : llvm::enumerate(rows))
          copyElement(to + (place * tiles.rows + lane) * bytes, weight.valueAt(row, col), bytes);
    });
  }
  if (failed(result))
    return failure();
  return buffers;
}

FailureOr<Weight> mlir::gs::detail::unpackTiles(const Tiles &tiles, PatternAttrInterface pattern,
                                                ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                                const Schema &schema, EmitError emitError) {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(pattern, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &indices = *findBuffer(buffers, "block_cols");
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  TileGrid grid(*weight, tiles.rows, tiles.cols, tiles.view);
  int64_t bundles = grid.numBundles();
  unsigned bytes = weight->elementBytes;
  ColumnLookup lookup(schema, weight->cols);
  bool columnSpace = schema.columnIndex.empty() && !schema.rowsPerConvGroup;
  // The tile that begins at each matrix column.
  llvm::DenseMap<int64_t, int64_t> tileAt;
  for (int64_t tile = 0; tile < grid.tilesPerBundle(); ++tile)
    tileAt[grid.columns(tile)[0]] = tile;
  for (int64_t entry = 0; entry + 1 < static_cast<int64_t>(offsets.size()); ++entry) {
    int64_t bundle = entry % bundles;
    SmallVector<int64_t> rows = grid.rows(bundle);
    for (int64_t group = offsets[entry]; group < offsets[entry + 1]; ++group) {
      int64_t index = loadIndex(indices.data, group, schema.indexBits), tile = -1;
      if (columnSpace)
        tile = index < grid.tilesPerBundle() ? index : -1;
      else if (auto it = tileAt.find(lookup.columnOf(rows[0], index)); it != tileAt.end())
        tile = it->second;
      if (tile < 0 || weight->kept(rows[0], grid.columns(tile)[0]))
        return Report(emitError) << tiles.keepLabel << ": index " << index << " of stored " << tiles.noun << " "
                                 << group << " in " << tiles.noun << " row " << bundle << " names "
                                 << (tile < 0 ? "no " : "a ") << tiles.noun << (tile < 0 ? "" : " twice");
      const char *from = values.data.data() + group * tiles.cols * tiles.rows * bytes;
      for (auto [place, col] : llvm::enumerate(grid.columns(tile)))
        for (auto [lane, row] : llvm::enumerate(rows)) {
          weight->mask[row * weight->cols + col] = 1;
          copyElement(weight->valueAt(row, col), from + (place * tiles.rows + lane) * bytes, bytes);
        }
    }
  }
  return weight;
}

ParseResult mlir::gs::detail::parseTile(AsmParser &parser, StringRef noun, StringRef example,
                                        SmallVectorImpl<int64_t> &extents) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseDimensionList(extents, /*allowDynamic=*/false, /*withTrailingX=*/false))
    return failure();
  if (extents.size() != 2)
    return parser.emitError(loc) << noun << " is written as rows x columns, such as " << example << "; got "
                                 << extents.size() << " extent(s)";
  return success();
}

ParseResult mlir::gs::detail::parseView(AsmParser &parser, bool &outer) {
  SMLoc loc;
  StringRef view;
  if (parser.parseKeyword("view") || parser.parseEqual() ||
      (loc = parser.getCurrentLocation(), failed(parser.parseKeyword(&view))))
    return failure();
  outer = view == "channel_outer";
  if (!outer && view != "channel_inner")
    return parser.emitError(loc) << "a view is channel_inner or channel_outer, not '" << view << "'";
  return success();
}

/// Largest number of weights of a tile; far above any useful tile, and small enough that padding stays harmless.
static constexpr int64_t maxTileSize = 65536;

LogicalResult mlir::gs::detail::verifyTileSize(StringRef label, StringRef noun, int64_t rows, int64_t cols,
                                               EmitError emitError) {
  if (rows < 1 || cols < 1 || rows > maxTileSize || cols > maxTileSize || rows * cols > maxTileSize)
    return Report(emitError) << label << ": a " << noun << " of " << rows << "x" << cols
                             << " is not possible; both extents must be positive and their product at most "
                             << maxTileSize;
  return success();
}

LogicalResult mlir::gs::detail::verifyDivides(StringRef label, int64_t part, StringRef what, int64_t whole,
                                              EmitError emitError) {
  if (whole % part)
    return Report(emitError) << label << ": groups of " << part << " do not divide " << whole << " " << what;
  return success();
}
