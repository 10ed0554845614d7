//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants as weights and back: views, masks, element types, resources.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cmath>
#include <ctime>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class WeightTest : public PatternTest {
protected:
  ElementsAttr constant(StringRef text) { return cast<ElementsAttr>(parseAttribute(text, &context)); }
  FailureOr<Weight> weightOf(StringRef values, StringRef mask = "") {
    return Weight::fromElements(constant(values), mask.empty() ? ElementsAttr() : constant(mask),
                                [this] { return emitError(); });
  }
};

TEST_F(WeightTest, FlattensChannelInner) {
  // O = 1, I = 2, 1 x 3 locations.
  FailureOr<Weight> weight = weightOf("dense<[[[[1, 2, 3]], [[4, 5, 6]]]]> : tensor<1x2x1x3xi8>");
  ASSERT_TRUE(succeeded(weight));
  EXPECT_EQ(weight->rows, 1);
  EXPECT_EQ(weight->cols, 6);
  EXPECT_EQ(weight->channels, 2);
  EXPECT_EQ(weight->locations, 3);
  EXPECT_EQ(as<int8_t>(weight->values), (std::vector<int8_t>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(as<int8_t>(weight->toTensorOrder()), (std::vector<int8_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(WeightTest, FlattensEveryElementType) {
  for (StringRef element : {"f16", "bf16", "f32", "f64", "i8", "i16", "i32"}) {
    for (SmallVector<int64_t> shape : {SmallVector<int64_t>{3, 5}, {4, 3, 5}, {2, 3, 5, 7}, {2, 3, 2, 3, 4}}) {
      Weight weight = randomUnstructured(shape, type(element), 0.6);
      auto tensor = RankedTensorType::get(shape, weight.elementType);
      ElementsAttr values = makeElements(tensor, weight.toTensorOrder());
      FailureOr<Weight> again =
          Weight::fromElements(values, weight.maskToElements(shape), [this] { return emitError(); });
      ASSERT_TRUE(succeeded(again)) << diagnostics;
      EXPECT_TRUE(again->values == weight.values);
      EXPECT_TRUE(again->mask == weight.mask);
    }
  }
}

TEST_F(WeightTest, KeepsTheNonZeros) {
  FailureOr<Weight> weight = weightOf("dense<[[0.0, -0.0, 1.0], [0x7FC00000, 0xFF800000, 1.0e-45]]> : tensor<2x3xf32>");
  ASSERT_TRUE(succeeded(weight)) << diagnostics;
  EXPECT_EQ(weight->mask, (std::vector<uint8_t>{0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(weight->numKept(), 4);
  EXPECT_DOUBLE_EQ(weight->density(), 4.0 / 6);
  EXPECT_TRUE(weight->maskIsImplied());
  EXPECT_FALSE(std::signbit(as<float>(weight->values)[1])) << "a pruned -0.0 becomes +0.0";
}

TEST_F(WeightTest, TakesSplatsAndMasks) {
  FailureOr<Weight> weight = weightOf("dense<2.0> : tensor<2x3xf32>");
  ASSERT_TRUE(succeeded(weight));
  EXPECT_EQ(as<float>(weight->values), (std::vector<float>(6, 2.0f)));
  weight = weightOf("dense<0.0> : tensor<2x3xf32>", "dense<true> : tensor<2x3xi1>");
  ASSERT_TRUE(succeeded(weight));
  EXPECT_EQ(weight->numKept(), 6);
  EXPECT_FALSE(weight->maskIsImplied());
  weight = weightOf("dense<[[1, 0], [0, 0]]> : tensor<2x2xi8>", "dense<[[1, 1], [0, 0]]> : tensor<2x2xi8>");
  ASSERT_TRUE(succeeded(weight));
  EXPECT_EQ(weight->mask, (std::vector<uint8_t>{1, 1, 0, 0}));
}

TEST_F(WeightTest, RefusesWhatIsNoWeight) {
  auto expectError = [&](FailureOr<Weight> weight, StringRef text) {
    EXPECT_TRUE(failed(weight));
    EXPECT_EQ(diagnostics, text.str() + "\n");
    diagnostics.clear();
  };
  expectError(weightOf("dense<1.0> : tensor<3xf32>"),
              "weight: a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank 1");
  expectError(weightOf("dense<1.0> : tensor<1x1x1x1x1x1xf32>"),
              "weight: a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank 6");
  expectError(weightOf("dense<> : tensor<0x3xf32>"), "weight: dimension #0 of a weight must be positive, got 0");
  expectError(weightOf("dense<true> : tensor<2x3xi1>"),
              "weight: element type must be f16, bf16, f32, f64, i8, i16 or i32, not 'i1'");
  expectError(weightOf("dense<1.0> : tensor<2x3xf32>", "dense<true> : tensor<3x2xi1>"),
              "mask of type 'tensor<3x2xi1>' must have the shape of the values, 'tensor<2x3xf32>'");
  expectError(weightOf("dense<1.0> : tensor<2x3xf32>", "dense<1> : tensor<2x3xi32>"),
              "mask must have element type i1 or i8, not 'i32'");
  expectError(
      weightOf("dense<[[1.0, 2.0]]> : tensor<1x2xf32>", "dense<[[true, false]]> : tensor<1x2xi1>"),
      "value at row 0, column 1 (channel-inner view) is not zero, but the mask prunes it; set it to zero or keep "
      "it");
  expectError(Weight::fromElements(constant("sparse<[[0, 0]], 1.0> : tensor<2x3xf32>"), ElementsAttr(),
                                   [this] { return emitError(); }),
              "constant must be dense<...> or dense_resource<...>");
  expectError(Weight::fromElements(constant("dense_resource<missing> : tensor<2x3xf32>"), ElementsAttr(),
                                   [this] { return emitError(); }),
              "resource 'missing' holds no data");
  auto blob = HeapAsmResourceBlob::allocateAndCopyInferAlign(ArrayRef<float>({1, 2, 3, 4}));
  expectError(Weight::fromElements(
                  DenseResourceElementsAttr::get(cast<ShapedType>(type("tensor<2x3xf32>")), "short", std::move(blob)),
                  ElementsAttr(), [this] { return emitError(); }),
              "resource 'short' has 16 bytes, but 'tensor<2x3xf32>' needs 24");
}

TEST_F(WeightTest, TakesUnalignedResources) {
  // The constant points one byte into its memory, as one may that lies in a mapped file.
  std::vector<char> memory(1 + 12 * 4);
  for (int32_t i = 0; i < 12; ++i)
    std::memcpy(&memory[1 + 4 * i], &i, 4);
  AsmResourceBlob blob = UnmanagedAsmResourceBlob::allocateWithAlign(ArrayRef(memory).drop_front(), 1);
  auto attr = DenseResourceElementsAttr::get(cast<ShapedType>(type("tensor<1x4x3xi32>")), "mapped", std::move(blob));
  FailureOr<Weight> weight = Weight::fromElements(attr, ElementsAttr(), [this] { return emitError(); });
  ASSERT_TRUE(succeeded(weight)) << diagnostics;
  EXPECT_EQ(as<int32_t>(weight->values), (std::vector<int32_t>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
}

TEST_F(WeightTest, MakesInlineAndResourceConstants) {
  auto small = cast<RankedTensorType>(type("tensor<16x16xf32>")),
       large = cast<RankedTensorType>(type("tensor<17x16xf32>"));
  EXPECT_TRUE(isa<DenseElementsAttr>(makeElements(small, std::vector<char>(1024))));
  std::vector<char> data(17 * 16 * 4, 3);
  const char *memory = data.data();
  ElementsAttr attr = makeElements(large, std::move(data));
  ASSERT_TRUE(isa<DenseResourceElementsAttr>(attr));
  std::vector<char> storage;
  FailureOr<ArrayRef<char>> raw = getRawData(attr, storage);
  ASSERT_TRUE(succeeded(raw));
  EXPECT_EQ(raw->data(), memory) << "the resource takes over the vector";
  EXPECT_TRUE(storage.empty());
  EXPECT_TRUE(isa<DenseElementsAttr>(makeElements(cast<RankedTensorType>(type("tensor<0x16xf32>")), {})));
}

TEST_F(WeightTest, FlattensAResNetInTime) {
  // 24 million weights in 3x3 convolutions, about ResNet-50.
  auto tensor = RankedTensorType::get({2048, 1302, 3, 3}, type("f32"));
  std::vector<char> data(static_cast<size_t>(tensor.getNumElements()) * 4);
  for (size_t i = 0; i < data.size(); i += 40)
    data[i] = 1;
  ElementsAttr attr = makeElements(tensor, std::move(data));
  std::clock_t start = std::clock();
  FailureOr<Weight> weight = Weight::fromElements(attr, ElementsAttr(), nullptr);
  ASSERT_TRUE(succeeded(weight));
  EXPECT_TRUE(obeys(UnstructuredAttr::get(&context), *weight));
  EXPECT_FALSE(obeys(BlockAttr::get(&context, 4, 1), *weight));
  EXPECT_FALSE(obeys(GatherScatterAttr::get(&context, 16, 1), *weight));
  double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("flattened and checked %lld weights in %.3f s\n", static_cast<long long>(tensor.getNumElements()),
              seconds);
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  seconds /= 20;
#endif
#endif
  EXPECT_LE(seconds, 0.6);
}

TEST_F(WeightTest, PrintsTheGeometry) {
  auto text = [&](PatternAttrInterface pattern) {
    std::string result;
    llvm::raw_string_ostream os(result);
    pattern.getGroupForm({64, 64}).print(os);
    return result;
  };
  EXPECT_EQ(text(UnstructuredAttr::get(&context)),
            "any view, bundle of 1 rows, group of 1 lanes (1 per row), a column per lane, offsets per bundle");
  EXPECT_EQ(text(BlockAttr::get(&context, 4, 1)),
            "any view, bundle of 4 rows, group of 4 lanes (1 per row), contiguous, "
            "offsets per bundle and an index per group");
  EXPECT_EQ(
      text(GatherScatterAttr::get(&context, 16, 4)),
      "channel-inner, bundle of 4 rows, group of 16 lanes (4 per row), a column per lane, residues mod 16, offsets "
      "per bundle");
}

TEST_F(WeightTest, GroupHeights) {
  auto heights = [](int64_t shared, int64_t rows, int64_t most) {
    GroupForm form;
    form.sharedRows = shared;
    return form.groupHeights(rows, most);
  };
  using List = SmallVector<int64_t>;
  EXPECT_EQ(heights(1, 1, 64), List());
  EXPECT_EQ(heights(1, 64, 64), List());
  EXPECT_EQ(heights(8, 64, 64), List({8, 4, 2}));
  EXPECT_EQ(heights(16, 64, 8), List({8, 4, 2}));
  EXPECT_EQ(heights(12, 64, 64), List({12, 6, 4, 3, 2}));
  EXPECT_EQ(heights(51, 102, 30), List({17}));
  EXPECT_EQ(heights(53, 106, 30), List());
  // All rows share: any height will do, but none that is mostly padding.
  EXPECT_EQ(heights(100, 100, 32), List({32, 25, 16, 8, 4, 2}));
  EXPECT_EQ(heights(5, 5, 64), List({8, 5, 4, 2}));
  EXPECT_EQ(heights(16, 5, 64), List({16, 8, 4, 2}));
  GroupForm permuted;
  permuted.sharedRows = 8;
  permuted.rowOrder = true;
  EXPECT_TRUE(permuted.groupHeights(64, 64).empty());
}

} // namespace
