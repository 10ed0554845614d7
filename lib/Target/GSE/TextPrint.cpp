//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Programs as text: the printer decides nothing, neither order nor placement.
//
//===----------------------------------------------------------------------===//
#include "TextForms.h"
#include "TextPrinter.h"
#include "gs/Dialect/GS/IR/Storage.h"
#include "gs/Target/GSE/EngineSpec.h"
#include "gs/Target/GSE/Text.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::gse;
using namespace mlir::gse::detail;

LogicalResult TextPrinter::printModule(ModuleOp module) {
  if (module.getSymName() || !module->getDiscardableAttrs().empty())
    return module.emitError("the text form of a program holds no name or attributes of a module");
  for (Operation &op : *module.getBody()) {
    LogicalResult done = TypeSwitch<Operation *, LogicalResult>(&op)
                             .Case([&](DataOp data) { return printData(data); })
                             .Case([&](KernelOp kernel) { return printKernel(kernel); })
                             .Case([&](func::FuncOp host) { return withHost ? printHost(host) : success(); })
                             .Default([&](Operation *other) { return refuse(other); });
    if (failed(done))
      return failure();
  }
  return success();
}

LogicalResult TextPrinter::refuse(Operation *op) {
  return op->emitOpError("has no place in the text form of a program");
}

LogicalResult TextPrinter::refuseExtras(Operation *op, ArrayRef<StringRef> allowed) {
  for (NamedAttribute attr : op->getDiscardableAttrs())
    if (!llvm::is_contained(allowed, attr.getName().getValue()))
      return op->emitOpError() << "has the attribute '" << attr.getName().getValue()
                               << "', which the text form does not hold";
  return success();
}

std::string TextPrinter::symbol(StringRef name) {
  if (!name.empty() && llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; }))
    return ("@" + name).str();
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "@\"";
  llvm::printEscapedString(name, stream);
  stream << '"';
  return text;
}

std::string TextPrinter::name(Value value) {
  auto [it, isNew] = numbers.try_emplace(value, static_cast<int64_t>(numbers.size()));
  return "%" + std::to_string(it->second);
}
void TextPrinter::printNames(ValueRange values) {
  llvm::interleave(values, os, [&](Value value) { os << name(value); }, ", ");
}

std::string TextPrinter::number(double value) {
  if (!std::isfinite(value)) // the bits say which
    return "0x" + llvm::utohexstr(llvm::bit_cast<uint64_t>(value));
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.17g", value);
  return text;
}

std::string TextPrinter::tensorName(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  std::string element = tensor ? scalarName(tensor.getElementType()) : "";
  if (element.empty() || !tensor.hasStaticShape() || tensor.getEncoding())
    return "";
  std::string text = element + "[";
  for (auto [place, size] : llvm::enumerate(tensor.getShape()))
    text += (place ? "x" : "") + std::to_string(size);
  return text + "]";
}

LogicalResult TextPrinter::printConstant(Operation *op, Attribute value, int64_t align) {
  auto elements = dyn_cast<ElementsAttr>(value);
  std::string type = elements ? tensorName(elements.getType()) : "";
  if (type.empty())
    return op->emitOpError("holds a constant whose type the text form does not have: it must be a ranked tensor of "
                           "f16, bf16, f32, f64, i8, i16, i32 or i64");
  std::vector<char> storage;
  FailureOr<ArrayRef<char>> raw = gs::getRawData(elements, storage, [&] { return op->emitOpError(); });
  if (failed(raw))
    return failure();
  constexpr size_t sideAlign = 64;
  side.resize(llvm::alignTo(side.size(), sideAlign));
  os << type;
  if (align)
    os << " align=" << align;
  os << " at=" << side.size() << "\n";
  side.append(raw->begin(), raw->end());
  return success();
}

LogicalResult TextPrinter::printData(DataOp data) {
  if (failed(refuseExtras(data)))
    return failure();
  os << "data " << symbol(data.getSymName()) << " : ";
  return printConstant(data, data.getValue(), static_cast<int64_t>(data.getAlign()));
}

LogicalResult TextPrinter::printKernel(KernelOp kernel) {
  if (failed(refuseExtras(kernel)))
    return failure();
  if (kernel.getArgAttrs() || kernel.getResAttrs())
    return kernel.emitOpError("has attributes of arguments, which the text form does not hold");
  FailureOr<EngineSpec> spec =
      resolveEngine(kernel.getMachine(), [&](const Twine &message) { kernel.emitOpError() << message; });
  if (failed(spec))
    return failure();
  numbers.clear();
  os << "machine \"";
  llvm::printEscapedString(kernel.getMachine(), os);
  os << "\" bits=" << spec->vectorBits << " tcm=" << spec->tcmBytes << "\n";
  os << "kernel " << symbol(kernel.getSymName()) << "(";
  llvm::interleaveComma(kernel.getBody().getArguments(), os,
                        [&](Value argument) { os << name(argument) << ": cached"; });
  os << ")\n";
  return printBlock(kernel.getBody().front(), 2);
}

LogicalResult TextPrinter::printBlock(Block &block, unsigned indent) {
  for (Operation &op : block) {
    if (isa<ReturnOp>(op) && op.getDiscardableAttrs().empty())
      continue;
    os.indent(indent);
    LogicalResult done = TypeSwitch<Operation *, LogicalResult>(&op)
                             .Case([&](ForOp loop) { return printFor(loop, indent); })
                             .Case([&](RegionOp region) { return printRegion(region, indent); })
                             .Case([&](YieldOp yield) {
                               os << (yield.getValues().empty() ? "yield" : "yield ");
                               printNames(yield.getValues());
                               os << "\n";
                               return refuseExtras(yield);
                             })
                             .Case([&](arith::ConstantOp constant) { return printScalar(constant); })
                             .Default([&](Operation *other) { return printInstruction(other); });
    if (failed(done))
      return failure();
  }
  return success();
}

LogicalResult TextPrinter::printFor(ForOp loop, unsigned indent) {
  if (failed(refuseExtras(loop)))
    return failure();
  Block &block = loop.getBody().front();
  if (loop.getNumResults()) {
    printNames(loop.getResults());
    os << " = ";
  }
  os << "for " << name(block.getArgument(0)) << " = " << name(loop.getLower()) << " to " << name(loop.getUpper());
  for (auto [place, pair] : llvm::enumerate(llvm::zip(block.getArguments().drop_front(), loop.getInits())))
    os << (place ? ", " : " carry ") << name(std::get<0>(pair)) << " = " << name(std::get<1>(pair));
  os << "\n";
  return printBlock(block, indent + 2);
}

LogicalResult TextPrinter::printRegion(RegionOp region, unsigned indent) {
  if (failed(refuseExtras(region, {"elements", "nonzeros"})))
    return failure();
  os << "region \"";
  llvm::printEscapedString(region.getName(), os);
  os << '"';
  if (region.getLoop()) {
    os << " loop=\"";
    llvm::printEscapedString(*region.getLoop(), os);
    os << '"';
  }
  for (const char *key : {"per_row", "accumulators", "elements", "nonzeros"})
    if (Attribute attr = region->getAttr(key)) {
      auto value = dyn_cast<IntegerAttr>(attr);
      if (!value || !value.getType().isSignlessInteger(64))
        return region.emitOpError() << "needs a 64-bit integer as '" << key << "'";
      os << " " << key << "=" << value.getInt();
    }
  os << "\n";
  return printBlock(region.getBody().front(), indent + 2);
}

LogicalResult TextPrinter::printScalar(arith::ConstantOp constant) {
  auto value = dyn_cast<IntegerAttr>(constant.getValue());
  std::string type = value ? scalarName(value.getType()) : "";
  if (type.empty())
    return refuse(constant);
  os << name(constant) << " = const." << type << " " << value.getInt() << "\n";
  return refuseExtras(constant);
}

LogicalResult TextPrinter::printInstruction(Operation *op) {
  const TextForm *form = isa<GSEDialect>(op->getDialect()) ? findForm(op->getName().stripDialect()) : nullptr;
  if (!form)
    return refuse(op);
  if (op->getNumResults())
    os << name(op->getResult(0)) << " = ";
  os << form->mnemonic;
  if (form->result == TextResult::Suffix || form->result == TextResult::Stored) {
    std::string type =
        valueTypeName((form->result == TextResult::Suffix ? op->getResult(0) : op->getOperand(0)).getType());
    if (type.empty())
      return refuse(op);
    os << "." << type;
  }
  unsigned operands = 0;
  bool first = true;
  for (const TextField &field : form->fields) {
    Attribute attr = *field.name ? op->getAttr(field.name) : Attribute();
    // Flags and keyed attributes follow without a comma.
    StringRef comma = first ? " " : field.before ? " " : ", ";
    first = false;
    switch (field.kind) {
    case TextField::Operand:
      os << comma << name(op->getOperand(operands++));
      break;
    case TextField::Integer:
      os << comma << (field.before ? field.before : "") << (field.before ? " " : "")
         << cast<IntegerAttr>(attr).getInt();
      break;
    case TextField::Keyed:
      if (attr && cast<IntegerAttr>(attr).getInt() != field.otherwise)
        os << " " << field.name << "=" << cast<IntegerAttr>(attr).getInt();
      break;
    case TextField::Flag:
      if (attr)
        os << " " << field.name;
      break;
    case TextField::Number:
      os << comma << number(cast<FloatAttr>(attr).getValueAsDouble());
      break;
    case TextField::Symbol:
      os << comma << symbol(cast<FlatSymbolRefAttr>(attr).getValue());
      break;
    }
  }
  os << "\n";
  return refuseExtras(op);
}

LogicalResult mlir::gse::printProgram(ModuleOp module, llvm::raw_ostream &text, std::string &side,
                                      llvm::StringRef sideName, bool withHost) {
  std::string body;
  llvm::raw_string_ostream stream(body);
  side.clear();
  if (failed(TextPrinter(stream, side, withHost).printModule(module)))
    return failure();
  text << "program " << textVersion;
  if (!side.empty()) {
    text << " side=\"";
    llvm::printEscapedString(sideName, text);
    text << "\" bytes=" << side.size()
         << " crc=" << llvm::crc32(ArrayRef(reinterpret_cast<const uint8_t *>(side.data()), side.size()));
  }
  text << "\n" << body;
  return success();
}
