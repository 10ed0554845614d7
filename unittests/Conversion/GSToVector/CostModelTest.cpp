//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every cost must obey, on every target: positive, finite, and not less
// for more work.
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
#include <cmath>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Two sums of floating-point terms in different order.
constexpr double slack = 1 + 1e-9;

class CostModel : public testing::Test {
protected:
  CostModel() { context.loadDialect<GSDialect, arith::ArithDialect>(); }

  /// Predicted cycles of the best candidate of each strategy that accepts a matmul with this weight; 0 if it refuses.
  std::vector<double> predict(const TargetSpec &target, int64_t rows, int64_t cols, int64_t columns, Attribute pattern,
                              double density) {
    OpBuilder b(&context);
    Location loc = b.getUnknownLoc();
    Type f32 = b.getF32Type();
    auto value = [&](RankedTensorType type) -> Value {
      return UnrealizedConversionCastOp::create(b, loc, type, ValueRange()).getResult(0);
    };
    Value w = value(RankedTensorType::get({rows, cols}, f32, pattern));
    Value x = value(RankedTensorType::get({cols, columns}, f32)),
          y = value(RankedTensorType::get({rows, columns}, f32));
    auto op = MatmulOp::create(b, loc, TypeRange(y.getType()), w, x, ValueRange(), y, StrategyAttr());
    FailureOr<Contraction> c = Contraction::get(op);
    EXPECT_TRUE(succeeded(c));
    WeightFacts facts;
    facts.pattern = c->pattern();
    if (facts.pattern)
      facts.form = facts.pattern.getGroupForm(c->weightShape());
    facts.nonZeros = static_cast<int64_t>(density * double(rows * cols));
    std::vector<double> result;
    for (const Strategy *strategy : allStrategies()) {
      double best = 0;
      if (strategy->refuses(*c, facts, target).empty())
        for (const Candidate &candidate : strategy->candidates(*c, facts, target)) {
          EXPECT_TRUE(std::isfinite(candidate.cycles) && candidate.cycles > 0)
              << strategy->name().str() << " on " << target.name << ": " << candidate.cycles;
          // What the model proposes must pass the check that hand-written choices pass.
          EXPECT_EQ(candidate.strategy.getName(), strategy->name());
          EXPECT_TRUE(succeeded(strategy->verifyParameters(*c, candidate.strategy, target)));
          if (best == 0 || candidate.cycles < best)
            best = candidate.cycles;
        }
      result.push_back(best);
    }
    for (Operation *made : {op.getOperation(), w.getDefiningOp(), x.getDefiningOp(), y.getDefiningOp()})
      made->erase();
    return result;
  }

  void expectNotLess(const TargetSpec &target, const std::vector<double> &less, const std::vector<double> &more) {
    for (size_t i = 0; i < less.size(); ++i)
      if (less[i] != 0 && more[i] != 0) {
        EXPECT_LE(less[i], more[i] * slack) << allStrategies()[i]->name().str() << " on " << target.name;
      }
  }

  MLIRContext context;
};

TEST_F(CostModel, Loads) {
  for (const TargetSpec &target : getBuiltinTargets()) {
    double load = 0, stream = INFINITY;
    for (double bytes = 64; bytes < 1e9; bytes *= 1.7) {
      double cycles = cost::vectorLoadCycles(target, bytes), rate = cost::streamBytesPerCycle(target, bytes);
      EXPECT_TRUE(std::isfinite(cycles) && cycles > 0);
      EXPECT_TRUE(std::isfinite(rate) && rate > 0);
      EXPECT_GE(cycles * slack, load) << target.name << " at " << bytes << " bytes";
      EXPECT_LE(rate, stream * slack) << target.name << " at " << bytes << " bytes";
      load = cycles;
      stream = rate;
    }
  }
}

TEST_F(CostModel, TileStep) {
  for (const TargetSpec &target : getBuiltinTargets())
    for (int64_t mr : {1, 2, 4, 8})
      for (int64_t nr : {1, 2, 3, 4, 6})
        for (double bytes : {1e3, 1e5, 1e7}) {
          double step = cost::tileStep(target, mr, nr, bytes, true);
          EXPECT_TRUE(std::isfinite(step) && step > 0);
          EXPECT_LE(step, cost::tileStep(target, mr, nr, bytes, false) * slack);
          EXPECT_LE(step, cost::tileStep(target, mr, nr + 1, bytes, true) * slack);
          EXPECT_LE(step, cost::tileStep(target, mr, nr, bytes * 10, true) * slack);
          if (mr > 1) { // one row takes its activations as memory operands, which is a case of its own
            EXPECT_LE(step, cost::tileStep(target, mr * 2, nr, bytes, true) * slack);
          }
        }
}

/// Columns that a mask left cost no less than a dense panel's, and no less from afar, misaligned or not asked for.
TEST_F(CostModel, ScatteredStep) {
  for (const TargetSpec &target : getBuiltinTargets())
    for (int64_t mr : {1, 4, 8})
      for (int64_t nr : {1, 2, 4, 6})
        for (double bytes : {1e3, 1e5, 1e7})
          for (bool aligned : {false, true}) {
            double step = cost::scatteredStep(target, mr, nr, bytes, aligned, /*asks=*/true);
            EXPECT_LE(cost::tileStep(target, mr, nr, bytes, aligned), step * slack);
            EXPECT_LE(step, cost::scatteredStep(target, mr, nr, bytes, aligned, false) * slack);
            EXPECT_LE(step, cost::scatteredStep(target, mr, nr, bytes * 10, aligned, true) * slack);
            if (aligned) {
              EXPECT_LE(step, cost::scatteredStep(target, mr, nr, bytes, false, true) * slack);
            }
          }
  TargetSpec two = *findBuiltinTarget("granite-rapids");
  EXPECT_GT(cost::scatteredStep(two, 4, 6, 1e6, true, true), cost::tileStep(two, 4, 6, 1e6, true));
  EXPECT_EQ(cost::scatteredStep(two, 4, 6, 1e4, true, true), cost::tileStep(two, 4, 6, 1e4, true));
}

/// A residual is read by the store; a bias of one element per row costs nothing that counts.
TEST_F(CostModel, EpilogueCycles) {
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  auto value = [&](ArrayRef<int64_t> shape) -> Value {
    return UnrealizedConversionCastOp::create(b, loc, TypeRange(RankedTensorType::get(shape, b.getF32Type())),
                                              ValueRange())
        .getResult(0);
  };
  Value w = value({256, 64}), x = value({64, 3136}), y = value({256, 3136}), bias = value({256});
  Value residual = value({256, 3136});
  auto cycles = [&](ValueRange operands, StringRef target) {
    auto op = MatmulOp::create(b, loc, TypeRange(y.getType()), w, x, operands, y, StrategyAttr());
    double result = cost::epilogueCycles(*findBuiltinTarget(target), *Contraction::get(op));
    op.erase();
    return result;
  };
  EXPECT_EQ(cycles({}, "granite-rapids"), 0);
  EXPECT_EQ(cycles({bias}, "granite-rapids"), 0);
  double rate = findBuiltinTarget("granite-rapids")->l3BytesPerCycle;
  EXPECT_DOUBLE_EQ(cycles({residual}, "granite-rapids"), 256 * 3136 * 4 / rate);
  EXPECT_DOUBLE_EQ(cycles({bias, residual}, "granite-rapids"), 256 * 3136 * 4 / rate);
  EXPECT_EQ(cycles({residual}, "zen4"), 0);
  for (Value made : {w, x, y, bias, residual})
    made.getDefiningOp()->erase();
}

TEST_F(CostModel, MemoryFloor) {
  for (const TargetSpec &target : getBuiltinTargets()) {
    double last = 0;
    for (int64_t columns = 1; columns <= 1 << 20; columns *= 4) {
      Contraction c;
      c.rows = c.cols = 64;
      c.lineLength = columns;
      c.inputSize = 64 * columns;
      double floor = cost::memoryFloor(target, c, 1e4);
      EXPECT_TRUE(std::isfinite(floor) && floor > 0);
      EXPECT_GT(floor, last);
      EXPECT_LE(floor, cost::memoryFloor(target, c, 1e8) * slack);
      last = floor;
    }
  }
}

/// Lines of 24: one vector and a half, so that ends of two lines fill a vector.
TEST_F(CostModel, LaneUse) {
  TargetSpec target = *findBuiltinTarget("zen4");
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  auto value = [&](ArrayRef<int64_t> shape) -> Value {
    Type type = RankedTensorType::get(shape, b.getF32Type());
    return UnrealizedConversionCastOp::create(b, loc, type, ValueRange()).getResult(0);
  };
  Value w = value({40, 9}), x = value({9, 576}), y = value({40, 576});
  auto op = MatmulOp::create(b, loc, TypeRange(y.getType()), w, x, ValueRange(), y, StrategyAttr());
  FailureOr<Contraction> c = Contraction::get(op);
  ASSERT_TRUE(succeeded(c));
  c->lines = c->lineLength = 24;
  c->lineStride = 26;
  for (int64_t tap = 0; tap < 9; ++tap)
    c->columnOffset[tap] = tap / 3 * c->lineStride + tap % 3;
  auto use = [&](StringRef strategy, StringRef key, int64_t choice) {
    auto params = b.getDictionaryAttr(b.getNamedAttr(key, b.getI64IntegerAttr(choice)));
    return lookupStrategy(strategy)->laneUse(*c, StrategyAttr::get(&context, strategy, params), target);
  };
  EXPECT_DOUBLE_EQ(use("row-group-broadcast", "mr", 4), 0.75);
  EXPECT_DOUBLE_EQ(use("straight-line", "aligned_copy", 0), 0.75);
  EXPECT_DOUBLE_EQ(use("straight-line", "aligned_copy", 1), 0.75);
  EXPECT_DOUBLE_EQ(use("straight-line", "aligned_copy", 2), 1);
  EXPECT_DOUBLE_EQ(use("channel-lanes", "rows", 16), 40.0 / 48);
  for (Operation *made : {op.getOperation(), w.getDefiningOp(), x.getDefiningOp(), y.getDefiningOp()})
    made->erase();
}

TEST_F(CostModel, Strategies) {
  Attribute patterns[] = {Attribute(), UnstructuredAttr::get(&context), BlockAttr::get(&context, 4, 1),
                          GatherScatterAttr::get(&context, 16, 1)};
  for (const TargetSpec &target : getBuiltinTargets())
    for (Attribute pattern : patterns)
      for (int64_t columns : {1, 7, 64, 1000}) {
        std::vector<double> one = predict(target, 64, 128, columns, pattern, 0.1);
        EXPECT_TRUE(llvm::any_of(one, [](double cycles) { return cycles > 0; })) << "nobody accepts the layer";
        // Eight times the rows, or the weights, or nine times the columns.
        expectNotLess(target, one, predict(target, 512, 128, columns, pattern, 0.1));
        expectNotLess(target, one, predict(target, 64, 128, columns, pattern, 0.8));
        if (columns > 1)
          expectNotLess(target, one, predict(target, 64, 128, columns * 9, pattern, 0.1));
        // Shapes that are not worth a kernel must not break the formulas.
        predict(target, 16, 16, columns, pattern, pattern ? 0.0 : 1.0);
      }
}

} // namespace
