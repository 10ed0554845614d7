//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.block_column<R x C>: shared columns of the kept rows of a strip.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute BlockColumnAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 2> extents;
  bool pruneRows = false;
  if (parser.parseLess() || parseTile(parser, "a block", "#gs.block_column<16x64>", extents))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword("prune_rows"))
      return {};
    pruneRows = true;
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<BlockColumnAttr>(loc, parser.getContext(), extents[0], extents[1], pruneRows);
}

void BlockColumnAttr::print(AsmPrinter &printer) const {
  printer << '<' << getRows() << 'x' << getCols() << (getPruneRows() ? ", prune_rows>" : ">");
}

LogicalResult BlockColumnAttr::verify(EmitError emitError, int64_t rows, int64_t cols, bool) {
  return verifyTileSize("BC-C1", "block", rows, cols, emitError);
}

LogicalResult BlockColumnAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("BC-C1", shape, elementType, emitError);
}

LogicalResult BlockColumnAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm BlockColumnAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = View::ChannelInner;
  form.bundleRows = getRows();
  form.lanes = getRows();
  form.support = Support::Shared;
  form.outer = Outer::Offsets;
  form.indexBuffer = "";
  (getPruneRows() ? form.stripRows : form.sharedRows) = getRows();
  return form;
}

SmallVector<StorageField> BlockColumnAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                      const Schema &) const {
  MLIRContext *context = getContext();
  int64_t blocks = llvm::divideCeil(shape[0], getRows()) * llvm::divideCeil(numColumns(shape), getCols());
  SmallVector<StorageField> fields = {{"values", {numGroups, getRows()}, elementType},
                                      {"cols", {numGroups}, IntegerType::get(context, 16)},
                                      {"offsets", {blocks + 1}, IntegerType::get(context, 32)}};
  if (getPruneRows())
    fields.push_back({"kept_rows", {shape[0]}, IntegerType::get(context, 8)});
  return fields;
}

/// Whether each row keeps any weight; a row that keeps none counts as removed.
static std::vector<char> keptRows(const Weight &weight) {
  std::vector<char> kept(weight.rows, 0);
  for (int64_t row = 0; row < weight.rows; ++row)
    forEachKept(weight, row, 0, weight.cols, [&](int64_t) { kept[row] = 1; });
  return kept;
}

LogicalResult BlockColumnAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  std::vector<char> present = getPruneRows() ? keptRows(weight) : std::vector<char>(weight.rows, 1);
  LogicalResult result = success();
  TileGrid(weight, getRows(), getCols())
      .forEachTile([&](int64_t strip, int64_t block, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        for (int64_t col : columns) {
          int64_t kept = 0, expected = 0, pruned = -1;
          for (int64_t row : rows) {
            expected += present[row];
            kept += weight.kept(row, col);
            if (present[row] && !weight.kept(row, col))
              pruned = row;
          }
          if (succeeded(result) && kept && kept != expected)
            result = Report(emitError) << "BC-C1: strip " << strip << ", block " << block << ": column " << col
                                       << " keeps " << kept << " weights, expected 0 or " << expected << "; row "
                                       << pruned << " is pruned";
        }
      });
  return result;
}

FailureOr<std::vector<Buffer>> BlockColumnAttr::pack(const Weight &weight, const Schema &schema,
                                                     EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  TileGrid grid(weight, getRows(), getCols());
  auto anyKept = [&](ArrayRef<int64_t> rows, int64_t col) {
    return llvm::any_of(rows, [&](int64_t row) { return weight.kept(row, col); });
  };
  int64_t total = 0;
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    total += llvm::count_if(columns, [&](int64_t col) { return anyKept(rows, col); });
  });
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, total, schema));
  auto *offsets = reinterpret_cast<int32_t *>(buffers[2].data.data());
  int64_t next = 0;
  grid.forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    for (auto [place, col] : llvm::enumerate(columns)) {
      if (!anyKept(rows, col))
        continue;
      storeIndex(buffers[1].data, next, 16, place);
      for (auto [lane, row] : llvm::enumerate(rows))
        if (weight.kept(row, col))
          copyElement(buffers[0].data.data() + (next * getRows() + lane) * weight.elementBytes,
                      weight.valueAt(row, col), weight.elementBytes);
      ++next;
    }
    *++offsets = static_cast<int32_t>(next);
  });
  if (getPruneRows()) {
    std::vector<char> present = keptRows(weight);
    for (int64_t p = 0; p < weight.rows; ++p) // in row order, as the strips are
      buffers[3].data[p] = present[weight.rowAt(p)];
  }
  return buffers;
}

FailureOr<Weight> BlockColumnAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                          const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &cols = *findBuffer(buffers, "cols");
  const Buffer *present = findBuffer(buffers, "kept_rows");
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  int64_t entry = 0;
  LogicalResult result = success();
  TileGrid(*weight, getRows(), getCols())
      .forEachTile([&](int64_t strip, int64_t block, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        int64_t last = -1, end = offsets[entry + 1];
        for (int64_t group = offsets[entry++]; group < end && succeeded(result); ++group) {
          int64_t place = loadIndex(cols.data, group, 16);
          if (place <= last || place >= static_cast<int64_t>(columns.size())) {
            result = Report(emitError) << "BC-C1: strip " << strip << ", block " << block << ": column " << place
                                       << (place <= last ? " does not ascend" : " lies outside of the block");
            return;
          }
          last = place;
          for (auto [lane, row] : llvm::enumerate(rows)) {
            if (present && !present->data[row])
              continue;
            weight->mask[row * weight->cols + columns[place]] = 1;
            copyElement(weight->valueAt(row, columns[place]),
                        values.data.data() + (group * getRows() + lane) * weight->elementBytes, weight->elementBytes);
          }
        }
      });
  if (failed(result))
    return failure();
  return weight;
}
