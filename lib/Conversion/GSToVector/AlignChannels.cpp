//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets channels begin at cache lines where they are written.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/StoredPool.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::gs {
#define GEN_PASS_DEF_ALIGNCHANNELS
#include "gs/Conversion/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Buffers that must be laid out alike, since kernels write one where they read another, and the packs that are not
/// needed then.
struct Buffers {
  llvm::SetVector<memref::AllocOp> allocs;
  llvm::SetVector<PackPlaneOp> packs;
};

class AlignChannels : public gs::impl::AlignChannelsBase<AlignChannels> {
public:
  using AlignChannelsBase::AlignChannelsBase;

  void runOnOperation() override {
    SmallVector<PackPlaneOp> packs;
    getOperation()->walk([&](PackPlaneOp pack) {
      if (isa<MemRefType>(pack.getInit().getType()) && isWholeChannel(pack.getPlane()))
        packs.push_back(pack);
    });
    DenseSet<Operation *> done;
    for (PackPlaneOp pack : packs) {
      if (done.contains(pack))
        continue;
      Buffers all;
      std::string reason = find(pack, all);
      if (!reason.empty()) {
        pack->setAttr("gs.kept", StringAttr::get(pack.getContext(), reason));
        ++numKept;
        continue;
      }
      done.insert(all.packs.begin(), all.packs.end());
      align(pack.getPlane().getSize(), all);
    }
  }

private:
  /// What is laid out anew for `pack`; otherwise, why it remains a copy.
  static std::string find(PackPlaneOp pack, Buffers &all) {
    auto first = pack.getInput().getDefiningOp<memref::AllocOp>();
    if (!first || first->getBlock() != pack->getBlock() || !first.getType().getLayout().isIdentity())
      return "the input is no buffer of this network's own";
    all.allocs.insert(first);
    for (size_t i = 0; i < all.allocs.size(); ++i) // grows
      for (Operation *user : all.allocs[i]->getUsers())
        if (std::string reason = addUser(user, all.allocs[i], pack, all); !reason.empty())
          return reason;
    for (PackPlaneOp each : all.packs)
      if (std::string reason = refuses(each); !reason.empty())
        return reason;
    return "";
  }

  /// Adds what belongs to `buffer` by its use in `user`.
  static std::string addUser(Operation *user, memref::AllocOp buffer, PackPlaneOp pack, Buffers &all) {
    if (user->getBlock() != pack->getBlock())
      return "the input is used within a loop";
    if (isa<PoolOp>(user))
      return "";
    if (auto other = dyn_cast<PackPlaneOp>(user)) {
      if (!isWholeChannel(other.getPlane()))
        return "";
      all.packs.insert(other);
      return other.getPlane() == pack.getPlane() ? "" : "readers want different planes";
    }
    auto conv = dyn_cast<ConvOp>(user);
    if (!conv)
      return "others than convolutions and pools use the input, too";
    if (conv.getInput() == buffer)
      return "a convolution reads the input as it is, too";
    if (Strip::isOn(conv) || conv->hasAttr(StoredPool::name()))
      return "it is computed or read in a chain, or with a pool in the store";
    // What is added lies where the result does.
    auto shape = cast<ShapedType>(buffer.getType()).getShape();
    for (Value operand : conv->getOperands().drop_front(2)) {
      if (cast<ShapedType>(operand.getType()).getShape() != shape)
        continue;
      auto alloc = operand.getDefiningOp<memref::AllocOp>();
      if (!alloc || alloc->getBlock() != pack->getBlock() || alloc.getType() != buffer.getType())
        return "what is added to it, or what it is added to, is no buffer of this network's own";
      all.allocs.insert(alloc);
    }
    FailureOr<Contraction> c = Contraction::get(conv);
    const Strategy *strategy = succeeded(c) && c->strategy() ? lookupStrategy(c->strategy().getName()) : nullptr;
    if (!strategy || !strategy->storesStrided())
      return "the producer's kernel stores channels as one";
    return "";
  }

  /// Why what `pack` reads cannot take the place of the plane that it writes.
  static std::string refuses(PackPlaneOp pack) {
    auto plane = pack.getInit().getDefiningOp<memref::AllocOp>();
    if (!plane || plane->getBlock() != pack->getBlock())
      return "the plane is no buffer of this network's own";
    for (Operation *reader : plane->getUsers()) {
      if (reader == pack)
        continue;
      auto conv = dyn_cast<ConvOp>(reader);
      if (!conv || conv->getBlock() != pack->getBlock() || conv->isBeforeInBlock(pack) ||
          llvm::is_contained(conv->getOperands().drop_front(2), plane.getResult()))
        return "the plane's memory is used for more than one plane";
      // The copy may be read when its source has been overwritten.
      for (Operation *writer : pack.getInput().getUsers()) {
        auto pool = dyn_cast<PoolOp>(writer);
        Value written = pool ? pool.getInit() : isa<ConvOp>(writer) ? writer->getOperands().back() : Value();
        if (written == pack.getInput() && pack->isBeforeInBlock(writer) && !reader->isBeforeInBlock(writer))
          return "the input is overwritten before the plane is read";
      }
    }
    return "";
  }

  /// Channels of all buffers begin `pitch` elements apart.
  void align(int64_t pitch, Buffers &all) {
    for (memref::AllocOp alloc : all.allocs) {
      MemRefType type = alloc.getType();
      ArrayRef<int64_t> shape = type.getShape();
      SmallVector<int64_t> strides(shape.size(), 1);
      for (size_t d = shape.size() - 1; d-- > 2;)
        strides[d] = strides[d + 1] * shape[d + 1];
      strides[1] = pitch;
      strides[0] = shape[1] * pitch;
      OpBuilder b(alloc);
      Value memory = memref::AllocOp::create(b, alloc.getLoc(),
                                             MemRefType::get({shape[0], shape[1], pitch}, type.getElementType()));
      auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
      Value view =
          memref::ReinterpretCastOp::create(b, alloc.getLoc(), MemRefType::get(shape, type.getElementType(), layout),
                                            memory, /*offset=*/0, shape, strides);
      for (PackPlaneOp pack : all.packs)
        if (pack.getInput() == alloc.getResult()) {
          auto plane = pack.getInit().getDefiningOp<memref::AllocOp>();
          pack.getInputMutable().assign(view);
          plane.replaceAllUsesWith(memory);
          plane.erase();
        }
      alloc.replaceAllUsesWith(view);
      alloc.erase();
      ++numAligned;
    }
    for (PackPlaneOp pack : all.packs)
      pack.erase();
  }
};

} // namespace
