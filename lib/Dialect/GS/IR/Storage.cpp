//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense weights as matrices in the channel-inner view.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/Storage.h"
#include "Patterns/PackUtils.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

//===----------------------------------------------------------------------===//
// Shapes and types
//===----------------------------------------------------------------------===//

unsigned mlir::gs::getElementBytes(Type elementType) {
  if (elementType.isF16() || elementType.isBF16() || elementType.isSignlessInteger(16))
    return 2;
  if (elementType.isF32() || elementType.isSignlessInteger(32))
    return 4;
  if (elementType.isF64())
    return 8;
  return elementType.isSignlessInteger(8) ? 1 : 0;
}

LogicalResult mlir::gs::verifyWeightShape(StringRef label, ArrayRef<int64_t> shape, Type elementType,
                                          EmitError emitError) {
  if (shape.size() < 2 || shape.size() > 5)
    return Report(emitError) << label << ": a weight has rank 2 (M, K) or 3 to 5 (O, I, k...), got rank "
                             << shape.size();
  if (!elementType) // the parser has said what is wrong with it, and goes on to the encoding
    return failure();
  int64_t elements = 1;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (ShapedType::isDynamic(extent))
      return Report(emitError) << label << ": dimension #" << i << " of a weight must be static";
    if (extent <= 0)
      return Report(emitError) << label << ": dimension #" << i << " of a weight must be positive, got " << extent;
    // Positions, columns and group counts are 32-bit numbers.
    if (extent > INT32_MAX / elements)
      return Report(emitError) << label << ": weight has more than 2^31 - 1 elements";
    elements *= extent;
  }
  if (!getElementBytes(elementType))
    return Report(emitError) << label << ": element type must be f16, bf16, f32, f64, i8, i16 or i32, not "
                             << elementType;
  return success();
}

//===----------------------------------------------------------------------===//
// Weight
//===----------------------------------------------------------------------===//

/// Copies rows x (outer x inner) elements to rows x (inner x outer). The source may lie anywhere, because constants may
/// point into a file; the target is aligned.
template <typename T> static void swapInner(const char *from, char *to, int64_t rows, int64_t outer, int64_t inner) {
  T *target = reinterpret_cast<T *>(to);
  for (int64_t row = 0; row < rows; ++row, from += outer * inner * sizeof(T), target += outer * inner)
    for (int64_t i = 0; i < inner; ++i)
      for (int64_t o = 0; o < outer; ++o)
        std::memcpy(&target[i * outer + o], from + (o * inner + i) * sizeof(T), sizeof(T));
}

static void swapInner(const char *from, char *to, int64_t rows, int64_t outer, int64_t inner, unsigned bytes) {
  if (outer == 1 || inner == 1)
    std::memcpy(to, from, rows * outer * inner * bytes);
  else if (bytes == 1)
    swapInner<uint8_t>(from, to, rows, outer, inner);
  else if (bytes == 2)
    swapInner<uint16_t>(from, to, rows, outer, inner);
  else if (bytes == 4)
    swapInner<uint32_t>(from, to, rows, outer, inner);
  else
    swapInner<uint64_t>(from, to, rows, outer, inner);
}

/// mask[i] = 1 where values[i] is not zero; `ignored` are the bits that do not count (the sign of a float).
template <typename T> static void maskNonZeros(const char *values, uint8_t *mask, int64_t size, T ignored) {
  const T *source = reinterpret_cast<const T *>(values);
  T counted = static_cast<T>(~ignored);
  for (int64_t i = 0; i < size; ++i)
    mask[i] = (source[i] & counted) != 0;
}

static std::vector<uint8_t> nonZeros(const std::vector<char> &values, Type elementType, unsigned bytes) {
  int64_t size = values.size() / bytes;
  std::vector<uint8_t> mask(size);
  bool isFloat = isa<FloatType>(elementType);
  if (bytes == 1)
    maskNonZeros<uint8_t>(values.data(), mask.data(), size, 0);
  else if (bytes == 2)
    maskNonZeros<uint16_t>(values.data(), mask.data(), size, isFloat ? uint16_t(1) << 15 : 0);
  else if (bytes == 4)
    maskNonZeros<uint32_t>(values.data(), mask.data(), size, isFloat ? uint32_t(1) << 31 : 0);
  else
    maskNonZeros<uint64_t>(values.data(), mask.data(), size, isFloat ? uint64_t(1) << 63 : 0);
  return mask;
}

/// Sets pruned elements to +0, so that they compare equal as bytes even if they were -0.
template <typename T> static void clearPruned(char *values, const std::vector<uint8_t> &mask) {
  T *target = reinterpret_cast<T *>(values);
  for (size_t i = 0; i < mask.size(); ++i)
    target[i] = mask[i] ? target[i] : T(0);
}

static void clearPruned(Weight &weight) {
  char *values = weight.values.data();
  if (weight.elementBytes == 1)
    clearPruned<uint8_t>(values, weight.mask);
  else if (weight.elementBytes == 2)
    clearPruned<uint16_t>(values, weight.mask);
  else if (weight.elementBytes == 4)
    clearPruned<uint32_t>(values, weight.mask);
  else
    clearPruned<uint64_t>(values, weight.mask);
}

/// One byte per element of a mask constant in the tensor's own order.
static FailureOr<std::vector<uint8_t>> readMask(ElementsAttr mask, EmitError emitError) {
  ShapedType type = mask.getShapedType();
  size_t size = type.getNumElements();
  if (type.getElementType().isInteger(1)) {
    if (auto dense = dyn_cast<DenseElementsAttr>(mask)) {
      std::vector<uint8_t> bytes(size);
      for (auto [i, bit] : llvm::enumerate(dense.getValues<bool>()))
        bytes[i] = bit;
      return bytes;
    }
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(mask)) {
      AsmResourceBlob *blob = resource.getRawHandle().getBlob();
      if (!blob || blob->getData().size() != size)
        return Report(emitError) << "mask resource '" << resource.getRawHandle().getKey() << "' must hold " << size
                                 << " bytes, one per element";
      return std::vector<uint8_t>(blob->getData().begin(), blob->getData().end());
    }
    return Report(emitError) << "mask must be dense<...> or dense_resource<...>";
  }
  if (!type.getElementType().isSignlessInteger(8))
    return Report(emitError) << "mask must have element type i1 or i8, not " << type.getElementType();
  std::vector<char> storage;
  FailureOr<ArrayRef<char>> raw = getRawData(mask, storage, emitError);
  if (failed(raw))
    return failure();
  return std::vector<uint8_t>(raw->begin(), raw->end());
}

int64_t Weight::numKept() const {
  int64_t count = 0;
  for (uint8_t byte : mask)
    count += byte != 0;
  return count;
}

bool Weight::maskIsImplied() const {
  std::vector<uint8_t> implied = nonZeros(values, elementType, elementBytes);
  for (size_t i = 0; i < mask.size(); ++i)
    if ((mask[i] != 0) != (implied[i] != 0))
      return false;
  return true;
}

FailureOr<Weight> Weight::zeros(ArrayRef<int64_t> shape, Type elementType, EmitError emitError) {
  if (failed(verifyWeightShape("weight", shape, elementType, emitError)))
    return failure();
  Weight weight;
  weight.rows = shape[0];
  weight.channels = shape[1];
  weight.locations = ShapedType::getNumElements(shape.drop_front(2));
  weight.cols = weight.channels * weight.locations;
  weight.elementType = elementType;
  weight.elementBytes = getElementBytes(elementType);
  weight.values.resize(weight.rows * weight.cols * weight.elementBytes);
  weight.mask.resize(weight.rows * weight.cols);
  return weight;
}

FailureOr<Weight> Weight::fromElements(ElementsAttr values, ElementsAttr mask, EmitError emitError) {
  ShapedType type = values.getShapedType();
  FailureOr<Weight> weight = zeros(type.getShape(), type.getElementType(), emitError);
  if (failed(weight))
    return failure();
  std::vector<char> storage;
  FailureOr<ArrayRef<char>> raw = getRawData(values, storage, emitError);
  if (failed(raw))
    return failure();
  swapInner(raw->data(), weight->values.data(), weight->rows, weight->channels, weight->locations,
            weight->elementBytes);
  if (!mask) {
    weight->mask = nonZeros(weight->values, weight->elementType, weight->elementBytes);
    clearPruned(*weight);
    return weight;
  }
  if (mask.getShapedType().getShape() != type.getShape())
    return Report(emitError) << "mask of type " << mask.getShapedType() << " must have the shape of the values, "
                             << type;
  FailureOr<std::vector<uint8_t>> bytes = readMask(mask, emitError);
  if (failed(bytes))
    return failure();
  swapInner(reinterpret_cast<const char *>(bytes->data()), reinterpret_cast<char *>(weight->mask.data()), weight->rows,
            weight->channels, weight->locations, 1);
  std::vector<uint8_t> live = nonZeros(weight->values, weight->elementType, weight->elementBytes);
  for (int64_t i = 0, e = weight->rows * weight->cols; i < e; ++i)
    if (live[i] && !weight->mask[i])
      return Report(emitError) << "value at row " << i / weight->cols << ", column " << i % weight->cols
                               << " (channel-inner view) is not zero, but the mask prunes it; set it to zero or keep "
                                  "it";
  clearPruned(*weight);
  return weight;
}

std::vector<char> Weight::toTensorOrder() const {
  std::vector<char> result(values.size());
  swapInner(values.data(), result.data(), rows, locations, channels, elementBytes);
  return result;
}

ElementsAttr Weight::maskToElements(ArrayRef<int64_t> shape) const {
  std::vector<char> bytes(mask.size());
  swapInner(reinterpret_cast<const char *>(mask.data()), bytes.data(), rows, locations, channels, 1);
  SmallVector<bool> bits(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i)
    bits[i] = bytes[i] != 0;
  return DenseElementsAttr::get(RankedTensorType::get(shape, IntegerType::get(elementType.getContext(), 1)), bits);
}
