//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lines and tokens of a program's text.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_GSE_TEXTCURSOR_H
#define GS_LIB_TARGET_GSE_TEXTCURSOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace mlir::gse::detail {

/// Reads the text of a program line by line. A method that fails has emitted one diagnostic with line and column.
class TextCursor {
public:
  TextCursor(StringRef text, StringRef fileName, MLIRContext *context)
      : rest(text), file(StringAttr::get(context, fileName)) {}

  /// Goes to the next line that holds something; false at the end of the text.
  bool nextLine();
  /// True if there is a line; its indentation in blanks.
  bool hasLine() const { return open; }
  size_t indent() const { return lineIndent; }

  Location location() const { return locationAt(at); }
  Location locationAt(size_t column) const {
    return FileLineColLoc::get(file, number, static_cast<unsigned>(column + 1));
  }
  InFlightDiagnostic error() const { return emitError(location()); }
  size_t column() const { return at; }

  /// Skips blanks; true at the end of the line, or where a comment begins.
  bool atEnd();
  LogicalResult expectEnd();
  bool consume(StringRef token);
  LogicalResult expect(StringRef token);
  /// True if the next token is `word`, whole; goes past it.
  bool consumeWord(StringRef word);

  /// Letters, digits, '_' and '.'; empty if there are none.
  StringRef word();
  /// The name after a '%'.
  FailureOr<StringRef> name();
  /// The name after an '@'.
  FailureOr<std::string> symbol();
  /// Text in quotes, with the escapes `\\`, `\"` and `\xx` as `llvm::printEscapedString` writes them.
  FailureOr<std::string> string();
  FailureOr<int64_t> integer(int64_t low, int64_t high);
  /// Decimal, or the 64 bits of a double as 0x...
  FailureOr<double> number64();

private:
  StringRef rest, line;
  StringAttr file;
  unsigned number = 0;
  size_t at = 0, lineIndent = 0;
  bool open = false;
};

} // namespace mlir::gse::detail

#endif // GS_LIB_TARGET_GSE_TEXTCURSOR_H
