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
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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
    auto from = cast<RankedTensorType>(source->getType());
    if (from.getRank() < 1 || from.getRank() != type->getRank() || from.getElementType() != type->getElementType() ||
        from.getShape().drop_front() != type->getShape().drop_front() || type->getDimSize(0) > from.getDimSize(0))
      return emitError(loc) << *type << " is no first part of " << from;
    SmallVector<int64_t> zeros(type->getRank(), 0), ones(type->getRank(), 1);
    return defineResults(results,
                         tensor::ExtractSliceOp::create(b, loc, *type, *source, ValueRange(), ValueRange(),
                                                        ValueRange(), zeros, type->getShape(), ones),
                         loc);
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
  return emitError(loc) << "expected constant, launch, first, expect_eq or expect_close, got '" << word << "'";
}
