//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads programs: blocks and instructions.
//
//===----------------------------------------------------------------------===//
#include "TextForms.h"
#include "TextReader.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/Law.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

/// Deepest nest of loops and regions.
static constexpr unsigned maxDepth = 64;

LogicalResult TextReader::define(StringRef name, Value value, Location loc) {
  if (!used.insert(name).second)
    return emitError(loc) << "there is another %" << name;
  values[name] = value;
  definitions.push_back(name);
  return success();
}

void TextReader::leave(size_t defined) {
  while (definitions.size() > defined)
    values.erase(definitions.pop_back_val());
}

FailureOr<Value> TextReader::operand() {
  at.atEnd();
  Location loc = at.location();
  FailureOr<StringRef> name = at.name();
  if (failed(name))
    return failure();
  Value value = values.lookup(*name);
  if (!value)
    return emitError(loc) << "there is no %" << *name << " here";
  return value;
}

LogicalResult TextReader::readResults(SmallVectorImpl<StringRef> &results) {
  while (at.atEnd(), at.consume("%")) {
    StringRef name = at.word();
    if (name.empty())
      return at.error() << "expected letters or digits after '%'";
    results.push_back(name);
    if (at.consume("="))
      return success();
    if (failed(at.expect(",")))
      return failure();
  }
  if (!results.empty())
    return at.error() << "expected a name like %3";
  return success();
}

LogicalResult TextReader::defineResults(ArrayRef<StringRef> names, Operation *op, Location loc) {
  if (names.size() != op->getNumResults())
    return emitError(loc) << "'" << op->getName().stripDialect() << "' gives " << op->getNumResults()
                          << " values, but there are " << names.size() << " names";
  for (auto [name, value] : llvm::zip(names, op->getResults()))
    if (failed(define(name, value, loc)))
      return failure();
  return success();
}

LogicalResult TextReader::readBlock(Block &block, size_t outerIndent, unsigned depth, bool isLoop, Location header) {
  if (depth > maxDepth)
    return emitError(header) << "loops and regions nest deeper than " << maxDepth;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(&block);
  size_t defined = definitions.size(), indent = at.indent();
  bool ended = false;
  while (at.hasLine() && at.indent() > outerIndent) {
    if (at.indent() != indent)
      return at.error() << "expected an indentation of " << indent << ", as of the lines before";
    if (ended)
      return at.error() << "there is nothing after 'yield'";
    if (failed(readLine(indent, depth, ended)))
      return failure();
    if (ended && !isLoop)
      return emitError(block.back().getLoc()) << "'yield' ends the body of a loop only";
  }
  if (isLoop && !ended)
    return emitError(header) << "the body of this loop does not end with 'yield'";
  leave(defined);
  return success();
}

LogicalResult TextReader::readLine(size_t indent, unsigned depth, bool &ended) {
  SmallVector<StringRef> results;
  if (failed(readResults(results)))
    return failure();
  at.atEnd();
  Location loc = at.location();
  StringRef word = at.word();
  if (word == "for")
    return readFor(results, indent, depth, loc);
  if (word == "region" && results.empty())
    return readRegion(indent, depth, loc);
  if (word == "yield" && results.empty()) {
    SmallVector<Value> yielded;
    while (!at.atEnd()) {
      if (!yielded.empty() && failed(at.expect(",")))
        return failure();
      FailureOr<Value> value = operand();
      if (failed(value))
        return failure();
      yielded.push_back(*value);
    }
    gse::YieldOp::create(b, loc, yielded);
    ended = true;
    at.nextLine();
    return success();
  }
  // "load.f16x8" is a mnemonic and a type; "dma.start" a mnemonic.
  StringRef mnemonic = word, suffix;
  const TextForm *form = findForm(word);
  if (!form) {
    std::tie(mnemonic, suffix) = word.rsplit('.');
    form = findForm(mnemonic);
  }
  LogicalResult done = failure();
  if (form)
    done = readInstruction(*form, results, suffix, loc);
  else if (mnemonic == "const")
    done = readScalar(results, suffix, loc);
  else
    return emitError(loc) << "there is no instruction '" << word << "'";
  if (failed(done) || failed(at.expectEnd()))
    return failure();
  at.nextLine();
  return success();
}

LogicalResult TextReader::readFor(ArrayRef<StringRef> results, size_t indent, unsigned depth, Location loc) {
  SmallVector<std::pair<StringRef, Location>> names;
  auto readName = [&]() -> LogicalResult {
    at.atEnd();
    Location place = at.location();
    FailureOr<StringRef> name = at.name();
    if (failed(name))
      return failure();
    names.push_back({*name, place});
    return at.expect("=");
  };
  if (failed(readName()))
    return failure();
  FailureOr<Value> lower = operand();
  if (failed(lower))
    return failure();
  if (!at.consumeWord("to"))
    return at.error() << "expected 'to'";
  FailureOr<Value> upper = operand();
  if (failed(upper))
    return failure();
  for (Value bound : {*lower, *upper})
    if (!bound.getType().isInteger(32))
      return emitError(loc) << "the bounds of a loop are i32, got " << bound.getType();
  SmallVector<Value> inits;
  if (at.consumeWord("carry"))
    do {
      if (failed(readName()))
        return failure();
      FailureOr<Value> init = operand();
      if (failed(init))
        return failure();
      inits.push_back(*init);
    } while (at.consume(","));
  if (failed(at.expectEnd()))
    return failure();
  auto op = ForOp::create(b, loc, ValueRange(inits).getTypes(), *lower, *upper, inits);
  {
    OpBuilder::InsertionGuard guard(b);
    Block *body = b.createBlock(&op.getBody());
    size_t defined = definitions.size();
    if (failed(define(names[0].first, body->addArgument(b.getI32Type(), names[0].second), names[0].second)))
      return failure();
    for (auto [name, init] : llvm::zip(ArrayRef(names).drop_front(), inits))
      if (failed(define(name.first, body->addArgument(init.getType(), name.second), name.second)))
        return failure();
    at.nextLine();
    if (failed(readBlock(*body, indent, depth + 1, /*isLoop=*/true, loc)))
      return failure();
    leave(defined);
  }
  if (failed(op.verify()))
    return failure();
  return defineResults(results, op, loc);
}

LogicalResult TextReader::readRegion(size_t indent, unsigned depth, Location loc) {
  FailureOr<std::string> name = at.string();
  if (failed(name))
    return failure();
  StringAttr loop;
  if (at.consumeWord("loop")) {
    if (failed(at.expect("=")))
      return failure();
    FailureOr<std::string> text = at.string();
    if (failed(text))
      return failure();
    loop = b.getStringAttr(*text);
  }
  auto region = RegionOp::create(b, loc, b.getStringAttr(*name), loop, b.getI64IntegerAttr(1), b.getI64IntegerAttr(2));
  while (!at.atEnd()) {
    at.atEnd();
    Location place = at.location();
    StringRef key = at.word();
    if (key != "per_row" && key != "accumulators" && key != "elements" && key != "nonzeros")
      return emitError(place) << "expected per_row=, accumulators=, elements= or nonzeros=";
    if (failed(at.expect("=")))
      return failure();
    FailureOr<int64_t> value = at.integer(key.ends_with("s") && key != "accumulators" ? 0 : 1, maxBytes);
    if (failed(value))
      return failure();
    region->setAttr(key, b.getI64IntegerAttr(*value));
  }
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&region.getBody());
  at.nextLine();
  if (failed(region.verify()))
    return failure();
  return readBlock(*body, indent, depth + 1, /*isLoop=*/false, loc);
}

LogicalResult TextReader::readScalar(ArrayRef<StringRef> results, StringRef suffix, Location loc) {
  auto type = dyn_cast_or_null<IntegerType>(scalarNamed(suffix, context));
  if (!type)
    return emitError(loc) << "expected const.i32 or another integer type";
  int64_t high = static_cast<int64_t>(~uint64_t(0) >> (65 - type.getWidth()));
  FailureOr<int64_t> value = at.integer(-high - 1, high);
  if (failed(value))
    return failure();
  auto op = arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, *value));
  return defineResults(results, op, loc);
}

LogicalResult TextReader::readInstruction(const TextForm &form, ArrayRef<StringRef> results, StringRef suffix,
                                          Location loc) {
  OperationState state(loc, (GSEDialect::getDialectNamespace() + "." + form.mnemonic).str());
  Type named;
  if (form.result == TextResult::Suffix || form.result == TextResult::Stored) {
    named = valueTypeNamed(suffix, context);
    if (!named)
      return emitError(loc) << "expected a type after '" << form.mnemonic << "', as in " << form.mnemonic << ".f16x8";
  } else if (!suffix.empty()) {
    return emitError(loc) << "'" << form.mnemonic << "' takes no type";
  }
  bool first = true;
  for (const TextField &field : form.fields) {
    bool listed = field.kind != TextField::Keyed && field.kind != TextField::Flag && !field.before;
    if (listed && !std::exchange(first, false) && failed(at.expect(",")))
      return failure();
    if (field.before && !at.consumeWord(field.before))
      return at.error() << "expected '" << field.before << "'";
    switch (field.kind) {
    case TextField::Operand: {
      FailureOr<Value> value = operand();
      if (failed(value))
        return failure();
      state.operands.push_back(*value);
      break;
    }
    case TextField::Keyed:
    case TextField::Integer: {
      int64_t value = field.otherwise;
      if (field.kind == TextField::Integer || at.consumeWord(field.name)) {
        if (field.kind == TextField::Keyed && failed(at.expect("=")))
          return failure();
        FailureOr<int64_t> read = at.integer(field.low, field.high);
        if (failed(read))
          return failure();
        value = *read;
      }
      state.addAttribute(field.name, b.getI64IntegerAttr(value));
      break;
    }
    case TextField::Flag:
      if (at.consumeWord(field.name))
        state.addAttribute(field.name, b.getUnitAttr());
      break;
    case TextField::Number: {
      FailureOr<double> value = at.number64();
      if (failed(value))
        return failure();
      state.addAttribute(field.name, b.getF64FloatAttr(*value));
      break;
    }
    case TextField::Symbol: {
      FailureOr<std::string> name = at.symbol();
      if (failed(name))
        return failure();
      state.addAttribute(field.name, FlatSymbolRefAttr::get(context, *name));
      break;
    }
    }
  }
  switch (form.result) {
  case TextResult::None:
    break;
  case TextResult::Tcm:
    state.addTypes(PtrType::get(context, Space::Tcm));
    break;
  case TextResult::Cached:
    state.addTypes(PtrType::get(context, Space::Cached));
    break;
  case TextResult::Token:
    state.addTypes(TokenType::get(context));
    break;
  case TextResult::Same:
    state.addTypes(state.operands.front().getType());
    break;
  case TextResult::Suffix:
    state.addTypes(named);
    break;
  case TextResult::Stored:
    if (state.operands.front().getType() != named)
      return emitError(loc) << "the value is " << state.operands.front().getType() << ", not " << suffix;
    break;
  }
  Operation *op = b.create(state);
  if (failed(verify(op, /*verifyRecursively=*/false)))
    return failure();
  return defineResults(results, op, loc);
}
