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
#include "gs/Dialect/GS/IR/Patterns.h"

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

GroupForm PermutedAttr::getGroupForm(ArrayRef<int64_t> shape) const {
  GroupForm form = opaqueForm(getPattern(), shape);
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
  if (failed(verifySchema(getGroupForm(shapeOf(weight)), weight.elementType, schema, emitError)))
    return failure();
  FailureOr<std::vector<Buffer>> buffers = getPattern().pack(weight, schema, emitError);
  if (failed(buffers))
    return failure();
  std::vector<Buffer> own = allocate(compositeOf(*this, shapeOf(weight))->own);
  for (int64_t position = 0; position < weight.rows; ++position)
    storeIndex(own[0].data, position, 32, weight.rowAt(position));
  buffers->push_back(std::move(own[0]));
  return buffers;
}

FailureOr<Weight> PermutedAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                       const Schema &schema, EmitError emitError) const {
  if (failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  std::vector<Buffer> own;
  SmallVector<int64_t> order;
  for (const Buffer &buffer : buffers) {
    if (buffer.name != "row_order") {
      own.push_back(buffer);
      continue;
    }
    for (int64_t position = 0; position < shape[0]; ++position)
      order.push_back(static_cast<int32_t>(loadIndex(buffer.data, position, 32)));
  }
  FailureOr<Weight> moved = getPattern().unpack(shape, elementType, own, schema, emitError);
  if (failed(moved))
    return failure();
  Weight weight = *moved;
  weight.rowOrder = std::move(order);
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  int64_t rowBytes = weight.cols * weight.elementBytes;
  for (int64_t position = 0; position < weight.rows; ++position) {
    int64_t row = weight.rowOrder[position];
    std::memcpy(weight.values.data() + row * rowBytes, moved->values.data() + position * rowBytes, rowBytes);
    std::memcpy(weight.mask.data() + row * weight.cols, moved->mask.data() + position * weight.cols, weight.cols);
  }
  return weight;
}
