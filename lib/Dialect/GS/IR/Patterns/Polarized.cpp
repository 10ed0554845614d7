//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.polarized<n>: magnitudes, and a sign per fragment.
//
//===----------------------------------------------------------------------===//
#include "Signs.h"
#include "TileUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute PolarizedAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  int64_t n = 0;
  bool outer = false;
  if (parser.parseLess() || parser.parseInteger(n))
    return {};
  if (succeeded(parser.parseOptionalComma()) && parseView(parser, outer))
    return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<PolarizedAttr>(loc, parser.getContext(), n, outer);
}

void PolarizedAttr::print(AsmPrinter &printer) const {
  printer << '<' << getN();
  printView(printer, getOuter());
  printer << '>';
}

LogicalResult PolarizedAttr::verify(EmitError emitError, int64_t n, bool) {
  return verifyTileSize("PF-C1", "fragment", 1, n, emitError);
}

LogicalResult PolarizedAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  if (failed(verifyWeightShape("PF-C1", shape, elementType, emitError)))
    return failure();
  // Positions are 32-bit numbers, those of padding included.
  if (int64_t fragments = llvm::divideCeil(numColumns(shape), getN()); fragments > INT32_MAX / (shape[0] * getN()))
    return Report(emitError) << "PF-C1: weight padded to fragments of " << getN() << " has more than 2^31 - 1 elements";
  return success();
}

LogicalResult PolarizedAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

static TileGrid gridOf(PolarizedAttr polarized, const Weight &weight) {
  return {weight, 1, polarized.getN(), polarized.getOuter() ? View::ChannelOuter : View::ChannelInner};
}

GroupForm PolarizedAttr::getGroupForm(ArrayRef<int64_t>) const {
  GroupForm form;
  form.view = getOuter() ? View::ChannelOuter : View::ChannelInner;
  form.lanes = form.width = getN();
  form.support = Support::Dictionary;
  form.outer = Outer::All;
  form.indexBuffer = "";
  return form;
}

SmallVector<StorageField> PolarizedAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t,
                                                    const Schema &) const {
  int64_t fragments = llvm::divideCeil(numColumns(shape), getN());
  Type i8 = IntegerType::get(getContext(), 8);
  return {{"magnitude", {shape[0], fragments, getN()}, elementType},
          {"signs", {int64_t(llvm::divideCeil(shape[0] * fragments, 8))}, i8},
          {"kept", {int64_t(llvm::divideCeil(shape[0] * fragments * getN(), 8))}, i8}};
}

LogicalResult PolarizedAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)) ||
      failed(verifyPattern(shapeOf(weight), weight.elementType, emitError)))
    return failure();
  SignedBits element(weight.elementType, weight.elementBytes);
  LogicalResult result = success();
  gridOf(*this, weight).forEachTile([&](int64_t, int64_t tile, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    int64_t counts[2] = {0, 0}, last[2] = {-1, -1};
    for (int64_t col : columns)
      if (uint64_t bits = element.load(weight.valueAt(rows[0], col));
          weight.kept(rows[0], col) && !element.isZero(bits)) {
        bool negative = element.isNegative(bits);
        ++counts[negative];
        last[negative] = col;
      }
    if (counts[0] && counts[1] && succeeded(result))
      result = Report(emitError) << "PF-C1: fragment " << tile << " of row " << rows[0] << " has " << counts[0]
                                 << " positive and " << counts[1] << " negative weights, expected one sign; columns "
                                 << last[0] << " and " << last[1] << " differ";
  });
  return result;
}

FailureOr<std::vector<Buffer>> PolarizedAttr::pack(const Weight &weight, const Schema &schema,
                                                   EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)) ||
      failed(verifyMask(weight, emitError)))
    return failure();
  std::vector<Buffer> buffers = allocate(getStorage(shapeOf(weight), weight.elementType, 0, schema));
  SignedBits element(weight.elementType, weight.elementBytes);
  int64_t fragment = 0;
  gridOf(*this, weight).forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    auto bitsAt = [&](int64_t col) { return element.load(weight.valueAt(rows[0], col)); };
    bool negative = llvm::any_of(
        columns, [&](int64_t col) { return !element.isZero(bitsAt(col)) && element.isNegative(bitsAt(col)); });
    storeBits(buffers[1].data, fragment, 1, negative);
    for (auto [i, col] : llvm::enumerate(columns))
      if (weight.kept(rows[0], col)) {
        int64_t place = fragment * getN() + static_cast<int64_t>(i);
        element.store(buffers[0].data.data() + place * weight.elementBytes,
                      negative ? element.negate(bitsAt(col)) : bitsAt(col));
        storeBits(buffers[2].data, place, 1, 1);
      }
    ++fragment;
  });
  return buffers;
}

FailureOr<Weight> PolarizedAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                        const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &magnitude = *findBuffer(buffers, "magnitude"), &signs = *findBuffer(buffers, "signs"),
               &kept = *findBuffer(buffers, "kept");
  SignedBits element(elementType, weight->elementBytes);
  int64_t fragment = 0;
  gridOf(*this, *weight).forEachTile([&](int64_t, int64_t, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
    bool negative = loadBits(signs.data, fragment, 1);
    for (auto [i, col] : llvm::enumerate(columns)) {
      int64_t place = fragment * getN() + static_cast<int64_t>(i);
      if (!loadBits(kept.data, place, 1))
        continue;
      uint64_t bits = element.load(magnitude.data.data() + place * weight->elementBytes);
      weight->mask[rows[0] * weight->cols + col] = 1;
      element.store(weight->valueAt(rows[0], col), negative ? element.negate(bits) : bits);
    }
    ++fragment;
  });
  // Buffers may come from anywhere: magnitudes of both signs are not polarised.
  if (failed(verifyMask(*weight, emitError)))
    return failure();
  return weight;
}
