//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.same_block<r x c>: one mask, repeated.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute SameBlockAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 2> extents;
  if (parser.parseLess() || parseTile(parser, "a block", "#gs.same_block<8x8>", extents) || parser.parseGreater())
    return {};
  return parser.getChecked<SameBlockAttr>(loc, parser.getContext(), extents[0], extents[1]);
}

void SameBlockAttr::print(AsmPrinter &printer) const { printer << '<' << getRows() << 'x' << getCols() << '>'; }

LogicalResult SameBlockAttr::verify(EmitError emitError, int64_t rows, int64_t cols) {
  return verifyTileSize("SB-C1", "block", rows, cols, emitError);
}

LogicalResult SameBlockAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("SB-C1", shape, elementType, emitError);
}

LogicalResult SameBlockAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm SameBlockAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = View::ChannelInner;
  form.bundleRows = getRows();
  form.lanes = getRows() * getCols();
  form.width = getCols();
  form.support = Support::Dictionary;
  form.outer = Outer::All;
  form.indexBuffer = "";
  return form;
}

SmallVector<StorageField> SameBlockAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                    const Schema &) const {
  int64_t bundles = llvm::divideCeil(shape[0], getRows()), tiles = llvm::divideCeil(numColumns(shape), getCols());
  return {{"values", {bundles, tiles, numGroups}, elementType},
          {"mask", {getRows(), getCols()}, IntegerType::get(getContext(), 8)},
          {"offsets", {2}, IntegerType::get(getContext(), 32)}};
}

LogicalResult SameBlockAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  LogicalResult result = success();
  TileGrid grid(weight, getRows(), getCols());
  // The first tile sticks out only where all others do.
  SmallVector<int64_t> firstRows = grid.rows(0);
  ArrayRef<int64_t> firstColumns = grid.columns(0);
  grid.forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    for (auto [i, row] : llvm::enumerate(rows))
      for (auto [j, col] : llvm::enumerate(columns))
        if (succeeded(result) && weight.kept(row, col) != weight.kept(firstRows[i], firstColumns[j]))
          result = Report(emitError) << "SB-C2: block row " << bundle << ", block column " << tile
                                     << (weight.kept(row, col) ? " keeps" : " prunes") << " row " << row << ", column "
                                     << col << ", unlike the first block";
  });
  return result;
}

FailureOr<std::vector<Buffer>> SameBlockAttr::pack(const Weight &weight, const Schema &schema,
                                                   EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  TileGrid grid(weight, getRows(), getCols());
  SmallVector<std::pair<int64_t, int64_t>> places;
  for (auto [i, row] : llvm::enumerate(grid.rows(0)))
    for (auto [j, col] : llvm::enumerate(grid.columns(0)))
      if (weight.kept(row, col))
        places.emplace_back(i, j);
  int64_t kept = places.size(), group = 0;
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, kept, schema));
  for (auto [i, j] : places)
    buffers[1].data[i * getCols() + j] = 1;
  reinterpret_cast<int32_t *>(buffers[2].data.data())[1] = static_cast<int32_t>(kept);
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    char *to = buffers[0].data.data() + group++ * kept * weight.elementBytes;
    for (auto [number, place] : llvm::enumerate(places))
      if (place.first < int64_t(rows.size()) && place.second < int64_t(columns.size()))
        copyElement(to + number * weight.elementBytes, weight.valueAt(rows[place.first], columns[place.second]),
                    weight.elementBytes);
  });
  return buffers;
}

FailureOr<Weight> SameBlockAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                        const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &mask = *findBuffer(buffers, "mask");
  SmallVector<std::pair<int64_t, int64_t>> places;
  for (int64_t i = 0; i < getRows() * getCols(); ++i)
    if (mask.data[i])
      places.emplace_back(i / getCols(), i % getCols());
  int64_t kept = getOffsets(*findBuffer(buffers, "offsets")).back(), group = 0;
  if (static_cast<int64_t>(places.size()) != kept)
    return Report(emitError) << "mask keeps " << static_cast<int64_t>(places.size()) << " positions, but offsets say "
                             << kept;
  TileGrid(*weight, getRows(), getCols())
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        const char *from = values.data.data() + group++ * kept * weight->elementBytes;
        for (auto [number, place] : llvm::enumerate(places)) {
          if (place.first >= int64_t(rows.size()) || place.second >= int64_t(columns.size()))
            continue;
          int64_t row = rows[place.first], col = columns[place.second];
          weight->mask[row * weight->cols + col] = 1;
          copyElement(weight->valueAt(row, col), from + number * weight->elementBytes, weight->elementBytes);
        }
      });
  return weight;
}
