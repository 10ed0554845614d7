//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the packers of all patterns share; private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PATTERNS_PACKUTILS_H
#define GS_LIB_DIALECT_GS_IR_PATTERNS_PACKUTILS_H

#include "gs/Dialect/GS/IR/GSDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/bit.h"
#include <cstring>
#include <optional>

namespace mlir::gs::detail {

/// A diagnostic, or nothing if the caller wants none; converts to failure() either way.
class Report {
public:
  explicit Report(EmitError emitError) {
    if (emitError)
      diagnostic.emplace(emitError());
  }
  template <typename T> Report &operator<<(T &&arg) {
    if (diagnostic)
      *diagnostic << std::forward<T>(arg);
    return *this;
  }
  operator LogicalResult() const { return failure(); }
  template <typename T> operator FailureOr<T>() const { return failure(); }

private:
  std::optional<InFlightDiagnostic> diagnostic;
};

/// Calls fn(column) for every kept column of `row` in [begin, end), ascending. Empty stretches cost one test per eight.
template <typename Fn> void forEachKept(const Weight &weight, int64_t row, int64_t begin, int64_t end, Fn &&fn) {
  const uint8_t *mask = weight.mask.data() + row * weight.cols;
  int64_t col = begin;
  for (; col + 8 <= end; col += 8) {
    uint64_t word;
    std::memcpy(&word, mask + col, 8);
    while (word) {
      int byte = llvm::countr_zero(word) / 8;
      fn(col + byte);
      word &= ~(uint64_t(0xff) << (8 * byte));
    }
  }
  for (; col < end; ++col)
    if (mask[col])
      fn(col);
}

/// Copies one element of 1, 2, 4 or 8 bytes.
inline void copyElement(char *to, const char *from, unsigned bytes) {
  switch (bytes) {
  case 1:
    *to = *from;
    return;
  case 2:
    std::memcpy(to, from, 2);
    return;
  case 4:
    std::memcpy(to, from, 4);
    return;
  default:
    std::memcpy(to, from, bytes);
  }
}

/// Largest index that `bits` hold; see Schema::indexBits.
inline int64_t maxIndex(unsigned bits) { return bits == 32 ? int64_t(INT32_MAX) : (int64_t(1) << bits) - 1; }

inline void storeIndex(std::vector<char> &data, int64_t position, unsigned bits, int64_t index) {
  uint32_t value = static_cast<uint32_t>(index);
  std::memcpy(data.data() + position * (bits / 8), &value, bits / 8);
}

inline int64_t loadIndex(const std::vector<char> &data, int64_t position, unsigned bits) {
  uint32_t value = 0;
  std::memcpy(&value, data.data() + position * (bits / 8), bits / 8);
  return value;
}

/// Checks what a caller may have got wrong in the weight and the schema: sizes, row order, index space. A pattern with
/// columns of tiles takes an order for each of them.
LogicalResult checkInput(const Weight &weight, const Schema &schema, EmitError emitError, int64_t columnTiles = 1);

/// Checks that `index` of (row, col) fits the schema's index width; `label` opens the message.
LogicalResult checkIndex(StringRef label, const Schema &schema, int64_t row, int64_t col, int64_t index,
                         EmitError emitError);

/// Inverse of Schema::indexOf.
class ColumnLookup {
public:
  ColumnLookup(const Schema &schema, int64_t cols);
  /// Column that `index` of `row` means; -1 if none or more than one does.
  int64_t columnOf(int64_t row, int64_t index) const;

private:
  const Schema &schema;
  int64_t cols;
  llvm::DenseMap<int64_t, int64_t> columns;
};

/// Buffer of this name; null if there is none.
const Buffer *findBuffer(ArrayRef<Buffer> buffers, StringRef name);

/// Running group counts of an `offsets` buffer that verifyBuffers has accepted.
ArrayRef<int32_t> getOffsets(const Buffer &buffer);

/// Empty buffers of the given fields.
std::vector<Buffer> allocate(ArrayRef<StorageField> fields);

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PATTERNS_PACKUTILS_H
