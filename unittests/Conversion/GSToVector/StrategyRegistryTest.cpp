//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategies by name, and what all of them pay.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/CostModel.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::gs;

TEST(StrategyRegistry, Names) {
  for (const Strategy *strategy : allStrategies())
    EXPECT_EQ(lookupStrategy(strategy->name()), strategy) << strategy->name().str();
  EXPECT_EQ(lookupStrategy("no-such-strategy"), nullptr);
}

/// A residual adds the same cycles to every candidate of every strategy and changes nothing else.
TEST(StrategyRegistry, CandidatesOf) {
  MLIRContext context;
  context.loadDialect<GSDialect, arith::ArithDialect>();
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  auto value = [&](ArrayRef<int64_t> shape) -> Value {
    return UnrealizedConversionCastOp::create(b, loc, TypeRange(RankedTensorType::get(shape, b.getF32Type())),
                                              ValueRange())
        .getResult(0);
  };
  Value w = value({64, 96}), x = value({96, 200}), y = value({64, 200}), residual = value({64, 200});
  auto op = MatmulOp::create(b, loc, TypeRange(y.getType()), w, x, ValueRange(residual), y, StrategyAttr());
  const TargetSpec target = *findBuiltinTarget("granite-rapids");
  FailureOr<Contraction> c = Contraction::get(op);
  ASSERT_TRUE(succeeded(c));
  WeightFacts facts;
  facts.nonZeros = 64 * 96;
  double more = cost::epilogueCycles(target, *c);
  EXPECT_GT(more, 0);
  size_t count = 0;
  for (const Strategy *strategy : allStrategies()) {
    if (!refusalOf(*strategy, *c, facts, target).empty())
      continue;
    SmallVector<Candidate> own = strategy->candidates(*c, facts, target),
                           all = candidatesOf(*strategy, *c, facts, target);
    ASSERT_EQ(own.size(), all.size());
    for (auto [before, after] : llvm::zip(own, all)) {
      EXPECT_EQ(before.strategy, after.strategy);
      EXPECT_EQ(before.extraBytes, after.extraBytes);
      EXPECT_DOUBLE_EQ(before.cycles + more, after.cycles);
      ++count;
    }
  }
  EXPECT_GT(count, 0U);
  op->erase();
  for (Value made : {w, x, y, residual})
    made.getDefiningOp()->erase();
}
