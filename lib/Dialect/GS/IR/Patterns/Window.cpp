//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.window<q : w, rows = r>: counted windows, positions in bytes, lane = row.
//
//===----------------------------------------------------------------------===//
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute WindowAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t q = 0, w = 0, rows = 16;
  if (parser.parseLess() || parser.parseInteger(q) || parser.parseColon() || parser.parseInteger(w))
    return {};
  if (succeeded(parser.parseOptionalComma()) &&
      (parser.parseKeyword("rows") || parser.parseEqual() || parser.parseInteger(rows)))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<WindowAttr>(loc, parser.getContext(), q, w, rows);
}

void WindowAttr::print(AsmPrinter &printer) const {
  printer << '<' << getQ() << " : " << getW() << ", rows = " << getRows() << '>';
}

LogicalResult WindowAttr::verify(EmitError emitError, int64_t q, int64_t w, int64_t rows) {
  if (w != 16 && w != 32)
    return Report(emitError) << "WN-C1: a window has 16 or 32 columns, not " << w;
  if (q < 1 || q >= w)
    return Report(emitError) << "WN-C1: " << q << " of every " << w << " is not possible; 0 < q < w";
  if (rows < 1 || rows > 64)
    return Report(emitError) << "WN-C1: a bundle has 1 to 64 rows, not " << rows;
  return success();
}

LogicalResult WindowAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("WN-C2", shape, elementType, emitError);
}

LogicalResult WindowAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm WindowAttr::getGroupForm(ArrayRef<int64_t> shape) const {
  GroupForm form;
  form.view = View::ChannelInner;
  form.bundleRows = form.lanes = getRows();
  form.support = Support::PerLane;
  form.laneRule = LaneRule::Window;
  form.laneRulePeriod = getW();
  form.outer = Outer::FixedCount;
  form.fixedCount = getQ() * llvm::divideCeil(numColumns(shape), getW());
  form.indexBuffer = "";
  return form;
}

SmallVector<StorageField> WindowAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t,
                                                 const Schema &) const {
  SmallVector<int64_t> extents = {int64_t(llvm::divideCeil(shape[0], getRows())),
                                  int64_t(llvm::divideCeil(numColumns(shape), getW())), getQ(), getRows()};
  return {{"values", extents, elementType}, {"indices", extents, IntegerType::get(getContext(), 8)}};
}

LogicalResult WindowAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  LogicalResult result = success();
  TileGrid(weight, getRows(), getW())
      .forEachTile([&](int64_t bundle, int64_t window, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        int64_t expected = std::min<int64_t>(getQ(), columns.size());
        for (int64_t row : rows) {
          int64_t count = 0;
          for (int64_t col : columns)
            count += weight.kept(row, col);
          if (count != expected && succeeded(result))
            result = Report(emitError) << "WN-C3: bundle " << bundle << ", window " << window << ": row " << row
                                       << " keeps " << count << " weights, expected " << expected << " (" << getQ()
                                       << " : " << getW() << "); the window begins at column " << columns[0];
        }
      });
  return result;
}

FailureOr<std::vector<Buffer>> WindowAttr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, 0, schema));
  // A window that lacks weights sticks out of the matrix, so its last place has no activation: +0 times zero.
  std::fill(buffers[1].data.begin(), buffers[1].data.end(), static_cast<char>(getW() - 1));
  int64_t group = 0;
  TileGrid(weight, getRows(), getW())
      .forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        int64_t begin = group++ * getQ() * getRows();
        for (auto [lane, row] : llvm::enumerate(rows)) {
          int64_t at = begin + static_cast<int64_t>(lane);
          for (auto [position, col] : llvm::enumerate(columns)) {
            if (!weight.kept(row, col))
              continue;
            copyElement(buffers[0].data.data() + at * weight.elementBytes, weight.valueAt(row, col),
                        weight.elementBytes);
            buffers[1].data[at] = static_cast<char>(position);
            at += getRows();
          }
        }
      });
  return buffers;
}

FailureOr<Weight> WindowAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                     const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &indices = *findBuffer(buffers, "indices");
  int64_t group = 0;
  LogicalResult result = success();
  TileGrid(*weight, getRows(), getW())
      .forEachTile([&](int64_t, int64_t window, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
        int64_t begin = group++ * getQ() * getRows(), kept = std::min<int64_t>(getQ(), columns.size());
        for (auto [lane, row] : llvm::enumerate(rows)) {
          int64_t at = begin + static_cast<int64_t>(lane), last = -1;
          for (int64_t step = 0; step < kept && succeeded(result); ++step, at += getRows()) {
            int64_t position = static_cast<unsigned char>(indices.data[at]);
            if (position <= last || position >= static_cast<int64_t>(columns.size())) {
              result = Report(emitError) << "WN-C3: position " << position << " in window " << window << " of row "
                                         << row
                                         << (position <= last ? " does not ascend" : " lies outside of the weight");
              return;
            }
            last = position;
            weight->mask[row * weight->cols + columns[position]] = 1;
            copyElement(weight->valueAt(row, columns[position]), values.data.data() + at * weight->elementBytes,
                        weight->elementBytes);
          }
        }
      });
  if (failed(result))
    return failure();
  return weight;
}
