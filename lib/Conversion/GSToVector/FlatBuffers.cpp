//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory of operands as kernels take it: flat.
//
//===----------------------------------------------------------------------===//
#include "FlatBuffers.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::gs;

FailureOr<Value> mlir::gs::flatten(ImplicitLocOpBuilder &b, Operation *op, Value value, bool destination) {
  auto type = dyn_cast<MemRefType>(value.getType());
  if (!type)
    return op->emitOpError("gs-to-vector runs after bufferization, but the op still has operand type ")
           << value.getType();
  if (!type.getLayout().isIdentity()) {
    Value copy = memref::AllocOp::create(b, MemRefType::get(type.getShape(), type.getElementType()));
    if (destination) {
      OpBuilder after(op->getContext());
      after.setInsertionPointAfter(op);
      memref::CopyOp::create(after, op->getLoc(), copy, value);
    } else {
      memref::CopyOp::create(b, value, copy);
    }
    value = copy;
    type = cast<MemRefType>(copy.getType());
  }
  if (type.getRank() == 1)
    return value;
  if (type.getRank() == 0) {
    auto flat = MemRefType::get({1}, type.getElementType());
    return memref::ExpandShapeOp::create(b, flat, value, ArrayRef<ReassociationIndices>{}).getResult();
  }
  ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  return memref::CollapseShapeOp::create(b, value, ArrayRef<ReassociationIndices>{all}).getResult();
}

Value mlir::gs::memoryBehind(ImplicitLocOpBuilder &b, Value view) {
  Operation *op = view.getDefiningOp();
  if (!isa_and_nonnull<memref::ReinterpretCastOp, memref::SubViewOp>(op))
    return {};
  Value source = cast<ViewLikeOpInterface>(op).getViewSource();
  auto type = dyn_cast<MemRefType>(source.getType());
  if (!type || !type.hasStaticShape() || !type.getLayout().isIdentity() || type.getRank() == 0)
    return {};
  if (type.getRank() == 1)
    return source;
  ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  return memref::CollapseShapeOp::create(b, source, ArrayRef<ReassociationIndices>{all}).getResult();
}

FailureOr<ChannelsInMemory> mlir::gs::channelsOf(ImplicitLocOpBuilder &b, Operation *op, Value value) {
  ArrayRef<int64_t> shape = cast<ShapedType>(value.getType()).getShape();
  std::optional<Destination> place = Destination::get(value.getType());
  if (place && place->offset == 0 && place->isOnePiece(shape.drop_front(2)) &&
      (shape[0] == 1 || place->batch == shape[1] * place->row))
    if (Value memory = memoryBehind(b, value))
      return ChannelsInMemory{memory, place->row};
  FailureOr<Value> flat = flatten(b, op, value);
  if (failed(flat))
    return failure();
  int64_t size = 1;
  for (int64_t extent : shape.drop_front(2))
    size *= extent;
  return ChannelsInMemory{*flat, size};
}

std::pair<std::optional<Destination>, Value> mlir::gs::destinationIn(ImplicitLocOpBuilder &b, PoolOp pool) {
  std::optional<Destination> destination = Destination::get(pool.getInit().getType());
  // Channels of all batches are equally far apart.
  auto shape = cast<ShapedType>(pool.getInit().getType()).getShape();
  Value memory;
  if (destination && (shape[0] == 1 || destination->batch == shape[1] * destination->row))
    memory = memoryBehind(b, pool.getInit());
  if (!memory)
    destination.reset();
  return {destination, memory};
}
