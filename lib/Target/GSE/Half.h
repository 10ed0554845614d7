//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic in f16, held in float.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_GSE_HALF_H
#define GS_LIB_TARGET_GSE_HALF_H

#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstdint>
#include <limits>

namespace mlir::gse::detail {

/// Rounds to the nearest f16, ties to even. Exact also for a sum of a product of two f16 and an f16: that has fewer
/// bits than a double wherever they matter to the rounding.
inline float roundToHalf(double value) {
  double magnitude = std::fabs(value);
  if (!(magnitude < 65520)) // half way to the next power of two overflows; NaN stays
    return std::isnan(value) ? static_cast<float>(value)
                             : std::copysign(std::numeric_limits<float>::infinity(), static_cast<float>(value));
  if (magnitude < 0x1p-14) // multiples of the smallest subnormal
    return static_cast<float>(std::nearbyint(value * 0x1p24) * 0x1p-24);
  auto bits = llvm::bit_cast<uint64_t>(value);
  constexpr uint64_t dropped = 42; // of the 52 bits of a double's fraction, f16 keeps 10
  bits += (uint64_t(1) << (dropped - 1)) - 1 + ((bits >> dropped) & 1);
  return static_cast<float>(llvm::bit_cast<double>(bits >> dropped << dropped));
}

inline float halfToFloat(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 31)
    return llvm::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent == 0) {
    float value = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -value : value;
  }
  return llvm::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

/// Bits of a value that is an f16 already.
inline uint16_t floatToHalf(float value) {
  auto bits = llvm::bit_cast<uint32_t>(value);
  auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  int32_t exponent = static_cast<int32_t>(bits >> 23 & 255) - 112;
  if (exponent >= 31) // infinity or NaN, which stays one
    return static_cast<uint16_t>(sign | 0x7c00 | ((bits & 0x7fffff) ? ((bits >> 13 & 1023) | 512) : 0));
  if (exponent <= 0)
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::fabs(value) * 0x1p24f));
  return static_cast<uint16_t>(sign | exponent << 10 | (bits >> 13 & 1023));
}

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_HALF_H
