//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random weights that obey a pattern, for the tests of packing.
//
//===----------------------------------------------------------------------===//
#ifndef GS_UNITTESTS_DIALECT_GS_TESTWEIGHTS_H
#define GS_UNITTESTS_DIALECT_GS_TESTWEIGHTS_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gtest/gtest.h"
#include <cstring>
#include <random>

namespace mlir::gs::test {

/// Raw data as numbers.
template <typename T> std::vector<T> as(const std::vector<char> &data) {
  std::vector<T> result(data.size() / sizeof(T));
  if (!data.empty()) // memcpy takes no null pointer
    std::memcpy(result.data(), data.data(), data.size());
  return result;
}
template <typename T> std::vector<T> read(const Buffer &buffer) { return as<T>(buffer.data); }

/// A context with the gs dialect, a source of random numbers, and the last diagnostic.
class PatternTest : public ::testing::Test {
protected:
  PatternTest();

  Type type(StringRef name);
  int64_t uniform(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }

  /// Weight of this shape with an empty mask.
  Weight empty(ArrayRef<int64_t> shape, Type elementType);
  /// Keeps (row, col) with random bits: any float may come up, also NaN, infinities, zero and -0.
  void keep(Weight &weight, int64_t row, int64_t col);
  /// Keeps each position with this probability.
  Weight randomUnstructured(ArrayRef<int64_t> shape, Type elementType, double density);
  /// Keeps each aligned tile with this probability.
  Weight randomBlock(ArrayRef<int64_t> shape, Type elementType, int64_t rows, int64_t cols, double density);
  /// Random GS(banks, width) weight with about density * K / banks groups of `banks` weights per row.
  Weight randomGatherScatter(ArrayRef<int64_t> shape, Type elementType, int64_t banks, int64_t width, double density);
  /// A random permutation of the rows.
  SmallVector<int64_t> randomOrder(int64_t rows);

  /// Schemas that the pattern allows for this weight, in both index spaces.
  std::vector<Schema> schemas(PatternAttrInterface pattern, const Weight &weight);

  /// Packs and unpacks in every schema, and checks values, mask, storage and determinism.
  void expectRoundTrip(PatternAttrInterface pattern, const Weight &weight, ArrayRef<int64_t> shape);
  /// Expects the mask to be refused with a message that contains `text`.
  void expectMaskError(PatternAttrInterface pattern, const Weight &weight, StringRef text);

  InFlightDiagnostic emitError() { return mlir::emitError(UnknownLoc::get(&context)); }

  MLIRContext context;
  std::mt19937_64 random{20261121};
  std::string diagnostics; ///< all messages so far, one per line
};

} // namespace mlir::gs::test

#endif // GS_UNITTESTS_DIALECT_GS_TESTWEIGHTS_H
