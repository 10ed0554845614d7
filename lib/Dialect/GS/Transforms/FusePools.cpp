//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which pools are computed in the store of the convolution in front of them:
// docs/Rationale/Dense.md.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/Format.h"

namespace mlir::gs {
#define GEN_PASS_DEF_FUSEPOOLS
#include "gs/Dialect/GS/Transforms/Passes.h.inc"
} // namespace mlir::gs

using namespace mlir;
using namespace mlir::gs;

namespace {

class FusePools : public gs::impl::FusePoolsBase<FusePools> {
public:
  using FusePoolsBase::FusePoolsBase;

  void runOnOperation() override {
    SmallVector<std::pair<ConvOp, PoolOp>> pairs;
    getOperation()->walk([&](PoolOp pool) {
      auto conv = pool.getInput().getDefiningOp<ConvOp>();
      if (conv && conv.getStrategy() && conv->getBlock() == pool->getBlock() && !Strip::isOn(conv))
        pairs.push_back({conv, pool});
    });
    for (auto [conv, pool] : pairs) {
      std::string reason;
      std::optional<StoredPool> window = windowFor(conv, pool, reason);
      std::string text;
      llvm::raw_string_ostream os(text);
      if (!window) {
        os << "the pool behind it runs apart: " << reason;
      } else {
        auto result = cast<ShapedType>(conv.getInit().getType());
        os << (window->kind == PoolKind::Max ? "max" : "sum") << " pool of " << window->lines << "x" << window->columns
           << " in the store: "
           << llvm::format("%.2g MB between them are neither written nor read",
                           double(result.getNumElements()) * result.getElementTypeBitWidth() / 8e6);
        conv->setAttr(StoredPool::name(), UnitAttr::get(&getContext()));
        // Nothing may stand between them: what does is needed by others.
        conv->moveBefore(pool);
        ++numPools;
      }
      conv->setAttr("gs.pool_note", StringAttr::get(&getContext(), text));
    }
  }

private:
  /// The windows of `pool`, if the kernel of `conv` can reduce them; otherwise why not.
  static std::optional<StoredPool> windowFor(ConvOp conv, PoolOp pool, std::string &reason) {
    if (!conv->hasOneUse()) {
      reason = "others read its input, too";
      return std::nullopt;
    }
    for (Value operand : conv.getEpilogueOperands())
      if (cast<ShapedType>(operand.getType()).getRank() > 1) {
        reason = "a residual is added before it";
        return std::nullopt;
      }
    std::optional<StoredPool> window = StoredPool::get(pool, reason);
    const Strategy *strategy = lookupStrategy(conv.getStrategyAttr().getName());
    if (!window || !strategy)
      return std::nullopt;
    if (!strategy->storesPool(conv.getStrategyAttr(), *window)) {
      reason = "no vectors of strategy '" + strategy->name().str() + "' with these parameters hold whole windows";
      return std::nullopt;
    }
    return window;
  }
};

} // namespace
