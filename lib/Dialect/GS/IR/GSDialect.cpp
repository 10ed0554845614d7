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
#include "gs/Dialect/GS/IR/Patterns.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FoldInterfaces.h"
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

namespace {

/// Constants of an epilogue stay in its region: a kernel is a function of its own, and a value from outside would have
/// to be passed to it.
struct GSFoldInterface : DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  bool shouldMaterializeInto(Region *region) const final { return isa<MatmulOp, ConvOp>(region->getParentOp()); }
};

} // namespace

void GSDialect::initialize() {
  addInterfaces<GSFoldInterface>();
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

Operation *GSDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
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

LogicalResult StrategyAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringRef name,
                                   DictionaryAttr params) {
  if (name.empty())
    return emitError() << "a strategy needs a name";
  if (!params)
    return success();
  for (NamedAttribute attr : params) {
    auto value = dyn_cast<IntegerAttr>(attr.getValue());
    if (!value || !value.getType().isSignlessInteger(64))
      return emitError() << "strategy parameter " << attr.getName() << " must be an i64 integer, not "
                         << attr.getValue();
  }
  return success();
}

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
  bool isWinograd = layout == "winograd_2x2" || layout == "winograd_4x4";
  bool isLaneWindows = layout == "lane_windows", isSortedRows = layout == "sorted_rows";
  bool isRowLists = layout == "row_lists";
  if (layout != "split" && layout != "joined" && layout != "panels" && layout != "masked_columns" && !isWinograd &&
      !isLaneWindows && !isSortedRows && !isRowLists)
    return emitError() << "layout must be split, joined, panels, masked_columns, winograd_2x2, winograd_4x4, "
                          "lane_windows, sorted_rows or row_lists, not '"
                       << layout << "'";
  if (indexSpace != "column" && indexSpace != "activation")
    return emitError() << "index_space must be column or activation, not '" << indexSpace << "'";
  if (indexForm != "absolute" && indexForm != "quotient")
    return emitError() << "index_form must be absolute or quotient, not '" << indexForm << "'";
  if (!index.isSignlessInteger(8) && !index.isSignlessInteger(16) && !index.isSignlessInteger(32))
    return emitError() << "index must be i8, i16 or i32, not " << index;
  if (!logical.hasStaticShape())
    return emitError() << "logical type of a packed weight must be static, got " << logical;
  auto pattern = dyn_cast_or_null<PatternAttrInterface>(logical.getEncoding());
  if (isWinograd) {
    if (logical.getEncoding() || logical.getRank() < 4 || logical.getRank() > 5 ||
        logical.getShape().take_back(2) != ArrayRef<int64_t>{3, 3} || !logical.getElementType().isF32())
      return emitError() << "layout = " << layout
                         << " is for dense weights of shape (O, I, 3, 3) or (O, I, D, 3, 3) and type f32, not "
                         << logical;
    if (panelRows < 1 || columnBlock != 0 || indexForm != "absolute")
      return emitError() << "layout = " << layout
                         << " needs a positive panel_rows, index_form = absolute and no column_block";
    return success();
  }
  if (layout == "panels") {
    if (logical.getEncoding())
      return emitError() << "layout = panels is for dense weights, but " << logical << " has an encoding";
    if (panelRows < 1)
      return emitError() << "layout = panels needs a positive panel_rows, got " << panelRows;
    if (columnBlock < 0 || indexForm != "absolute")
      return emitError() << "layout = panels needs index_form = absolute and a column_block that is not negative";
    return success();
  }
  if (!pattern)
    return emitError() << "layout = " << layout << " needs a sparsity pattern, but " << logical
                       << " is dense; use layout = panels";
  if (layout == "masked_columns") {
    if (panelRows < 1 || panelRows > 32 || columnBlock < 0 || !index.isSignlessInteger(32) || indexForm != "absolute")
      return emitError() << "layout = masked_columns needs panel_rows from 1 to 32, index = i32, index_form = absolute "
                            "and a column_block that is not negative";
    return success();
  }
  if (isSortedRows) {
    if (panelRows < 1 || columnBlock < 0 || index.isSignlessInteger(8) || indexForm != "absolute" ||
        indexSpace != "activation")
      return emitError()
             << "layout = sorted_rows needs a positive panel_rows, index_space = activation, index = i16 or "
                "i32, index_form = absolute and a column_block that is not negative";
    return success();
  }
  if (isLaneWindows) {
    if (panelRows < 2 || panelRows > 64 || !llvm::isPowerOf2_64(panelRows) || columnBlock != 0 ||
        index.isSignlessInteger(8) || indexForm != "absolute" || indexSpace != "activation")
      return emitError()
             << "layout = lane_windows needs panel_rows that are a power of two from 2 to 64, index_space = "
                "activation, index = i16 or i32, index_form = absolute and no column_block";
    return success();
  }
  if (isRowLists) {
    if (panelRows < 2 || panelRows > 64 || columnBlock != 0 || !index.isSignlessInteger(32) ||
        indexForm != "absolute" || indexSpace != "activation")
      return emitError() << "layout = row_lists needs panel_rows from 2 to 64, index_space = activation, index = i32, "
                            "index_form = absolute and no column_block";
    return success();
  }
  if (panelRows != 0)
    return emitError() << "panel_rows is not for layout = split and joined";
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
      result =
          parser.emitError(keyLoc) << "unknown key '" << key
                                   << "'; known are layout, index_space, index, index_form, column_block, panel_rows";
    if (failed(result))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<CompressedType>(loc, parser.getContext(), logical, layout, indexSpace, index, columnBlock,
                                           indexForm, panelRows);
}
