//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The gse dialect: assembly and verifiers.
//
//===----------------------------------------------------------------------===//
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/Law.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gse;

#include "gs/Dialect/GSE/IR/GSEDialect.cpp.inc"
#include "gs/Dialect/GSE/IR/GSEEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "gs/Dialect/GSE/IR/GSETypes.cpp.inc"

#define GET_OP_CLASSES
#include "gs/Dialect/GSE/IR/GSEOps.cpp.inc"

void GSEDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "gs/Dialect/GSE/IR/GSETypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "gs/Dialect/GSE/IR/GSEOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto makeType = [](Builder &builder, ArrayRef<Type> inputs, ArrayRef<Type> results,
                     function_interface_impl::VariadicFlag,
                     std::string &) -> Type { return builder.getFunctionType(inputs, results); };
  return function_interface_impl::parseFunctionOp(parser, result, /*allowVariadic=*/false,
                                                  getFunctionTypeAttrName(result.name), makeType,
                                                  getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
                                           getArgAttrsAttrName(), getResAttrsAttrName());
}

LogicalResult KernelOp::verify() {
  if (getFunctionType().getNumResults())
    return emitOpError("has no results: a kernel writes through its pointers");
  for (Type type : getArgumentTypes())
    if (auto pointer = dyn_cast<PtrType>(type); !pointer || pointer.getSpace() != Space::Cached)
      return emitOpError("arguments must be !gse.ptr<cached>, got ") << type;
  if (getBody().empty())
    return emitOpError("needs a body");
  std::string message;
  if (failed(resolveEngine(getMachine(), [&](const Twine &text) { message = text.str(); })))
    return emitOpError() << message;
  return success();
}

LogicalResult DataOp::verify() {
  if (static_cast<int64_t>(getAlign()) < 1 || !llvm::isPowerOf2_64(getAlign()))
    return emitOpError("align must be a power of two, got ") << static_cast<int64_t>(getAlign());
  constexpr int64_t mostAlign = 1 << 20;
  if (static_cast<int64_t>(getAlign()) > mostAlign)
    return emitOpError("align must be at most ") << mostAlign << ", got " << getAlign();
  Type element = getValue().getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8)
    return emitOpError("needs elements of whole bytes, got ") << element;
  return success();
}

LogicalResult RegionOp::verify() {
  if (getLoop() && !loopNamed(*getLoop()))
    return emitOpError("there is no law of a loop '")
           << *getLoop()
           << "'; use gather-scatter, gather-scatter-fused, gather-scatter-fp32, block, csr-gather, csr-scalar, dense, "
              "dense-fp32, conv-gather-scatter, conv-gather-scatter-fp32, conv-block, conv-dense, conv-dense-fair or "
              "conv-dense-fair-fp32";
  if (static_cast<int64_t>(getPerRow()) < 1 || static_cast<int64_t>(getAccumulators()) < 1)
    return emitOpError("per_row and accumulators must be positive");
  return success();
}

ParseResult ForOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::Argument counter;
  OpAsmParser::UnresolvedOperand lower, upper;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  SmallVector<Type> types;
  Type i32 = parser.getBuilder().getI32Type();
  counter.type = i32;
  if (parser.parseArgument(counter) || parser.parseEqual() || parser.parseOperand(lower) || parser.parseKeyword("to") ||
      parser.parseOperand(upper) || parser.resolveOperand(lower, i32, result.operands) ||
      parser.resolveOperand(upper, i32, result.operands))
    return failure();
  arguments.push_back(counter);
  if (succeeded(parser.parseOptionalKeyword("carry"))) {
    SmallVector<OpAsmParser::Argument> carried;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseAssignmentList(carried, inits) || parser.parseColonTypeList(types))
      return failure();
    if (types.size() != carried.size())
      return parser.emitError(loc) << carried.size() << " carried values, but " << types.size() << " types";
    for (auto [argument, type] : llvm::zip(carried, types))
      argument.type = type;
    llvm::append_range(arguments, carried);
    if (parser.resolveOperands(inits, types, loc, result.operands))
      return failure();
  }
  result.addTypes(types);
  return failure(parser.parseRegion(*result.addRegion(), arguments) || parser.parseOptionalAttrDict(result.attributes));
}

void ForOp::print(OpAsmPrinter &printer) {
  Block &block = getBody().front();
  printer << ' ' << block.getArgument(0) << " = " << getLower() << " to " << getUpper();
  if (!getInits().empty()) {
    printer << " carry (";
    llvm::interleaveComma(llvm::zip(block.getArguments().drop_front(), getInits()), printer,
                          [&](auto pair) { printer << std::get<0>(pair) << " = " << std::get<1>(pair); });
    printer << ") : ";
    llvm::interleaveComma(getInits().getTypes(), printer);
  }
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
  printer.printOptionalAttrDict((*this)->getAttrs());
}

LogicalResult ForOp::verify() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getInits().size() + 1 || !block.getArgument(0).getType().isInteger(32))
    return emitOpError("body takes an i32 counter and the carried values");
  auto yield = dyn_cast<YieldOp>(block.empty() ? nullptr : &block.back());
  if (!yield)
    return emitOpError("body must end with gse.yield");
  for (auto [argument, init, value] :
       llvm::zip_longest(block.getArguments().drop_front(), getInits(), yield.getValues()))
    if (!argument || !init || !value || argument->getType() != init->getType() || init->getType() != value->getType())
      return emitOpError("carried values, arguments of the body and yielded values must have the same types");
  if (getResultTypes() != getInits().getTypes())
    return emitOpError("has one result for each carried value");
  return success();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

LogicalResult TcmAllocOp::verify() {
  // The accessors give unsigned numbers.
  auto bytes = static_cast<int64_t>(getBytes()), offset = static_cast<int64_t>(getOffset());
  if (bytes < 1 || offset < 0)
    return emitOpError("a region of ") << bytes << " bytes at " << offset << " is not possible";
  return success();
}

LogicalResult StreamArmOp::verify() {
  if (auto bytes = static_cast<int64_t>(getBytes()); bytes < 0)
    return emitOpError("a stream of ") << bytes << " bytes is not possible";
  return success();
}

LogicalResult DmaStartOp::verify() {
  auto bytes = static_cast<int64_t>(getBytes()), rows = static_cast<int64_t>(getRows());
  auto sourcePitch = static_cast<int64_t>(getSourcePitch()), targetPitch = static_cast<int64_t>(getTargetPitch());
  if (bytes < 1 || rows < 1 || sourcePitch < 0 || targetPitch < 0 ||
      (rows > 1 && (sourcePitch < 1 || targetPitch < bytes)))
    return emitOpError("copies at least one byte and one row; rows of the target must not overlap");
  if (cast<PtrType>(getSource().getType()).getSpace() == cast<PtrType>(getTarget().getType()).getSpace())
    return emitOpError("copies between cached memory and TCM");
  return success();
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

static int64_t lanesOf(Type type) { return cast<VectorType>(type).getNumElements(); }

LogicalResult WidenOp::verify() {
  if (2 * lanesOf(getType()) != lanesOf(getValue().getType()))
    return emitOpError("gives half as many lanes");
  return success();
}

LogicalResult NarrowOp::verify() {
  if (lanesOf(getType()) != 2 * lanesOf(getEven().getType()))
    return emitOpError("gives twice as many lanes");
  return success();
}

LogicalResult ReduceAddOp::verify() {
  int64_t from = lanesOf(getValue().getType()), to = lanesOf(getType());
  if (cast<VectorType>(getType()).getElementType() != cast<VectorType>(getValue().getType()).getElementType() ||
      to > from || from % to || !llvm::isPowerOf2_64(from / to))
    return emitOpError("sums runs of a power of two of lanes: ") << from << " lanes do not give " << to;
  return success();
}
