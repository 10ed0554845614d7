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
#include "PackUtils.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Largest number of weights of a tile; far above any useful tile, and small enough that padding stays harmless.
static constexpr int64_t maxTileSize = 65536;

Attribute BlockAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t> extents;
  if (parser.parseLess() || parser.parseDimensionList(extents, /*allowDynamic=*/false, /*withTrailingX=*/false) ||
      parser.parseGreater())
    return {};
  if (extents.size() != 2) {
    parser.emitError(loc) << "a block is written as rows x columns, such as #gs.block<4x1>; got " << extents.size()
                          << " extent(s)";
    return {};
  }
  return parser.getChecked<BlockAttr>(loc, parser.getContext(), extents[0], extents[1]);
}

void BlockAttr::print(AsmPrinter &printer) const { printer << '<' << getRows() << 'x' << getCols() << '>'; }

LogicalResult BlockAttr::verify(EmitError emitError, int64_t rows, int64_t cols) {
  if (rows < 1 || cols < 1 || rows > maxTileSize || cols > maxTileSize || rows * cols > maxTileSize)
    return Report(emitError) << "BK-C1: a block of " << rows << "x" << cols
                             << " is not possible; both extents must be positive and their product at most "
                             << maxTileSize;
  return success();
}

LogicalResult BlockAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("BK-C1", shape, elementType, emitError);
}

LogicalResult BlockAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm BlockAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  // The columns of a single-column block may be numbered in any order; wider tiles cut the channel-inner view.
  form.view = getCols() == 1 ? View::Any : View::ChannelInner;
  form.bundleRows = getRows();
  form.lanes = getRows() * getCols();
  form.width = getCols();
  form.support = Support::Contiguous;
  form.outer = Outer::OffsetsIndex;
  form.indexBuffer = "block_cols";
  return form;
}

SmallVector<StorageField> BlockAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                const Schema &schema) const {
  MLIRContext *context = getContext();
  int64_t cols = ShapedType::getNumElements(shape.drop_front());
  int64_t bundles = llvm::divideCeil(shape[0], getRows());
  return {{"values", {numGroups, getCols(), getRows()}, elementType},
          {"block_cols", {numGroups}, IntegerType::get(context, schema.indexBits)},
          {"offsets", {schema.numColumnBlocks(cols) * bundles + 1}, IntegerType::get(context, 32)}};
}

/// Calls fn(tile column, kept weights) for the tiles of a block row that keep any, ascending. `counts` is scratch
/// memory of one zero per tile column, and is left so.
template <typename Fn>
static void forEachTile(const Weight &weight, ArrayRef<int64_t> rows, int64_t tileCols, std::vector<int32_t> &counts,
                        Fn &&fn) {
  for (int64_t row : rows) {
    if (tileCols == 1)
      forEachKept(weight, row, 0, weight.cols, [&](int64_t col) { ++counts[col]; });
    else
      forEachKept(weight, row, 0, weight.cols, [&](int64_t col) { ++counts[col / tileCols]; });
  }
  for (int64_t tile = 0, e = counts.size(); tile < e; ++tile) {
    if (!counts[tile])
      continue;
    fn(tile, counts[tile]);
    counts[tile] = 0;
  }
}

/// Matrix rows of a block row, in row order.
static SmallVector<int64_t> rowsOfBundle(const Weight &weight, int64_t bundle, int64_t bundleRows) {
  SmallVector<int64_t> rows;
  for (int64_t p = bundle * bundleRows, e = std::min(p + bundleRows, weight.rows); p < e; ++p)
    rows.push_back(weight.rowAt(p));
  return rows;
}

LogicalResult BlockAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  std::vector<int32_t> counts(llvm::divideCeil(weight.cols, getCols()));
  for (int64_t bundle = 0, e = llvm::divideCeil(weight.rows, getRows()); bundle < e; ++bundle) {
    SmallVector<int64_t> rows = rowsOfBundle(weight, bundle, getRows());
    int64_t badTile = -1, badCount = 0;
    forEachTile(weight, rows, getCols(), counts, [&](int64_t tile, int64_t count) {
      int64_t width = std::min(getCols(), weight.cols - tile * getCols());
      if (badTile < 0 && count != static_cast<int64_t>(rows.size()) * width)
        badTile = tile, badCount = count;
    });
    if (badTile < 0)
      continue;
    int64_t begin = badTile * getCols(), end = std::min(begin + getCols(), weight.cols);
    for (int64_t row : rows)
      for (int64_t col = begin; col < end; ++col)
        if (!weight.kept(row, col))
          return Report(emitError) << "BK-C2: block row " << bundle << ", block column " << badTile << " keeps "
                                   << badCount << " weights, expected 0 or "
                                   << static_cast<int64_t>(rows.size()) * (end - begin) << " (block " << getRows()
                                   << "x" << getCols() << "); row " << row << ", column " << col << " is pruned";
  }
  return success();
}

/// Checks that one displacement describes a whole tile: its rows lie in one convolution group, and its columns are
/// spaced as those of the first tile.
static LogicalResult checkActivation(const Schema &schema, ArrayRef<int64_t> rows, int64_t begin, int64_t end,
                                     EmitError emitError) {
  for (int64_t row : rows)
    if (schema.rowsPerConvGroup && row / schema.rowsPerConvGroup != rows[0] / schema.rowsPerConvGroup)
      return Report(emitError) << "BK-C2: rows " << rows[0] << " and " << row
                               << " of a block lie in different convolution groups of " << schema.rowsPerConvGroup
                               << " rows, so they share no activation";
  if (schema.columnIndex.empty())
    return success();
  for (int64_t col = begin; col < end; ++col) {
    int64_t spacing = schema.columnIndex[col - begin] - schema.columnIndex[0];
    if (schema.columnIndex[col] - schema.columnIndex[begin] != spacing)
      return Report(emitError) << "BK-C2: columns " << begin << " and " << col
                               << " of a block are apart by a displacement of "
                               << schema.columnIndex[col] - schema.columnIndex[begin] << " in the activation, expected "
                               << spacing << "; use a block of one column";
  }
  return success();
}

FailureOr<std::vector<Buffer>> BlockAttr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm({}), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  int64_t r = getRows(), c = getCols(), bundles = llvm::divideCeil(weight.rows, r);
  int64_t blocks = schema.numColumnBlocks(weight.cols);
  // Count first, because the groups of a later column block follow those of all block rows of an earlier one.
  std::vector<int32_t> counts(llvm::divideCeil(weight.cols, c));
  std::vector<int64_t> starts(blocks * bundles + 1, 0);
  for (int64_t bundle = 0; bundle < bundles; ++bundle)
    forEachTile(weight, rowsOfBundle(weight, bundle, r), c, counts, [&](int64_t tile, int64_t) {
      int64_t block = schema.columnBlock ? tile * c / schema.columnBlock : 0;
      ++starts[block * bundles + bundle + 1];
    });
  for (size_t i = 1; i < starts.size(); ++i)
    starts[i] += starts[i - 1];
  std::vector<Buffer> buffers =
      allocate(getStorage({weight.rows, weight.cols}, weight.elementType, starts.back(), schema));
  auto *offsets = reinterpret_cast<int32_t *>(buffers[2].data.data());
  llvm::copy(starts, offsets);
  unsigned bytes = weight.elementBytes;
  LogicalResult result = success();
  for (int64_t bundle = 0; bundle < bundles; ++bundle) {
    SmallVector<int64_t> rows = rowsOfBundle(weight, bundle, r);
    forEachTile(weight, rows, c, counts, [&](int64_t tile, int64_t) {
      int64_t begin = tile * c, end = std::min(begin + c, weight.cols);
      int64_t block = schema.columnBlock ? begin / schema.columnBlock : 0;
      int64_t group = starts[block * bundles + bundle]++;
      // A column is its block's number; an activation is where the block's first column lies.
      int64_t index = schema.columnIndex.empty() && !schema.rowsPerConvGroup ? tile : schema.indexOf(rows[0], begin);
      if (succeeded(result))
        result = checkActivation(schema, rows, begin, end, emitError);
      if (succeeded(result))
        result = checkIndex("BK-C1: ", schema, rows[0], begin, index, emitError);
      storeIndex(buffers[1].data, group, schema.indexBits, index);
      for (int64_t col = begin; col < end; ++col) {
        char *to = buffers[0].data.data() + ((group * c + col - begin) * r) * bytes;
        for (int64_t row : rows) {
          copyElement(to, weight.valueAt(row, col), bytes);
          to += bytes;
        }
      }
    });
  }
  if (failed(result))
    return failure();
  return buffers;
}

FailureOr<Weight> BlockAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                    const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &indices = *findBuffer(buffers, "block_cols");
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  int64_t r = getRows(), c = getCols(), bundles = llvm::divideCeil(weight->rows, r);
  unsigned bytes = weight->elementBytes;
  ColumnLookup lookup(schema, weight->cols);
  bool columnSpace = schema.columnIndex.empty() && !schema.rowsPerConvGroup;
  for (int64_t entry = 0; entry + 1 < static_cast<int64_t>(offsets.size()); ++entry) {
    int64_t row = entry % bundles * r, rowEnd = std::min(row + r, weight->rows);
    for (int64_t group = offsets[entry]; group < offsets[entry + 1]; ++group) {
      int64_t index = loadIndex(indices.data, group, schema.indexBits);
      int64_t begin = lookup.columnOf(row, columnSpace ? index * c : index);
      if (begin < 0 || begin % c || weight->kept(row, begin))
        return Report(emitError) << "BK-C2: index " << index << " of stored block " << group << " in block row "
                                 << entry % bundles
                                 << (begin < 0 || begin % c ? " names no block" : " names a block twice");
      for (int64_t col = begin; col < std::min(begin + c, weight->cols); ++col)
        for (int64_t i = row; i < rowEnd; ++i) {
          weight->mask[i * weight->cols + col] = 1;
          copyElement(weight->valueAt(i, col), values.data.data() + ((group * c + col - begin) * r + i - row) * bytes,
                      bytes);
        }
    }
  }
  return weight;
}
