//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The import dialect.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/ONNX/IR/ONNXDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::onnx;

#include "gs/Dialect/ONNX/IR/ONNXDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "gs/Dialect/ONNX/IR/ONNXTypes.cpp.inc"

void ONNXDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "gs/Dialect/ONNX/IR/ONNXTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "gs/Dialect/ONNX/IR/ONNXOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "gs/Dialect/ONNX/IR/ONNXOps.cpp.inc"

/// Index of the value at ONNX position `slot`, or -1. Without a slot list positions are 0, 1, 2, ...
static int64_t indexOfSlot(std::optional<ArrayRef<int32_t>> slots, unsigned slot, unsigned count) {
  if (!slots)
    return slot < count ? static_cast<int64_t>(slot) : -1;
  const auto *it = llvm::find(*slots, static_cast<int32_t>(slot));
  return it == slots->end() ? -1 : it - slots->begin();
}

Value NodeOp::getInput(unsigned slot) {
  int64_t i = indexOfSlot(getOperandSlots(), slot, getInputs().size());
  return i < 0 ? Value() : getInputs()[i];
}

Value NodeOp::getOutput(unsigned slot) {
  int64_t i = indexOfSlot(getResultSlots(), slot, getResults().size());
  return i < 0 ? Value() : getResults()[i];
}

Attribute NodeOp::getNodeAttr(StringRef name) {
  return getNodeAttributes() ? getNodeAttributesAttr().get(name) : Attribute();
}

/// Slots must say one position per value, in order.
static LogicalResult verifySlots(NodeOp op, std::optional<ArrayRef<int32_t>> slots, StringRef name) {
  if (!slots)
    return success();
  for (auto [i, slot] : llvm::enumerate(*slots))
    if (slot < 0 || (i && slot <= (*slots)[i - 1]))
      return op.emitOpError() << name << " must be non-negative and ascend, but entry " << i << " is " << slot;
  return success();
}

LogicalResult NodeOp::verify() {
  if (getOpType().empty())
    return emitOpError("needs a non-empty op_type");
  if (static_cast<int64_t>(getOpset()) < 1)
    return emitOpError("opset must be at least 1, got ") << static_cast<int64_t>(getOpset());
  if (getOperandSlots() && getOperandSlots()->size() != getInputs().size())
    return emitOpError("operand_slots has ")
           << getOperandSlots()->size() << " entries for " << getInputs().size() << " operands";
  if (getResultSlots() && getResultSlots()->size() != getResults().size())
    return emitOpError("result_slots has ")
           << getResultSlots()->size() << " entries for " << getResults().size() << " results";
  if (failed(verifySlots(*this, getOperandSlots(), "operand_slots")) ||
      failed(verifySlots(*this, getResultSlots(), "result_slots")))
    return failure();
  if ((getRegionNames() ? getRegionNames()->size() : 0) != getSubgraphs().size())
    return emitOpError("region_names must name every subgraph");
  return success();
}
