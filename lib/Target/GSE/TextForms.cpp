//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text form of each instruction.
//
//===----------------------------------------------------------------------===//
#include "TextForms.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::gse::detail;

static constexpr TextField operand{TextField::Operand};
static constexpr TextField offset(const char *name = "offset") {
  return {TextField::Integer, name, -maxBytes, maxBytes};
}
static constexpr TextField bytes(int64_t low = 1) { return {TextField::Integer, "bytes", low, maxBytes}; }
static constexpr TextField keyed(const char *name, int64_t otherwise) {
  return {TextField::Keyed, name, otherwise, maxBytes, otherwise};
}
static constexpr TextField promise{TextField::Flag, "bank_distinct"};

static const std::vector<TextForm> &forms() {
  static const std::vector<TextForm> all = {
      {"address", TextResult::Cached, {{TextField::Symbol, "data"}}},
      {"tcm.alloc", TextResult::Tcm, {bytes(), {TextField::Integer, "offset", 0, maxBytes, 0, "at"}}},
      {"stream.arm", TextResult::None, {operand, bytes(0)}},
      {"dma.start",
       TextResult::Token,
       {operand, operand, bytes(), keyed("rows", 1), keyed("source_pitch", 0), keyed("target_pitch", 0)}},
      {"dma.wait", TextResult::None, {operand}},
      {"load", TextResult::Suffix, {operand, offset()}},
      {"load_indexed", TextResult::Suffix, {operand, offset(), operand, offset("scale")}},
      {"load_indexed", TextResult::Suffix, {operand, offset(), operand, offset("scale")}},
      {"store", TextResult::Stored, {operand, operand, offset()}},
      {"addp", TextResult::Same, {operand, offset()}},
      {"addp_index", TextResult::Same, {operand, operand, offset("scale")}},
      {"gather", TextResult::Suffix, {operand, offset(), operand, promise}},
      {"gather_cached", TextResult::Suffix, {operand, offset(), operand}},
      {"gather_fused", TextResult::Suffix, {operand, offset(), operand, offset("index_offset"), promise}},
      {"scatter", TextResult::Stored, {operand, operand, offset(), operand}},
      {"splat", TextResult::Suffix, {{TextField::Number, "value"}}},
      {"load_splat", TextResult::Suffix, {operand, offset()}},
      {"load_splat_indexed", TextResult::Suffix, {operand, offset(), operand}},
      {"fma", TextResult::Suffix, {operand, operand, operand}},
      {"add", TextResult::Suffix, {operand, operand}},
      {"mul", TextResult::Suffix, {operand, operand}},
      {"widen", TextResult::Suffix, {operand, {TextField::Flag, "odd"}}},
      {"narrow", TextResult::Suffix, {operand, operand}},
      {"reduce_add", TextResult::Suffix, {operand}},
  };
  return all;
}

const TextForm *mlir::gse::detail::findForm(llvm::StringRef mnemonic) {
  for (const TextForm &form : forms())
    if (mnemonic == form.mnemonic)
      return &form;
  return nullptr;
}

std::string mlir::gse::detail::scalarName(Type type) {
  if (type.isF16())
    return "f16";
  if (type.isBF16())
    return "bf16";
  if (type.isF32())
    return "f32";
  if (type.isF64())
    return "f64";
  for (unsigned bits : {8, 16, 32, 64})
    if (type.isSignlessInteger(bits))
      return "i" + std::to_string(bits);
  return "";
}

Type mlir::gse::detail::scalarNamed(llvm::StringRef name, MLIRContext *context) {
  Builder b(context);
  return llvm::StringSwitch<Type>(name)
      .Case("f16", b.getF16Type())
      .Case("bf16", b.getBF16Type())
      .Case("f32", b.getF32Type())
      .Case("f64", b.getF64Type())
      .Case("i8", b.getI8Type())
      .Case("i16", b.getI16Type())
      .Case("i32", b.getI32Type())
      .Case("i64", b.getI64Type())
      .Default(Type());
}

std::string mlir::gse::detail::valueTypeName(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  if (!vector)
    return scalarName(type);
  std::string element = scalarName(vector.getElementType());
  return vector.getRank() != 1 || vector.isScalable() || element.empty()
             ? ""
             : element + "x" + std::to_string(vector.getNumElements());
}

Type mlir::gse::detail::valueTypeNamed(llvm::StringRef name, MLIRContext *context) {
  auto [elementName, lanesText] = name.split('x');
  Type element = scalarNamed(elementName, context);
  if (!element || !name.contains('x'))
    return element;
  int64_t lanes = 0;
  constexpr int64_t mostLanes = 4096; // of any machine that could be
  if (lanesText.getAsInteger(10, lanes) || lanes < 1 || lanes > mostLanes)
    return Type();
  return VectorType::get({lanes}, element);
}
