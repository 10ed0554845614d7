//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels need of the buffers that they read.
//
//===----------------------------------------------------------------------===//
#include "PackingChecks.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;

LogicalResult mlir::gs::verifyPlaneSlack(const Contraction &c, const TargetSpec &spec) {
  auto conv = dyn_cast<ConvOp>(c.op);
  if (!conv || !conv.getPlane())
    return success();
  int64_t lanes = spec.lanes(c.elementType().getIntOrFloatBitWidth()),
          reach = planeReach(conv, *conv.getPlane(), lanes);
  if (conv.getPlane()->getSize() >= reach)
    return success();
  return c.op->emitOpError("plane of ") << conv.getPlane()->getSize() << " elements is too small for vectors of "
                                        << lanes << ", which read " << reach
                                        << "; run gs-assign-layout for this target";
}

LogicalResult mlir::gs::verifyPacking(const Contraction &c, CompressedConstantOp weight,
                                      const StorageRequest &request) {
  CompressedType type = weight.getType();
  using Kind = StorageRequest::Kind;
  StringRef layout = request.layout();
  Attribute pattern = request.packedPattern(c.op->getContext(), type.getPattern());
  StringRef space = request.activation ? "activation" : "column";
  if (type.getLayout() != layout || type.getIndexSpace() != space || type.getIndexForm() != "absolute" ||
      type.getColumnBlock() != request.columnBlock || type.getPanelRows() != request.typePanelRows() ||
      Attribute(type.getPattern()) != pattern) {
    InFlightDiagnostic diag = c.op->emitOpError("weight is not packed as ")
                              << c.strategy() << " reads it: needs layout = " << layout << ", index_space = " << space;
    if (request.columnBlock)
      diag << ", column_block = " << request.columnBlock;
    if (request.typePanelRows())
      diag << ", panel_rows = " << request.typePanelRows();
    if (request.kind == Kind::Rows || request.kind == Kind::RowGroups || request.kind == Kind::Lanes ||
        request.kind == Kind::Windows)
      diag << " and pattern " << pattern;
    return diag << ", got " << type;
  }
  if (request.kind == Kind::LaneWindows)
    return verifyLaneWindows(weight, request.laneWindows, [&] { return c.op->emitOpError(); });
  if (request.kind == Kind::Windows) // its indices are places in registers
    return success();
  if (ElementsAttr order = weight.getBuffer("row_order")) {
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> raw = getRawData(order, storage, [&] { return c.op->emitOpError(); });
    if (failed(raw))
      return failure();
    std::vector<bool> seen(c.rows, false);
    for (size_t at = 0; at + sizeof(int32_t) <= raw->size(); at += sizeof(int32_t)) {
      int32_t row;
      std::memcpy(&row, raw->data() + at, sizeof row);
      if (row < 0 || row >= c.rows || seen[row])
        return c.op->emitOpError("row_order of the weight must name each of its ")
               << c.rows << " rows once, but it holds " << row;
      seen[row] = true;
    }
  }
  int64_t largest = (c.groups - 1) * c.groupStride + *llvm::max_element(c.columnOffset);
  for (StringRef name : {"indices", "block_cols"}) {
    ElementsAttr elements = weight.getBuffer(name);
    if (!elements)
      continue;
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> raw = getRawData(elements, storage, [&] { return c.op->emitOpError(); });
    if (failed(raw))
      return failure();
    unsigned bytes = getElementBytes(elements.getElementType());
    for (size_t at = 0; at + bytes <= raw->size(); at += bytes) {
      uint32_t index = 0; // little-endian, and unsigned whatever the width
      std::memcpy(&index, raw->data() + at, bytes);
      if (index > largest)
        return c.op->emitOpError("packed weight holds displacement ")
               << index << " at position " << at / bytes << " of '" << name << "', but the largest of a column is "
               << largest;
    }
  }
  return success();
}
