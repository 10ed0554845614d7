//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TensorProto and SparseTensorProto as constants.
//
//===----------------------------------------------------------------------===//
#include "TensorImport.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "onnx-ml.pb.h"
#include <bit>
#include <cstring>

using namespace mlir;
using namespace mlir::onnx;

// raw_data is little-endian by definition and handed on as it is.
static_assert(std::endian::native == std::endian::little, "GSC runs on little-endian hosts");

constexpr StringRef damaged = "; the file is damaged: export the model again";

static OwnedBytes own(std::string &&bytes) {
  auto owner = std::make_shared<std::string>(std::move(bytes));
  return {ArrayRef<char>(owner->data(), owner->size()), owner};
}

static bool isComplex(const ElementFormat &format) { return isa<ComplexType>(format.type); }

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

FailureOr<RankedTensorType> TensorImporter::makeType(ArrayRef<int64_t> dims, int32_t dataType, StringRef what,
                                                     Location loc) {
  std::optional<ElementFormat> format = getElementFormat(dataType, context);
  if (!format)
    return emitError(loc) << what << " has element type " << elementTypeName(dataType)
                          << ", which is not supported; use a numeric or boolean type of at least 2 bits";
  for (auto [i, size] : llvm::enumerate(dims))
    if (size < 0)
      return emitError(loc) << what << " has size " << size << " in dimension " << i << damaged;
  if (!countElements(dims, format->bits))
    return emitError(loc) << what << " has a shape whose size in bytes overflows 64 bits" << damaged;
  return RankedTensorType::get(dims, format->type);
}

FailureOr<RankedTensorType> TensorImporter::importType(const ::onnx::TensorProto &tensor, StringRef what,
                                                       Location loc) {
  return makeType({tensor.dims().data(), static_cast<size_t>(tensor.dims_size())}, tensor.data_type(), what, loc);
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

/// Whether an entry of int32_data, sign-extended, is the bit pattern or value of an element.
static bool fitsElement(int64_t value, const ElementFormat &format) {
  auto integer = dyn_cast<IntegerType>(format.type);
  if ((integer && integer.getWidth() == 1) || format.bits >= 32)
    return true;
  if (format.bits < 8) // several elements packed in one byte
    return value >= -128 && value <= 255;
  int64_t range = int64_t(1) << format.bits;
  if (integer && integer.isSignless())
    return value >= -range / 2 && value < range / 2;
  return value >= 0 && value < range;
}

/// The entries of a typed field, each stored in sizeof(T) bytes. Failure sets `bad` to the first that does not fit.
template <typename T, typename Field>
static FailureOr<OwnedBytes> packField(const Field &values, const ElementFormat &format, int64_t &bad) {
  std::string bytes(values.size() * sizeof(T), '\0');
  for (int i = 0; i < values.size(); ++i) {
    T value = static_cast<T>(values[i]);
    if constexpr (std::is_integral_v<T>) {
      if (format.type.isInteger(1)) {
        value = values[i] != 0;
      } else if (sizeof(T) < sizeof(values[i]) && format.field == DataField::UInt64
                     ? value != values[i]
                     : format.field == DataField::Int32 && !fitsElement(values[i], format)) {
        bad = i;
        return failure();
      }
    }
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return own(std::move(bytes));
}

static FailureOr<OwnedBytes> packTypedData(const ::onnx::TensorProto &tensor, const ElementFormat &format,
                                           int64_t &bad) {
  switch (format.field) {
  case DataField::Float:
    return packField<float>(tensor.float_data(), format, bad);
  case DataField::Double:
    return packField<double>(tensor.double_data(), format, bad);
  case DataField::Int64:
    return packField<int64_t>(tensor.int64_data(), format, bad);
  case DataField::UInt64:
    return format.bits == 32 ? packField<uint32_t>(tensor.uint64_data(), format, bad)
                             : packField<uint64_t>(tensor.uint64_data(), format, bad);
  case DataField::Int32:
    return format.bits == 32   ? packField<int32_t>(tensor.int32_data(), format, bad)
           : format.bits == 16 ? packField<uint16_t>(tensor.int32_data(), format, bad)
                               : packField<uint8_t>(tensor.int32_data(), format, bad);
  }
  return failure();
}

static int64_t sizeOfField(const ::onnx::TensorProto &tensor, DataField field) {
  switch (field) {
  case DataField::Float:
    return tensor.float_data_size();
  case DataField::Double:
    return tensor.double_data_size();
  case DataField::Int64:
    return tensor.int64_data_size();
  case DataField::UInt64:
    return tensor.uint64_data_size();
  case DataField::Int32:
    return tensor.int32_data_size();
  }
  return 0;
}

FailureOr<OwnedBytes> TensorImporter::takeBytes(::onnx::TensorProto &tensor, const ElementFormat &format,
                                                RankedTensorType type, StringRef what, Location loc) {
  int64_t count = type.getNumElements();
  int64_t size = llvm::divideCeil(static_cast<uint64_t>(count) * format.bits, 8);
  if (tensor.has_segment())
    return emitError(loc) << what << " is stored in segments, which is not supported; export the model again without";
  if (tensor.data_location() == ::onnx::TensorProto::EXTERNAL)
    return external.read(tensor, size, what, loc);

  int64_t entries = sizeOfField(tensor, format.field);
  if (tensor.has_raw_data() && !(entries && tensor.raw_data().empty())) {
    if (entries)
      return emitError(loc) << what << " has both raw_data and " << fieldName(format.field) << damaged;
    if (static_cast<int64_t>(tensor.raw_data().size()) != size)
      return emitError(loc) << what << " has " << tensor.raw_data().size() << " bytes of raw_data, but " << type
                            << " needs " << size << damaged;
    // The string moves into the constant: the one copy of a weight is the one that the parser made.
    std::shared_ptr<std::string> owner(tensor.release_raw_data());
    return OwnedBytes{ArrayRef<char>(owner->data(), owner->size()), owner};
  }

  int64_t expected = format.bits < 8 ? size : isComplex(format) ? 2 * count : count;
  if (entries != expected)
    return emitError(loc) << what << " has " << entries << " entries of " << fieldName(format.field) << ", but " << type
                          << " needs " << expected << damaged;
  int64_t bad = 0;
  FailureOr<OwnedBytes> bytes = packTypedData(tensor, format, bad);
  if (failed(bytes))
    return emitError(loc) << what << " has an entry of " << fieldName(format.field) << " at position " << bad
                          << " that does not fit " << format.type << damaged;
  return bytes;
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// One byte per element from `bits` (2 or 4) per element, first element in the low bits, high bits zero.
static SmallVector<char> unpackBits(ArrayRef<char> packed, int64_t count, unsigned bits) {
  SmallVector<char> result(count);
  unsigned perByte = 8 / bits, mask = (1u << bits) - 1;
  for (int64_t i = 0; i < count; ++i)
    result[i] = (static_cast<uint8_t>(packed[i / perByte]) >> (i % perByte * bits)) & mask;
  return result;
}

ElementsAttr TensorImporter::makeElements(RankedTensorType type, const ElementFormat &format, OwnedBytes bytes,
                                          StringRef name) {
  ArrayRef<char> data = bytes.data;
  int64_t count = type.getNumElements();
  if (format.type.isInteger(1)) { // `dense` packs booleans by the bit
    SmallVector<bool> values(llvm::map_range(data, [](char c) { return c != 0; }));
    return DenseElementsAttr::get(type, values);
  }
  SmallVector<char> unpacked;
  if (format.bits < 8) {
    unpacked = unpackBits(data, count, format.bits);
    data = unpacked;
  }
  size_t width = std::max(format.bits, 8u) / 8;
  bool allEqual = count > 1 && std::memcmp(data.data(), data.data() + width, data.size() - width) == 0;
  if (allEqual)
    return DenseElementsAttr::getFromRawBuffer(type, data.take_front(width));
  if (count <= maxInlineElements || format.bits < 8)
    return DenseElementsAttr::getFromRawBuffer(type, data);
  size_t alignment = isComplex(format) ? width / 2 : width;
  if (!llvm::isAddrAligned(llvm::Align(alignment), data.data()))
    return DenseResourceElementsAttr::get(
        type, name, HeapAsmResourceBlob::allocateAndCopyWithAlign(data, /*align=*/64, /*dataIsMutable=*/false));
  return DenseResourceElementsAttr::get(
      type, name,
      UnmanagedAsmResourceBlob::allocateWithAlign(data, alignment, [owner = bytes.owner](void *, size_t, size_t) {}));
}

/// Key of a resource blob: the tensor's own name if it has one.
static StringRef blobName(const ::onnx::TensorProto &tensor) {
  return tensor.name().empty() ? StringRef("tensor") : StringRef(tensor.name());
}

FailureOr<ElementsAttr> TensorImporter::importTensor(::onnx::TensorProto &tensor, StringRef what, Location loc) {
  FailureOr<RankedTensorType> type = importType(tensor, what, loc);
  if (failed(type))
    return failure();
  ElementFormat format = *getElementFormat(tensor.data_type(), context);
  FailureOr<OwnedBytes> bytes = takeBytes(tensor, format, *type, what, loc);
  if (failed(bytes))
    return failure();
  return makeElements(*type, format, std::move(*bytes), blobName(tensor));
}

FailureOr<SmallVector<int64_t>> TensorImporter::importIndices(::onnx::TensorProto &indices, int64_t count,
                                                              RankedTensorType type, StringRef what, Location loc) {
  int64_t rank = type.getRank();
  FailureOr<RankedTensorType> indexType = importType(indices, what, loc);
  if (failed(indexType))
    return failure();
  bool linear = indexType->getRank() == 1;
  if (indices.data_type() != ::onnx::TensorProto::INT64 || (!linear && indexType->getRank() != 2) ||
      indexType->getDimSize(0) != count || (!linear && indexType->getDimSize(1) != rank))
    return emitError(loc) << what << " have type " << *indexType << ", but " << count << " elements of " << type
                          << " need tensor<" << count << "xi64> or tensor<" << count << "x" << rank << "xi64>"
                          << damaged;
  FailureOr<OwnedBytes> bytes =
      takeBytes(indices, *getElementFormat(indices.data_type(), context), *indexType, what, loc);
  if (failed(bytes))
    return failure();
  auto read = [&](int64_t i) {
    int64_t value;
    std::memcpy(&value, bytes->data.data() + i * sizeof(value), sizeof(value));
    return value;
  };
  SmallVector<int64_t> positions(count);
  for (int64_t i = 0; i < count; ++i) {
    int64_t position = linear ? read(i) : 0;
    bool inside = position >= 0 && position < type.getNumElements();
    for (int64_t d = 0; !linear && inside && d < rank; ++d) {
      int64_t index = read(i * rank + d);
      inside = index >= 0 && index < type.getDimSize(d);
      position = position * type.getDimSize(d) + index;
    }
    if (!inside)
      return emitError(loc) << what << " lead out of " << type << " at position " << i << damaged;
    if (i && position <= positions[i - 1])
      return emitError(loc) << what << " must ascend without repetition, but do not at position " << i << damaged;
    positions[i] = position;
  }
  return positions;
}

FailureOr<SparseConstant> TensorImporter::importSparse(::onnx::SparseTensorProto &tensor, StringRef what,
                                                       Location loc) {
  ::onnx::TensorProto &values = *tensor.mutable_values();
  FailureOr<RankedTensorType> type =
      makeType({tensor.dims().data(), static_cast<size_t>(tensor.dims_size())}, values.data_type(), what, loc);
  FailureOr<RankedTensorType> valuesType = failure();
  if (succeeded(type))
    valuesType = importType(values, what, loc);
  if (failed(valuesType))
    return failure();
  if (valuesType->getRank() != 1)
    return emitError(loc) << what << " has values of type " << *valuesType << ", which must be a list" << damaged;
  ElementFormat format = *getElementFormat(values.data_type(), context);
  if (format.bits < 8)
    return emitError(loc) << what << " has element type " << elementTypeName(values.data_type())
                          << ", which is not supported in sparse tensors; store it as a dense initialiser";
  int64_t count = type->getNumElements(), stored = valuesType->getDimSize(0);
  if (count > maxSparseElements)
    return emitError(loc) << what << " has " << count << " elements, but at most " << maxSparseElements
                          << " are supported in a sparse tensor; store it as a dense initialiser";
  std::string name = blobName(values).str();
  FailureOr<OwnedBytes> bytes = takeBytes(values, format, *valuesType, what, loc);
  FailureOr<SmallVector<int64_t>> positions = failure();
  if (succeeded(bytes))
    positions = importIndices(*tensor.mutable_indices(), stored, *type, ("indices of " + what).str(), loc);
  if (failed(positions))
    return failure();

  size_t width = format.bits / 8;
  std::string dense(count * width, '\0');
  SmallVector<bool> mask(count, false);
  for (auto [i, position] : llvm::enumerate(*positions)) {
    std::memcpy(dense.data() + position * width, bytes->data.data() + i * width, width);
    mask[position] = true;
  }
  auto maskType = RankedTensorType::get(type->getShape(), IntegerType::get(context, 1));
  return SparseConstant{makeElements(*type, format, own(std::move(dense)), name),
                        DenseElementsAttr::get(maskType, mask)};
}
