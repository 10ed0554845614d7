//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.tile_4_2: a dictionary of legal 4x4 tiles.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute Tile42Attr::parse(AsmParser &parser, Type) {
  StringRef rule;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || (loc = parser.getCurrentLocation(), failed(parser.parseKeyword(&rule))) ||
      parser.parseGreater())
    return {};
  if (rule != "row_column" && rule != "complement") {
    parser.emitError(loc) << "a rule is row_column (TT-C1) or complement (TT-C2), not '" << rule << "'";
    return {};
  }
  return Tile42Attr::get(parser.getContext(), rule == "complement");
}

void Tile42Attr::print(AsmPrinter &printer) const { printer << (getComplement() ? "<complement>" : "<row_column>"); }

LogicalResult Tile42Attr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("TT-C1", shape, elementType, emitError)) ||
      failed(verifyDivides("TT-C1", 4, "rows", shape[0], emitError)))
    return failure();
  return verifyDivides("TT-C1", 4, "columns", numColumns(shape), emitError);
}

LogicalResult Tile42Attr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm Tile42Attr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = View::ChannelInner;
  form.bundleRows = 4;
  form.lanes = 8;
  form.width = 2;
  form.support = Support::Dictionary;
  form.outer = Outer::All;
  form.indexBuffer = "";
  return form;
}

static bool isLegal(unsigned mask, bool complement) {
  auto row = [&](unsigned i) { return mask >> (4 * i) & 15; };
  for (unsigned i = 0; i < 4; ++i)
    if (llvm::popcount(row(i)) != 2 || llvm::popcount(mask >> i & 0x1111) != 2)
      return false;
  return !complement || ((row(0) ^ row(1)) == 15 && (row(2) ^ row(3)) == 15);
}

std::vector<unsigned> mlir::gs::detail::tile42Library(bool complement) {
  std::vector<unsigned> masks;
  for (unsigned mask = 0; mask < 1u << 16; ++mask)
    if (isLegal(mask, complement))
      masks.push_back(mask);
  return masks;
}

static unsigned maskOf(const Weight &weight, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
  unsigned mask = 0;
  for (unsigned i = 0; i < 4; ++i)
    for (unsigned j = 0; j < 4; ++j)
      mask |= unsigned(weight.kept(rows[i], columns[j])) << (4 * i + j);
  return mask;
}

SmallVector<StorageField> Tile42Attr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t,
                                                 const Schema &) const {
  int64_t bundles = shape[0] / 4, tiles = numColumns(shape) / 4;
  return {{"values", {bundles, tiles, 8}, elementType},
          {"tile_id", {bundles, tiles}, IntegerType::get(getContext(), 8)}};
}

LogicalResult Tile42Attr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)) ||
      failed(verifyPattern(shapeOf(weight), weight.elementType, emitError)))
    return failure();
  LogicalResult result = success();
  TileGrid(weight, 4, 4)
      .forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        unsigned mask = maskOf(weight, rows, columns);
        if (failed(result) || isLegal(mask, getComplement()))
          return;
        Report report(emitError);
        report << (getComplement() ? "TT-C2" : "TT-C1") << ": tile row " << bundle << ", tile column " << tile;
        for (unsigned i = 0; i < 4; ++i)
          for (bool column : {false, true})
            if (int count = llvm::popcount(column ? mask >> i & 0x1111 : mask >> (4 * i) & 15); count != 2) {
              result = report << (column ? " keeps " : " keeps ") << count << " weights of "
                              << (column ? "column " : "row ") << (column ? columns[i] : rows[i]) << ", expected 2";
              return;
            }
        result = report << " has rows that are not complementary: 0 with 1, 2 with 3";
      });
  return result;
}

FailureOr<std::vector<Buffer>> Tile42Attr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, 0, schema));
  std::vector<unsigned> masks = tile42Library(getComplement());
  char *to = buffers[0].data.data();
  char *id = buffers[1].data.data();
  TileGrid(weight, 4, 4).forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    *id++ = static_cast<char>(llvm::lower_bound(masks, maskOf(weight, rows, columns)) - masks.begin());
    for (int64_t row : rows)
      for (int64_t col : columns)
        if (weight.kept(row, col)) {
          copyElement(to, weight.valueAt(row, col), weight.elementBytes);
          to += weight.elementBytes;
        }
  });
  return buffers;
}

FailureOr<Weight> Tile42Attr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                     const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &ids = *findBuffer(buffers, "tile_id");
  std::vector<unsigned> masks = tile42Library(getComplement());
  const char *from = values.data.data();
  int64_t number = 0;
  LogicalResult result = success();
  TileGrid(*weight, 4, 4)
      .forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        auto id = static_cast<unsigned char>(ids.data[number++]);
        if (failed(result))
          return;
        if (id >= masks.size()) {
          result = Report(emitError) << "tile_id " << unsigned(id) << " of tile row " << bundle << ", tile column "
                                     << tile << " names none of the " << static_cast<int64_t>(masks.size())
                                     << " legal tiles";
          return;
        }
        for (unsigned i = 0; i < 4; ++i)
          for (unsigned j = 0; j < 4; ++j)
            if (masks[id] >> (4 * i + j) & 1) {
              weight->mask[rows[i] * weight->cols + columns[j]] = 1;
              copyElement(weight->valueAt(rows[i], columns[j]), from, weight->elementBytes);
              from += weight->elementBytes;
            }
      });
  if (failed(result))
    return failure();
  return weight;
}
