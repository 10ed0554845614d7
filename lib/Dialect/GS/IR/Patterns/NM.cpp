//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.nm<n : m>: counted windows, positions in packed bits.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute NMAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t n = 0, m = 0;
  if (parser.parseLess() || parser.parseInteger(n) || parser.parseColon() || parser.parseInteger(m))
    return {};
  SmallVector<int64_t, 2> tile = {1, m};
  bool outer = false;
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("tile"))) {
      tile.clear();
      if (parser.parseEqual() || parseTile(parser, "a tile", "#gs.nm<8 : 16, tile = 4x4>", tile))
        return {};
    } else if (parseView(parser, outer)) {
      return {};
    }
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<NMAttr>(loc, parser.getContext(), n, m, tile[0], tile[1], outer);
}

void NMAttr::print(AsmPrinter &printer) const {
  printer << '<' << getN() << " : " << getM();
  if (getTileRows() != 1)
    printer << ", tile = " << getTileRows() << 'x' << getTileCols();
  printView(printer, getOuter());
  printer << '>';
}

LogicalResult NMAttr::verify(EmitError emitError, int64_t n, int64_t m, int64_t tileRows, int64_t tileCols, bool) {
  if (n < 1 || m <= n || m > 65536)
    return Report(emitError) << "NM-C1: " << n << " of every " << m << " is not possible; 0 < n < m <= 65536";
  if (tileRows < 1 || tileCols < 1 || tileRows > m || tileCols > m || tileRows * tileCols != m)
    return Report(emitError) << "NM-C2: a tile of " << tileRows << "x" << tileCols << " does not have " << m
                             << " weights";
  return success();
}

LogicalResult NMAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("NM-C2", shape, elementType, emitError);
}

LogicalResult NMAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm NMAttr::getGroupForm(ArrayRef<int64_t> shape) const {
  GroupForm form;
  form.view = getOuter() ? View::ChannelOuter : View::ChannelInner;
  form.bundleRows = getTileRows();
  form.lanes = form.width = getN();
  form.support = getTileRows() == 1 ? Support::PerLane : Support::Dictionary;
  form.laneRule = LaneRule::Window;
  form.laneRulePeriod = getM();
  form.outer = Outer::FixedCount;
  form.fixedCount = llvm::divideCeil(numColumns(shape), getTileCols());
  form.indexBuffer = "";
  return form;
}

static TileGrid gridOf(NMAttr nm, const Weight &weight) {
  return {weight, nm.getTileRows(), nm.getTileCols(), nm.getOuter() ? View::ChannelOuter : View::ChannelInner};
}

/// Bits of a position.
static unsigned positionBits(NMAttr nm) { return llvm::Log2_64_Ceil(nm.getM()); }

SmallVector<StorageField> NMAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t, const Schema &) const {
  int64_t bundles = llvm::divideCeil(shape[0], getTileRows());
  int64_t windows = llvm::divideCeil(numColumns(shape), getTileCols());
  int64_t bytes = llvm::divideCeil(bundles * windows * getN() * positionBits(*this), 8);
  return {{"values", {bundles, windows, getN()}, elementType}, {"indices", {bytes}, IntegerType::get(getContext(), 8)}};
}

LogicalResult NMAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  LogicalResult result = success();
  gridOf(*this, weight).forEachTile([&](int64_t, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    if (failed(result))
      return;
    int64_t count = 0, size = rows.size() * columns.size(), expected = std::min(getN(), size);
    for (int64_t row : rows)
      for (int64_t col : columns)
        count += weight.kept(row, col);
    if (count != expected)
      result = Report(emitError) << "NM-C3: window " << tile << " of row " << rows[0] << " keeps " << count
                                 << " weights, expected " << expected << " (" << getN() << " : " << getM()
                                 << "); it begins at column " << columns[0];
  });
  return result;
}

FailureOr<std::vector<Buffer>> NMAttr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, 0, schema));
  int64_t group = 0;
  unsigned bits = positionBits(*this);
  gridOf(*this, weight).forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    int64_t lane = group++ * getN();
    for (auto [i, row] : llvm::enumerate(rows))
      for (auto [j, col] : llvm::enumerate(columns))
        if (weight.kept(row, col)) {
          copyElement(buffers[0].data.data() + lane * weight.elementBytes, weight.valueAt(row, col),
                      weight.elementBytes);
          storeBits(buffers[1].data, lane++ * bits, bits, i * getTileCols() + j);
        }
  });
  return buffers;
}

FailureOr<Weight> NMAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                 const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &indices = *findBuffer(buffers, "indices");
  int64_t group = 0;
  unsigned bits = positionBits(*this);
  LogicalResult result = success();
  gridOf(*this, *weight).forEachTile([&](int64_t, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    int64_t lane = group++ * getN(), last = -1, kept = std::min<int64_t>(getN(), rows.size() * columns.size());
    for (int64_t end = lane + kept; lane < end && succeeded(result); ++lane) {
      int64_t position = loadBits(indices.data, lane * bits, bits);
      size_t i = position / getTileCols(), j = position % getTileCols();
      if (position <= last || i >= rows.size() || j >= columns.size()) {
        result = Report(emitError) << "NM-C3: position " << position << " in window " << tile << " of row " << rows[0]
                                   << (position <= last ? " does not ascend" : " lies outside of the weight");
        return;
      }
      last = position;
      weight->mask[rows[i] * weight->cols + columns[j]] = 1;
      copyElement(weight->valueAt(rows[i], columns[j]), values.data.data() + lane * weight->elementBytes,
                  weight->elementBytes);
    }
  });
  if (failed(result))
    return failure();
  return weight;
}
