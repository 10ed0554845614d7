//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads programs: the host function.
//
//===----------------------------------------------------------------------===//
#include "TextForms.h"
#include "TextReader.h"
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

LogicalResult TextReader::readHost() {
  Location loc = at.location();
  if (failed(at.expectEnd()))
    return failure();
  if (!symbols.insert("main").second)
    return emitError(loc) << "there is another @main";
  auto host = func::FuncOp::create(b, loc, "main", b.getFunctionType({}, {}));
  OpBuilder::InsertionGuard guard(b);
  Block *body = host.addEntryBlock();
  b.setInsertionPointToEnd(body);
  values.clear();
  used.clear();
  definitions.clear();
  at.nextLine();
  size_t indent = at.indent();
  while (at.hasLine() && at.indent()) {
    if (at.indent() != indent)
      return at.error() << "expected an indentation of " << indent << ", as of the lines before";
    SmallVector<StringRef> results;
    if (failed(readResults(results)))
      return failure();
    at.atEnd();
    if (failed(readHostLine(results, at.location())) || failed(at.expectEnd()))
      return failure();
    at.nextLine();
  }
  func::ReturnOp::create(b, loc);
  return verify(host);
}

LogicalResult TextReader::readHostLine(SmallVectorImpl<StringRef> &results, Location loc) {
  StringRef word = at.word();
  if (word == "constant") {
    FailureOr<RankedTensorType> type = tensorType();
    if (failed(type))
      return failure();
    FailureOr<ElementsAttr> value = constantAt(*type);
    if (failed(value))
      return failure();
    return defineResults(results, arith::ConstantOp::create(b, loc, *type, *value), loc);
  }
  if (word == "launch") {
    FailureOr<std::string> kernel = at.symbol();
    if (failed(kernel) || failed(at.expect("(")))
      return failure();
    SmallVector<Value> inputs;
    while (!at.consume(")")) {
      if (!inputs.empty() && failed(at.expect(",")))
        return failure();
      FailureOr<Value> value = operand();
      if (failed(value))
        return failure();
      inputs.push_back(*value);
    }
    SmallVector<Type> types;
    if (at.consume("->"))
      do {
        FailureOr<RankedTensorType> type = tensorType();
        if (failed(type))
          return failure();
        types.push_back(*type);
      } while (at.consume(","));
    return defineResults(results, LaunchOp::create(b, loc, types, *kernel, inputs), loc);
  }
  if (word == "first") {
    FailureOr<RankedTensorType> type = tensorType();
    if (failed(type))
      return failure();
    if (!at.consumeWord("of"))
      return at.error() << "expected 'of'";
    FailureOr<Value> source = operand();
    if (failed(source))
      return failure();
    return readSlice(results, *type, *source, loc);
  }
  if (word == "pad" || word == "transpose") {
    FailureOr<RankedTensorType> type = tensorType();
    if (failed(type))
      return failure();
    if (!at.consumeWord("of"))
      return at.error() << "expected 'of'";
    FailureOr<Value> source = operand();
    if (failed(source))
      return failure();
    StringRef before = word == "pad" ? "from" : "by";
    if (!at.consumeWord(before))
      return at.error() << "expected '" << before << "'";
    SmallVector<int64_t> numbers;
    do {
      FailureOr<int64_t> number = at.integer(0, maxBytes);
      if (failed(number))
        return failure();
      numbers.push_back(*number);
    } while (at.consume("x"));
    return word == "pad" ? readPad(results, *type, *source, numbers, loc)
                         : readTranspose(results, *type, *source, numbers, loc);
  }
  if (word == "expect_eq" || word == "expect_close") {
    FailureOr<Value> actual = operand();
    if (failed(actual) || failed(at.expect(",")))
      return failure();
    FailureOr<Value> expected = operand();
    if (failed(expected))
      return failure();
    if (actual->getType() != expected->getType())
      return emitError(loc) << "cannot compare " << actual->getType() << " with " << expected->getType();
    if (word == "expect_eq")
      return defineResults(results, check::ExpectEqOp::create(b, loc, *actual, *expected), loc);
    if (!at.consumeWord("tolerance") || !at.consume("="))
      return at.error() << "expected tolerance=NUMBER";
    FailureOr<double> tolerance = at.number64();
    if (failed(tolerance))
      return failure();
    return defineResults(results, check::ExpectCloseOp::create(b, loc, *actual, *expected, llvm::APFloat(*tolerance)),
                         loc);
  }
  return emitError(loc) << "expected constant, launch, first, pad, transpose, expect_eq or expect_close, got '" << word
                        << "'";
}

LogicalResult TextReader::readSlice(SmallVectorImpl<StringRef> &results, RankedTensorType type, Value source,
                                    Location loc) {
  auto from = cast<RankedTensorType>(source.getType());
  if (from.getRank() < 1 || from.getRank() != type.getRank() || from.getElementType() != type.getElementType() ||
      llvm::any_of(llvm::zip(from.getShape(), type.getShape()),
                   [](auto sizes) { return std::get<1>(sizes) > std::get<0>(sizes); }))
    return emitError(loc) << type << " is no first part of " << from;
  SmallVector<int64_t> zeros(type.getRank(), 0), ones(type.getRank(), 1);
  return defineResults(results,
                       tensor::ExtractSliceOp::create(b, loc, type, source, ValueRange(), ValueRange(), ValueRange(),
                                                      zeros, type.getShape(), ones),
                       loc);
}

LogicalResult TextReader::readPad(SmallVectorImpl<StringRef> &results, RankedTensorType type, Value source,
                                  ArrayRef<int64_t> low, Location loc) {
  auto from = cast<RankedTensorType>(source.getType());
  bool fits = from.getRank() == type.getRank() && static_cast<int64_t>(low.size()) == type.getRank() &&
              from.getElementType() == type.getElementType() && isa<FloatType>(type.getElementType());
  SmallVector<OpFoldResult> before, after;
  for (int64_t dim = 0; fits && dim < type.getRank(); ++dim) {
    int64_t rest = type.getDimSize(dim) - from.getDimSize(dim);
    fits = low[dim] <= rest;
    before.push_back(b.getIndexAttr(low[dim]));
    after.push_back(b.getIndexAttr(rest - low[dim]));
  }
  if (!fits)
    return emitError(loc) << from << " with zeros around it is no " << type;
  Value zero = arith::ConstantOp::create(b, loc, b.getFloatAttr(type.getElementType(), 0.0));
  return defineResults(results, tensor::PadOp::create(b, loc, type, source, before, after, zero), loc);
}

LogicalResult TextReader::readTranspose(SmallVectorImpl<StringRef> &results, RankedTensorType type, Value source,
                                        ArrayRef<int64_t> permutation, Location loc) {
  auto from = cast<RankedTensorType>(source.getType());
  bool fits = from.getRank() == type.getRank() && static_cast<int64_t>(permutation.size()) == type.getRank() &&
              from.getElementType() == type.getElementType() && isPermutationVector(permutation);
  for (int64_t dim = 0; fits && dim < type.getRank(); ++dim)
    fits = type.getDimSize(dim) == from.getDimSize(permutation[dim]);
  if (!fits)
    return emitError(loc) << from << " does not become " << type << " by this order of its dimensions";
  Value empty = tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  return defineResults(results, linalg::TransposeOp::create(b, loc, source, empty, permutation), loc);
}
