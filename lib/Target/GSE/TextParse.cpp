//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads programs: the items of a file, and its side file.
//
//===----------------------------------------------------------------------===//
#include "TextForms.h"
#include "TextReader.h"
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GS/IR/Storage.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Target/GSE/EngineSpec.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

OwningOpRef<ModuleOp> TextReader::read() {
  OwningOpRef<ModuleOp> module(ModuleOp::create(at.location()));
  if (failed(readHeader()))
    return nullptr;
  b.setInsertionPointToEnd(module->getBody());
  at.nextLine();
  while (at.hasLine()) {
    if (at.indent())
      return at.error() << "expected no indentation: 'data', 'machine', 'kernel' or 'host' begin a line", nullptr;
    LogicalResult done = failure();
    if (at.consumeWord("data"))
      done = readData();
    else if (at.consumeWord("machine"))
      done = readMachine();
    else if (at.consumeWord("kernel"))
      done = readKernel();
    else if (at.consumeWord("host"))
      done = readHost();
    else
      at.error() << "expected 'data', 'machine', 'kernel' or 'host'";
    if (failed(done))
      return nullptr;
  }
  return module;
}

LogicalResult TextReader::readHeader() {
  if (!at.nextLine())
    return at.error() << "the file is empty; expected 'program " << textVersion << "'";
  if (!at.consumeWord("program"))
    return at.error() << "expected 'program " << textVersion << "'";
  if (failed(at.integer(textVersion, textVersion)))
    return failure();
  if (at.atEnd())
    return success();
  Location loc = at.location();
  if (!at.consumeWord("side") || failed(at.expect("=")))
    return at.error() << "expected side=\"FILE\"";
  FailureOr<std::string> name = at.string();
  if (failed(name))
    return failure();
  FailureOr<int64_t> bytes = keyed("bytes", 1, maxBytes);
  if (failed(bytes))
    return failure();
  std::optional<int64_t> crc;
  if (!at.atEnd()) {
    FailureOr<int64_t> value = keyed("crc", 0, UINT32_MAX);
    if (failed(value))
      return failure();
    crc = *value;
  }
  return failed(at.expectEnd()) ? failure() : readSide(*name, *bytes, crc, loc);
}

LogicalResult TextReader::readSide(const std::string &name, int64_t bytes, std::optional<int64_t> crc, Location loc) {
  std::string reason;
  side = openSide(name, reason);
  if (!side)
    return emitError(loc) << "cannot open the side file '" << name << "': " << reason;
  if (static_cast<int64_t>(side->getBufferSize()) != bytes)
    return emitError(loc) << "the side file '" << name << "' has " << side->getBufferSize() << " bytes, not " << bytes;
  ArrayRef content(reinterpret_cast<const uint8_t *>(side->getBufferStart()), side->getBufferSize());
  if (crc && llvm::crc32(content) != *crc)
    return emitError(loc) << "the side file '" << name << "' does not belong to this program: its checksum is "
                          << llvm::crc32(content) << ", not " << *crc;
  sideBytes = bytes;
  return success();
}

FailureOr<int64_t> TextReader::keyed(StringRef key, int64_t low, int64_t high) {
  if (!at.consumeWord(key) || !at.consume("="))
    return at.error() << "expected " << key << "=NUMBER";
  return at.integer(low, high);
}

FailureOr<std::string> TextReader::newSymbol() {
  Location loc = (at.atEnd(), at.location());
  FailureOr<std::string> name = at.symbol();
  if (succeeded(name) && !symbols.insert(*name).second)
    return emitError(loc) << "there is another @" << *name;
  return name;
}

FailureOr<RankedTensorType> TextReader::tensorType() {
  Location loc = (at.atEnd(), at.location());
  Type element = scalarNamed(at.word(), context);
  if (!element)
    return emitError(loc) << "expected a type like f16[1024]";
  if (failed(at.expect("[")))
    return failure();
  SmallVector<int64_t> shape;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  constexpr size_t mostDims = 8;
  while (!at.consume("]")) {
    // The sizes of one type form one word, "8x1".
    if (!shape.empty() && failed(at.expect("x")))
      return failure();
    FailureOr<int64_t> size = at.integer(0, maxBytes);
    if (failed(size))
      return failure();
    shape.push_back(*size);
    if (llvm::MulOverflow(bytes, *size, bytes) || bytes > maxBytes || shape.size() > mostDims)
      return emitError(loc) << "the type is larger than a program can hold: " << maxBytes << " bytes, " << mostDims
                            << " dimensions";
  }
  return RankedTensorType::get(shape, element);
}

FailureOr<ElementsAttr> TextReader::constantAt(RankedTensorType type) {
  at.atEnd();
  Location loc = at.location();
  FailureOr<int64_t> begin = keyed("at", 0, maxBytes);
  if (failed(begin))
    return failure();
  int64_t elementBytes = type.getElementTypeBitWidth() / 8, bytes = type.getNumElements() * elementBytes;
  if (*begin + bytes > sideBytes)
    return emitError(loc) << bytes << " bytes at " << *begin << " lie outside of the side file, which has "
                          << sideBytes;
  const char *from = side ? side->getBufferStart() + *begin : nullptr;
  // Equal elements are kept as one.
  bool equal = bytes > 0;
  for (int64_t place = elementBytes; equal && place < bytes; place += elementBytes)
    equal = std::memcmp(from, from + place, elementBytes) == 0;
  if (equal)
    return ElementsAttr(DenseElementsAttr::getFromRawBuffer(type, ArrayRef(from, elementBytes)));
  return gs::makeElements(type, bytes ? std::vector<char>(from, from + bytes) : std::vector<char>());
}

LogicalResult TextReader::readData() {
  Location loc = at.location();
  FailureOr<std::string> name = newSymbol();
  if (failed(name) || failed(at.expect(":")))
    return failure();
  FailureOr<RankedTensorType> type = tensorType();
  if (failed(type))
    return failure();
  at.atEnd();
  Location alignLoc = at.location();
  constexpr int64_t mostAlign = 1 << 20;
  FailureOr<int64_t> align = keyed("align", 1, mostAlign);
  if (failed(align))
    return failure();
  if (!llvm::isPowerOf2_64(*align))
    return emitError(alignLoc) << "align must be a power of two, got " << *align;
  FailureOr<ElementsAttr> value = constantAt(*type);
  if (failed(value) || failed(at.expectEnd()))
    return failure();
  DataOp::create(b, loc, *name, *align, *value);
  at.nextLine();
  return success();
}

LogicalResult TextReader::readMachine() {
  at.atEnd();
  Location loc = at.location();
  FailureOr<std::string> text = at.string();
  if (failed(text))
    return failure();
  std::string message;
  FailureOr<EngineSpec> spec = resolveEngine(*text, [&](const Twine &reason) { message = reason.str(); });
  if (failed(spec))
    return emitError(loc) << message;
  // What the program was made for; a record that changed since is told.
  for (auto [key, expected] : {std::pair("bits", spec->vectorBits), {"tcm", spec->tcmBytes}}) {
    at.atEnd();
    Location place = at.location();
    FailureOr<int64_t> value = keyed(key, 1, maxBytes);
    if (failed(value))
      return failure();
    if (*value != expected)
      return emitError(place) << "the program is for " << key << "=" << *value << ", but " << *text << " has "
                              << expected;
  }
  machine = *text;
  if (failed(at.expectEnd()))
    return failure();
  at.nextLine();
  return success();
}

LogicalResult TextReader::readKernel() {
  Location loc = at.location();
  if (machine.empty())
    return at.error() << "a line 'machine' must come before the first kernel";
  FailureOr<std::string> symbol = newSymbol();
  if (failed(symbol) || failed(at.expect("(")))
    return failure();
  auto pointer = PtrType::get(context, Space::Cached);
  SmallVector<std::pair<StringRef, Location>> names;
  while (!at.consume(")")) {
    if (!names.empty() && failed(at.expect(",")))
      return failure();
    at.atEnd();
    Location place = at.location();
    FailureOr<StringRef> name = at.name();
    if (failed(name) || failed(at.expect(":")))
      return failure();
    if (!at.consumeWord("cached"))
      return at.error() << "expected 'cached': arguments of a kernel lie in cached memory";
    names.push_back({*name, place});
  }
  if (failed(at.expectEnd()))
    return failure();
  SmallVector<Type> types(names.size(), pointer);
  auto kernel = KernelOp::create(b, loc, b.getStringAttr(*symbol), TypeAttr::get(b.getFunctionType(types, {})),
                                 b.getStringAttr(machine), nullptr, nullptr);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&kernel.getBody());
  values.clear();
  used.clear();
  definitions.clear();
  for (auto &[name, place] : names)
    if (failed(define(name, body->addArgument(pointer, place), place)))
      return failure();
  at.nextLine();
  if (failed(readBlock(*body, /*outerIndent=*/0, /*depth=*/0, /*isLoop=*/false, loc)))
    return failure();
  b.setInsertionPointToEnd(body);
  ReturnOp::create(b, loc);
  return verify(kernel);
}

OwningOpRef<ModuleOp> mlir::gse::parseProgram(llvm::StringRef text, llvm::StringRef fileName, OpenSideFn openSide,
                                              MLIRContext *context) {
  context->loadDialect<GSEDialect, check::CheckDialect, arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect,
                       tensor::TensorDialect>();
  // A verifier may have more to say about one op; the first message is the diagnostic.
  bool told = false;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error || !std::exchange(told, true))
      return failure(); // goes on to the next handler
    return success();
  });
  OwningOpRef<ModuleOp> module = TextReader(text, fileName, openSide, context).read();
  if (!module || failed(verify(*module)))
    return nullptr;
  return module;
}
