//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The test runtime: compares two buffers and ends the program at the first difference.
//
// convert-check-to-func calls one function per assertion and element type:
//
//   void gs_check_expect_<eq|close>_<type>(actual, actualOffset, expected, expectedOffset, shape, rank,
//                                          line, tolerance)
//
// Addresses come as integers and the shape as 4 * rank of them (actual sizes, expected sizes, actual strides, expected
// strides, strides and offsets in elements), because integers are passed alike under every calling convention that the
// func dialect is lowered with.
//
//===----------------------------------------------------------------------===//
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

/// A value of type T as it lies in memory, and how it is compared and printed. T may be a mere carrier of bits.
template <typename T> struct Element {
  using Wide = int64_t;
  static Wide widen(T value) { return value; }
  static std::string print(T value) { return std::to_string(static_cast<long long>(value)); }
};

template <typename T> struct FloatElement {
  using Wide = double;
  static std::string print(T value) {
    char text[64];
    // Enough digits to tell any two values of the type apart.
    std::snprintf(text, sizeof text, "%.*g", sizeof(T) == 8 ? 17 : 9, Element<T>::widen(value));
    return text;
  }
};

template <> struct Element<double> : FloatElement<double> {
  static double widen(double value) { return value; }
};
template <> struct Element<float> : FloatElement<float> {
  static double widen(float value) { return value; }
};

struct Half {
  uint16_t bits;
};
template <> struct Element<Half> : FloatElement<Half> {
  static double widen(Half value) {
    double sign = value.bits & 0x8000 ? -1.0 : 1.0;
    int exponent = value.bits >> 10 & 31;
    int mantissa = value.bits & 1023;
    if (exponent == 31)
      return sign * (mantissa ? NAN : INFINITY);
    return sign * (exponent ? std::ldexp(1024 + mantissa, exponent - 25) : std::ldexp(mantissa, -24));
  }
};

struct BFloat16 {
  uint16_t bits;
};
template <> struct Element<BFloat16> : FloatElement<BFloat16> {
  static double widen(BFloat16 value) {
    uint32_t bits = uint32_t(value.bits) << 16;
    float wide;
    std::memcpy(&wide, &bits, sizeof wide);
    return wide;
  }
};

/// The two buffers of one assertion.
template <typename T> struct Operands {
  const T *actual, *expected;
  const int64_t *actualSizes, *expectedSizes, *actualStrides, *expectedStrides;
  int64_t rank, line;

  Operands(int64_t actual, int64_t actualOffset, int64_t expected, int64_t expectedOffset, int64_t shape, int64_t rank,
           int64_t line)
      // NOLINTBEGIN(performance-no-int-to-ptr): see above.
      : actual(reinterpret_cast<const T *>(actual) + actualOffset),
        expected(reinterpret_cast<const T *>(expected) + expectedOffset),
        actualSizes(reinterpret_cast<const int64_t *>(shape)), expectedSizes(actualSizes + rank),
        actualStrides(expectedSizes + rank), expectedStrides(actualStrides + rank), rank(rank), line(line) {}
  // NOLINTEND(performance-no-int-to-ptr)

  [[noreturn]] void fail(const char *op, const std::string &what) const {
    // mlir-runner has put its own output into stdout already; the order on a terminal shall be the order of events.
    std::fflush(stdout);
    std::fprintf(stderr, "check.%s", op);
    if (line)
      std::fprintf(stderr, " (line %lld)", static_cast<long long>(line));
    std::fprintf(stderr, ": %s\n", what.c_str());
    // Without the destructors of the program that loaded this library: its compiled code is still on the stack.
    std::fflush(nullptr);
    std::_Exit(1);
  }

  void checkShape(const char *op) const {
    if (std::equal(actualSizes, actualSizes + rank, expectedSizes))
      return;
    fail(op, "actual shape " + printList(actualSizes) + ", expected shape " + printList(expectedSizes));
  }

  std::string printList(const int64_t *values) const {
    std::string text = "[";
    for (int64_t i = 0; i < rank; ++i)
      text += (i ? ", " : "") + std::to_string(values[i]);
    return text + "]";
  }

  /// Calls `visit(actual, expected, position)` for every element, the last dimension fastest.
  template <typename Visit> void forEach(Visit visit) const {
    std::vector<int64_t> position(rank);
    if (std::find(actualSizes, actualSizes + rank, 0) != actualSizes + rank)
      return;
    while (true) {
      int64_t a = 0, e = 0;
      for (int64_t i = 0; i < rank; ++i) {
        a += position[i] * actualStrides[i];
        e += position[i] * expectedStrides[i];
      }
      visit(actual[a], expected[e], position.data());
      int64_t axis = rank - 1;
      while (axis >= 0 && ++position[axis] == actualSizes[axis])
        position[axis--] = 0;
      if (axis < 0)
        return;
    }
  }

  [[noreturn]] void failAt(const char *op, const int64_t *position, T a, T e, const std::string &detail) const {
    fail(op, "at " + printList(position) + ": actual " + Element<T>::print(a) + ", expected " + Element<T>::print(e) +
                 detail);
  }
};

template <typename T> bool isNaN(T value) { return std::isnan(static_cast<double>(Element<T>::widen(value))); }

template <typename T> void expectEqual(const Operands<T> &operands) {
  operands.checkShape("expect_eq");
  operands.forEach([&](T a, T e, const int64_t *position) {
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): bits are what this assertion compares.
    if (std::memcmp(&a, &e, sizeof(T)) == 0 || (isNaN(a) && isNaN(e)))
      return;
    operands.failAt("expect_eq", position, a, e, "");
  });
}

template <typename T> void expectClose(const Operands<T> &operands, double tolerance) {
  operands.checkShape("expect_close");
  double scale = 1;
  operands.forEach([&](T, T e, const int64_t *) {
    double magnitude = std::fabs(static_cast<double>(Element<T>::widen(e)));
    if (std::isfinite(magnitude))
      scale = std::max(scale, magnitude);
  });
  operands.forEach([&](T a, T e, const int64_t *position) {
    double wideA = Element<T>::widen(a), wideE = Element<T>::widen(e);
    if (wideA == wideE || (std::isnan(wideA) && std::isnan(wideE)))
      return;
    // False for NaN and for infinity on either side, which are equal to themselves only.
    double difference = std::fabs(wideA - wideE);
    if (std::isfinite(difference) && difference <= tolerance * scale)
      return;
    char detail[96];
    std::snprintf(detail, sizeof detail, " (difference %.3g, allowed %.3g)", difference, tolerance * scale);
    operands.failAt("expect_close", position, a, e, detail);
  });
}

} // namespace

#define GS_CHECK_TYPE(NAME, TYPE)                                                                                      \
  extern "C" void gs_check_expect_eq_##NAME(int64_t actual, int64_t actualOffset, int64_t expected,                    \
                                            int64_t expectedOffset, int64_t shape, int64_t rank, int64_t line,         \
                                            double) {                                                                  \
    expectEqual(Operands<TYPE>(actual, actualOffset, expected, expectedOffset, shape, rank, line));                    \
  }                                                                                                                    \
  extern "C" void gs_check_expect_close_##NAME(int64_t actual, int64_t actualOffset, int64_t expected,                 \
                                               int64_t expectedOffset, int64_t shape, int64_t rank, int64_t line,      \
                                               double tolerance) {                                                     \
    expectClose(Operands<TYPE>(actual, actualOffset, expected, expectedOffset, shape, rank, line), tolerance);         \
  }

GS_CHECK_TYPE(f64, double)
GS_CHECK_TYPE(f32, float)
GS_CHECK_TYPE(f16, Half)
GS_CHECK_TYPE(bf16, BFloat16)
GS_CHECK_TYPE(i64, int64_t)
GS_CHECK_TYPE(i32, int32_t)
GS_CHECK_TYPE(i16, int16_t)
GS_CHECK_TYPE(i8, int8_t)
// One byte each, 0 or 1.
GS_CHECK_TYPE(i1, uint8_t)
