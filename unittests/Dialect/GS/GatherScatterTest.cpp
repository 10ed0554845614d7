//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// #gs.gather_scatter<banks, width>: the count form against exhaustive search, exact packing, round trip, speed.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include <set>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

namespace {

class GatherScatterTest : public PatternTest {
protected:
  PatternAttrInterface pattern(int64_t banks, int64_t width) { return GatherScatterAttr::get(&context, banks, width); }

  /// Checks what GS-C3 to GS-C5 and GS-C9 say of every stored group, padding lanes included.
  void expectLegalGroups(const Weight &weight, int64_t banks, int64_t width);
};

void GatherScatterTest::expectLegalGroups(const Weight &weight, int64_t banks, int64_t width) {
  FailureOr<std::vector<Buffer>> packed = pattern(banks, width).pack(weight, Schema(), [this] { return emitError(); });
  ASSERT_TRUE(succeeded(packed)) << diagnostics;
  std::vector<int32_t> indices = read<int32_t>((*packed)[1]), offsets = read<int32_t>((*packed)[2]);
  int64_t bundleRows = banks / width, stored = 0;
  for (int64_t bundle = 0; bundle + 1 < static_cast<int64_t>(offsets.size()); ++bundle) {
    int64_t kept = 0, rows = std::min(bundleRows, weight.rows - bundle * bundleRows);
    for (int64_t row = bundle * bundleRows; row < bundle * bundleRows + rows; ++row)
      for (int64_t col = 0; col < weight.cols; ++col)
        kept += weight.kept(row, col);
    // Exact: as many groups as the weights fill, never one more.
    EXPECT_EQ((offsets[bundle + 1] - offsets[bundle]) * width * rows, kept);
    for (int64_t group = offsets[bundle]; group < offsets[bundle + 1]; ++group) {
      std::set<int64_t> residues;
      for (int64_t lane = 0; lane < banks; ++lane) {
        int64_t col = indices[group * banks + lane], row = bundle * bundleRows + lane / width;
        ASSERT_LT(col, weight.cols);
        residues.insert(col % banks);
        if (lane % width)
          EXPECT_LT(indices[group * banks + lane - 1] % banks, col % banks) << "lanes of a row ascend by residue";
        if (row < weight.rows) {
          EXPECT_TRUE(weight.kept(row, col));
          ++stored;
        } else {
          char zeros[8] = {};
          EXPECT_EQ(std::memcmp((*packed)[0].data.data() + (group * banks + lane) * weight.elementBytes, zeros,
                                weight.elementBytes),
                    0);
        }
      }
      EXPECT_EQ(static_cast<int64_t>(residues.size()), banks) << "group " << group << " touches a bank twice";
    }
  }
  EXPECT_EQ(stored, weight.numKept());
}

TEST_F(GatherScatterTest, StoresLanesByRow) {
  // GS(2,1), one full bundle and a ragged one. Columns 0 and 2 have residue 0, columns 1 and 3 residue 1.
  Weight weight = empty({3, 4}, type("i8"));
  for (auto [row, col] : {std::pair(0, 0), {0, 1}, {1, 2}, {1, 3}, {2, 3}}) {
    weight.mask[row * 4 + col] = 1;
    *weight.valueAt(row, col) = 10 * row + col + 1;
  }
  Schema schema;
  schema.indexBits = 8;
  FailureOr<std::vector<Buffer>> packed = pattern(2, 1).pack(weight, schema, nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ(read<int8_t>((*packed)[0]), (std::vector<int8_t>{1, 14, 2, 13, 24, 0}));
  EXPECT_EQ(read<int8_t>((*packed)[1]), (std::vector<int8_t>{0, 3, 1, 2, 3, 0}));
  EXPECT_EQ(read<int32_t>((*packed)[2]), (std::vector<int32_t>{0, 2, 3}));
  schema.joined = true;
  packed = pattern(2, 1).pack(weight, schema, nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ((*packed)[0].name, "stream");
  EXPECT_EQ((*packed)[0].shape, (SmallVector<int64_t>{3, 2, 2}));
  EXPECT_EQ(read<int8_t>((*packed)[0]), (std::vector<int8_t>{1, 14, 0, 3, 2, 13, 1, 2, 24, 0, 3, 0}));
}

TEST_F(GatherScatterTest, StoresQuotients) {
  Weight weight = empty({1, 12}, type("f32"));
  for (int64_t col : {4, 9, 2, 11})
    keep(weight, 0, col);
  Schema schema;
  schema.quotient = true;
  schema.indexBits = 8;
  FailureOr<std::vector<Buffer>> packed = pattern(4, 4).pack(weight, schema, nullptr);
  ASSERT_TRUE(succeeded(packed));
  EXPECT_EQ(read<uint8_t>((*packed)[1]), (std::vector<uint8_t>{1, 2, 0, 2}));
}

TEST_F(GatherScatterTest, RoundTrips) {
  for (auto [banks, width] :
       {std::pair(1, 1), {2, 1}, {4, 4}, {8, 1}, {8, 2}, {8, 8}, {12, 3}, {16, 1}, {16, 4}, {16, 16}, {70, 7}})
    for (double density : {0.0, 0.1, 0.4})
      for (SmallVector<int64_t> shape : {SmallVector<int64_t>{1, 70}, {37, 70}, {13, 131}, {33, 8, 3, 3}, {5, 16, 5}}) {
        if (ShapedType::getNumElements(ArrayRef(shape).drop_front()) < banks)
          continue;
        Weight weight = randomGatherScatter(shape, type(density == 0.1 ? "f16" : "f32"), banks, width, density);
        expectRoundTrip(pattern(banks, width), weight, shape);
        expectLegalGroups(weight, banks, width);
      }
}

TEST_F(GatherScatterTest, PacksTheFullMatrix) {
  for (auto [banks, width] : {std::pair(8, 1), {8, 4}, {8, 8}, {16, 2}}) {
    // Every row keeps all columns; legal because banks divides them.
    Weight weight = randomUnstructured({16, 48}, type("i8"), 1.0);
    expectRoundTrip(pattern(banks, width), weight, {16, 48});
    expectLegalGroups(weight, banks, width);
  }
}

/// True if the entries fall into groups as GS-C3 to GS-C5 say, found by trying everything.
bool partitions(std::vector<std::vector<int64_t>> rows, int64_t banks, int64_t width) {
  if (llvm::all_of(rows, [](auto &row) { return row.empty(); }))
    return true;
  // Picks `width` entries of each row for one group, row by row, then goes on with the rest.
  auto pick = [&](auto &&self, size_t row, int64_t taken, size_t from, std::set<int64_t> residues) -> bool {
    if (row == rows.size())
      return partitions(rows, banks, width);
    if (taken == width)
      return self(self, row + 1, 0, 0, residues);
    for (size_t i = from; i < rows[row].size(); ++i) {
      int64_t col = rows[row][i];
      if (!residues.insert(col % banks).second)
        continue;
      rows[row].erase(rows[row].begin() + i);
      if (self(self, row, taken + 1, i, residues))
        return true;
      rows[row].insert(rows[row].begin() + i, col);
      residues.erase(col % banks);
    }
    return false;
  };
  return pick(pick, 0, 0, 0, {});
}

TEST_F(GatherScatterTest, CountFormEqualsExhaustiveSearch) {
  int64_t legal = 0;
  for (int64_t trial = 0; trial < 4000; ++trial) {
    auto [banks, width] = std::vector<std::pair<int, int>>{{2, 1}, {3, 1}, {4, 2}, {4, 4}, {4, 1}, {3, 3}}[trial % 6];
    int64_t rows = uniform(1, banks / width), cols = uniform(banks, banks + 3);
    // Mostly masks that are legal but for one entry, else hardly any would be.
    Weight weight = trial % 3 ? randomGatherScatter({rows, cols}, type("f32"), banks, width, 0.5)
                              : randomUnstructured({rows, cols}, type("f32"), 0.4);
    if (trial % 2)
      weight.mask[uniform(0, rows * cols - 1)] ^= 1;
    std::vector<std::vector<int64_t>> entries(rows);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t col = 0; col < cols; ++col)
        if (weight.kept(row, col))
          entries[row].push_back(col);
    // Group counts of a bundle with an empty row or unequal rows cannot match; the search says so, too.
    bool expected = partitions(entries, banks, width);
    legal += expected;
    EXPECT_EQ(obeys(pattern(banks, width), weight), expected);
    if (expected)
      expectLegalGroups(weight, banks, width);
  }
  EXPECT_GT(legal, 1000);
  EXPECT_LT(legal, 3500);
}

/// Maximum flow from node 0 to the last node along a capacity matrix, by repeated search.
int64_t maximumFlow(std::vector<std::vector<int64_t>> &capacity) {
  int64_t flow = 0, nodes = capacity.size();
  while (true) {
    std::vector<int64_t> from(nodes, -1), queue = {0};
    from[0] = 0;
    for (size_t head = 0; head < queue.size(); ++head)
      for (int64_t to = 0; to < nodes; ++to)
        if (from[to] < 0 && capacity[queue[head]][to] > 0) {
          from[to] = queue[head];
          queue.push_back(to);
        }
    if (from[nodes - 1] < 0)
      return flow;
    for (int64_t node = nodes - 1; node != 0; node = from[node]) {
      --capacity[from[node]][node];
      ++capacity[node][from[node]];
    }
    ++flow;
  }
}

/// Adds kept zeros to the mask of one bundle so that it has `groups` groups; false if a maximum flow from rows below
/// width * groups weights to residues below `groups` finds no room.
bool complete(Weight &weight, int64_t begin, int64_t rows, int64_t banks, int64_t width, int64_t groups) {
  int64_t sink = rows + banks + 1, need = 0;
  std::vector<std::vector<int64_t>> capacity(sink + 1, std::vector<int64_t>(sink + 1, 0));
  std::vector<int64_t> residues(banks, 0);
  for (int64_t i = 0; i < rows; ++i) {
    int64_t count = 0;
    for (int64_t col = 0; col < weight.cols; ++col) {
      bool kept = weight.kept(begin + i, col);
      count += kept;
      residues[col % banks] += kept;
      capacity[1 + i][1 + rows + col % banks] += !kept;
    }
    if (count > width * groups)
      return false;
    capacity[0][1 + i] = width * groups - count;
    need += width * groups - count;
  }
  for (int64_t residue = 0; residue < banks; ++residue) {
    if (residues[residue] > groups)
      return false;
    capacity[1 + rows + residue][sink] = groups - residues[residue];
  }
  auto before = capacity;
  if (maximumFlow(capacity) != need)
    return false;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t residue = 0; residue < banks; ++residue) {
      int64_t added = before[1 + i][1 + rows + residue] - capacity[1 + i][1 + rows + residue];
      for (int64_t col = residue; col < weight.cols && added > 0; col += banks)
        if (!weight.kept(begin + i, col)) {
          weight.mask[(begin + i) * weight.cols + col] = 1;
          --added;
        }
    }
  return true;
}

TEST_F(GatherScatterTest, PacksWhateverMaximumFlowCompletes) {
  for (int64_t trial = 0; trial < 300; ++trial) {
    auto [banks, width] =
        std::vector<std::pair<int, int>>{{8, 1}, {8, 2}, {8, 8}, {16, 1}, {16, 4}, {4, 1}, {6, 3}}[uniform(0, 6)];
    int64_t bundleRows = banks / width;
    int64_t rows = uniform(1, 3 * bundleRows), cols = uniform(banks, 6 * banks);
    Weight weight = randomUnstructured({rows, cols}, type("f32"), 0.05 * uniform(0, 8));
    bool completed = true;
    for (int64_t begin = 0; begin < rows; begin += bundleRows) {
      bool done = false;
      for (int64_t groups = 0; groups <= cols && !done; ++groups)
        done = complete(weight, begin, std::min(bundleRows, rows - begin), banks, width, groups);
      completed &= done;
    }
    if (!completed)
      continue;
    expectLegalGroups(weight, banks, width);
    expectRoundTrip(pattern(banks, width), weight, {rows, cols});
  }
}

TEST_F(GatherScatterTest, NamesTheBrokenRule) {
  Weight weight = randomGatherScatter({20, 64}, type("f32"), 8, 2, 0.5);
  ASSERT_TRUE(obeys(pattern(8, 2), weight));
  Weight broken = weight;
  int64_t col = 0;
  while (!broken.kept(9, col))
    ++col;
  broken.mask[9 * 64 + col] = 0;
  int64_t kept = 0;
  for (int64_t c = 0; c < 64; ++c)
    kept += weight.kept(9, c);
  expectMaskError(pattern(8, 2), broken,
                  "GS-C4: row 9 of bundle 2 keeps " + std::to_string(kept - 1) + " weights, expected " +
                      std::to_string(kept) + " (" + std::to_string(kept / 2) +
                      " groups of 2 from each of its 4 rows, "
                      "GS-F1)");
  // The weight moves to another residue.
  int64_t other = 0;
  while (broken.kept(9, other) || other % 8 == col % 8)
    ++other;
  broken.mask[9 * 64 + other] = 1;
  int64_t low = std::min(col % 8, other % 8), groups = kept / 2;
  expectMaskError(pattern(8, 2), broken,
                  "GS-C5: residue " + std::to_string(low) + " mod 8 occurs " +
                      std::to_string(low == col % 8 ? groups - 1 : groups + 1) + " times in bundle 2, expected " +
                      std::to_string(groups) + " (once in each of its " + std::to_string(groups) + " groups, GS-F2)");
  // A ragged bundle may lack a residue, but not have one twice per group.
  Weight ragged = empty({2, 16}, type("f32"));
  keep(ragged, 0, 3), keep(ragged, 1, 4);
  EXPECT_TRUE(obeys(pattern(8, 1), ragged));
  ragged.mask[16 + 4] = 0;
  keep(ragged, 1, 11);
  expectMaskError(
      pattern(8, 1), ragged,
      "GS-C5: residue 3 mod 8 occurs 2 times in bundle 0, expected at most 1 (once in each of its 1 groups, "
      "GS-F2); first at row 0, column 3");
  expectMaskError(pattern(32, 1), ragged,
                  "GS-C9: a group of 32 different residues needs at least 32 columns, but the weight has 16");
}

TEST_F(GatherScatterTest, ChecksParametersAndShape) {
  auto expectError = [&](int64_t banks, int64_t width, StringRef text) {
    diagnostics.clear();
    EXPECT_FALSE(GatherScatterAttr::getChecked([this] { return emitError(); }, &context, banks, width));
    EXPECT_EQ(diagnostics, text.str() + "\n");
  };
  expectError(0, 1, "GS-C1: banks = 0 and width = 1 must be positive");
  expectError(8, -1, "GS-C1: banks = 8 and width = -1 must be positive");
  expectError(16, 3, "GS-C1: width must divide banks, but 16 mod 3 = 1");
  expectError(65536, 1, "GS-C1: banks = 65536 must be at most 32767");
}

TEST_F(GatherScatterTest, ChecksTheActivation) {
  Weight weight = empty({1, 8}, type("f32"));
  for (int64_t col : {4, 1, 2, 7})
    keep(weight, 0, col);
  auto expectError = [&](Schema schema, StringRef text) {
    diagnostics.clear();
    EXPECT_TRUE(failed(pattern(4, 4).pack(weight, schema, [this] { return emitError(); })));
    EXPECT_EQ(diagnostics, text.str() + "\n");
  };
  Schema schema;
  schema.columnIndex = {0, 1, 2, 3, 5, 6, 7, 8};
  schema.quotient = true;
  expectError(schema,
              "GS-C10: index_form = quotient needs the activation of row 0, column 4 at residue 0 mod 4, but its "
              "displacement 5 has residue 1; banks must divide the channel count");
  schema.quotient = false;
  schema.indexBits = 8;
  schema.columnIndex = {0, 1, 2, 3, 300, 301, 302, 303};
  expectError(schema,
              "GS-C11: index 300 of row 0, column 4 does not fit i8, whose largest index is 255; choose a wider "
              "index");
  schema.columnIndex[4] = -1;
  expectError(schema, "GS-C11: index -1 of row 0, column 4 does not fit i8, whose largest index is 255; choose a wider "
                      "index");
  schema = Schema();
  schema.columnBlock = 4;
  expectError(schema,
              "column_block needs one column per group (#gs.unstructured or #gs.block with one column), but this "
              "pattern has groups of 4 lanes on several columns");
}

/// 4096 x 4096 at 90 %: 410 groups per bundle of 16 rows. How long it takes: python -m benchmarks.packing.
TEST_F(GatherScatterTest, PacksALargeLayerWithoutPadding) {
  constexpr int64_t size = 4096;
  for (int64_t width : {1, 4, 16}) {
    Weight weight = empty({size, size}, type("f32"));
    // Groups on random columns of a random permutation of residues; a draw that meets a kept weight is drawn again.
    SmallVector<int64_t> residues(16), positions(16);
    for (int64_t i = 0; i < 16; ++i)
      residues[i] = i;
    int64_t bundleRows = 16 / width;
    for (int64_t begin = 0; begin < size; begin += bundleRows)
      for (int64_t group = 0, attempts = 0; group < size / (10 * width) && attempts < 100 * size; ++attempts) {
        llvm::shuffle(residues.begin(), residues.end(), random);
        for (int64_t lane = 0; lane < 16; ++lane)
          positions[lane] = (begin + lane / width) * size + uniform(0, size / 16 - 1) * 16 + residues[lane];
        if (llvm::any_of(positions, [&](int64_t position) { return weight.mask[position]; }))
          continue;
        for (int64_t position : positions)
          weight.mask[position] = 1;
        ++group;
      }
    EXPECT_GE(weight.density(), 0.097);
    FailureOr<std::vector<Buffer>> packed = pattern(16, width).pack(weight, Schema(), nullptr);
    ASSERT_TRUE(succeeded(packed));
    const auto values = llvm::find_if(*packed, [](const Buffer &buffer) { return buffer.name == "values"; });
    ASSERT_NE(values, packed->end());
    EXPECT_EQ(values->shape, (SmallVector<int64_t>{weight.numKept() / 16, 16}));
  }
}

} // namespace
