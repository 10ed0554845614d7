//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What patterns of aligned tiles share: a tile of one view of the weight lives
// or dies as a whole. Blocks, filters, channels, columns, kernel groups and
// KGS differ in the size of the tile, the view and a rule of counting only.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PATTERNS_TILEUTILS_H
#define GS_LIB_DIALECT_GS_IR_PATTERNS_TILEUTILS_H

#include "PackUtils.h"

namespace mlir::gs::detail {

/// One weight cut into aligned tiles of a view; the last ones of a row or column may stick out.
class TileGrid {
public:
  TileGrid(const Weight &weight, int64_t tileRows, int64_t tileCols, View view = View::ChannelInner);

  int64_t numBundles() const { return (weight.rows + tileRows - 1) / tileRows; }
  int64_t tilesPerBundle() const { return counts.size(); }
  /// Matrix rows of a row of tiles, in row order.
  SmallVector<int64_t> rows(int64_t bundle) const;
  /// Matrix columns of a tile, in the order of the view.
  ArrayRef<int64_t> columns(int64_t tile) const {
    int64_t begin = tile * tileCols;
    return ArrayRef<int64_t>(order).slice(begin, std::min(tileCols, weight.cols - begin));
  }
  /// Calls fn(tile, kept weights) for the tiles of some rows that keep any, ascending.
  template <typename Fn> void forEachKeptTile(ArrayRef<int64_t> bundleRows, Fn &&fn) {
    for (int64_t row : bundleRows)
      forEachKept(weight, row, 0, weight.cols, [&](int64_t col) { ++counts[tileOfColumn[col]]; });
    for (int64_t tile = 0; tile < tilesPerBundle(); ++tile)
      if (int64_t count = std::exchange(counts[tile], 0))
        fn(tile, count);
  }
  /// Calls fn(bundle, tile, rows, columns) for every tile.
  template <typename Fn> void forEachTile(Fn &&fn) const {
    for (int64_t bundle = 0; bundle < numBundles(); ++bundle) {
      SmallVector<int64_t> bundleRows = rows(bundle);
      for (int64_t tile = 0; tile < tilesPerBundle(); ++tile)
        fn(bundle, tile, ArrayRef<int64_t>(bundleRows), columns(tile));
    }
  }

private:
  const Weight &weight;
  int64_t tileRows, tileCols;
  std::vector<int64_t> order; ///< matrix column at each place of the view
  std::vector<int32_t> tileOfColumn;
  std::vector<int64_t> counts; ///< scratch, all zero between calls
};

/// Tiles of `rows` x `cols` weights of a view, aligned at zero; the last ones of a row or column may stick out of the
/// weight. The words of messages: `shapeLabel` is the constraint on sizes, `keepLabel` the one on the mask.
struct Tiles {
  int64_t rows = 1;
  int64_t cols = 1;
  View view = View::ChannelInner;
  StringRef shapeLabel = {}, keepLabel = {};
  StringRef noun = {};  ///< what a tile is called: "block", "filter"
  bool allRows = false; ///< a tile is as high as the weight by definition: messages need no row
  bool allCols = false; ///< a tile is as wide as the weight by definition: messages need no column
  /// How many tiles are kept. Any number; exactly `fixedCount` of those with equal (tile mod countPeriod) in every row
  /// of tiles; or as many in every row of tiles as in the first. `countLabel` is the constraint.
  enum class Count { Any, Fixed, Equal } count = Count::Any;
  int64_t fixedCount = 0;
  int64_t countPeriod = 1;
  StringRef countLabel = {};
};

/// The geometry of such a pattern.
GroupForm tileForm(const Tiles &tiles);

/// `values[G][cols][rows]`, `block_cols[G]`, `offsets[column blocks * rows of tiles + 1]`.
SmallVector<StorageField> tileStorage(MLIRContext *context, const Tiles &tiles, ArrayRef<int64_t> shape,
                                      Type elementType, int64_t numGroups, const Schema &schema);

LogicalResult verifyTileMask(const Tiles &tiles, const Weight &weight, EmitError emitError);

/// Tiles row of tiles by row of tiles, ascending in the view; the parts of a tile outside of the weight are zero.
FailureOr<std::vector<Buffer>> packTiles(const Tiles &tiles, const Weight &weight, const Schema &schema,
                                         EmitError emitError);

/// `pattern` is the attribute that the tiles belong to; the buffers are checked against it first.
FailureOr<Weight> unpackTiles(const Tiles &tiles, PatternAttrInterface pattern, ArrayRef<int64_t> shape,
                              Type elementType, ArrayRef<Buffer> buffers, const Schema &schema, EmitError emitError);

/// The tiles of most energy. Exact.
FailureOr<Projection> projectTiles(const Tiles &tiles, const Weight &dense, const ProjectOptions &options,
                                   EmitError emitError);

/// Keeps all weights of each tile that keeps one, and as many tiles as the pattern counts.
LogicalResult completeTiles(const Tiles &tiles, Weight &weight, EmitError emitError);

/// Columns of the weight matrix of a tensor of shape (M, K) or (O, I, k...).
inline int64_t numColumns(ArrayRef<int64_t> shape) { return ShapedType::getNumElements(shape.drop_front()); }

/// The shape of a weight as far as patterns of tiles ask: rows, channels, locations.
inline SmallVector<int64_t, 3> shapeOf(const Weight &weight) {
  return {weight.rows, weight.channels, weight.locations};
}

/// Parses `r x c`; `noun` and `example` are words of the message.
ParseResult parseTile(AsmParser &parser, StringRef noun, StringRef example, SmallVectorImpl<int64_t> &extents);

/// Parses `view = channel_inner` or `view = channel_outer`.
ParseResult parseView(AsmParser &parser, bool &outer);
/// Prints `, view = channel_outer` unless it is the default.
inline void printView(AsmPrinter &printer, bool outer) {
  if (outer)
    printer << ", view = channel_outer";
}

/// Writes the low `bits` (at most 16) of a number into zeroed bytes, low bits first; and reads them.
inline void storeBits(std::vector<char> &data, int64_t at, unsigned bits, uint32_t value) {
  for (unsigned i = 0; i < bits; ++i)
    data[(at + i) / 8] = static_cast<char>(data[(at + i) / 8] | ((value >> i & 1) << ((at + i) % 8)));
}
inline int64_t loadBits(const std::vector<char> &data, int64_t at, unsigned bits) {
  int64_t value = 0;
  for (unsigned i = 0; i < bits; ++i)
    value |= int64_t(static_cast<unsigned char>(data[(at + i) / 8]) >> ((at + i) % 8) & 1) << i;
  return value;
}

/// The legal masks of #gs.tile_4_2, ascending: bit 4 * i + j is row i, column j.
std::vector<unsigned> tile42Library(bool complement);

/// Checks that a tile has a size that can be stored.
LogicalResult verifyTileSize(StringRef label, StringRef noun, int64_t rows, int64_t cols, EmitError emitError);

/// Checks that `part` divides `whole`, an extent called `what`.
LogicalResult verifyDivides(StringRef label, int64_t part, StringRef what, int64_t whole, EmitError emitError);

} // namespace mlir::gs::detail

/// The methods of PatternAttrInterface, but for verifyPattern, and of ProjectionAttrInterface of an attribute for which
/// there is `Tiles tilesOf(Attr, ArrayRef<int64_t> shape)`.
#define GS_DEFINE_TILE_PATTERN(Attr)                                                                                   \
  LogicalResult Attr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {           \
    return verifyPattern(shape, elementType, emitError);                                                               \
  }                                                                                                                    \
  GroupForm Attr::getGroupForm(ArrayRef<int64_t> shape) const { return tileForm(tilesOf(*this, shape)); }              \
  SmallVector<StorageField> Attr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,             \
                                             const Schema &schema) const {                                             \
    return tileStorage(getContext(), tilesOf(*this, shape), shape, elementType, numGroups, schema);                    \
  }                                                                                                                    \
  LogicalResult Attr::verifyMask(const Weight &weight, EmitError emitError) const {                                    \
    return verifyTileMask(tilesOf(*this, shapeOf(weight)), weight, emitError);                                         \
  }                                                                                                                    \
  FailureOr<std::vector<Buffer>> Attr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {   \
    return packTiles(tilesOf(*this, shapeOf(weight)), weight, schema, emitError);                                      \
  }                                                                                                                    \
  FailureOr<Weight> Attr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,                  \
                                 const Schema &schema, EmitError emitError) const {                                    \
    return unpackTiles(tilesOf(*this, shape), *this, shape, elementType, buffers, schema, emitError);                  \
  }                                                                                                                    \
  FailureOr<Projection> Attr::project(const Weight &dense, const ProjectOptions &options, EmitError emitError) const { \
    return projectTiles(tilesOf(*this, shapeOf(dense)), dense, options, emitError);                                    \
  }                                                                                                                    \
  LogicalResult Attr::complete(Weight &weight, EmitError emitError) const {                                            \
    return completeTiles(tilesOf(*this, shapeOf(weight)), weight, emitError);                                          \
  }

#endif // GS_LIB_DIALECT_GS_IR_PATTERNS_TILEUTILS_H
