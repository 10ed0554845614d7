//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random weights that obey a pattern, and the round trip that every pattern must survive.
//
//===----------------------------------------------------------------------===//
#include "TestWeights.h"
#include "mlir/AsmParser/AsmParser.h"
#include <cstring>
#include <numeric>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::test;

PatternTest::PatternTest() {
  context.loadDialect<GSDialect>();
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    diagnostics += diagnostic.str() + "\n";
    return success();
  });
}

Type PatternTest::type(StringRef name) { return parseType(name, &context); }

Weight PatternTest::empty(ArrayRef<int64_t> shape, Type elementType) {
  FailureOr<Weight> weight = Weight::zeros(shape, elementType, nullptr);
  EXPECT_TRUE(succeeded(weight));
  return *weight;
}

void PatternTest::keep(Weight &weight, int64_t row, int64_t col) {
  weight.mask[row * weight.cols + col] = 1;
  uint64_t bits = random();
  // One in eight is a plain or negative zero: kept weights may be zero.
  if (bits % 8 == 0)
    bits = bits % 16 == 0 ? 0 : uint64_t(1) << (8 * weight.elementBytes - 1);
  std::memcpy(weight.valueAt(row, col), &bits, weight.elementBytes);
}

Weight PatternTest::randomUnstructured(ArrayRef<int64_t> shape, Type elementType, double density) {
  Weight weight = empty(shape, elementType);
  std::bernoulli_distribution kept(density);
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t col = 0; col < weight.cols; ++col)
      if (kept(random))
        keep(weight, row, col);
  return weight;
}

Weight PatternTest::randomBlock(ArrayRef<int64_t> shape, Type elementType, int64_t rows, int64_t cols, double density) {
  Weight weight = empty(shape, elementType);
  std::bernoulli_distribution kept(density);
  for (int64_t r = 0; r < weight.rows; r += rows)
    for (int64_t c = 0; c < weight.cols; c += cols)
      if (kept(random))
        for (int64_t row = r; row < std::min(r + rows, weight.rows); ++row)
          for (int64_t col = c; col < std::min(c + cols, weight.cols); ++col)
            keep(weight, row, col);
  return weight;
}

Weight PatternTest::randomGatherScatter(ArrayRef<int64_t> shape, Type elementType, int64_t banks, int64_t width,
                                        double density) {
  Weight weight = empty(shape, elementType);
  int64_t bundleRows = banks / width;
  for (int64_t begin = 0; begin < weight.rows; begin += bundleRows) {
    int64_t rows = std::min(bundleRows, weight.rows - begin);
    int64_t groups = static_cast<int64_t>(density * weight.cols / width + 0.5);
    for (int64_t group = 0; group < groups; ++group) {
      // Random residues until every row of the group still has a free column of its residues; give up a hopeless one.
      bool placed = false;
      for (int attempt = 0; attempt < 32 && !placed; ++attempt) {
        SmallVector<int64_t> residues(banks);
        std::iota(residues.begin(), residues.end(), 0);
        llvm::shuffle(residues.begin(), residues.end(), random);
        SmallVector<std::pair<int64_t, int64_t>> picks;
        for (int64_t lane = 0; lane < rows * width; ++lane) {
          int64_t row = begin + lane / width;
          SmallVector<int64_t> free;
          for (int64_t col = residues[lane]; col < weight.cols; col += banks)
            if (!weight.kept(row, col))
              free.push_back(col);
          if (free.empty())
            break;
          picks.push_back({row, free[uniform(0, free.size() - 1)]});
        }
        placed = static_cast<int64_t>(picks.size()) == rows * width;
        if (placed)
          for (auto [row, col] : picks)
            keep(weight, row, col);
      }
    }
  }
  return weight;
}

SmallVector<int64_t> PatternTest::randomOrder(int64_t rows) {
  SmallVector<int64_t> order(rows);
  std::iota(order.begin(), order.end(), 0);
  llvm::shuffle(order.begin(), order.end(), random);
  return order;
}

std::vector<Schema> PatternTest::schemas(PatternAttrInterface pattern, const Weight &weight) {
  GroupForm form = pattern.getGroupForm({weight.rows, weight.channels, weight.locations});
  bool residues = form.laneRule == LaneRule::ResiduesMod;
  std::vector<Schema> result;
  auto add = [&](Schema schema, int64_t largest, bool quotient = true) {
    for (unsigned bits : {8u, 16u, 32u}) {
      schema.indexBits = bits;
      if (bits < 32 && largest >> bits)
        continue;
      result.push_back(schema);
      if (residues && weight.elementBytes * 8 == bits) {
        result.push_back(schema);
        result.back().joined = true;
      }
    }
    if (quotient && residues && form.width == form.lanes && (schema.columnIndex.empty() || form.unitCols == 1) &&
        largest / form.lanes < 256) {
      schema.indexBits = 8;
      schema.quotient = true;
      result.push_back(schema);
    }
  };
  Schema column;
  add(column, weight.cols - 1);
  if (form.oneColumnPerGroup()) {
    for (int64_t block : {int64_t(1), int64_t(5), weight.cols, weight.cols + 3}) {
      Schema blocked;
      blocked.columnBlock = block;
      add(blocked, weight.cols - 1);
    }
  }
  if (form.indexBuffer.empty())
    return result;
  // Displacements of a window in an NHWC activation whose rows are 11 locations long, of two convolution groups.
  Schema activation;
  int64_t pitch = 3, largest = 0;
  for (int64_t col = 0; col < weight.cols; ++col) {
    int64_t location = col / weight.channels, channel = col % weight.channels;
    int64_t offset = (location / pitch * 11 + location % pitch) * weight.channels + channel;
    activation.columnIndex.push_back(offset);
    largest = std::max(largest, offset);
  }
  bool quotient = weight.channels % form.lanes == 0; // GS-C10
  add(activation, largest, quotient);
  if ((form.bundleRows == 1 || residues) && !form.rowOrder) {
    activation.rowsPerConvGroup = std::max<int64_t>(1, weight.rows / 2);
    activation.convGroupStride = form.lanes * 1000;
    largest += (weight.rows - 1) / activation.rowsPerConvGroup * activation.convGroupStride;
    add(activation, largest, quotient);
  }
  return result;
}

static bool sameBuffers(ArrayRef<Buffer> a, ArrayRef<Buffer> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           auto &[x, y] = pair;
           return x.name == y.name && x.shape == y.shape && x.elementType == y.elementType && x.data == y.data;
         });
}

/// Rows that share their columns by the pattern's geometry do so in this mask.
static void expectSharedRows(PatternAttrInterface pattern, const Weight &weight) {
  GroupForm form = pattern.getGroupForm({weight.rows, weight.channels, weight.locations});
  EXPECT_GE(form.sharedRows, 1);
  for (int64_t height : form.groupHeights(weight.rows, 64)) {
    EXPECT_TRUE(height > 1 && height <= 64);
    if (int64_t whole = form.heightsDivide(weight.rows)) {
      EXPECT_EQ(whole % height, 0);
    }
    for (int64_t row = 0; row < weight.rows; ++row)
      for (int64_t col = 0, first = row / height * height; col < weight.cols; ++col)
        ASSERT_EQ(weight.kept(row, col), weight.kept(first, col))
            << "rows " << first << " and " << row << " of groups of " << height << ", column " << col;
  }
}

void PatternTest::expectRoundTrip(PatternAttrInterface pattern, const Weight &weight, ArrayRef<int64_t> shape) {
  std::string name;
  llvm::raw_string_ostream(name) << pattern << " on " << weight.rows << " x " << weight.cols << " of "
                                 << weight.elementType << ", " << weight.numKept() << " kept";
  SCOPED_TRACE(name);
  auto emit = [this] { return emitError(); };
  ASSERT_TRUE(succeeded(pattern.verifyMask(weight, emit))) << diagnostics;
  expectSharedRows(pattern, weight);
  EXPECT_TRUE(obeys(pattern, weight));
  for (const Schema &schema : schemas(pattern, weight)) {
    SCOPED_TRACE("index bits " + std::to_string(schema.indexBits) + ", joined " + std::to_string(schema.joined) +
                 ", quotient " + std::to_string(schema.quotient) + ", column block " +
                 std::to_string(schema.columnBlock) + ", activation " + std::to_string(!schema.columnIndex.empty()));
    FailureOr<std::vector<Buffer>> packed = pattern.pack(weight, schema, emit);
    ASSERT_TRUE(succeeded(packed)) << diagnostics;
    EXPECT_TRUE(succeeded(verifyBuffers(pattern, shape, weight.elementType, schema, *packed, emit))) << diagnostics;
    FailureOr<std::vector<Buffer>> again = pattern.pack(weight, schema, nullptr);
    ASSERT_TRUE(succeeded(again));
    EXPECT_TRUE(sameBuffers(*packed, *again)) << "packing is not deterministic";
    // Through attributes and back.
    FailureOr<std::vector<Buffer>> stored = fromAttr(toAttr(&context, *packed));
    ASSERT_TRUE(succeeded(stored));
    FailureOr<Weight> unpacked = pattern.unpack(shape, weight.elementType, *stored, schema, emit);
    ASSERT_TRUE(succeeded(unpacked)) << diagnostics;
    EXPECT_TRUE(unpacked->values == weight.values) << "values differ";
    EXPECT_TRUE(unpacked->mask == weight.mask) << "masks differ";
  }
  // Rows in another order pack as the matrix with its rows so ordered; legality depends on the order.
  Weight ordered = weight;
  ordered.rowOrder = randomOrder(weight.rows);
  Weight moved = weight;
  for (int64_t p = 0; p < weight.rows; ++p) {
    int64_t row = ordered.rowOrder[p];
    std::memcpy(moved.valueAt(p, 0), weight.valueAt(row, 0), weight.cols * weight.elementBytes);
    std::memcpy(&moved.mask[p * weight.cols], &weight.mask[row * weight.cols], weight.cols);
  }
  FailureOr<std::vector<Buffer>> a = pattern.pack(ordered, Schema(), nullptr),
                                 b = pattern.pack(moved, Schema(), nullptr);
  EXPECT_EQ(succeeded(a), succeeded(b));
  if (succeeded(a) && succeeded(b))
    EXPECT_TRUE(sameBuffers(*a, *b)) << "row order is not honoured";
}

void PatternTest::expectMaskError(PatternAttrInterface pattern, const Weight &weight, StringRef text) {
  diagnostics.clear();
  EXPECT_TRUE(failed(pattern.verifyMask(weight, [this] { return emitError(); })));
  EXPECT_NE(diagnostics.find(text), std::string::npos) << diagnostics;
  EXPECT_EQ(llvm::count(diagnostics, '\n'), 1) << diagnostics;
  EXPECT_FALSE(obeys(pattern, weight));
  // Packing fails exactly when the check does.
  EXPECT_TRUE(failed(pattern.pack(weight, Schema(), nullptr)));
}
