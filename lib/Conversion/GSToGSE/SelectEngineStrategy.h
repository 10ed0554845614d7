//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The choice of a strategy of the engine, and its form on the op.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_SELECTENGINESTRATEGY_H
#define GS_LIB_CONVERSION_GSTOGSE_SELECTENGINESTRATEGY_H

#include "EngineStrategy.h"

namespace mlir::gs {

/// A choice, ready to be executed.
struct EngineChoice {
  const EngineStrategy *strategy = nullptr;
  EngineVariant variant;
  TilePlan plan;

  /// `#gs.strategy<name, {...}>` with all that was chosen.
  StrategyAttr attr(const EngineOp &op) const;
};

/// What is chosen where the op itself says nothing.
struct EngineDefaults {
  std::string strategy; ///< empty: the first default one that does not refuse
  EngineVariant variant;
};

/// The choice for an op: what its `strategy` says, else the defaults. Fails with the reasons of all that refused.
FailureOr<EngineChoice> chooseEngineStrategy(const EngineOp &op, const EngineDefaults &defaults, std::string &reason);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_SELECTENGINESTRATEGY_H
