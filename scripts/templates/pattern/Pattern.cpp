//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.@snake@<limit>: mask check, packing and unpacking.
//
//===----------------------------------------------------------------------===//
#include "PackUtils.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

LogicalResult @Name@Attr::verify(EmitError emitError, int64_t limit) {
  if (limit < 1)
    return Report(emitError) << "@LABEL@-C1: limit = " << limit << " must be positive";
  return success();
}

LogicalResult @Name@Attr::verifyPattern(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyWeightShape("@LABEL@-C1", shape, elementType, emitError);
}

LogicalResult @Name@Attr::verifyEncoding(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) const {
  return verifyPattern(shape, elementType, emitError);
}

/// Compressed rows say everything there is to say, until the pattern has a form of its own.
static UnstructuredAttr asRows(@Name@Attr pattern) { return UnstructuredAttr::get(pattern.getContext()); }

GroupForm @Name@Attr::getGroupForm(ArrayRef<int64_t> shape) const { return asRows(*this).getGroupForm(shape); }

SmallVector<StorageField> @Name@Attr::getStorage(ArrayRef<int64_t> shape, Type elementType, int64_t numGroups,
                                                 const Schema &schema) const {
  return asRows(*this).getStorage(shape, elementType, numGroups, schema);
}

LogicalResult @Name@Attr::verifyMask(const Weight &weight, EmitError emitError) const {
  if (failed(checkInput(weight, Schema(), emitError)))
    return failure();
  for (int64_t row = 0; row < weight.rows; ++row) {
    int64_t kept = 0;
    forEachKept(weight, row, 0, weight.cols, [&](int64_t) { ++kept; });
    if (kept > getLimit())
      return Report(emitError) << "@LABEL@-C2: row " << row << " keeps " << kept << " weights, expected at most "
                               << getLimit();
  }
  return success();
}

FailureOr<std::vector<Buffer>> @Name@Attr::pack(const Weight &weight, const Schema &schema, EmitError emitError) const {
  if (failed(verifyMask(weight, emitError)))
    return failure();
  return asRows(*this).pack(weight, schema, emitError);
}

FailureOr<Weight> @Name@Attr::unpack(ArrayRef<int64_t> shape, Type elementType, ArrayRef<Buffer> buffers,
                                     const Schema &schema, EmitError emitError) const {
  return asRows(*this).unpack(shape, elementType, buffers, schema, emitError);
}
