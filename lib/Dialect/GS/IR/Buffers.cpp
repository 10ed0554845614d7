//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Constants as raw memory, and the buffers of packed weights as attributes.
//
//===----------------------------------------------------------------------===//
#include "Patterns/Composite.h"
#include "gs/Dialect/GS/IR/RowLayouts.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::detail;

/// Largest constant that is stored inline in the IR rather than as a resource.
static constexpr size_t maxInlineBytes = 1024;

FailureOr<ArrayRef<char>> mlir::gs::getRawData(ElementsAttr elements, std::vector<char> &storage, EmitError emitError) {
  ShapedType type = elements.getShapedType();
  unsigned bytes = getElementBytes(type.getElementType());
  if (!bytes && type.getElementType().isInteger(64))
    bytes = 8;
  if (!bytes)
    return Report(emitError) << "constant of element type " << type.getElementType() << " cannot be read as raw memory";
  size_t size = static_cast<size_t>(type.getNumElements()) * bytes;
  if (auto dense = dyn_cast<DenseElementsAttr>(elements)) {
    ArrayRef<char> raw = dense.getRawData();
    if (!dense.isSplat() || raw.size() == size)
      return raw;
    storage.resize(size);
    for (size_t i = 0; i < size; i += bytes)
      copyElement(storage.data() + i, raw.data(), bytes);
    return ArrayRef<char>(storage);
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return Report(emitError) << "resource '" << resource.getRawHandle().getKey() << "' holds no data";
    if (blob->getData().size() != size)
      return Report(emitError) << "resource '" << resource.getRawHandle().getKey() << "' has " << blob->getData().size()
                               << " bytes, but " << type << " needs " << size;
    return blob->getData();
  }
  return Report(emitError) << "constant must be dense<...> or dense_resource<...>";
}

ElementsAttr mlir::gs::makeElements(RankedTensorType type, std::vector<char> &&data) {
  // DenseElementsAttr wants every element of an empty tensor, that is none, and no buffer.
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  if (data.size() <= maxInlineBytes)
    return DenseElementsAttr::getFromRawBuffer(type, data);
  auto owner = std::make_unique<std::vector<char>>(std::move(data));
  ArrayRef<char> view(*owner);
  size_t alignment = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  AsmResourceBlob blob(
      view, alignment, [owner = std::move(owner)](void *, size_t, size_t) mutable { owner.reset(); },
      /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, "gs_data", std::move(blob));
}

DictionaryAttr mlir::gs::toAttr(MLIRContext *context, std::vector<Buffer> buffers) {
  SmallVector<NamedAttribute> entries;
  for (Buffer &buffer : buffers)
    entries.emplace_back(StringAttr::get(context, buffer.name),
                         makeElements(RankedTensorType::get(buffer.shape, buffer.elementType), std::move(buffer.data)));
  return DictionaryAttr::get(context, entries);
}

FailureOr<std::vector<Buffer>> mlir::gs::fromAttr(DictionaryAttr attr, EmitError emitError) {
  std::vector<Buffer> buffers;
  for (NamedAttribute entry : attr) {
    auto elements = dyn_cast<ElementsAttr>(entry.getValue());
    if (!elements)
      return Report(emitError) << "buffer '" << entry.getName().getValue() << "' must be an elements attribute";
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> raw = getRawData(elements, storage, emitError);
    if (failed(raw))
      return failure();
    if (storage.empty())
      storage.assign(raw->begin(), raw->end());
    ShapedType type = elements.getShapedType();
    buffers.push_back(
        {entry.getName().str(), SmallVector<int64_t>(type.getShape()), type.getElementType(), std::move(storage)});
  }
  return buffers;
}

//===----------------------------------------------------------------------===//
// Buffers against storage
//===----------------------------------------------------------------------===//

/// Every expected field is found with its shape and element type, and nothing else is.
static LogicalResult matchFields(ArrayRef<StorageField> expected, ArrayRef<StorageField> found, EmitError emitError) {
  for (const StorageField &field : expected) {
    const StorageField *it = llvm::find_if(found, [&](const StorageField &f) { return f.name == field.name; });
    if (it == found.end())
      return Report(emitError) << "lacks buffer '" << field.name << "'";
    if (it->shape != field.shape || it->elementType != field.elementType)
      return Report(emitError) << "buffer '" << field.name << "' has type "
                               << RankedTensorType::get(it->shape, it->elementType) << ", expected "
                               << RankedTensorType::get(field.shape, field.elementType);
  }
  for (const StorageField &field : found)
    if (llvm::none_of(expected, [&](const StorageField &f) { return f.name == field.name; }))
      return Report(emitError) << "has buffer '" << field.name << "', which is not part of its storage";
  return success();
}

/// A buffer as far as checks of storage need it: contents only of `offsets`.
struct FoundField : StorageField {
  ArrayRef<char> offsets;
};

/// True if the contents of such a buffer count groups.
static bool countsGroups(StringRef name, Type elementType) {
  return name.ends_with("offsets") && elementType.isSignlessInteger(32);
}

/// The fields of a pattern, and offsets, where it has any, that run from 0 to the number of groups.
static LogicalResult verifyFields(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type elementType,
                                  const Schema &schema, ArrayRef<FoundField> found, EmitError emitError) {
  SmallVector<StorageField> names(found.begin(), found.end());
  // Each term of a composite pattern counts for itself.
  if (std::optional<Composite> composite = compositeOf(pattern, shape)) {
    for (auto &[prefix, term] : composite->terms) {
      SmallVector<FoundField> own;
      for (const FoundField &field : found) {
        bool isOther = llvm::any_of(composite->own, [&](const StorageField &f) { return f.name == field.name; });
        if (isOther || !StringRef(field.name).starts_with(prefix))
          continue;
        own.push_back(field);
        own.back().name.erase(0, prefix.size());
      }
      if (failed(verifyFields(term, shape, elementType, schema, own, emitError)))
        return failure();
    }
    llvm::erase_if(names, [&](const StorageField &field) {
      return llvm::none_of(composite->own, [&](const StorageField &f) { return f.name == field.name; }) &&
             llvm::any_of(composite->terms, [&](auto &term) { return StringRef(field.name).starts_with(term.first); });
    });
    return matchFields(composite->own, names, emitError);
  }
  // A pattern whose shape says how many groups there are needs no counts.
  SmallVector<StorageField> fixed = pattern.getStorage(shape, elementType, 0, schema);
  if (llvm::none_of(fixed, [](const StorageField &field) { return field.name == "offsets"; }))
    return matchFields(fixed, names, emitError);
  ArrayRef<char> bytes;
  for (const FoundField &field : found)
    if (field.name == "offsets")
      bytes = field.offsets;
  ArrayRef<int32_t> offsets(reinterpret_cast<const int32_t *>(bytes.data()), bytes.size() / 4);
  if (offsets.empty())
    return Report(emitError) << "needs a non-empty i32 buffer 'offsets'";
  if (offsets.back() < 0)
    return Report(emitError) << "offsets must not be negative, but end with " << offsets.back();
  SmallVector<StorageField> expected = pattern.getStorage(shape, elementType, offsets.back(), schema);
  if (failed(matchFields(expected, names, emitError)))
    return failure();
  if (offsets.front() != 0)
    return Report(emitError) << "offsets must start with 0, not " << offsets.front();
  for (size_t i = 1; i < offsets.size(); ++i)
    if (offsets[i] < offsets[i - 1])
      return Report(emitError) << "offsets fall from " << offsets[i - 1] << " to " << offsets[i] << " at position "
                               << i;
  return success();
}

LogicalResult mlir::gs::verifyBuffers(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type elementType,
                                      const Schema &schema, ArrayRef<Buffer> buffers, EmitError emitError) {
  SmallVector<FoundField> found;
  for (const Buffer &buffer : buffers) {
    int64_t size = ShapedType::getNumElements(buffer.shape) * getElementBytes(buffer.elementType);
    if (static_cast<int64_t>(buffer.data.size()) != size)
      return Report(emitError) << "buffer '" << buffer.name << "' has " << buffer.data.size() << " bytes, expected "
                               << size;
    FoundField &field = found.emplace_back(FoundField{{buffer.name, buffer.shape, buffer.elementType}, {}});
    if (countsGroups(field.name, field.elementType))
      field.offsets = buffer.data;
  }
  return verifyFields(pattern, shape, elementType, schema, found, emitError);
}

LogicalResult mlir::gs::verifyBuffers(CompressedType type, DictionaryAttr buffers, EmitError emitError) {
  if (type.hasRowLayout()) {
    FailureOr<std::vector<Buffer>> contents = fromAttr(buffers, emitError);
    return failed(contents) ? failure() : verifyRowLayout(type, *contents, emitError);
  }
  SmallVector<FoundField> found;
  std::vector<std::vector<char>> contents(buffers.size()); // of offsets
  for (NamedAttribute entry : buffers) {
    auto elements = dyn_cast<ElementsAttr>(entry.getValue());
    if (!elements)
      return Report(emitError) << "buffer '" << entry.getName().getValue() << "' must be an elements attribute";
    ShapedType shaped = elements.getShapedType();
    FoundField &field = found.emplace_back(
        FoundField{{entry.getName().str(), SmallVector<int64_t>(shaped.getShape()), shaped.getElementType()}, {}});
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> raw = getRawData(elements, storage, emitError);
    if (failed(raw))
      return failure();
    if (countsGroups(field.name, field.elementType)) {
      contents[found.size() - 1].assign(raw->begin(), raw->end());
      field.offsets = contents[found.size() - 1];
    }
  }
  return verifyFields(type.getPattern(), type.getLogical().getShape(), type.getLogical().getElementType(),
                      type.getSchema(), found, emitError);
}
