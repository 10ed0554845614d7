//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Moving the elements of constants.
//
//===----------------------------------------------------------------------===//
#include "../ConstantUtils.h"
#include "ShapeUtils.h"
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

void onnx::nextIndex(MutableArrayRef<int64_t> index, ArrayRef<int64_t> shape) {
  for (int64_t d = static_cast<int64_t>(shape.size()) - 1; d >= 0; --d) {
    if (++index[d] < shape[d])
      return;
    index[d] = 0;
  }
}

SmallVector<int64_t> onnx::rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = static_cast<int64_t>(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

SmallVector<int64_t> onnx::broadcastStrides(ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  SmallVector<int64_t> own = rowMajorStrides(from), strides(to.size(), 0);
  // Leading 1s of a `from` of higher rank (a one-element operand of a scalar) address nothing.
  size_t first = from.size() > to.size() ? from.size() - to.size() : 0;
  for (size_t i = first; i < from.size(); ++i)
    if (from[i] != 1)
      strides[to.size() - from.size() + i] = own[i];
  return strides;
}

ElementsAttr onnx::splatElements(RankedTensorType type, ArrayRef<char> bytes) {
  if (type.getElementType().isInteger(1))
    return DenseElementsAttr::get(type, bytes[0] != 0);
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

bool onnx::isSplat(ElementsAttr elements) {
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  return dense && dense.isSplat();
}

ElementsAttr onnx::stridedElements(ElementsAttr elements, RankedTensorType type, int64_t offset,
                                   ArrayRef<int64_t> strides) {
  if (type.getNumElements() == 0)
    return makeElements(type, {});
  if (isSplat(elements))
    return cast<DenseElementsAttr>(elements).resizeSplat(type);
  std::optional<RawData> data = getRawData(elements);
  if (!data)
    return {};
  size_t width = elementBytes(type.getElementType());
  std::vector<char> out(type.getNumElements() * width);
  char *to = out.data();
  SmallVector<int64_t> shape(type.getShape()), steps(strides);
  // The innermost run is copied at once where it is contiguous.
  int64_t inner = shape.empty() ? 1 : shape.pop_back_val(), innerStep = steps.empty() ? 1 : steps.pop_back_val();
  SmallVector<int64_t> index(shape.size(), 0);
  for (int64_t n = elementCount(shape); n > 0; --n, nextIndex(index, shape)) {
    int64_t from = offset;
    for (auto [i, step] : llvm::zip_equal(index, steps))
      from += i * step;
    if (innerStep == 1) {
      std::memcpy(to, data->bytes.data() + from * width, inner * width);
      to += inner * width;
      continue;
    }
    for (int64_t i = 0; i < inner; ++i, to += width)
      std::memcpy(to, data->bytes.data() + (from + i * innerStep) * width, width);
  }
  return makeElements(type, out);
}

ElementsAttr onnx::concatElements(ArrayRef<ElementsAttr> parts, RankedTensorType type, int64_t axis) {
  auto splatOf = [](ElementsAttr e) { return cast<DenseElementsAttr>(e).getSplatValue<Attribute>(); };
  if (llvm::all_of(parts, isSplat) &&
      llvm::all_of(parts, [&](ElementsAttr e) { return splatOf(e) == splatOf(parts.front()); }))
    return DenseElementsAttr::get(type, splatOf(parts.front()));
  size_t width = elementBytes(type.getElementType());
  int64_t outer = elementCount(type.getShape().take_front(axis));
  size_t row = elementCount(type.getShape().drop_front(axis)) * width;
  std::vector<char> out(outer * row);
  size_t start = 0;
  for (ElementsAttr part : parts) {
    std::optional<RawData> data = getRawData(part);
    if (!data)
      return {};
    size_t partRow = outer ? data->bytes.size() / outer : 0;
    for (int64_t i = 0; i < outer; ++i)
      std::memcpy(out.data() + i * row + start, data->bytes.data() + i * partRow, partRow);
    start += partRow;
  }
  return makeElements(type, out);
}
