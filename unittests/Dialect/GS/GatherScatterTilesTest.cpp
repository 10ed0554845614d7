//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.gather_scatter with units and tiles, and #gs.permuted around it: round trips of random masks, groups of the
// buffers against the definition, messages.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include <numeric>
#include <set>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

struct Parameters {
  int64_t banks, width, unitRows, unitCols, tileRows, tileCols;
};

class GatherScatterTilesTest : public PatternTest {
protected:
  GatherScatterAttr pattern(const Parameters &p) {
    return GatherScatterAttr::get(&context, p.banks, p.width, p.unitRows, p.unitCols, p.tileRows, p.tileCols);
  }

  /// A mask made from the definition: tile by tile, a legal mask of units, each unit blown up to its weights. Tiles
  /// that are too narrow for a ragged bundle stay empty. The order of rows is that of positions.
  Weight randomTiles(ArrayRef<int64_t> shape, Type elementType, const Parameters &p, double density);
  /// Moves the row at each position of each column of tiles to where the order says.
  Weight permuteRows(const Weight &weight, const Parameters &p, SmallVector<int64_t> order);
  /// Column of the first weight of a unit, by the definition in the channel-inner view.
  static int64_t firstColumn(const Weight &weight, const Parameters &p, int64_t unit) {
    int64_t perLocation = llvm::divideCeil(weight.channels, p.unitCols);
    return unit / perLocation * weight.channels + unit % perLocation * p.unitCols;
  }
};

Weight GatherScatterTilesTest::randomTiles(ArrayRef<int64_t> shape, Type elementType, const Parameters &p,
                                           double density) {
  Weight weight = empty(shape, elementType);
  int64_t perLocation = llvm::divideCeil(weight.channels, p.unitCols), across = perLocation * weight.locations;
  int64_t down = llvm::divideCeil(weight.rows, p.unitRows);
  int64_t tileDown = p.tileRows ? p.tileRows / p.unitRows : down,
          tileAcross = p.tileCols ? p.tileCols / p.unitCols : across;
  for (int64_t top = 0; top < down; top += tileDown)
    for (int64_t left = 0; left < across; left += tileAcross) {
      int64_t rows = std::min(tileDown, down - top), cols = std::min(tileAcross, across - left);
      if (cols < p.banks)
        continue;
      Weight units = randomGatherScatter({rows, cols}, type("i8"), p.banks, p.width, density);
      for (int64_t row = 0; row < rows * p.unitRows; ++row)
        for (int64_t unit = 0; unit < cols; ++unit) {
          int64_t first = firstColumn(weight, p, left + unit), matrixRow = top * p.unitRows + row;
          if (matrixRow >= weight.rows || !units.kept(row / p.unitRows, unit))
            continue;
          for (int64_t c = 0; c < p.unitCols && first % weight.channels + c < weight.channels; ++c)
            keep(weight, matrixRow, first + c);
        }
    }
  return weight;
}

Weight GatherScatterTilesTest::permuteRows(const Weight &weight, const Parameters &p, SmallVector<int64_t> order) {
  Weight moved = weight;
  moved.rowOrder = order;
  int64_t perLocation = llvm::divideCeil(weight.channels, p.unitCols);
  for (int64_t col = 0; col < weight.cols; ++col) {
    int64_t unit = col / weight.channels * perLocation + col % weight.channels / p.unitCols;
    int64_t tile = p.tileCols ? unit / (p.tileCols / p.unitCols) : 0;
    for (int64_t position = 0; position < weight.rows; ++position) {
      int64_t row =
          static_cast<int64_t>(order.size()) > weight.rows ? order[tile * weight.rows + position] : order[position];
      moved.mask[row * weight.cols + col] = weight.kept(position, col);
      std::memcpy(moved.valueAt(row, col), weight.valueAt(position, col), weight.elementBytes);
    }
  }
  return moved;
}

const Parameters allParameters[] = {
    {8, 1, 4, 1, 0, 0},  {8, 2, 2, 1, 0, 0},  {4, 4, 4, 1, 0, 0},  {4, 4, 1, 4, 0, 0},  {4, 2, 2, 2, 0, 0},
    {4, 1, 3, 3, 0, 0},  {8, 2, 1, 1, 8, 16}, {8, 1, 1, 1, 8, 24}, {8, 8, 1, 1, 1, 32}, {4, 1, 4, 1, 16, 12},
    {4, 2, 2, 2, 8, 16}, {2, 1, 3, 2, 6, 24}, {1, 1, 4, 1, 8, 8},  {4, 4, 1, 1, 3, 48}, {8, 4, 2, 1, 400, 800}};

TEST_F(GatherScatterTilesTest, RoundTrips) {
  int64_t tested = 0;
  for (const Parameters &p : allParameters)
    for (double density : {0.0, 0.15, 0.4})
      for (SmallVector<int64_t> shape :
           {SmallVector<int64_t>{1, 1}, {1, 48}, {37, 70}, {16, 64}, {33, 8, 3, 3}, {5, 16, 5}, {6, 12, 2, 1, 2}}) {
        auto groups = pattern(p);
        if (failed(groups.verifyPattern(shape, type("f32"), nullptr)))
          continue;
        ++tested;
        Type element = type(density == 0.4 ? "f32" : density == 0.0 ? "i8" : "f16");
        expectRoundTrip(groups, randomTiles(shape, element, p, density), shape);
      }
  EXPECT_GT(tested, 150);
}

/// What GS-C3 to GS-C9 say of every stored group, straight from the buffers.
TEST_F(GatherScatterTilesTest, GroupsAreLegal) {
  for (const Parameters &p : allParameters) {
    SmallVector<int64_t> shape{29, 101};
    Weight weight = randomTiles(shape, type("f32"), p, 0.2);
    FailureOr<std::vector<Buffer>> packed = pattern(p).pack(weight, Schema(), [this] { return emitError(); });
    ASSERT_TRUE(succeeded(packed)) << diagnostics;
    std::vector<float> values = read<float>((*packed)[0]);
    std::vector<int32_t> indices = read<int32_t>((*packed)[1]), offsets = read<int32_t>((*packed)[2]);
    int64_t unitSize = p.unitRows * p.unitCols, across = llvm::divideCeil(weight.cols, p.unitCols);
    int64_t tileUnits = p.tileCols ? std::min(across, p.tileCols / p.unitCols) : across;
    int64_t columnTiles = llvm::divideCeil(across, tileUnits);
    SmallVector<int64_t> expectedShape{int64_t(indices.size()) / p.banks, p.unitRows, p.unitCols, p.banks};
    if (unitSize == 1)
      expectedShape = {expectedShape.front(), p.banks};
    EXPECT_EQ((*packed)[0].shape, expectedShape);
    int64_t bundles = (*packed)[2].shape.back() - 1, stored = 0;
    int64_t bandRows = p.tileRows ? std::min(p.tileRows, weight.rows) : weight.rows;
    for (int64_t tile = 0; tile * (bundles + 1) < int64_t(offsets.size()); ++tile)
      for (int64_t bundle = 0; bundle < bundles; ++bundle) {
        const int32_t *range = offsets.data() + tile * (bundles + 1) + bundle;
        for (int64_t group = range[0]; group < range[1]; ++group) {
          std::set<int64_t> residues;
          for (int64_t lane = 0; lane < p.banks; ++lane) {
            int64_t unit = indices[group * p.banks + lane];
            residues.insert(unit % p.banks);
            ASSERT_EQ(unit / tileUnits, tile % columnTiles);
            int64_t first =
                tile / columnTiles * bandRows + (bundle * (p.banks / p.width) + lane / p.width) * p.unitRows;
            for (int64_t i = 0; i < unitSize; ++i) {
              int64_t row = first + i / p.unitCols, col = unit * p.unitCols + i % p.unitCols;
              float value = values[(group * unitSize + i) * p.banks + lane], expected = 0;
              if (row < weight.rows && col < weight.cols) {
                EXPECT_TRUE(weight.kept(row, col));
                std::memcpy(&expected, weight.valueAt(row, col), sizeof(float));
                ++stored;
              }
              EXPECT_EQ(std::memcmp(&value, &expected, sizeof(float)), 0);
            }
          }
          EXPECT_EQ(int64_t(residues.size()), p.banks);
        }
      }
    EXPECT_EQ(stored, weight.numKept());
  }
}

TEST_F(GatherScatterTilesTest, PermutedRoundTrips) {
  for (const Parameters &p : allParameters)
    for (SmallVector<int64_t> shape : {SmallVector<int64_t>{37, 70}, {1, 48}, {18, 8, 3, 3}}) {
      auto groups = pattern(p);
      if (failed(groups.verifyPattern(shape, type("f32"), nullptr)))
        continue;
      Weight weight = randomTiles(shape, type("f32"), p, 0.3);
      auto permuted = PermutedAttr::get(groups);
      int64_t perLocation = llvm::divideCeil(weight.channels, p.unitCols) * weight.locations;
      int64_t tiles = p.tileCols ? llvm::divideCeil(perLocation, p.tileCols / p.unitCols) : 1;
      for (int64_t orders : {int64_t(1), tiles}) {
        SmallVector<int64_t> order;
        for (int64_t i = 0; i < orders; ++i)
          llvm::append_range(order, randomOrder(weight.rows));
        Weight moved = permuteRows(weight, p, order);
        ASSERT_TRUE(succeeded(permuted.verifyMask(moved, [this] { return emitError(); }))) << diagnostics;
        for (Schema &schema : schemas(permuted, moved)) {
          FailureOr<std::vector<Buffer>> packed = permuted.pack(moved, schema, [this] { return emitError(); });
          ASSERT_TRUE(succeeded(packed)) << diagnostics;
          EXPECT_EQ(packed->back().shape.size(), tiles > 1 ? 2u : 1u);
          FailureOr<Weight> back = permuted.unpack(shape, type("f32"), *packed, schema, [this] { return emitError(); });
          ASSERT_TRUE(succeeded(back)) << diagnostics;
          EXPECT_TRUE(back->values == moved.values && back->mask == moved.mask);
        }
      }
    }
}

TEST_F(GatherScatterTilesTest, ChecksParameters) {
  auto expectError = [&](const Parameters &p, StringRef text) {
    diagnostics.clear();
    EXPECT_FALSE(GatherScatterAttr::getChecked([this] { return emitError(); }, &context, p.banks, p.width, p.unitRows,
                                               p.unitCols, p.tileRows, p.tileCols));
    EXPECT_NE(diagnostics.find(text), std::string::npos) << diagnostics;
  };
  expectError({8, 1, 0, 1, 0, 0}, "GS-C7");
  expectError({8, 1, 4, -1, 0, 0}, "GS-C7");
  expectError({8, 1, 4, 1, 8, 0}, "GS-C8: tile = 8x0 must be positive");
  expectError({8, 1, 4, 1, 48, 8},
              "GS-C8: a tile of 48 rows is not cut into whole bundles of 32 rows (banks / width * unit rows)");
  expectError({8, 1, 1, 2, 8, 24},
              "GS-C8: a tile of 24 columns must be a multiple of 16 columns (banks * unit columns)");
  auto expectShapeError = [&](const Parameters &p, ArrayRef<int64_t> shape, StringRef text) {
    diagnostics.clear();
    EXPECT_TRUE(failed(pattern(p).verifyPattern(shape, type("f32"), [this] { return emitError(); })));
    EXPECT_NE(diagnostics.find(text), std::string::npos) << diagnostics;
  };
  expectShapeError({8, 1, 1, 4, 0, 0}, {16, 28},
                   "GS-C9: a group of 8 different residues needs at least 8 columns of units, but the weight has 7");
  expectShapeError({8, 1, 1, 1, 8, 8}, {16, 16, 3, 3},
                   "GS-C8: a tile of a convolution is a run of kernel locations, but 8 columns are no multiple of its "
                   "16 channels");
}

TEST_F(GatherScatterTilesTest, NamesTheBrokenRule) {
  Parameters p{2, 1, 2, 1, 0, 0};
  Weight weight = empty({8, 4}, type("f32"));
  for (auto [row, col] : {std::pair(0, 0), {1, 0}, {2, 3}, {3, 3}})
    keep(weight, row, col);
  EXPECT_TRUE(obeys(pattern(p), weight));
  Weight broken = weight;
  broken.mask[1 * 4 + 0] = 0;
  expectMaskError(pattern(p), broken,
                  "GS-C7: unit of 2x1 weights at row 0, column 0 keeps 1 of them, expected 2 or none");
  broken.mask[0] = 0;
  expectMaskError(pattern(p), broken, "GS-C4: row of units 0 of bundle 0 keeps 0 units, expected 1");
  // One tile has what the other lacks.
  Weight tiled = empty({2, 8}, type("f32"));
  keep(tiled, 0, 0), keep(tiled, 1, 5);
  EXPECT_TRUE(failed(pattern({2, 1, 1, 1, 2, 4}).verifyMask(tiled, nullptr)));
  expectMaskError(pattern({2, 1, 1, 1, 2, 4}), tiled,
                  "GS-C4: row 1 of bundle 0 of tile (0, 0) keeps 0 weights, expected 1");
  // The last tile is too narrow for the padding of a ragged bundle.
  Weight narrow = empty({1, 5}, type("f32"));
  keep(narrow, 0, 4);
  expectMaskError(
      pattern({2, 1, 1, 1, 2, 4}), narrow,
      "GS-C9: the ragged bundle 0 of tile (0, 1) keeps 1 weights, but its tile has only 1 of the 2 columns");
  // Orders.
  auto permuted = PermutedAttr::get(cast<PatternAttrInterface>(Attribute(pattern({2, 1, 1, 1, 2, 4}))));
  Weight ordered = empty({2, 8}, type("f32"));
  ordered.rowOrder = {0, 1, 1, 1};
  expectMaskError(permuted, ordered, "CO-C3: row order is not a permutation: row 1 is listed twice");
  ordered.rowOrder = {0, 1, 1, 0, 0, 1};
  expectMaskError(permuted, ordered,
                  "CO-C3: row order lists 6 of 2 rows and must list them once, or once for each of 2 columns of tiles");
}

} // namespace
