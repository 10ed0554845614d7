//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.unified<bm x bn>: a magnitude and signs per block, or its values.
//
//===----------------------------------------------------------------------===//
#include "Signs.h"
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute UnifiedAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 2> tile;
  bool outer = false;
  if (parser.parseLess() || parseTile(parser, "a micro-block", "#gs.unified<4x4>", tile))
    return {};
  if (succeeded(parser.parseOptionalComma()) && parseView(parser, outer))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<UnifiedAttr>(loc, parser.getContext(), tile[0], tile[1], outer);
}

void UnifiedAttr::print(AsmPrinter &printer) const {
  printer << '<' << getRows() << 'x' << getCols();
  printView(printer, getOuter());
  printer << '>';
}

LogicalResult UnifiedAttr::verify(EmitError emitError, int64_t rows, int64_t cols, bool) {
  return verifyTileSize("UM-C1", "micro-block", rows, cols, emitError);
}

LogicalResult UnifiedAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("UM-C2", shape, elementType, emitError);
}

LogicalResult UnifiedAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

static TileGrid gridOf(UnifiedAttr unified, const Weight &weight) {
  return {weight, unified.getRows(), unified.getCols(), unified.getOuter() ? View::ChannelOuter : View::ChannelInner};
}

GroupForm UnifiedAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = getOuter() ? View::ChannelOuter : View::ChannelInner;
  form.bundleRows = getRows();
  form.lanes = getRows() * getCols();
  form.width = getCols();
  form.support = Support::Dictionary;
  form.outer = Outer::Offsets;
  form.indexBuffer = "";
  return form;
}

SmallVector<StorageField> UnifiedAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                  const Schema &) const {
  int64_t bundles = llvm::divideCeil(shape[0], getRows()), tiles = llvm::divideCeil(numColumns(shape), getCols());
  int64_t flags = llvm::divideCeil(bundles * tiles, 8);
  int64_t signs = llvm::divideCeil(bundles * tiles * getRows() * getCols(), 8);
  Type i8 = IntegerType::get(getContext(), 8), i32 = IntegerType::get(getContext(), 32);
  return {{"magnitude", {bundles, tiles}, elementType},
          {"flags", {flags}, i8},
          {"signs", {signs}, i8},
          {"values", {numGroups, getRows(), getCols()}, elementType},
          {"offsets", {bundles + 1}, i32}};
}

LogicalResult UnifiedAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  return checkInput(weight, Schema(), emitError); // UM-C2: every block may be free
}

/// Whether the block is pruned, or keeps all weights with one magnitude that is not zero.
static bool isUnified(const Weight &weight, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
  SignedBits element(weight.elementType, weight.elementBytes);
  bool kept = weight.kept(rows[0], columns[0]);
  uint64_t first = element.magnitude(element.load(weight.valueAt(rows[0], columns[0])));
  if (kept && element.isZero(first)) // zeros that are kept: only a free block can tell them from pruned ones
    return false;
  for (int64_t row : rows)
    for (int64_t col : columns)
      if (weight.kept(row, col) != kept || element.magnitude(element.load(weight.valueAt(row, col))) != first)
        return false;
  return true;
}

FailureOr<std::vector<Buffer>> UnifiedAttr::pack(const Weight &weight, const Schema &schema,
                                                 EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)))
    return failure();
  TileGrid grid = gridOf(*this, weight);
  std::vector<bool> isFree;
  std::vector<int32_t> offsets{0};
  int64_t numFree = 0;
  grid.forEachTile([&](int64_t, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    isFree.push_back(!isUnified(weight, rows, columns));
    numFree += isFree.back();
    if (tile + 1 == grid.tilesPerBundle())
      offsets.push_back(static_cast<int32_t>(numFree));
  });
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, numFree, schema));
  std::memcpy(buffers[4].data.data(), offsets.data(), offsets.size() * sizeof(int32_t));
  SignedBits element(weight.elementType, weight.elementBytes);
  int64_t block = 0, free = 0, size = getRows() * getCols();
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    storeBits(buffers[1].data, block, 1, isFree[block]);
    for (auto [i, row] : llvm::enumerate(rows))
      for (auto [j, col] : llvm::enumerate(columns)) {
        int64_t place = static_cast<int64_t>(i) * getCols() + static_cast<int64_t>(j);
        uint64_t bits = element.load(weight.valueAt(row, col));
        bool flag = isFree[block] ? weight.kept(row, col) : element.isNegative(bits);
        storeBits(buffers[2].data, block * size + place, 1, flag);
        if (isFree[block])
          element.store(buffers[3].data.data() + (free * size + place) * weight.elementBytes, bits);
        else
          element.store(buffers[0].data.data() + block * weight.elementBytes, element.magnitude(bits));
      }
    free += isFree[block++];
  });
  return buffers;
}

FailureOr<Weight> UnifiedAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                      const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &magnitude = *findBuffer(buffers, "magnitude"), &flags = *findBuffer(buffers, "flags"),
               &signs = *findBuffer(buffers, "signs"), &values = *findBuffer(buffers, "values");
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  SignedBits element(elementType, weight->elementBytes);
  TileGrid grid = gridOf(*this, *weight);
  int64_t block = 0, free = 0, size = getRows() * getCols();
  LogicalResult result = success();
  grid.forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    if (failed(result))
      return;
    bool isFree = loadBits(flags.data, block, 1);
    if (isFree && free >= offsets.back()) {
      result = Report(emitError) << "UM-C2: more blocks are flagged as free than the " << offsets.back()
                                 << " that have values";
      return;
    }
    uint64_t common = element.load(magnitude.data.data() + block * weight->elementBytes);
    for (auto [i, row] : llvm::enumerate(rows))
      for (auto [j, col] : llvm::enumerate(columns)) {
        int64_t place = static_cast<int64_t>(i) * getCols() + static_cast<int64_t>(j);
        bool flag = loadBits(signs.data, block * size + place, 1);
        bool kept = isFree ? flag : !element.isZero(common);
        if (!kept)
          continue;
        weight->mask[row * weight->cols + col] = 1;
        uint64_t bits = isFree ? element.load(values.data.data() + (free * size + place) * weight->elementBytes)
                        : flag ? element.negate(common)
                               : common;
        element.store(weight->valueAt(row, col), bits);
      }
    free += isFree;
    ++block;
    if (tile + 1 == grid.tilesPerBundle() && free != offsets[bundle + 1])
      result = Report(emitError) << "UM-C2: " << free << " blocks up to block row " << bundle
                                 << " are flagged as free, but offsets count " << offsets[bundle + 1];
  });
  if (failed(result))
    return failure();
  return weight;
}
