//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tile plans of random contractions: every output once, no read outside of the
// input.
//
//===----------------------------------------------------------------------===//
#include "gs/Conversion/GSToVector/TilePlan.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace mlir::gs;

namespace {

/// Calls `body` with the input and output base of every tile.
void forEachTile(const TileLoop &tile, llvm::function_ref<void(int64_t, int64_t)> body, size_t depth = 0,
                 int64_t in = 0, int64_t out = 0) {
  if (depth == tile.loops.size())
    return body(in + tile.inBase, out + tile.outBase);
  const TileLoop::Loop &loop = tile.loops[depth];
  for (int64_t i = 0; i < loop.trip; ++i)
    forEachTile(tile, body, depth + 1, in + i * loop.inStride, out + i * loop.outStride);
}

/// Checks a plan against the law of the contraction. The output of row 0 is what a tile names; other rows are equal.
void checkPlan(const Contraction &c, int64_t lanes, int64_t maxVectors, int64_t maxColumns = 0) {
  SCOPED_TRACE(testing::Message() << "batch " << c.batch << ", outer " << c.outer << ", lines " << c.lines << " of "
                                  << c.lineLength << " at pitch " << c.lineStride << ", lanes " << lanes
                                  << ", maxVectors " << maxVectors << ", maxColumns " << maxColumns
                                  << (c.inputHasSlack ? ", slack" : ""));
  SmallVector<TileLoop> plan = planTiles(c, lanes, maxVectors, /*narrowAlone=*/maxColumns > 0, maxColumns);
  int64_t perRow = c.outputsPerRow(), outBatch = c.rows * perRow;
  std::vector<int> covered(c.batch * outBatch);
  // Where the input of an output column lies, displacement of the weight's column excluded.
  std::vector<int64_t> source(c.batch * outBatch, -1);
  for (int64_t b = 0; b < c.batch; ++b)
    for (int64_t o = 0; o < c.outer; ++o)
      for (int64_t l = 0; l < c.lines; ++l)
        for (int64_t n = 0; n < c.lineLength; ++n)
          source[b * outBatch + (o * c.lines + l) * c.lineLength + n] =
              b * c.inputBatchStride + o * c.outerStride + l * c.lineStride + n;
  int64_t farthest = *llvm::max_element(c.columnOffset), tiles = 0, vectors = 0;
  for (const TileLoop &tile : plan) {
    ASSERT_FALSE(tile.vectors.empty());
    ASSERT_LE(static_cast<int64_t>(tile.vectors.size()), maxVectors);
    ASSERT_LE(static_cast<int64_t>(tile.columns.size()), maxColumns);
    SmallVector<VectorPlace> places(tile.vectors);
    places.append(tile.columns.begin(), tile.columns.end());
    tiles += tile.count();
    vectors += tile.count() * static_cast<int64_t>(tile.vectors.size());
    forEachTile(tile, [&](int64_t in, int64_t out) {
      for (const VectorPlace &place : places) {
        ASSERT_GE(place.readable, 1);
        ASSERT_LE(place.readable, lanes);
        ASSERT_GE(in + place.in, 0);
        ASSERT_LE(in + place.in + farthest + place.readable, c.inputSize);
        int64_t next = 0;
        for (const Segment &s : place.segments) {
          ASSERT_GE(s.lane, next);
          ASSERT_GE(s.count, 1);
          next = s.lane + s.count;
          ASSERT_LE(next, place.readable);
          for (int64_t i = 0; i < s.count; ++i) {
            int64_t at = out + s.out + i;
            ASSERT_GE(at, 0);
            ASSERT_LT(at, static_cast<int64_t>(covered.size()));
            ++covered[at];
            ASSERT_EQ(source[at], in + place.in + s.lane + i);
          }
        }
      }
    });
  }
  for (size_t i = 0; i < covered.size(); ++i)
    ASSERT_EQ(covered[i], source[i] >= 0 ? 1 : 0) << "output " << i;
  EXPECT_EQ(countTiles(plan), tiles);
  EXPECT_EQ(countVectors(plan), vectors);
}

/// A matmul: one line per batch entry, nothing behind the last element.
Contraction matmul(int64_t batch, int64_t rows, int64_t cols, int64_t columns) {
  Contraction c;
  c.batch = batch;
  c.rows = rows;
  c.cols = cols;
  c.lineLength = columns;
  c.inputBatchStride = cols * columns;
  c.inputSize = batch * cols * columns;
  for (int64_t k = 0; k < cols; ++k)
    c.columnOffset.push_back(k * columns);
  return c;
}

TEST(TilePlan, Matmul) {
  std::mt19937 random(1);
  auto pick = [&](int64_t lo, int64_t hi) { return std::uniform_int_distribution<int64_t>(lo, hi)(random); };
  for (int i = 0; i < 400; ++i) {
    Contraction c = matmul(pick(1, 3), pick(1, 4), pick(1, 3), i % 2 ? pick(1, 40) : pick(1, 300));
    for (int64_t lanes : {4, 8, 16})
      checkPlan(c, lanes, pick(1, 9), i % 3);
  }
}

TEST(TilePlan, SingleColumnsBehindVectors) {
  // 14 x 14 and 7 x 7 pixels: three vectors of 16 and one column per tile.
  for (int64_t columns : {196, 49}) {
    Contraction c = matmul(1, 8, 2, columns);
    checkPlan(c, 16, 3, 2);
    SmallVector<TileLoop> plan = planTiles(c, 16, 3, /*narrowAlone=*/true, /*maxColumns=*/2);
    ASSERT_EQ(plan.size(), 1u);
    EXPECT_EQ(plan[0].count(), columns / 49);
    EXPECT_EQ(plan[0].vectors.size(), 3u);
    EXPECT_EQ(plan[0].columns.size(), 1u);
  }
  // More than two columns per tile would be left: the last vector stays.
  for (const TileLoop &tile : planTiles(matmul(1, 8, 2, 53), 16, 3, /*narrowAlone=*/true, /*maxColumns=*/2))
    EXPECT_TRUE(tile.columns.empty());
}

/// Convolutions as the passes make them: a gs.conv, the plane that gs-assign-layout gives it, and its geometry.
TEST(TilePlan, Convolution) {
  MLIRContext context;
  context.loadDialect<GSDialect>();
  std::mt19937 random(2);
  auto pick = [&](int64_t lo, int64_t hi) { return std::uniform_int_distribution<int64_t>(lo, hi)(random); };
  OpBuilder b(&context);
  Location loc = b.getUnknownLoc();
  Type f32 = b.getF32Type();
  int made = 0;
  while (made < 600) {
    unsigned spatial = static_cast<unsigned>(pick(1, 3));
    int64_t batch = pick(1, 2), channels = pick(1, 2), rows = pick(1, 3);
    SmallVector<int64_t> weight{rows, channels}, input{batch, channels}, output{batch, rows}, strides, dilations;
    SmallVector<int64_t> pads(2 * spatial);
    bool valid = true;
    for (unsigned d = 0; d < spatial; ++d) {
      weight.push_back(pick(1, 3));
      input.push_back(pick(1, d + 1 == spatial ? 40 : 7));
      strides.push_back(pick(1, 3));
      dilations.push_back(pick(1, 2));
      pads[d] = pick(0, 3);
      pads[spatial + d] = pick(0, 3);
      int64_t window = (weight.back() - 1) * dilations.back() + 1, padded = input.back() + pads[d] + pads[spatial + d];
      valid &= window <= padded;
      output.push_back(valid ? (padded - window) / strides.back() + 1 : 1);
    }
    if (!valid)
      continue;
    ++made;
    for (int64_t lanes : {4, 8, 16}) {
      auto empty = [&](ArrayRef<int64_t> shape) -> Value {
        auto type = RankedTensorType::get(shape, f32);
        return UnrealizedConversionCastOp::create(b, loc, type, ValueRange()).getResult(0);
      };
      Value w = empty(weight), x = empty(input), y = empty(output);
      auto type = cast<RankedTensorType>(y.getType());
      auto conv = ConvOp::create(b, loc, TypeRange(type), w, x, ValueRange(), y, b.getDenseI64ArrayAttr(strides),
                                 b.getDenseI64ArrayAttr(dilations), b.getDenseI64ArrayAttr(pads),
                                 b.getI64IntegerAttr(1), PlaneAttr(), StrategyAttr());
      SmallVector<Operation *> made{conv, w.getDefiningOp(), x.getDefiningOp(), y.getDefiningOp()};
      FailureOr<Contraction> planned = Contraction::afterLayout(conv, lanes);
      ASSERT_TRUE(succeeded(planned));
      if (needsPlane(conv)) {
        EXPECT_TRUE(failed(Contraction::get(conv)));
        PlaneAttr plane = planFor(conv, lanes);
        Value packed = empty({batch, channels, plane.getSize()});
        made.push_back(packed.getDefiningOp());
        conv.getInputMutable().assign(packed);
        conv.setPlaneAttr(plane);
        EXPECT_TRUE(succeeded(conv.verify()));
        EXPECT_LE(planeReach(conv, plane, lanes), plane.getSize());
      }
      FailureOr<Contraction> c = Contraction::get(conv);
      ASSERT_TRUE(succeeded(c));
      EXPECT_EQ(c->columns(), type.getNumElements() / rows);
      // What was known before the input became planes is what there is now.
      EXPECT_EQ(c->columnOffset, planned->columnOffset);
      EXPECT_EQ(std::make_tuple(c->batch, c->rows, c->outer, c->lines, c->lineLength, c->outerStride, c->lineStride,
                                c->inputBatchStride, c->inputSize, c->inputHasSlack),
                std::make_tuple(planned->batch, planned->rows, planned->outer, planned->lines, planned->lineLength,
                                planned->outerStride, planned->lineStride, planned->inputBatchStride,
                                planned->inputSize, planned->inputHasSlack));
      for (int64_t maxVectors : {1, 2, 3, 4, 6, 8})
        checkPlan(*c, lanes, maxVectors);
      for (Operation *op : made)
        op->erase();
    }
    if (testing::Test::HasFatalFailure())
      return;
  }
}

/// Short lines share a vector, so that a 7 x 7 image at pitch 8 takes half the vectors of 16.
TEST(TilePlan, ShortLines) {
  Contraction c;
  c.rows = 1;
  c.cols = 1;
  c.columnOffset = {0};
  c.lines = 7;
  c.lineLength = 7;
  c.lineStride = 8;
  c.inputSize = 80;
  c.inputHasSlack = true;
  EXPECT_EQ(countVectors(planTiles(c, 16, 4)), 4);
  checkPlan(c, 16, 4);
  EXPECT_EQ(countVectors(planTiles(c, 8, 4)), 7);
}

/// Lines that take several tiles are cut evenly: 10 vectors as 4 + 3 + 3 or better, never 8 + 2.
TEST(TilePlan, LongLines) {
  Contraction c = matmul(1, 1, 1, 160);
  for (const TileLoop &tile : planTiles(c, 16, 8))
    EXPECT_EQ(tile.vectors.size(), 5u);
  EXPECT_EQ(countTiles(planTiles(c, 16, 8)), 2);
}

} // namespace
