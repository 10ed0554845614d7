//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Search for patterns in a mask: what the detectors of all families share.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_DETECTION_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_DETECTION_H

#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Dialect/GS/IR/Patterns.h"
#include "gs/Target/TargetSpec.h"
#include "llvm/ADT/bit.h"
#include <functional>
#include <memory>
#include <optional>

namespace mlir::gs::detection {

/// A matrix of bits, rows of whole words; bits past the last column are zero.
struct Bits {
  int64_t rows = 0, cols = 0, words = 0;
  std::vector<uint64_t> data;

  Bits() = default;
  Bits(int64_t rows, int64_t cols) : rows(rows), cols(cols), words((cols + 63) / 64), data(rows * words, 0) {}
  uint64_t *row(int64_t r) { return data.data() + r * words; }
  const uint64_t *row(int64_t r) const { return data.data() + r * words; }
  void set(int64_t r, int64_t c) { row(r)[c / 64] |= uint64_t(1) << (c % 64); }
  /// `count` bits (at most 64) of row r from column c on, those past the end zero.
  uint64_t extract(int64_t r, int64_t c, int64_t count) const {
    const uint64_t *from = row(r) + c / 64;
    int64_t shift = c % 64;
    uint64_t bits = *from >> shift;
    if (shift + count > 64 && c / 64 + 1 < words)
      bits |= from[1] << (64 - shift);
    return count == 64 ? bits : bits & ((uint64_t(1) << count) - 1);
  }
  /// Rows 2i and 2i + 1 as one: the bits that either has.
  Bits halved() const;
};

/// Places in the mask of a weight: column of the matrix at a place of a view.
inline int64_t columnAt(const Weight &weight, bool outer, int64_t place) {
  return outer ? place % weight.locations * weight.channels + place / weight.locations : place;
}

/// The mask of a weight as bit rows, and what the search may store.
struct Layer {
  const Weight &weight;
  ArrayRef<int64_t> shape;
  int64_t nonZeros;
  int64_t limit; ///< weights that a pattern may store, at most
  Bits inner;    ///< channel-inner view
  Bits outer;    ///< channel-outer view; empty if the kernel has one location
  /// Columns of the kept weights, row by row.
  std::vector<int32_t> columns;
  std::vector<int64_t> rowBegin;

  /// Rows that may be neighbours in a row order: those of one convolution group.
  int64_t rowsPerGroup;

  Layer(const Weight &weight, ArrayRef<int64_t> shape, double maxFill, int64_t groups = 1);
  int64_t rowCount(int64_t row) const { return rowBegin[row + 1] - rowBegin[row]; }
};

/// A pattern that the mask obeys once `stored` weights are kept.
struct Candidate {
  PatternAttrInterface pattern;
  int64_t stored = 0; ///< weights stored, zeros included
  int64_t groups = 0; ///< as getStorage counts
  /// Adds kept zeros to the mask until the pattern holds, and gives the weight the order of rows that a permuted
  /// pattern needs; false if it cannot. Null: the mask obeys the pattern as it is.
  std::function<bool(Weight &)> complete;
  int64_t bytes = 0; ///< of the packed weight, where `groups` does not say it
};

/// The pattern's own completion.
inline std::function<bool(Weight &)> completionOf(Attribute pattern) {
  return [pattern = cast<ProjectionAttrInterface>(pattern)](Weight &weight) {
    return succeeded(pattern.complete(weight, nullptr));
  };
}

/// How `stored` of a candidate was counted: to the end, until it was too much, or on a sample of the rows.
enum class Count { Exact, AtLeast, About };

/// Takes the proposals of the detectors.
class Proposals {
public:
  virtual ~Proposals() = default;
  /// A pattern that would store so many weights. Whether that is too many, and whether the pattern fits the shape, is
  /// not the detector's business; what was not counted exactly is refused.
  virtual void offer(Candidate candidate, Count count) = 0;
  /// A pattern that the weight nearly obeys, and what is in the way.
  virtual void refuse(PatternAttrInterface pattern, const Twine &reason) = 0;

  void offer(Attribute pattern, int64_t stored, int64_t groups, std::function<bool(Weight &)> complete,
             Count count = Count::Exact) {
    offer({cast<PatternAttrInterface>(pattern), stored, groups, std::move(complete)}, count);
  }
};

/// Bytes of a weight packed in the form of a pattern, with indices as narrow as the columns allow.
int64_t storageBytes(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type elementType, int64_t groups);

/// One detector per family. Order of calls is the last word among candidates of equal time and bytes.
void detectTiles(const Layer &layer, Proposals &to);
void detectProducts(const Layer &layer, Proposals &to);
void detectKernelPatterns(const Layer &layer, Proposals &to);
void detectWindows(const Layer &layer, Proposals &to);
void detectGatherScatter(const Layer &layer, Proposals &to);
void detectRowOrders(const Layer &layer, Proposals &to);
void detectUnions(const Layer &layer, Proposals &to);
void detectIntersections(const Layer &layer, Proposals &to);
void detectValues(const Layer &layer, Proposals &to);

/// Predicted cycles of a contraction for patterns that its weight may get, in the geometry that gs-assign-layout will
/// give it.
class CostOf {
public:
  CostOf(Operation *op, const TargetSpec &target);
  /// Cycles of the best sparse strategy; none if all refuse.
  std::optional<double> cycles(PatternAttrInterface pattern, std::shared_ptr<const Weight> weight);

private:
  const TargetSpec &target;
  FailureOr<Contraction> c;
};

} // namespace mlir::gs::detection

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_DETECTION_H
