//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns that count or name the positions kept in a tile. Random masks made
// from the definitions are legal and survive packing; a flipped weight is
// refused exactly when the definition, stated here once more, refuses it.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "mlir/AsmParser/AsmParser.h"
#include "llvm/ADT/bit.h"
#include <functional>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class CountedPatternsTest : public PatternTest {
protected:
  PatternAttrInterface parse(StringRef text) {
    return llvm::cast<PatternAttrInterface>(parseAttribute(text, &context));
  }

  /// Flips every position once; `legal` is the definition.
  void expectVerdicts(PatternAttrInterface pattern, Weight weight, function_ref<bool(const Weight &)> legal) {
    std::string name;
    llvm::raw_string_ostream(name) << pattern;
    SCOPED_TRACE(name);
    EXPECT_TRUE(legal(weight));
    for (size_t i = 0; i < weight.mask.size(); ++i) {
      weight.mask[i] ^= 1;
      EXPECT_EQ(succeeded(pattern.verifyMask(weight, nullptr)), legal(weight)) << "position " << i;
      weight.mask[i] ^= 1;
    }
  }

  /// `count` of `size` numbers.
  SmallVector<int64_t> pick(int64_t count, int64_t size) {
    SmallVector<int64_t> order = randomOrder(size);
    order.truncate(std::min(count, size));
    return order;
  }

  Weight randomNM(ArrayRef<int64_t> shape, Type element, int64_t n, int64_t m, bool outer) {
    Weight weight = empty(shape, element);
    for (int64_t row = 0; row < weight.rows; ++row)
      for (int64_t begin = 0; begin < weight.cols; begin += m)
        for (int64_t position : pick(n, std::min(m, weight.cols - begin))) {
          int64_t place = begin + position;
          keep(weight, row, outer ? place % weight.locations * weight.channels + place / weight.locations : place);
        }
    return weight;
  }
};

TEST_F(CountedPatternsTest, NM) {
  for (StringRef element : {"f32", "bf16", "i8"})
    for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 1}, {5, 16}, {7, 37}, {6, 5, 3, 3}, {3, 8, 5}}) {
      expectRoundTrip(parse("#gs.nm<2 : 4>"), randomNM(shape, type(element), 2, 4, false), shape);
      expectRoundTrip(parse("#gs.nm<1 : 2>"), randomNM(shape, type(element), 1, 2, false), shape);
      expectRoundTrip(parse("#gs.nm<3 : 7>"), randomNM(shape, type(element), 3, 7, false), shape);
      expectRoundTrip(parse("#gs.nm<2 : 4, view = channel_outer>"), randomNM(shape, type(element), 2, 4, true), shape);
    }
  expectVerdicts(parse("#gs.nm<2 : 4>"), randomNM({3, 11}, type("f32"), 2, 4, false), [](const Weight &w) {
    for (int64_t row = 0; row < w.rows; ++row)
      for (int64_t begin = 0; begin < w.cols; begin += 4) {
        int64_t end = std::min(begin + 4, w.cols), count = 0;
        for (int64_t col = begin; col < end; ++col)
          count += w.kept(row, col);
        if (count != std::min<int64_t>(2, end - begin))
          return false;
      }
    return true;
  });
  Weight weight = randomNM({2, 8}, type("f32"), 2, 4, false);
  std::fill(weight.mask.begin() + 12, weight.mask.end(), 1);
  expectMaskError(parse("#gs.nm<2 : 4>"), weight,
                  "NM-C3: window 1 of row 1 keeps 4 weights, expected 2 (2 : 4); it begins at column 4");
  // Tiles instead of windows.
  Weight tiles = empty({4, 6}, type("f32"));
  for (auto [row, col] : {std::pair(0, 0), {1, 2}, {0, 3}, {0, 4}, {2, 1}, {3, 1}, {2, 5}, {3, 3}})
    keep(tiles, row, col);
  expectRoundTrip(parse("#gs.nm<2 : 6, tile = 2x3>"), tiles, {4, 6});
  expectMaskError(parse("#gs.nm<3 : 6, tile = 2x3>"), tiles, "NM-C3: window 0 of row 0 keeps 2 weights, expected 3");
}

TEST_F(CountedPatternsTest, Window) {
  for (StringRef element : {"f32", "bf16", "i8"})
    for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 1}, {5, 16}, {17, 37}, {6, 5, 3, 3}, {33, 64}}) {
      for (StringRef rows : {"1", "8", "16", "64"}) {
        expectRoundTrip(parse(("#gs.window<3 : 16, rows = " + rows + ">").str()),
                        randomNM(shape, type(element), 3, 16, false), shape);
        expectRoundTrip(parse(("#gs.window<31 : 32, rows = " + rows + ">").str()),
                        randomNM(shape, type(element), 31, 32, false), shape);
      }
    }
  expectVerdicts(parse("#gs.window<2 : 16, rows = 2>"), randomNM({3, 35}, type("f32"), 2, 16, false),
                 [](const Weight &w) {
                   for (int64_t row = 0; row < w.rows; ++row)
                     for (int64_t begin = 0; begin < w.cols; begin += 16) {
                       int64_t end = std::min(begin + 16, w.cols), count = 0;
                       for (int64_t col = begin; col < end; ++col)
                         count += w.kept(row, col);
                       if (count != std::min<int64_t>(2, end - begin))
                         return false;
                     }
                   return true;
                 });
  Weight weight = empty({20, 16}, type("f32"));
  expectMaskError(
      parse("#gs.window<2 : 16, rows = 16>"), weight,
      "WN-C3: bundle 0, window 0: row 0 keeps 0 weights, expected 2 (2 : 16); the window begins at column 0");
}

TEST_F(CountedPatternsTest, Unified) {
  // Signs of one magnitude, nothing, or anything: NaN, infinities and kept zeros included.
  for (StringRef element : {"f32", "bf16", "i8"})
    for (StringRef view : {"", ", view = channel_outer"})
      for (auto [r, c] : {std::pair<int64_t, int64_t>(1, 1), {4, 4}, {3, 5}})
        for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 1}, {8, 20}, {7, 13}, {4, 3, 3, 3}}) {
          Weight weight = randomUnstructured(shape, type(element), 0.7);
          auto storage = [&](int64_t row, int64_t col) { return weight.valueAt(row, col); };
          for (int64_t top = 0; top < weight.rows; top += r)
            for (int64_t left = 0; left < weight.cols; left += c) {
              int64_t kind = uniform(0, 2);
              if (kind == 2)
                continue;
              for (int64_t row = top; row < std::min(top + r, weight.rows); ++row)
                for (int64_t col = left; col < std::min(left + c, weight.cols); ++col) {
                  weight.mask[row * weight.cols + col] = kind;
                  std::memset(storage(row, col), 0, weight.elementBytes);
                  if (kind) // 0x40.. is a magnitude of every type; the top bit is a sign of floats only
                    storage(row, col)[weight.elementBytes - 1] =
                        static_cast<char>(uniform(0, 1) ? 0x40 : 0xC0); // -0x40 of i8 too
                }
            }
          std::string text = ("#gs.unified<" + llvm::Twine(r) + "x" + llvm::Twine(c) + view + ">").str();
          expectRoundTrip(parse(text), weight, shape);
        }
  // A unified block has no values of its own.
  Weight weight = empty({2, 4}, type("f32"));
  for (int64_t col = 0; col < 2; ++col)
    for (int64_t row = 0; row < 2; ++row) {
      float value = row == col ? 2.5f : -2.5f;
      keep(weight, row, col);
      std::memcpy(weight.valueAt(row, col), &value, sizeof(value));
    }
  FailureOr<std::vector<Buffer>> buffers = parse("#gs.unified<2x2>").pack(weight, Schema(), nullptr);
  ASSERT_TRUE(succeeded(buffers));
  EXPECT_EQ(read<float>((*buffers)[0]), (std::vector<float>{2.5f, 0.0f}));
  EXPECT_EQ(read<uint8_t>((*buffers)[1]), (std::vector<uint8_t>{0}));
  EXPECT_EQ(read<uint8_t>((*buffers)[2]), (std::vector<uint8_t>{6}));
  EXPECT_EQ(read<int32_t>((*buffers)[4]), (std::vector<int32_t>{0, 0}));
  (*buffers)[1].data[0] = 1; // a free block that has no values
  EXPECT_TRUE(failed(parse("#gs.unified<2x2>").unpack({2, 4}, type("f32"), *buffers, Schema(), nullptr)));
}

TEST_F(CountedPatternsTest, Polarized) {
  for (StringRef element : {"f32", "f16", "i8"})
    for (bool outer : {false, true})
      for (int64_t n : {1, 4, 7})
        for (double density : {0.0, 0.6, 1.0})
          for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 1}, {5, 16}, {7, 37}, {6, 5, 3, 3}}) {
            Weight weight = randomUnstructured(shape, type(element), density);
            for (int64_t row = 0; row < weight.rows; ++row)
              for (int64_t place = 0; place < weight.cols; ++place) {
                int64_t col = outer ? place % weight.locations * weight.channels + place / weight.locations : place;
                char &top = weight.valueAt(row, col)[weight.elementBytes - 1];
                if (weight.kept(row, col)) // the sign changes from fragment to fragment
                  top = static_cast<char>((row + place / n) % 2 ? top | 0x80 : top & 0x7f);
              }
            std::string text = "#gs.polarized<" + std::to_string(n) + (outer ? ", view = channel_outer>" : ">");
            expectRoundTrip(parse(text), weight, shape);
          }
  // Zeros of either sign are free and stay what they are.
  Weight weight = empty({1, 8}, type("f32"));
  const float row[8] = {1, -0.0f, 0.0f, 2, -1, 0.0f, -0.0f, -2};
  for (int64_t col = 0; col < 8; ++col) {
    keep(weight, 0, col);
    std::memcpy(weight.valueAt(0, col), &row[col], sizeof(float));
  }
  expectRoundTrip(parse("#gs.polarized<4>"), weight, {1, 8});
  expectMaskError(parse("#gs.polarized<8>"), weight,
                  "PF-C1: fragment 0 of row 0 has 2 positive and 2 negative weights, expected one sign");
}

TEST_F(CountedPatternsTest, Tile42) {
  // Two rows choose two of four columns each; the others are their complements, so that every column has two.
  auto randomTiles = [&](ArrayRef<int64_t> shape, Type element, bool complement) {
    Weight weight = empty(shape, element);
    for (int64_t row = 0; row < weight.rows; row += 4)
      for (int64_t col = 0; col < weight.cols; col += 4) {
        SmallVector<int64_t> first = pick(2, 4), second = pick(2, 4);
        for (int64_t j = 0; j < 4; ++j) {
          bool a = llvm::is_contained(first, j), b = llvm::is_contained(second, j);
          // A row and its complement side by side, or two rows apart.
          bool rows[4] = {a, complement ? !a : b, complement ? b : !a, !b};
          for (int64_t i = 0; i < 4; ++i)
            if (rows[i])
              keep(weight, row + i, col + j);
        }
      }
    return weight;
  };
  for (StringRef element : {"f32", "f16", "i8"})
    for (SmallVector<int64_t> shape : {SmallVector<int64_t>{4, 4}, {8, 20}, {4, 4, 3, 3}}) {
      expectRoundTrip(parse("#gs.tile_4_2<complement>"), randomTiles(shape, type(element), true), shape);
      expectRoundTrip(parse("#gs.tile_4_2<row_column>"), randomTiles(shape, type(element), false), shape);
      expectRoundTrip(parse("#gs.tile_4_2<row_column>"), randomTiles(shape, type(element), true), shape);
    }
  // All 4x4 masks: 90 and 36 are legal.
  int64_t legal = 0, complementary = 0;
  Weight tile = empty({4, 4}, type("i8"));
  for (unsigned mask = 0; mask < 1u << 16; ++mask) {
    for (unsigned bit = 0; bit < 16; ++bit)
      tile.mask[bit] = mask >> bit & 1;
    legal += succeeded(parse("#gs.tile_4_2<row_column>").verifyMask(tile, nullptr));
    complementary += succeeded(parse("#gs.tile_4_2<complement>").verifyMask(tile, nullptr));
  }
  EXPECT_EQ(legal, 90);
  EXPECT_EQ(complementary, 36);
  Weight weight = randomTiles({8, 8}, type("f32"), true);
  weight.mask[4 * 8 + 4] ^= 1;
  expectMaskError(parse("#gs.tile_4_2<row_column>"), weight, "TT-C1: tile row 1, tile column 1 keeps");
}

TEST_F(CountedPatternsTest, SameBlock) {
  for (StringRef element : {"f32", "i8"})
    for (double density : {0.0, 0.3, 1.0})
      for (auto [r, c] : {std::pair<int64_t, int64_t>(1, 1), {4, 4}, {3, 5}})
        for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 1}, {8, 20}, {7, 13}, {4, 3, 3, 3}}) {
          std::vector<bool> mask(r * c);
          std::bernoulli_distribution coin(density);
          for (size_t i = 0; i < mask.size(); ++i)
            mask[i] = coin(random);
          Weight weight = empty(shape, type(element));
          for (int64_t row = 0; row < weight.rows; ++row)
            for (int64_t col = 0; col < weight.cols; ++col)
              if (mask[row % r * c + col % c])
                keep(weight, row, col);
          PatternAttrInterface pattern = SameBlockAttr::get(&context, r, c);
          expectRoundTrip(pattern, weight, shape);
          expectVerdicts(pattern, weight, [r = r, c = c](const Weight &w) {
            for (int64_t row = 0; row < w.rows; ++row)
              for (int64_t col = 0; col < w.cols; ++col)
                if (w.kept(row, col) != w.kept(row % r, col % c))
                  return false;
            return true;
          });
        }
}

TEST_F(CountedPatternsTest, BlockColumn) {
  for (StringRef element : {"f32", "i8"})
    for (bool pruneRows : {false, true})
      for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 1}, {8, 20}, {11, 13}, {6, 5, 3}}) {
        Weight weight = empty(shape, type(element));
        std::bernoulli_distribution coin(0.4);
        std::vector<bool> rows(weight.rows);
        for (size_t row = 0; row < rows.size(); ++row)
          rows[row] = !pruneRows || coin(random);
        for (int64_t strip = 0; strip < weight.rows; strip += 4)
          for (int64_t col = 0; col < weight.cols; ++col)
            if (coin(random))
              for (int64_t row = strip; row < std::min(strip + 4, weight.rows); ++row)
                if (rows[row])
                  keep(weight, row, col);
        expectRoundTrip(parse(pruneRows ? "#gs.block_column<4x6, prune_rows>" : "#gs.block_column<4x6>"), weight,
                        shape);
      }
  Weight weight = empty({4, 3}, type("f32"));
  for (int64_t row : {0, 1, 3})
    keep(weight, row, 2);
  expectMaskError(parse("#gs.block_column<4x2>"), weight,
                  "BC-C1: strip 0, block 1: column 2 keeps 3 weights, expected 0 or 4; row 2 is pruned");
  expectRoundTrip(parse("#gs.block_column<4x2, prune_rows>"), weight, {4, 3});
}

TEST_F(CountedPatternsTest, BCR) {
  for (StringRef element : {"f32", "i8"})
    for (double density : {0.0, 0.5, 1.0})
      for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 1}, {8, 20}, {11, 13}, {6, 5, 3}}) {
        Weight weight = empty(shape, type(element));
        std::bernoulli_distribution coin(density);
        for (int64_t top = 0; top < weight.rows; top += 4)
          for (int64_t left = 0; left < weight.cols; left += 9) {
            bool rows[4], cols[9];
            for (bool &row : rows)
              row = coin(random);
            for (bool &col : cols)
              col = coin(random);
            for (int64_t i = 0; i < 4 && top + i < weight.rows; ++i)
              for (int64_t j = 0; j < 9 && left + j < weight.cols; ++j)
                if (rows[i] && cols[j])
                  keep(weight, top + i, left + j);
          }
        expectRoundTrip(parse("#gs.bcr<4x9>"), weight, shape);
      }
  Weight weight = empty({2, 4}, type("f32"));
  for (auto [row, col] : {std::pair(0, 0), {0, 3}, {1, 3}})
    keep(weight, row, col);
  expectMaskError(
      parse("#gs.bcr<2x4>"), weight,
      "BR-C1: block row 0, block column 0 keeps 2 rows and 2 columns, but not their product; row 1, column 0 "
      "is pruned");
}

TEST_F(CountedPatternsTest, KernelPattern) {
  const SmallVector<int64_t> library = {27, 54, 178, 216, 432};
  for (StringRef element : {"f32", "i8"})
    for (int64_t group : {1, 4})
      for (bool connectivity : {false, true}) {
        SmallVector<int64_t> shape = {8, 5, 3, 3};
        Weight weight = empty(shape, type(element));
        for (int64_t top = 0; top < 8; top += group)
          for (int64_t channel = 0; channel < 5; ++channel) {
            int64_t mask = connectivity && uniform(0, 1) ? 0 : library[uniform(0, library.size() - 1)];
            for (int64_t row = top; row < top + group; ++row)
              for (int64_t bit = 0; bit < 9; ++bit)
                if (mask >> bit & 1)
                  keep(weight, row, bit * 5 + channel);
          }
        PatternAttrInterface pattern = KernelPatternAttr::get(&context, 4, library, group, connectivity);
        expectRoundTrip(pattern, weight, shape);
        expectVerdicts(pattern, weight, [&](const Weight &w) {
          for (int64_t row = 0; row < 8; ++row)
            for (int64_t channel = 0; channel < 5; ++channel) {
              int64_t mask = 0, first = 0;
              for (int64_t bit = 0; bit < 9; ++bit) {
                mask |= int64_t(w.kept(row, bit * 5 + channel)) << bit;
                first |= int64_t(w.kept(row / group * group, bit * 5 + channel)) << bit;
              }
              if (mask != first || !(llvm::is_contained(library, mask) || (connectivity && !mask)))
                return false;
            }
          return true;
        });
      }
  Weight weight = empty({1, 1, 3, 3}, type("f32"));
  keep(weight, 0, 4);
  expectMaskError(parse("#gs.kernel_pattern<entries = 4, patterns = [27]>"), weight,
                  "KP-C2: kernel of filter 0, channel 0 keeps mask 16 (1 weights, expected 4), which is not in the "
                  "library");
}

} // namespace
