//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of strategies.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/Strategy.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::gs;

namespace mlir::gs {
#define GS_STRATEGY(NAME) const Strategy &get##NAME##Strategy();
#include "../Strategies.def"
#undef GS_STRATEGY
} // namespace mlir::gs

ArrayRef<const Strategy *> mlir::gs::allStrategies() {
  static const Strategy *const strategies[] = {
#define GS_STRATEGY(NAME) &get##NAME##Strategy(),
#include "../Strategies.def"
#undef GS_STRATEGY
  };
  return strategies;
}

const Strategy *mlir::gs::lookupStrategy(StringRef name) {
  for (const Strategy *strategy : allStrategies())
    if (strategy->name() == name)
      return strategy;
  return nullptr;
}

StrategyAttr Strategy::makeChoice(MLIRContext *ctx, ArrayRef<std::pair<StringRef, int64_t>> params) const {
  Builder b(ctx);
  SmallVector<NamedAttribute> attrs;
  for (auto [key, value] : params)
    attrs.push_back(b.getNamedAttr(key, b.getI64IntegerAttr(value)));
  return StrategyAttr::get(ctx, name(), attrs.empty() ? DictionaryAttr() : b.getDictionaryAttr(attrs));
}
