//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Pools that the kernel of the convolution in front of them computes.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/StoredPool.h"
#include "ChainKernel.h"
#include "gs/Dialect/GS/IR/Views.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::gs;

std::optional<StoredPool> StoredPool::get(PoolOp pool, std::string &reason) {
  auto in = cast<ShapedType>(pool.getInput().getType()).getShape().drop_front(2);
  auto out = cast<ShapedType>(pool.getInit().getType()).getShape().drop_front(2);
  unsigned rank = pool.getSpatialRank();
  if (rank < 2) {
    reason = "the pool has no lines";
    return std::nullopt;
  }
  for (unsigned d = 0; d < rank; ++d) {
    int64_t kernel = pool.getKernel()[d], stride = pool.getStrides()[d];
    if (d + 2 < rank && (kernel != 1 || stride != 1))
      reason = "windows of the pool span slices";
    else if (kernel != stride || (kernel > 1 && pool.getDilations()[d] != 1))
      reason = "windows of the pool are not side by side";
    else if (pool.getPads()[d] || out[d] != in[d] / kernel)
      reason = "windows of the pool reach over the border";
    else
      continue;
    return std::nullopt;
  }
  return StoredPool{pool.getKind(), pool.getKernel()[rank - 2], pool.getKernel()[rank - 1]};
}

FailureOr<PoolOp> StoredPool::behind(ConvOp conv) {
  auto buffer = conv.getInit().getDefiningOp<memref::AllocOp>();
  PoolOp pool;
  if (buffer)
    for (OpOperand &use : buffer->getUses()) {
      Operation *user = use.getOwner();
      if (user == conv || isa<memref::DeallocOp>(user))
        continue;
      auto reader = dyn_cast<PoolOp>(user);
      if (!reader || pool || use.get() != reader.getInput())
        return user->emitOpError("uses what lies between a convolution and the pool in its store");
      pool = reader;
    }
  if (!pool)
    return conv.emitOpError("has '") << name() << "', but writes no buffer that a pool reads";
  SmallVector<Value> read{conv.getInput()};
  llvm::append_range(read, conv.getEpilogueOperands());
  if (failed(verifyNothingBetween(conv, pool, read)))
    return failure();
  for (Value operand : read)
    if (rootOf(operand) == rootOf(pool.getInit()))
      return pool.emitOpError("writes a buffer that the convolution in front of it reads, which is the same kernel");
  return pool;
}

Operation *StoredPool::firstOf(Operation *op) {
  if (auto pool = dyn_cast<PoolOp>(op))
    for (Operation *user : pool.getInput().getUsers())
      if (auto conv = dyn_cast<ConvOp>(user);
          conv && conv->hasAttr(name()) && conv.getInit() == pool.getInput() && conv->getBlock() == op->getBlock())
        return conv;
  return Strip::firstOf(op);
}

Destination mlir::gs::destinationOf(PoolOp pool, const std::optional<Destination> &strided) {
  auto shape = cast<ShapedType>(pool.getInit().getType()).getShape();
  int64_t rank = static_cast<int64_t>(shape.size());
  Destination to = strided.value_or(Destination());
  if (!strided) {
    to.line = shape[rank - 1];
    to.slice = rank > 3 ? shape[rank - 2] * to.line : to.line;
    to.row = rank > 4 ? shape[rank - 3] * to.slice : to.slice;
  }
  to.batch = shape[1] * to.row;
  return to;
}

Value mlir::gs::combinePooled(ImplicitLocOpBuilder &b, PoolKind kind, Value a, Value x) {
  if (!a)
    return x;
  if (!x)
    return a;
  if (kind != PoolKind::Max)
    return arith::AddFOp::create(b, a, x);
  // NaN wins: one in x because the comparison fails, one in a because it is kept. Two instructions on x86, one less
  // than arith.maximumf, which also orders zeros.
  Value greater = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, a, x);
  Value larger = arith::SelectOp::create(b, greater, a, x);
  Value ordered = arith::CmpFOp::create(b, arith::CmpFPredicate::ORD, a, a);
  return arith::SelectOp::create(b, ordered, larger, a);
}
