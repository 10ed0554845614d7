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
// Small constants are `dense` (uniqued in the context), large ones `dense_resource` blobs, which upstream's value
// iterators do not read. All helpers take both.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_ONNXTOLINALG_CONSTANTUTILS_H
#define GS_CONVERSION_ONNXTOLINALG_CONSTANTUTILS_H

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>

namespace mlir::onnx {

/// Constants of more bytes than this become resource blobs.
constexpr int64_t maxInlineConstantBytes = 4096;

/// Bytes of one element; booleans take one. 0 if the type has no fixed byte size.
unsigned elementBytes(Type elementType);

/// The elements of a constant in row-major order, host byte order, one byte per boolean, splats expanded.
class RawData {
public:
  RawData() = default;
  RawData(RawData &&) = default;
  RawData &operator=(RawData &&) = default;

  ArrayRef<char> bytes;
  template <typename T> ArrayRef<T> as() const {
    return ArrayRef<T>(reinterpret_cast<const T *>(bytes.data()), bytes.size() / sizeof(T));
  }

private:
  friend std::optional<RawData> getRawData(ElementsAttr elements);
  std::vector<char> owned; // only when the attribute does not hold the bytes in this form
};

/// Null if the element type has no fixed size or the blob of a resource is missing or too short.
std::optional<RawData> getRawData(ElementsAttr elements);

/// A constant of `type` from `bytes` (as RawData holds them; size must be that of the type).
ElementsAttr makeElements(RankedTensorType type, ArrayRef<char> bytes);
template <typename T> ElementsAttr makeElementsOf(RankedTensorType type, ArrayRef<T> values) {
  return makeElements(type, ArrayRef<char>(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)));
}
/// A 1-D (or with `rank0` and one value, 0-D) i64 constant.
ElementsAttr makeInts(MLIRContext *context, ArrayRef<int64_t> values, bool rank0 = false);
/// A constant of a float type (f16, bf16, f32, f64) from doubles.
ElementsAttr makeFloats(RankedTensorType type, ArrayRef<double> values);

/// The same elements under another shape of as many elements; shares the bytes.
ElementsAttr reshapeElements(ElementsAttr elements, RankedTensorType type);
/// Dimension i of the result is dimension perm[i] of `elements`. Null if the elements cannot be read.
ElementsAttr transposeElements(ElementsAttr elements, ArrayRef<int64_t> perm);
/// The order of `dims` reversed. Null if the elements cannot be read.
ElementsAttr reverseElements(ElementsAttr elements, ArrayRef<int64_t> dims);

/// Values of any integer or boolean constant, widened; null for other types.
std::optional<SmallVector<int64_t>> readInts(ElementsAttr elements);
/// Values of any integer, boolean or float (f16, bf16, f32, f64) constant; null for other types.
std::optional<SmallVector<double>> readDoubles(ElementsAttr elements);

/// The constant that defines `value` (arith.constant), or null.
ElementsAttr constantValue(Value value);
Value createConstant(OpBuilder &b, Location loc, ElementsAttr elements);
/// Name of the attribute of an arith.constant that holds the mask of a sparse initialiser.
constexpr StringLiteral maskAttrName = "onnx.mask";
/// The constant `value` with its elements reordered by `shuffle`, which is applied to the mask too. Null if `value` is
/// no constant or `shuffle` returns null.
Value shuffleConstant(OpBuilder &b, Location loc, Value value, function_ref<ElementsAttr(ElementsAttr)> shuffle);

} // namespace mlir::onnx

#endif // GS_CONVERSION_ONNXTOLINALG_CONSTANTUTILS_H
