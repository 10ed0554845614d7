//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.unstructured: compressed sparse rows, optionally cut into column blocks.
//
//===----------------------------------------------------------------------===//
#include "PackUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

LogicalResult UnstructuredAttr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("UN-C1", shape, elementType, emitError);
}

LogicalResult UnstructuredAttr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

GroupForm UnstructuredAttr::getGroupForm(ArrayRef<int64_t>) const { return {}; }

SmallVector<StorageField> UnstructuredAttr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                       const Schema &schema) const {
  MLIRContext *context = getContext();
  int64_t cols = ShapedType::getNumElements(shape.drop_front());
  return {{"values", {numGroups}, elementType},
          {"indices", {numGroups}, IntegerType::get(context, schema.indexBits)},
          {"offsets", {schema.numColumnBlocks(cols) * shape[0] + 1}, IntegerType::get(context, 32)}};
}

LogicalResult UnstructuredAttr::verifyMask(const Weight &weight, EmitError emitError) const {
  return checkInput(weight, Schema(), emitError);
}

FailureOr<std::vector<Buffer>> UnstructuredAttr::pack(const Weight &weight, const Schema &schema,
                                                      EmitError emitError) const {
  if (failed(checkInput(weight, schema, emitError)) ||
      failed(verifySchema(getGroupForm({}), weight.elementType, schema, emitError)))
    return failure();
  int64_t groups = weight.numKept();
  std::vector<Buffer> buffers = allocate(getStorage({weight.rows, weight.cols}, weight.elementType, groups, schema));
  char *values = buffers[0].data.data();
  auto *offsets = reinterpret_cast<int32_t *>(buffers[2].data.data());
  int64_t next = 0, entry = 0, step = schema.columnBlock ? schema.columnBlock : weight.cols;
  int64_t badRow = -1, badCol = -1;
  for (int64_t begin = 0; begin < weight.cols; begin += step) {
    for (int64_t position = 0; position < weight.rows; ++position) {
      int64_t row = weight.rowAt(position);
      forEachKept(weight, row, begin, std::min(begin + step, weight.cols), [&](int64_t col) {
        int64_t index = schema.indexOf(row, col);
        if (index < 0 || index > maxIndex(schema.indexBits))
          badRow = row, badCol = col;
        storeIndex(buffers[1].data, next, schema.indexBits, index);
        copyElement(values + next * weight.elementBytes, weight.valueAt(row, col), weight.elementBytes);
        ++next;
      });
      offsets[++entry] = static_cast<int32_t>(next);
    }
  }
  if (badRow >= 0)
    return checkIndex("UN-C1: ", schema, badRow, badCol, schema.indexOf(badRow, badCol), emitError);
  return buffers;
}

FailureOr<Weight> UnstructuredAttr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                           const Schema &schema, EmitError emitError) const {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, emitError);
  if (failed(weight) || failed(verifyBuffers(*this, shape, elementType, schema, buffers, emitError)))
    return failure();
  const Buffer &values = *findBuffer(buffers, "values"), &indices = *findBuffer(buffers, "indices");
  ArrayRef<int32_t> offsets = getOffsets(*findBuffer(buffers, "offsets"));
  ColumnLookup lookup(schema, weight->cols);
  for (int64_t entry = 0; entry + 1 < static_cast<int64_t>(offsets.size()); ++entry) {
    int64_t row = entry % weight->rows;
    for (int64_t group = offsets[entry]; group < offsets[entry + 1]; ++group) {
      int64_t index = loadIndex(indices.data, group, schema.indexBits), col = lookup.columnOf(row, index);
      if (col < 0 || weight->kept(row, col))
        return Report(emitError) << "UN-C1: index " << index << " of stored weight " << group << " in row " << row
                                 << (col < 0 ? " names no column" : " names a column twice");
      weight->mask[row * weight->cols + col] = 1;
      copyElement(weight->valueAt(row, col), values.data.data() + group * weight->elementBytes, weight->elementBytes);
    }
  }
  return weight;
}
