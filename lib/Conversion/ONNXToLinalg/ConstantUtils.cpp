//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading, building and reshuffling constants of any size.
//
//===----------------------------------------------------------------------===//
#include "ConstantUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

unsigned onnx::elementBytes(Type elementType) {
  if (!elementType.isIntOrFloat())
    return 0;
  unsigned bits = elementType.getIntOrFloatBitWidth();
  if (bits == 1)
    return 1;
  return bits % 8 == 0 ? bits / 8 : 0;
}

std::optional<RawData> onnx::getRawData(ElementsAttr elements) {
  auto type = dyn_cast<RankedTensorType>(elements.getShapedType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  size_t width = elementBytes(type.getElementType());
  size_t count = type.getNumElements();
  if (!width)
    return std::nullopt;
  RawData data;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() < count * width)
      return std::nullopt;
    data.bytes = blob->getData().take_front(count * width);
    // External data starts where the file wants it to.
    if (reinterpret_cast<uintptr_t>(data.bytes.data()) % width != 0) {
      data.owned.assign(data.bytes.begin(), data.bytes.end());
      data.bytes = data.owned;
    }
    return data;
  }
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense || isa<DenseStringElementsAttr>(dense))
    return std::nullopt;
  if (type.getElementType().isInteger(1)) {
    data.owned.reserve(count);
    for (bool v : dense.getValues<bool>())
      data.owned.push_back(v);
  } else if (dense.isSplat()) {
    ArrayRef<char> one = dense.getRawData();
    data.owned.resize(count * width);
    for (size_t i = 0; i < count; ++i)
      std::memcpy(data.owned.data() + i * width, one.data(), width);
  } else {
    data.bytes = dense.getRawData();
    return data;
  }
  data.bytes = data.owned; // stays valid when `data` moves: the vector's heap block moves along
  return data;
}

ElementsAttr onnx::makeElements(RankedTensorType type, ArrayRef<char> bytes) {
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> values(llvm::map_range(bytes, [](char c) { return c != 0; }));
    return DenseElementsAttr::get(type, values);
  }
  if (static_cast<int64_t>(bytes.size()) <= maxInlineConstantBytes)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  return DenseResourceElementsAttr::get(
      type, "c", HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, /*align=*/64, /*dataIsMutable=*/false));
}

ElementsAttr onnx::makeInts(MLIRContext *context, ArrayRef<int64_t> values, bool rank0) {
  SmallVector<int64_t> shape;
  if (!rank0)
    shape.push_back(values.size());
  return DenseElementsAttr::get(RankedTensorType::get(shape, IntegerType::get(context, 64)), values);
}

ElementsAttr onnx::makeFloats(RankedTensorType type, ArrayRef<double> values) {
  auto element = cast<FloatType>(type.getElementType());
  size_t width = elementBytes(element);
  std::vector<char> bytes(values.size() * width);
  for (auto [i, v] : llvm::enumerate(values)) {
    APFloat f(v);
    bool lossy;
    f.convert(element.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lossy);
    uint64_t bits = f.bitcastToAPInt().getZExtValue();
    std::memcpy(bytes.data() + i * width, &bits, width); // hosts are little-endian
  }
  return makeElements(type, bytes);
}

ElementsAttr onnx::reshapeElements(ElementsAttr elements, RankedTensorType type) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return dense.reshape(type);
  std::optional<RawData> data = getRawData(elements);
  return data ? makeElements(type, data->bytes) : ElementsAttr();
}

/// Copies elements of W bytes each: the one at index i of `shape` comes from sum(i[d] * strides[d]).
/// Strides may be negative (a flipped kernel), so W takes part as a signed number.
template <int64_t W>
static void gather(const char *from, char *to, ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t inner = shape.back(), innerStride = strides.back();
  if (shape.size() == 2 && innerStride != 1) {
    // Transposing the matrix of a fully connected layer: tile by tile, so that cache lines are used up.
    constexpr int64_t tile = 32;
    for (int64_t row = 0; row < shape[0]; row += tile)
      for (int64_t col = 0; col < inner; col += tile)
        for (int64_t r = row, re = std::min(row + tile, shape[0]); r < re; ++r)
          for (int64_t c = col, ce = std::min(col + tile, inner); c < ce; ++c)
            std::memcpy(to + (r * inner + c) * W, from + (r * strides[0] + c * innerStride) * W, W);
    return;
  }
  while (true) {
    int64_t offset = 0;
    for (size_t d = 0; d + 1 < shape.size(); ++d)
      offset += index[d] * strides[d];
    for (int64_t i = 0; i < inner; ++i, to += W)
      std::memcpy(to, from + (offset + i * innerStride) * W, W);
    int64_t d = static_cast<int64_t>(shape.size()) - 2;
    for (; d >= 0; --d) {
      if (++index[d] < shape[d])
        break;
      index[d] = 0;
    }
    if (d < 0)
      return;
  }
}

/// The constant of `shape` whose element at index i is that of `elements` at base + sum(i[d] * strides[d]).
static ElementsAttr gatherElements(ElementsAttr elements, int64_t base, ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> strides) {
  auto newType = RankedTensorType::get(shape, elements.getElementType());
  if (elements.getNumElements() <= 1)
    return reshapeElements(elements, newType);
  if (auto dense = dyn_cast<DenseElementsAttr>(elements); dense && dense.isSplat())
    return dense.reshape(newType);
  std::optional<RawData> data = getRawData(elements);
  if (!data)
    return {};
  std::vector<char> out(data->bytes.size());
  unsigned width = elementBytes(elements.getElementType());
  const char *from = data->bytes.data() + base * width;
  switch (width) {
  case 1:
    gather<1>(from, out.data(), shape, strides);
    break;
  case 2:
    gather<2>(from, out.data(), shape, strides);
    break;
  case 4:
    gather<4>(from, out.data(), shape, strides);
    break;
  case 8:
    gather<8>(from, out.data(), shape, strides);
    break;
  default:
    return {};
  }
  return makeElements(newType, out);
}

static SmallVector<int64_t> rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = static_cast<int64_t>(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

ElementsAttr onnx::transposeElements(ElementsAttr elements, ArrayRef<int64_t> perm) {
  ArrayRef<int64_t> from = elements.getShapedType().getShape();
  SmallVector<int64_t> shape, strides, fromStrides = rowMajorStrides(from);
  for (int64_t p : perm) {
    shape.push_back(from[p]);
    strides.push_back(fromStrides[p]);
  }
  return gatherElements(elements, 0, shape, strides);
}

ElementsAttr onnx::reverseElements(ElementsAttr elements, ArrayRef<int64_t> dims) {
  ArrayRef<int64_t> shape = elements.getShapedType().getShape();
  SmallVector<int64_t> strides = rowMajorStrides(shape);
  int64_t base = 0;
  for (int64_t d : dims) {
    base += (shape[d] - 1) * strides[d];
    strides[d] = -strides[d];
  }
  return gatherElements(elements, base, shape, strides);
}

template <typename T, typename R> static SmallVector<R> widen(const RawData &data) {
  return llvm::map_to_vector(data.as<T>(), [](T v) { return static_cast<R>(v); });
}

template <typename R> static std::optional<SmallVector<R>> readIntegers(const RawData &data, IntegerType type) {
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  switch (type.getWidth()) {
  case 1:
  case 8:
    return isUnsigned ? widen<uint8_t, R>(data) : widen<int8_t, R>(data);
  case 16:
    return isUnsigned ? widen<uint16_t, R>(data) : widen<int16_t, R>(data);
  case 32:
    return isUnsigned ? widen<uint32_t, R>(data) : widen<int32_t, R>(data);
  case 64:
    return isUnsigned ? widen<uint64_t, R>(data) : widen<int64_t, R>(data);
  default:
    return std::nullopt;
  }
}

std::optional<SmallVector<int64_t>> onnx::readInts(ElementsAttr elements) {
  std::optional<RawData> data = getRawData(elements);
  auto type = dyn_cast<IntegerType>(elements.getElementType());
  return data && type ? readIntegers<int64_t>(*data, type) : std::nullopt;
}

std::optional<SmallVector<double>> onnx::readDoubles(ElementsAttr elements) {
  std::optional<RawData> data = getRawData(elements);
  if (!data)
    return std::nullopt;
  Type type = elements.getElementType();
  if (auto integer = dyn_cast<IntegerType>(type))
    return readIntegers<double>(*data, integer);
  if (type.isF32())
    return widen<float, double>(*data);
  if (type.isF64())
    return widen<double, double>(*data);
  if (!type.isF16() && !type.isBF16())
    return std::nullopt;
  const llvm::fltSemantics &semantics = cast<FloatType>(type).getFloatSemantics();
  return llvm::map_to_vector(data->as<uint16_t>(), [&](uint16_t bits) {
    APFloat f(semantics, APInt(16, bits));
    bool lossy;
    f.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lossy);
    return f.convertToDouble();
  });
}

ElementsAttr onnx::constantValue(Value value) {
  if (!value)
    return {};
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  return constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
}

Value onnx::createConstant(OpBuilder &b, Location loc, ElementsAttr elements) {
  return arith::ConstantOp::create(b, loc, cast<TypedAttr>(elements));
}

Value onnx::shuffleConstant(OpBuilder &b, Location loc, Value value, function_ref<ElementsAttr(ElementsAttr)> shuffle) {
  ElementsAttr elements = constantValue(value);
  ElementsAttr shuffled = elements ? shuffle(elements) : ElementsAttr();
  if (!shuffled)
    return {};
  Value result = createConstant(b, loc, shuffled);
  if (auto mask = value.getDefiningOp()->getAttrOfType<ElementsAttr>(maskAttrName)) {
    ElementsAttr shuffledMask = shuffle(mask);
    if (!shuffledMask)
      return {};
    result.getDefiningOp()->setAttr(maskAttrName, shuffledMask);
  }
  return result;
}
