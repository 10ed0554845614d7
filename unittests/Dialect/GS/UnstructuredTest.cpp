//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.unstructured: storage, column blocks, round trip.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class UnstructuredTest : public PatternTest {
protected:
  PatternAttrInterface pattern() { return UnstructuredAttr::get(&context); }
};

Weight smallWeight(MLIRContext *context) {
  // 1 0 2 0 3
  // 0 0 0 0 0
  // 0 4 0 5 6
  Weight weight = *Weight::zeros({3, 5}, Float32Type::get(context), nullptr);
  auto set = [&](int64_t row, int64_t col, float value) {
    weight.mask[row * 5 + col] = 1;
    std::memcpy(weight.valueAt(row, col), &value, 4);
  };
  set(0, 0, 1), set(0, 2, 2), set(0, 4, 3), set(2, 1, 4), set(2, 3, 5), set(2, 4, 6);
  return weight;
}

TEST_F(UnstructuredTest, StoresCompressedRows) {
  Schema schema;
  schema.indexBits = 8;
  FailureOr<std::vector<Buffer>> packed = pattern().pack(smallWeight(&context), schema, nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ(read<float>((*packed)[0]), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read<uint8_t>((*packed)[1]), (std::vector<uint8_t>{0, 2, 4, 1, 3, 4}));
  EXPECT_EQ(read<int32_t>((*packed)[2]), (std::vector<int32_t>{0, 3, 3, 6}));
}

TEST_F(UnstructuredTest, StoresColumnBlocksBlockMajor) {
  Schema schema;
  schema.columnBlock = 3;
  FailureOr<std::vector<Buffer>> packed = pattern().pack(smallWeight(&context), schema, nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ(read<float>((*packed)[0]), (std::vector<float>{1, 2, 4, 3, 5, 6}));
  EXPECT_EQ(read<int32_t>((*packed)[1]), (std::vector<int32_t>{0, 2, 1, 4, 3, 4}));
  EXPECT_EQ(read<int32_t>((*packed)[2]), (std::vector<int32_t>{0, 2, 2, 3, 4, 4, 6}));
}

TEST_F(UnstructuredTest, StoresDisplacementsOfConvolutionGroups) {
  Schema schema;
  schema.columnIndex = {0, 10, 20, 30, 40};
  schema.rowsPerConvGroup = 2;
  schema.convGroupStride = 100;
  FailureOr<std::vector<Buffer>> packed = pattern().pack(smallWeight(&context), schema, nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ(read<int32_t>((*packed)[1]), (std::vector<int32_t>{0, 20, 40, 110, 130, 140}));
}

TEST_F(UnstructuredTest, RoundTrips) {
  for (StringRef element : {"f32", "f16", "bf16", "f64", "i8", "i16", "i32"})
    for (double density : {0.0, 0.1, 0.5, 1.0})
      for (SmallVector<int64_t> shape :
           {SmallVector<int64_t>{1, 1}, {1, 37}, {37, 1}, {13, 29}, {7, 5, 3}, {6, 5, 3, 3}, {3, 2, 3, 1, 2}})
        expectRoundTrip(pattern(), randomUnstructured(shape, type(element), density), shape);
}

TEST_F(UnstructuredTest, RefusesAnIndexThatDoesNotFit) {
  Weight weight = randomUnstructured({2, 300}, type("f32"), 1.0);
  Schema schema;
  schema.indexBits = 8;
  EXPECT_TRUE(failed(pattern().pack(weight, schema, [this] { return emitError(); })));
  EXPECT_EQ(diagnostics, "UN-C1: index 299 of row 1, column 299 does not fit i8, whose largest index is 255; choose a "
                         "wider index\n");
}

TEST_F(UnstructuredTest, RefusesForeignSchemas) {
  Weight weight = randomUnstructured({2, 30}, type("f32"), 1.0);
  Schema schema;
  schema.joined = true;
  EXPECT_TRUE(failed(pattern().pack(weight, schema, [this] { return emitError(); })));
  schema = Schema();
  schema.quotient = true;
  EXPECT_TRUE(failed(pattern().pack(weight, schema, [this] { return emitError(); })));
  schema = Schema();
  schema.columnIndex = {1, 2, 3};
  EXPECT_TRUE(failed(pattern().pack(weight, schema, [this] { return emitError(); })));
  EXPECT_EQ(llvm::count(diagnostics, '\n'), 3) << diagnostics;
}

TEST_F(UnstructuredTest, RefusesARowOrderThatIsNone) {
  Weight weight = randomUnstructured({3, 4}, type("f32"), 0.5);
  weight.rowOrder = {0, 1, 1};
  expectMaskError(pattern(), weight, "CO-C3: row order is not a permutation: row 1 is listed twice");
  weight.rowOrder = {0, 1, 3};
  expectMaskError(pattern(), weight, "row 3 is outside of the weight");
  weight.rowOrder = {0, 1};
  expectMaskError(pattern(), weight, "row order lists 2 of 3 rows");
}

TEST_F(UnstructuredTest, UnpackRefusesBrokenBuffers) {
  Weight weight = smallWeight(&context);
  FailureOr<std::vector<Buffer>> packed = pattern().pack(weight, Schema(), nullptr);
  ASSERT_TRUE(succeeded(packed));
  auto expectError = [&](std::vector<Buffer> buffers, StringRef text) {
    diagnostics.clear();
    EXPECT_TRUE(
        failed(pattern().unpack({3, 5}, weight.elementType, buffers, Schema(), [this] { return emitError(); })));
    EXPECT_NE(diagnostics.find(text), std::string::npos) << diagnostics;
  };
  auto with = [&](unsigned buffer, unsigned position, int32_t value) {
    std::vector<Buffer> buffers = *packed;
    std::memcpy(buffers[buffer].data.data() + 4 * position, &value, 4);
    return buffers;
  };
  expectError(with(1, 2, 5), "index 5 of stored weight 2 in row 0 names no column");
  expectError(with(1, 2, -1), "names no column");
  expectError(with(1, 1, 0), "index 0 of stored weight 1 in row 0 names a column twice");
  expectError(with(2, 0, 1), "offsets must start with 0, not 1");
  expectError(with(2, 2, 2), "offsets fall from 3 to 2 at position 2");
  expectError(with(2, 3, 5), "buffer 'values' has type 'tensor<6xf32>', expected 'tensor<5xf32>'");
  expectError({(*packed)[0], (*packed)[2]}, "lacks buffer 'indices'");
  std::vector<Buffer> more = *packed;
  more.push_back(more[0]);
  more.back().name = "extra";
  expectError(more, "has buffer 'extra', which is not part of its storage");
  std::vector<Buffer> cut = *packed;
  cut[0].data.pop_back();
  expectError(cut, "buffer 'values' has 23 bytes, expected 24");
}

} // namespace
