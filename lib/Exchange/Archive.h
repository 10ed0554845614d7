//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Zip archives of NumPy arrays (.npz); private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_EXCHANGE_ARCHIVE_H
#define GS_LIB_EXCHANGE_ARCHIVE_H

#include "gs/Dialect/GS/IR/Storage.h"
#include <string>
#include <vector>

namespace mlir::gs::detail {

/// An array of a .npz: C order, little-endian.
struct Array {
  std::string name; ///< without .npy
  char kind = 'f';  ///< NumPy's: f, i, u, b, c, S (bytes), U (text)
  unsigned bytes = 4;
  SmallVector<int64_t> shape;
  std::string data;

  int64_t size() const;
  /// Element `i` of an integer array, sign-extended; unsigned ones of 64 bits above 2^63 - 1 come out negative.
  int64_t integer(int64_t i) const;
  /// An S or U array of one element as text; other characters than ASCII become '?'.
  std::string text() const;
  static Array ofIntegers(StringRef name, ArrayRef<int64_t> shape, ArrayRef<int64_t> values, unsigned bytes);
  static Array ofText(StringRef name, StringRef text);
};

/// A diagnostic-making function that takes the message.
using Complain = function_ref<LogicalResult(const Twine &)>;

/// All arrays of an archive, stored or deflated. Members that are no .npy are left out.
FailureOr<std::vector<Array>> readArchive(StringRef contents, Complain complain);

/// The archive of some arrays, deflated; equal arrays give equal bytes.
std::string writeArchive(ArrayRef<Array> arrays);

} // namespace mlir::gs::detail

#endif // GS_LIB_EXCHANGE_ARCHIVE_H
