//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns that the values show, not the mask: magnitudes that blocks share, runs of one sign.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

namespace {

/// Elements as sign and magnitude.
template <typename T> struct Elements {
  const T *values;
  bool isFloat;

  static constexpr T signBit = static_cast<T>(T(1) << (sizeof(T) * 8 - 1));
  bool isNegative(int64_t at) const { return values[at] & signBit; }
  T magnitude(int64_t at) const {
    T bits = values[at];
    if (isFloat)
      return static_cast<T>(bits & T(~signBit));
    return bits & signBit ? static_cast<T>(T(0) - bits) : bits;
  }
};

} // namespace

/// So many pairs of weights agree by chance less often than once in 10^9 layers.
static constexpr int64_t evidence = 30;

/// Pairs of neighbours in a run with and without the same sign; stops where clearly more than a few differ.
template <typename T>
static std::pair<int64_t, int64_t> compareSigns(const Weight &weight, Elements<T> elements, int64_t n, bool outer) {
  int64_t agree = 0, differ = 0;
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t begin = 0; begin < weight.cols; begin += n) {
      std::optional<bool> sign;
      for (int64_t place = begin; place < std::min(weight.cols, begin + n); ++place) {
        int64_t at = row * weight.cols + columnAt(weight, outer, place);
        if (!elements.magnitude(at))
          continue;
        bool negative = elements.isNegative(at);
        if (sign)
          ++(*sign == negative ? agree : differ);
        sign = negative;
      }
      if (differ > 8 && differ * 10 > agree)
        return {agree, differ};
    }
  return {agree, differ};
}

template <typename T> static void detectSigns(const Layer &layer, Proposals &to, Elements<T> elements, bool outer) {
  const Weight &weight = layer.weight;
  MLIRContext *context = weight.elementType.getContext();
  // Runs of 2n weights of one sign are runs of n: the longest that holds is looked for.
  int64_t longest = 0, agreeing = 0;
  for (int64_t n = 4; n <= 256 && n <= weight.cols; n *= 2) {
    auto [agree, differ] = compareSigns(weight, elements, n, outer);
    if (n == 4 && differ && agree >= evidence && differ * 10 <= agree)
      to.refuse(
          PolarizedAttr::get(context, n, outer),
          llvm::formatv("of neighbours in runs of {0}, {1} have one sign and {2} have not", n, agree, differ).str());
    if (differ)
      break;
    longest = n;
    agreeing = agree;
  }
  if (agreeing >= evidence)
    to.offer(PolarizedAttr::get(context, longest, outer), layer.nonZeros, layer.nonZeros, nullptr);
}

/// Blocks of size x size with weights: unified ones, free ones, and the weights that need not be stored.
struct Blocks {
  int64_t unified = 0, free = 0, saved = 0;
};

template <typename T> static Blocks countBlocks(const Weight &weight, Elements<T> elements, int64_t size) {
  Blocks blocks;
  for (int64_t row = 0; row < weight.rows; row += size) {
    for (int64_t col = 0; col < weight.cols; col += size) {
      int64_t rows = std::min(size, weight.rows - row), cols = std::min(size, weight.cols - col), kept = 0;
      bool equal = true;
      T first = elements.magnitude(row * weight.cols + col);
      for (int64_t r = row; r < row + rows; ++r)
        for (int64_t c = col; c < col + cols; ++c) {
          kept += weight.kept(r, c);
          equal &= elements.magnitude(r * weight.cols + c) == first;
        }
      if (!kept)
        continue;
      bool unified = equal && kept == rows * cols && first;
      ++(unified ? blocks.unified : blocks.free);
      blocks.saved += unified ? kept - 1 : 0;
    }
    // Most layers show nothing, and soon.
    if (blocks.free > 64 && blocks.unified * 16 < blocks.free)
      break;
  }
  return blocks;
}

template <typename T> static void detectMagnitudes(const Layer &layer, Proposals &to, Elements<T> elements) {
  const Weight &weight = layer.weight;
  UnifiedAttr nearest;
  Blocks most;
  for (int64_t size : {8, 4, 2}) {
    if (size > weight.rows || size > weight.cols)
      continue;
    auto pattern = UnifiedAttr::get(weight.elementType.getContext(), size, size, false);
    Blocks blocks = countBlocks(weight, elements, size);
    if (blocks.saved < evidence)
      continue;
    // Any weight is legal; the pattern says something where most blocks are unified.
    if (blocks.unified > blocks.free)
      return to.offer(pattern, layer.nonZeros, blocks.free, nullptr);
    if (!nearest || blocks.saved > most.saved) {
      nearest = pattern;
      most = blocks;
    }
  }
  if (nearest && most.unified * 4 >= most.free)
    to.refuse(nearest, llvm::formatv("the weights of {0} blocks have one magnitude, those of {1} have not",
                                     most.unified, most.free)
                           .str());
}

template <typename T> static void detect(const Layer &layer, Proposals &to, bool isFloat) {
  Elements<T> elements = {reinterpret_cast<const T *>(layer.weight.values.data()), isFloat};
  detectMagnitudes(layer, to, elements);
  detectSigns(layer, to, elements, false);
  if (layer.weight.locations > 1)
    detectSigns(layer, to, elements, true);
}

void mlir::gs::detection::detectValues(const Layer &layer, Proposals &to) {
  bool isFloat = isa<FloatType>(layer.weight.elementType);
  switch (layer.weight.elementBytes) {
  case 1:
    return detect<uint8_t>(layer, to, isFloat);
  case 2:
    return detect<uint16_t>(layer, to, isFloat);
  case 4:
    return detect<uint32_t>(layer, to, isFloat);
  default:
    return detect<uint64_t>(layer, to, isFloat);
  }
}
