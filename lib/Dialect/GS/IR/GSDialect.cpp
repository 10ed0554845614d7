//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The gs dialect: registration, strategies, and the type of packed weights.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "Patterns/PackUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::gs;
using mlir::gs::detail::Report;

#include "gs/Dialect/GS/IR/GSAttrInterfaces.cpp.inc"
#include "gs/Dialect/GS/IR/GSDialect.cpp.inc"
#include "gs/Dialect/GS/IR/GSEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "gs/Dialect/GS/IR/GSAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "gs/Dialect/GS/IR/GSTypes.cpp.inc"

void GSDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "gs/Dialect/GS/IR/GSAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "gs/Dialect/GS/IR/GSTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "gs/Dialect/GS/IR/GSOps.cpp.inc"
      >();
}

PatternAttrInterface mlir::gs::getPattern(Type type) {
  if (auto compressed = dyn_cast_or_null<CompressedType>(type))
    return compressed.getPattern();
  if (auto tensor = dyn_cast_or_null<RankedTensorType>(type))
    return dyn_cast_or_null<PatternAttrInterface>(tensor.getEncoding());
  return {};
}

bool mlir::gs::obeys(PatternAttrInterface pattern, const Weight &weight) {
  return succeeded(pattern.verifyMask(weight, nullptr));
}

//===----------------------------------------------------------------------===//
// Strategy
//===----------------------------------------------------------------------===//

int64_t StrategyAttr::getInt(StringRef key, int64_t fallback) const {
  if (!getParams())
    return fallback;
  auto value = getParams().getAs<IntegerAttr>(key);
  return value ? value.getInt() : fallback;
}

//===----------------------------------------------------------------------===//
// Type of a packed weight
//===----------------------------------------------------------------------===//

static Schema makeSchema(StringRef layout, Type index, int64_t columnBlock, StringRef indexForm) {
  Schema schema;
  schema.joined = layout == "joined";
  schema.quotient = indexForm == "quotient";
  schema.indexBits = index.getIntOrFloatBitWidth();
  schema.columnBlock = columnBlock;
  return schema;
}

Schema CompressedType::getSchema() const {
  return makeSchema(getLayout(), getIndex(), getColumnBlock(), getIndexForm());
}

PatternAttrInterface CompressedType::getPattern() const {
  return dyn_cast_or_null<PatternAttrInterface>(getLogical().getEncoding());
}

LogicalResult CompressedType::verify(function_ref<InFlightDiagnostic()> emitError, RankedTensorType logical,
                                     StringRef layout, StringRef indexSpace, Type index, int64_t columnBlock,
                                     StringRef indexForm, int64_t panelRows) {
  if (layout != "split" && layout != "joined" && layout != "panels")
    return emitError() << "layout must be split, joined or panels, not '" << layout << "'";
  if (indexSpace != "column" && indexSpace != "activation")
    return emitError() << "index_space must be column or activation, not '" << indexSpace << "'";
  if (indexForm != "absolute" && indexForm != "quotient")
    return emitError() << "index_form must be absolute or quotient, not '" << indexForm << "'";
  if (!index.isSignlessInteger(8) && !index.isSignlessInteger(16) && !index.isSignlessInteger(32))
    return emitError() << "index must be i8, i16 or i32, not " << index;
  if (!logical.hasStaticShape())
    return emitError() << "logical type of a packed weight must be static, got " << logical;
  auto pattern = dyn_cast_or_null<PatternAttrInterface>(logical.getEncoding());
  if (layout == "panels") {
    if (logical.getEncoding())
      return emitError() << "layout = panels is for dense weights, but " << logical << " has an encoding";
    if (columnBlock < 0 || panelRows < 0 || indexForm != "absolute")
      return emitError() << "layout = panels needs index_form = absolute and non-negative column_block and panel_rows";
    return success();
  }
  if (!pattern)
    return emitError() << "layout = " << layout << " needs a sparsity pattern, but " << logical
                       << " is dense; use layout = panels";
  if (panelRows != 0)
    return emitError() << "panel_rows is only for layout = panels";
  return verifySchema(pattern.getGroupForm(logical.getShape()), logical.getElementType(),
                      makeSchema(layout, index, columnBlock, indexForm), emitError);
}

void CompressedType::print(AsmPrinter &printer) const {
  printer << '<' << getLogical() << ", layout = " << getLayout() << ", index_space = " << getIndexSpace()
          << ", index = " << getIndex();
  if (getColumnBlock())
    printer << ", column_block = " << getColumnBlock();
  if (getIndexForm() != "absolute")
    printer << ", index_form = " << getIndexForm();
  if (getPanelRows())
    printer << ", panel_rows = " << getPanelRows();
  printer << '>';
}

Type CompressedType::parse(AsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  RankedTensorType logical;
  StringRef layout = "split", indexSpace = "column", indexForm = "absolute";
  Type index = parser.getBuilder().getI32Type();
  int64_t columnBlock = 0, panelRows = 0;
  if (parser.parseLess() || parser.parseType(logical))
    return {};
  SmallVector<StringRef> seen;
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc keyLoc = parser.getCurrentLocation();
    StringRef key;
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return {};
    if (llvm::is_contained(seen, key)) {
      parser.emitError(keyLoc) << "key '" << key << "' is given twice";
      return {};
    }
    seen.push_back(key);
    ParseResult result = success();
    if (key == "layout")
      result = parser.parseKeyword(&layout);
    else if (key == "index_space")
      result = parser.parseKeyword(&indexSpace);
    else if (key == "index_form")
      result = parser.parseKeyword(&indexForm);
    else if (key == "index")
      result = parser.parseType(index);
    else if (key == "column_block")
      result = parser.parseInteger(columnBlock);
    else if (key == "panel_rows")
      result = parser.parseInteger(panelRows);
    else
      result = parser.emitError(keyLoc)
               << "unknown key '" << key
               << "'; known are layout, index_space, index, index_form, column_block, panel_rows";
    if (failed(result))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<CompressedType>(loc, parser.getContext(), logical, layout, indexSpace, index, columnBlock,
                                           indexForm, panelRows);
}

//===----------------------------------------------------------------------===//
// Buffers against storage
//===----------------------------------------------------------------------===//

/// Shape and raw offsets of what is to be checked, whichever way it is held.
static LogicalResult verifyFields(PatternAttrInterface pattern, ArrayRef<int64_t> shape, Type elementType,
                                  const Schema &schema, ArrayRef<StorageField> found, ArrayRef<char> offsetBytes,
                                  EmitError emitError) {
  ArrayRef<int32_t> offsets(reinterpret_cast<const int32_t *>(offsetBytes.data()), offsetBytes.size() / 4);
  if (offsets.empty())
    return Report(emitError) << "needs a non-empty i32 buffer 'offsets'";
  SmallVector<StorageField> expected = pattern.getStorage(shape, elementType, offsets.back(), schema);
  for (const StorageField &field : expected) {
    const StorageField *it = llvm::find_if(found, [&](const StorageField &f) { return f.name == field.name; });
    if (it == found.end())
      return Report(emitError) << "lacks buffer '" << field.name << "'";
    if (it->shape != field.shape || it->elementType != field.elementType)
      return Report(emitError) << "buffer '" << field.name << "' has type "
                               << RankedTensorType::get(it->shape, it->elementType) << ", but the pattern stores "
                               << offsets.back() << " groups as " << RankedTensorType::get(field.shape, field.elementType);
  }
  for (const StorageField &field : found)
    if (llvm::none_of(expected, [&](const StorageField &f) { return f.name == field.name; }))
      return Report(emitError) << "has buffer '" << field.name << "', which the pattern does not store";
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
  SmallVector<StorageField> found;
  ArrayRef<char> offsets;
  for (const Buffer &buffer : buffers) {
    int64_t size = ShapedType::getNumElements(buffer.shape) * getElementBytes(buffer.elementType);
    if (static_cast<int64_t>(buffer.data.size()) != size)
      return Report(emitError) << "buffer '" << buffer.name << "' has " << buffer.data.size() << " bytes, expected "
                               << size;
    found.push_back({buffer.name, buffer.shape, buffer.elementType});
    if (buffer.name == "offsets" && buffer.elementType.isSignlessInteger(32))
      offsets = buffer.data;
  }
  return verifyFields(pattern, shape, elementType, schema, found, offsets, emitError);
}

LogicalResult mlir::gs::verifyBuffers(CompressedType type, DictionaryAttr buffers, EmitError emitError) {
  SmallVector<StorageField> found;
  ArrayRef<char> offsets;
  std::vector<char> offsetStorage;
  for (NamedAttribute entry : buffers) {
    auto elements = dyn_cast<ElementsAttr>(entry.getValue());
    if (!elements)
      return Report(emitError) << "buffer '" << entry.getName().getValue() << "' must be an elements attribute";
    ShapedType shaped = elements.getShapedType();
    found.push_back({entry.getName().str(), SmallVector<int64_t>(shaped.getShape()), shaped.getElementType()});
    std::vector<char> storage;
    FailureOr<ArrayRef<char>> raw = getRawData(elements, storage, emitError);
    if (failed(raw))
      return failure();
    if (entry.getName() == "offsets" && shaped.getElementType().isSignlessInteger(32)) {
      offsetStorage.assign(raw->begin(), raw->end());
      offsets = offsetStorage;
    }
  }
  PatternAttrInterface pattern = type.getPattern();
  if (!pattern)
    return buffers.contains("values") ? LogicalResult(success())
                                      : Report(emitError) << "needs a buffer named 'values'";
  return verifyFields(pattern, type.getLogical().getShape(), type.getLogical().getElementType(), type.getSchema(),
                      found, offsets, emitError);
}
