//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Signs and magnitudes of stored elements, for patterns that constrain values;
// private to the library. Floats have a sign bit, integers two's complement.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PATTERNS_SIGNS_H
#define GS_LIB_DIALECT_GS_IR_PATTERNS_SIGNS_H

#include "PackUtils.h"

namespace mlir::gs::detail {

/// An element as bits, and how its sign is written.
class SignedBits {
public:
  SignedBits(Type type, unsigned bytes)
      : isFloat(isa<FloatType>(type)), bytes(bytes), top(uint64_t(1) << (8 * bytes - 1)) {}

  uint64_t load(const char *from) const {
    uint64_t bits = 0;
    std::memcpy(&bits, from, bytes); // little-endian
    return bits;
  }
  void store(char *to, uint64_t bits) const { std::memcpy(to, &bits, bytes); }
  bool isNegative(uint64_t bits) const { return bits & top; }
  bool isZero(uint64_t bits) const { return (isFloat ? bits & ~top : bits) == 0; }
  /// -x; of the least integer itself.
  uint64_t negate(uint64_t bits) const { return isFloat ? bits ^ top : (~bits + 1) & (top | (top - 1)); }
  uint64_t magnitude(uint64_t bits) const { return isNegative(bits) ? negate(bits) : bits; }

private:
  bool isFloat;
  unsigned bytes;
  uint64_t top;
};

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PATTERNS_SIGNS_H
