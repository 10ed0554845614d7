//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bit rows of a mask.
//
//===----------------------------------------------------------------------===//
#include "Detection.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detection;

Bits Bits::halved() const {
  Bits half((rows + 1) / 2, cols);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t w = 0; w < words; ++w)
      half.row(r / 2)[w] |= row(r)[w];
  return half;
}

int64_t mlir::gs::detection::storageBytes(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type elementType,
                                          int64_t groups) {
  Schema schema;
  schema.indexBits = ShapedType::getNumElements(shape.drop_front()) <= 1 << 16 ? 16 : 32;
  int64_t bytes = 0;
  for (const StorageField &field : pattern.getStorage(shape, elementType, groups, schema)) {
    int64_t elements = 1;
    for (int64_t extent : field.shape)
      elements *= extent;
    bytes += elements * int64_t(llvm::divideCeil(field.elementType.getIntOrFloatBitWidth(), 8));
  }
  return bytes;
}

Layer::Layer(const Weight &weight, ArrayRef<int64_t> shape, double maxFill, int64_t groups)
    : weight(weight), shape(shape), inner(weight.rows, weight.cols), rowsPerGroup(weight.rows / groups) {
  bool hasOuter = weight.locations > 1;
  if (hasOuter)
    outer = Bits(weight.rows, weight.cols);
  rowBegin.push_back(0);
  for (int64_t r = 0; r < weight.rows; ++r) {
    const uint8_t *mask = weight.mask.data() + r * weight.cols;
    auto keep = [&](int64_t c) {
      columns.push_back(static_cast<int32_t>(c));
      inner.set(r, c);
      if (hasOuter)
        outer.set(r, c % weight.channels * weight.locations + c / weight.channels);
    };
    int64_t c = 0;
    for (; c + 8 <= weight.cols; c += 8) {
      uint64_t word;
      std::memcpy(&word, mask + c, 8);
      if (word)
        for (int64_t i = c; i < c + 8; ++i)
          if (mask[i])
            keep(i);
    }
    for (; c < weight.cols; ++c)
      if (mask[c])
        keep(c);
    rowBegin.push_back(columns.size());
  }
  nonZeros = columns.size();
  limit = static_cast<int64_t>(maxFill * double(nonZeros));
}
