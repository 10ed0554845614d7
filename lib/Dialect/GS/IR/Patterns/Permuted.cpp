//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.permuted<A>: A on reordered rows, the order next to its buffers.
//
//===----------------------------------------------------------------------===//
#include "Composite.h"
#include "GatherScatterGrid.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

Attribute PermutedAttr::parse(AsmParser &parser, Type) {
  PatternAttrInterface pattern;
  if (parser.parseLess() || parsePattern(parser, "CO-C3: a permutation", pattern) || parser.parseGreater())
    return {};
  return PermutedAttr::get(pattern);
}

void PermutedAttr::print(AsmPrinter &printer) const { printer << '<' << getPattern() << '>'; }

LogicalResult PermutedAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return getPattern().verifyPattern(shape, elementType, emitError);
}

LogicalResult PermutedAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

/// True if every column of tiles has a row order of its own, so that no row of the result belongs to one bundle.
static bool hasTileOrders(PermutedAttr pattern, ArrayRef<int64_t> shape) {
  return columnTilesOf(pattern.getPattern(), shape).size() > 1;
}

GroupForm PermutedAttr::getGroupForm(ArrayRef<int64_t> shape) const {
  GroupForm form = hasTileOrders(*this, shape) ? opaqueForm(getPattern(), shape) : getPattern().getGroupForm(shape);
  form.rowOrder = true;
  return form;
}

SmallVector<StorageField> PermutedAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                   const Schema &schema) const {
  return compositeStorage(*compositeOf(*this, shape), shape, elementType, numGroups, schema);
}

LogicalResult PermutedAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  return getPattern().verifyMask(weight, emitError);
}

FailureOr<std::vector<Buffer>> PermutedAttr::pack(const Weight &weight, const Schema &schema,
                                                  EmitError emitError) const {
  SmallVector<int64_t, 3> shape = shapeOf(weight);
  if (failed(verifySchema(getGroupForm(shape), weight.elementType, schema, emitError)))
    return failure();
  FailureOr<std::vector<Buffer>> buffers = getPattern().pack(weight, schema, emitError);
  if (failed(buffers))
    return failure();
  std::vector<Buffer> own = allocate(compositeOf(*this, shape)->own);
  for (int64_t tile = 0, e = columnTilesOf(getPattern(), shape).size(); tile < e; ++tile)
    for (int64_t position = 0; position < weight.rows; ++position)
      storeIndex(own[0].data, tile * weight.rows + position, 32, weight.rowAt(tile, position));
  buffers->push_back(std::move(own[0]));
  return buffers;
}

FailureOr<Weight> PermutedAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                       const Schema &schema, EmitError emitError) const {
  if (failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  SmallVector<int64_t> begins = columnTilesOf(getPattern(), shape);
  std::vector<Buffer> own;
  SmallVector<int64_t> order;
  for (const Buffer &buffer : buffers) {
    if (buffer.name != "row_order") {
      own.push_back(buffer);
      continue;
    }
    for (int64_t at = 0, e = shape[0] * begins.size(); at < e; ++at)
      order.push_back(static_cast<int32_t>(loadIndex(buffer.data, at, 32)));
  }
  FailureOr<Weight> moved = getPattern().unpack(shape, elementType, own, schema, emitError);
  if (failed(moved))
    return failure();
  Weight weight = *moved;
  weight.rowOrder = std::move(order);
  if (failed(checkInput(weight, Schema(), emitError, begins.size())))
    return failure();
  begins.push_back(weight.cols);
  for (size_t tile = 0; tile + 1 < begins.size(); ++tile) {
    int64_t begin = begins[tile], columns = begins[tile + 1] - begin;
    for (int64_t position = 0; position < weight.rows; ++position) {
      int64_t row = weight.rowAt(tile, position);
      std::memcpy(weight.valueAt(row, begin), moved->valueAt(position, begin), columns * weight.elementBytes);
      std::memcpy(weight.mask.data() + row * weight.cols + begin, moved->mask.data() + position * weight.cols + begin,
                  columns);
    }
  }
  return weight;
}
