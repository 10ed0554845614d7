//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.bcr<bm x bn>: rows times columns of each block.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute BCRAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<int64_t, 2> extents;
  if (parser.parseLess() || parseTile(parser, "a block", "#gs.bcr<16x64>", extents) || parser.parseGreater())
    return {};
  return parser.getChecked<BCRAttr>(loc, parser.getContext(), extents[0], extents[1]);
}

void BCRAttr::print(AsmPrinter &printer) const { printer << '<' << getRows() << 'x' << getCols() << '>'; }

LogicalResult BCRAttr::verify(EmitError emitError, int64_t rows, int64_t cols) {
  return verifyTileSize("BR-C1", "block", rows, cols, emitError);
}

LogicalResult BCRAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("BR-C1", shape, elementType, emitError);
}

LogicalResult BCRAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm BCRAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = View::ChannelInner;
  form.bundleRows = getRows();
  form.lanes = getRows() * getCols();
  form.width = getCols();
  form.support = Support::Shared;
  form.outer = Outer::All;
  form.indexBuffer = "";
  form.stripRows = getRows();
  return form;
}

SmallVector<StorageField> BCRAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                              const Schema &) const {
  MLIRContext *context = getContext();
  int64_t blocks = llvm::divideCeil(shape[0], getRows()) * llvm::divideCeil(numColumns(shape), getCols());
  auto i8 = IntegerType::get(context, 8);
  return {{"values", {numGroups}, elementType},
          {"rows", {blocks, int64_t(llvm::divideCeil(getRows(), 8))}, i8},
          {"cols", {blocks, int64_t(llvm::divideCeil(getCols(), 8))}, i8},
          {"offsets", {blocks + 1}, IntegerType::get(context, 32)}};
}

namespace {
/// Rows and columns of a block, by number in the block, that keep any weight.
struct KeptSets {
  SmallVector<int64_t> rows, cols;

  KeptSets(const Weight &weight, ArrayRef<int64_t> blockRows, ArrayRef<int64_t> blockColumns) {
    for (auto [i, row] : llvm::enumerate(blockRows))
      if (llvm::any_of(blockColumns, [&, r = row](int64_t col) { return weight.kept(r, col); }))
        rows.push_back(i);
    for (auto [j, col] : llvm::enumerate(blockColumns))
      if (llvm::any_of(blockRows, [&, c = col](int64_t row) { return weight.kept(row, c); }))
        cols.push_back(j);
  }
};
} // namespace

LogicalResult BCRAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  LogicalResult result = success();
  TileGrid(weight, getRows(), getCols())
      .forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        KeptSets kept(weight, rows, columns);
        for (int64_t i : kept.rows)
          for (int64_t j : kept.cols)
            if (succeeded(result) && !weight.kept(rows[i], columns[j]))
              result = Report(emitError) << "BR-C1: block row " << bundle << ", block column " << tile << " keeps "
                                         << static_cast<int64_t>(kept.rows.size()) << " rows and "
                                         << static_cast<int64_t>(kept.cols.size())
                                         << " columns, but not their product; row " << rows[i] << ", column "
                                         << columns[j] << " is pruned";
      });
  return result;
}

FailureOr<std::vector<Buffer>> BCRAttr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, weight.numKept(), schema));
  auto *offsets = reinterpret_cast<int32_t *>(buffers[3].data.data());
  int64_t next = 0, block = 0, rowBytes = buffers[1].shape[1], colBytes = buffers[2].shape[1];
  TileGrid(weight, getRows(), getCols())
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        KeptSets kept(weight, rows, columns);
        for (int64_t i : kept.rows)
          storeBits(buffers[1].data, block * rowBytes * 8 + i, 1, 1);
        for (int64_t j : kept.cols)
          storeBits(buffers[2].data, block * colBytes * 8 + j, 1, 1);
        for (int64_t i : kept.rows)
          for (int64_t j : kept.cols)
            copyElement(buffers[0].data.data() + next++ * weight.elementBytes, weight.valueAt(rows[i], columns[j]),
                        weight.elementBytes);
        offsets[++block] = static_cast<int32_t>(next);
      });
  return buffers;
}

FailureOr<Weight> BCRAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                  const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &rowSets = *findBuffer(buffers, "rows");
  const Buffer &colSets = *findBuffer(buffers, "cols");
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  int64_t block = 0, rowBytes = rowSets.shape[1], colBytes = colSets.shape[1];
  LogicalResult result = success();
  TileGrid(*weight, getRows(), getCols())
      .forEachTile([&](int64_t bundle, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        SmallVector<std::pair<int64_t, int64_t>> kept;
        for (auto [i, row] : llvm::enumerate(rows))
          for (auto [j, col] : llvm::enumerate(columns))
            if (loadBits(rowSets.data, block * rowBytes * 8 + i, 1) &&
                loadBits(colSets.data, block * colBytes * 8 + j, 1))
              kept.emplace_back(row, col);
        int64_t next = offsets[block++], size = kept.size();
        if (succeeded(result) && offsets[block] - next != size)
          result = Report(emitError) << "BR-C1: block row " << bundle << ", block column " << tile << " stores "
                                     << offsets[block] - next << " weights for " << size << " places";
        if (failed(result))
          return;
        for (auto [row, col] : kept) {
          weight->mask[row * weight->cols + col] = 1;
          copyElement(weight->valueAt(row, col), values.data.data() + next++ * weight->elementBytes,
                      weight->elementBytes);
        }
      });
  if (failed(result))
    return failure();
  return weight;
}
