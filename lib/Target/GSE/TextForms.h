//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text form of each instruction: one row per op, for printer and parser.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_GSE_TEXTFORMS_H
#define GS_LIB_TARGET_GSE_TEXTFORMS_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace mlir::gse::detail {

/// Version of the text form, in its first line.
inline constexpr int64_t textVersion = 1;
/// Largest count of bytes and largest distance of addresses in a program.
inline constexpr int64_t maxBytes = int64_t(1) << 40;

/// One part of an instruction, in the order of the text.
struct TextField {
  enum Kind {
    Operand, ///< `%3`; operands stand in the order of the op
    Integer, ///< `16`, an attribute of 64 bits
    Keyed,   ///< `rows=8`, left out where it has the default
    Flag,    ///< its name, or nothing
    Number,  ///< a floating-point attribute
    Symbol   ///< `@w`
  } kind;
  const char *name = "";        ///< of the attribute
  int64_t low = 0, high = 0;    ///< limits of an integer
  int64_t otherwise = 0;        ///< default of a keyed one
  const char *before = nullptr; ///< word in front of it
};

/// Where the type of the result stands.
enum class TextResult {
  None,
  Tcm,    ///< always a pointer into the TCM
  Cached, ///< always a pointer into cached memory
  Token,
  Same,   ///< as the first operand
  Suffix, ///< after the mnemonic, as in `load.f16x8`
  Stored  ///< there is none; the suffix repeats the type of the first operand
};

struct TextForm {
  const char *mnemonic; ///< name of the op without the dialect
  TextResult result;
  std::vector<TextField> fields;
};

/// The row of an op, by its name without the dialect; null for structure (`kernel`, `for`, ...) and unknown names.
const TextForm *findForm(llvm::StringRef mnemonic);

/// "f16", "i32", ... of whole bytes; empty if the type has no name here.
std::string scalarName(Type type);
Type scalarNamed(llvm::StringRef name, MLIRContext *context);

/// "f16" or "f16x8", and the type that it names; null if it names none.
std::string valueTypeName(Type type);
Type valueTypeNamed(llvm::StringRef name, MLIRContext *context);

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_TEXTFORMS_H
