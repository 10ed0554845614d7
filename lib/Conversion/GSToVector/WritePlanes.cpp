//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets producers write the insides of padded planes.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::gs {
#define GEN_PASS_DEF_WRITEPLANES
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Where `op`, an op of this dialect, writes; null for others.
Value destinationOf(Operation *op) {
  if (auto pool = dyn_cast<PoolOp>(op))
    return pool.getInit();
  if (auto pack = dyn_cast<PackPlaneOp>(op))
    return pack.getInit();
  if (isa<MatmulOp, ConvOp>(op))
    return op->getOperand(op->getNumOperands() - 1);
  return {};
}

/// Whether `op` does nothing with `buffer` but overwrite all of it.
bool onlyWrites(Operation *op, Value buffer) {
  return destinationOf(op) == buffer && llvm::count(op->getOperands(), buffer) == 1;
}

/// Why the kernel of `producer` cannot store with other strides, or an empty string.
std::string refuses(Operation *producer) {
  if (isa<PoolOp>(producer))
    return "";
  if (!isa<ConvOp>(producer))
    return "the producer is no convolution or pool";
  FailureOr<Contraction> c = Contraction::get(producer);
  const Strategy *strategy = succeeded(c) && c->strategy() ? lookupStrategy(c->strategy().getName()) : nullptr;
  if (!strategy || !canStoreStrided(*strategy, *c))
    return "the producer's kernel stores lines as one";
  return "";
}

class WritePlanes : public gs::impl::WritePlanesBase<WritePlanes> {
public:
  using WritePlanesBase::WritePlanesBase;

  void runOnOperation() override {
    SmallVector<PackPlaneOp> packs;
    getOperation()->walk([&](PackPlaneOp pack) {
      // What has no borders is no inside of anything (gs-align-channels).
      if (isa<MemRefType>(pack.getInit().getType()) && !isWholeChannel(pack.getPlane()))
        packs.push_back(pack);
    });
    for (PackPlaneOp pack : packs) {
      std::string reason = writeInside(pack);
      if (reason.empty()) {
        ++numWritten;
        continue;
      }
      ++numKept;
      pack->setAttr("gs.kept", StringAttr::get(pack.getContext(), reason));
    }
  }

private:
  /// Lets the producer of what `pack` reads write into the plane; otherwise, why not.
  static std::string writeInside(PackPlaneOp pack) {
    Value buffer = pack.getInput();
    auto bufferType = cast<MemRefType>(buffer.getType());
    std::optional<Destination> inside = Destination::insideOf(pack.getPlane(), bufferType.getDimSize(1));
    if (!inside)
      return "strides split the plane in phases";
    auto plane = pack.getInit().getDefiningOp<memref::AllocOp>();
    // Buffers of one step of a loop hold nothing of the step before.
    auto source = buffer.getDefiningOp<memref::AllocOp>();
    if (!source || !plane || source->getBlock() != pack->getBlock() || plane->getBlock() != pack->getBlock())
      return "the input is no buffer of this network's own";
    // Others may only read the plane, and later.
    for (Operation *user : plane->getUsers())
      if (user != pack && (!isa<ConvOp>(user) || destinationOf(user) == plane || user->getBlock() != pack->getBlock() ||
                           user->isBeforeInBlock(pack)))
        return "the plane's memory is used for more than one plane";

    // A buffer may serve several producers one after the other: its value is that of the last one before the pack,
    // until the next one overwrites it.
    Operation *producer = nullptr, *next = nullptr;
    for (Operation *user : buffer.getUsers()) {
      if (user->getBlock() != pack->getBlock())
        return "the input is used within a loop";
      if (!onlyWrites(user, buffer))
        continue;
      if (user->isBeforeInBlock(pack)) {
        if (!producer || producer->isBeforeInBlock(user))
          producer = user;
      } else if (!next || user->isBeforeInBlock(next)) {
        next = user;
      }
    }
    if (!producer)
      return "the producer is no convolution or pool";
    for (Operation *user : buffer.getUsers()) {
      bool isOther = user->isBeforeInBlock(producer) || (next && (user == next || next->isBeforeInBlock(user)));
      // A view that was made before may be used afterwards.
      if (user != pack && user != producer && (!isOther || !destinationOf(user)))
        return "others read the input, too";
    }
    if (std::string reason = refuses(producer); !reason.empty())
      return reason;

    // Nothing stands between the members of a chain, or between a convolution and the pool in its store.
    Operation *begin = StoredPool::firstOf(producer);
    OpBuilder b(begin);
    plane->moveBefore(begin);
    SmallVector<int64_t> strides{inside->batch, inside->row};
    if (bufferType.getRank() > 4)
      strides.push_back(inside->slice);
    if (bufferType.getRank() > 3)
      strides.push_back(inside->line);
    strides.push_back(1);
    auto layout = StridedLayoutAttr::get(b.getContext(), inside->offset, strides);
    auto type = MemRefType::get(bufferType.getShape(), bufferType.getElementType(), layout);
    Value view = memref::ReinterpretCastOp::create(b, pack.getLoc(), type, plane, inside->offset, bufferType.getShape(),
                                                   strides);
    // Zeros first: the producer's lines are then the last thing in the caches.
    pack->moveBefore(begin);
    pack.getInputMutable().assign(view);
    producer->setOperand(isa<PoolOp>(producer) ? cast<PoolOp>(producer).getInitMutable().getOperandNumber()
                                               : producer->getNumOperands() - 1,
                         view);
    return "";
  }
};

} // namespace
