//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.block<r x c>: storage, ragged edges, round trip.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class BlockTest : public PatternTest {
protected:
  PatternAttrInterface pattern(int64_t rows, int64_t cols) { return BlockAttr::get(&context, rows, cols); }
};

/// 3 x 4 weight with value 10 * row + col + 1 on the 2x1 blocks (0, 1), (0, 3) and the ragged (1, 0).
Weight smallWeight(MLIRContext *context) {
  Weight weight = *Weight::zeros({3, 4}, IntegerType::get(context, 8), nullptr);
  for (auto [row, col] : {std::pair(0, 1), {1, 1}, {0, 3}, {1, 3}, {2, 0}}) {
    weight.mask[row * 4 + col] = 1;
    *weight.valueAt(row, col) = 10 * row + col + 1;
  }
  return weight;
}

TEST_F(BlockTest, StoresBlocksWithTheRowInnermost) {
  FailureOr<std::vector<Buffer>> packed = pattern(2, 1).pack(smallWeight(&context), Schema(), nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ((*packed)[0].shape, (SmallVector<int64_t>{3, 1, 2}));
  EXPECT_EQ(read<int8_t>((*packed)[0]), (std::vector<int8_t>{2, 12, 4, 14, 21, 0}));
  EXPECT_EQ((*packed)[1].name, "block_cols");
  EXPECT_EQ(read<int32_t>((*packed)[1]), (std::vector<int32_t>{1, 3, 0}));
  EXPECT_EQ(read<int32_t>((*packed)[2]), (std::vector<int32_t>{0, 2, 3}));
}

TEST_F(BlockTest, StoresColumnBlocksBlockMajor) {
  Schema schema;
  schema.columnBlock = 2;
  FailureOr<std::vector<Buffer>> packed = pattern(2, 1).pack(smallWeight(&context), schema, nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ(read<int8_t>((*packed)[0]), (std::vector<int8_t>{2, 12, 21, 0, 4, 14}));
  EXPECT_EQ(read<int32_t>((*packed)[1]), (std::vector<int32_t>{1, 0, 3}));
  EXPECT_EQ(read<int32_t>((*packed)[2]), (std::vector<int32_t>{0, 1, 2, 3, 3}));
}

TEST_F(BlockTest, RoundTrips) {
  for (StringRef element : {"f32", "f16", "bf16", "i8"})
    for (double density : {0.0, 0.1, 0.5, 1.0})
      for (SmallVector<int64_t> shape :
           {SmallVector<int64_t>{1, 1}, {1, 37}, {37, 1}, {13, 29}, {7, 5, 3}, {6, 5, 3, 3}, {16, 8, 1, 1}}) {
        for (int64_t rows : {1, 2, 4, 8, 16})
          expectRoundTrip(pattern(rows, 1), randomBlock(shape, type(element), rows, 1, density), shape);
        if (shape.size() == 2) // wider blocks lie evenly in an activation only if it is contiguous
          for (auto [rows, cols] : {std::pair(1, 4), {4, 16}, {3, 5}})
            expectRoundTrip(pattern(rows, cols), randomBlock(shape, type(element), rows, cols, density), shape);
      }
}

TEST_F(BlockTest, NamesTheBrokenBlock) {
  Weight weight = randomBlock({14, 9}, type("f32"), 4, 1, 1.0);
  weight.mask[5 * 9 + 7] = 0;
  expectMaskError(pattern(4, 1), weight,
                  "BK-C2: block row 1, block column 7 keeps 3 weights, expected 0 or 4 (block 4x1); row 5, column 7 is "
                  "pruned");
  weight.mask[5 * 9 + 7] = 1;
  weight.mask[13 * 9 + 8] = 0;
  expectMaskError(pattern(4, 1), weight, "BK-C2: block row 3, block column 8 keeps 1 weights, expected 0 or 2");
  expectMaskError(pattern(4, 4), weight,
                  "BK-C2: block row 3, block column 2 keeps 1 weights, expected 0 or 2 (block "
                  "4x4); row 13, column 8 is pruned");
}

TEST_F(BlockTest, RefusesActivationsThatABlockCannotShare) {
  auto expectError = [&](PatternAttrInterface pattern, const Weight &weight, const Schema &schema, StringRef text) {
    diagnostics.clear();
    EXPECT_TRUE(failed(pattern.pack(weight, schema, [this] { return emitError(); })));
    EXPECT_NE(diagnostics.find(text), std::string::npos) << diagnostics;
    EXPECT_EQ(llvm::count(diagnostics, '\n'), 1) << diagnostics;
  };
  Weight weight = randomBlock({8, 6}, type("f32"), 4, 1, 1.0);
  Schema schema;
  schema.rowsPerConvGroup = 6;
  schema.convGroupStride = 100;
  expectError(pattern(4, 1), weight, schema, "BK-C2: rows 4 and 6 of a block lie in different convolution groups");
  schema = Schema();
  schema.columnIndex = {0, 1, 2, 10, 11, 12};
  EXPECT_TRUE(succeeded(pattern(4, 1).pack(weight, schema, nullptr)));
  EXPECT_TRUE(succeeded(pattern(4, 3).pack(weight, schema, nullptr)));
  expectError(pattern(4, 2), weight, schema,
              "BK-C2: columns 2 and 3 of a block are apart by a displacement of 8 in the activation, expected 1");
  schema = Schema();
  schema.columnBlock = 3;
  expectError(pattern(4, 2), weight, schema, "column_block needs one column per group");
}

TEST_F(BlockTest, ChecksParameters) {
  auto expectError = [&](int64_t rows, int64_t cols) {
    diagnostics.clear();
    EXPECT_FALSE(BlockAttr::getChecked([this] { return emitError(); }, &context, rows, cols));
    EXPECT_NE(diagnostics.find("BK-C1"), std::string::npos) << diagnostics;
  };
  expectError(0, 1);
  expectError(1, 0);
  expectError(-4, 1);
  expectError(int64_t(1) << 40, int64_t(1) << 40);
  expectError(1024, 1024);
}

} // namespace
