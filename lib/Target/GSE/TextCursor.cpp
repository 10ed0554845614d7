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
#include "TextCursor.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::gse::detail;

bool TextCursor::nextLine() {
  open = false;
  while (!rest.empty()) {
    std::tie(line, rest) = rest.split('\n');
    ++number;
    line = line.rtrim("\r");
    at = lineIndent = std::min(line.find_first_not_of(' '), line.size());
    if (!atEnd())
      return open = true;
  }
  return false;
}

bool TextCursor::atEnd() {
  while (at < line.size() && line[at] == ' ')
    ++at;
  return at == line.size() || line.substr(at).starts_with("//");
}

LogicalResult TextCursor::expectEnd() {
  if (atEnd())
    return success();
  return error() << "expected the end of the line";
}

bool TextCursor::consume(StringRef token) {
  atEnd();
  if (!line.substr(at).starts_with(token))
    return false;
  at += token.size();
  return true;
}

LogicalResult TextCursor::expect(StringRef token) {
  if (consume(token))
    return success();
  return error() << "expected '" << token << "'";
}

static bool isWordCharacter(char c) { return llvm::isAlnum(c) || c == '_' || c == '.'; }

StringRef TextCursor::word() {
  atEnd();
  StringRef found = line.substr(at).take_while(isWordCharacter);
  at += found.size();
  return found;
}

bool TextCursor::consumeWord(StringRef expected) {
  atEnd();
  size_t before = at;
  if (word() == expected)
    return true;
  at = before;
  return false;
}

FailureOr<StringRef> TextCursor::name() {
  if (!consume("%"))
    return error() << "expected a name like %3";
  StringRef found = line.substr(at).take_while(isWordCharacter);
  if (found.empty())
    return error() << "expected letters or digits after '%'";
  at += found.size();
  return found;
}

FailureOr<std::string> TextCursor::symbol() {
  if (!consume("@"))
    return error() << "expected a name like @w";
  if (line.substr(at).starts_with("\""))
    return string();
  StringRef found = line.substr(at).take_while(isWordCharacter);
  if (found.empty())
    return error() << "expected letters or digits after '@'";
  at += found.size();
  return found.str();
}

FailureOr<std::string> TextCursor::string() {
  if (!consume("\""))
    return error() << "expected text in quotes";
  std::string text;
  for (; at < line.size(); ++at) {
    char c = line[at];
    if (c == '"') {
      ++at;
      if (text.empty())
        return error() << "expected text between the quotes";
      return text;
    }
    if (c != '\\') {
      text += c;
      continue;
    }
    StringRef escape = line.substr(at + 1, 2);
    if (escape.starts_with("\\")) {
      text += '\\';
      ++at;
    } else if (escape.size() == 2 && llvm::isHexDigit(escape[0]) && llvm::isHexDigit(escape[1])) {
      text += static_cast<char>(llvm::hexFromNibbles(escape[0], escape[1]));
      at += 2;
    } else {
      return error() << "expected '\\\\' or two hexadecimal digits after '\\'";
    }
  }
  return error() << "the quotes are not closed";
}

FailureOr<int64_t> TextCursor::integer(int64_t low, int64_t high) {
  atEnd();
  size_t begin = at;
  StringRef text = line.substr(at).take_while([](char c) { return llvm::isDigit(c) || c == '-'; });
  int64_t value = 0;
  if (text.empty() || text == "-" || text.drop_front().contains('-'))
    return error() << "expected an integer";
  if (text.getAsInteger(10, value) || value < low || value > high)
    return emitError(locationAt(begin)) << text << " is outside of " << low << " to " << high;
  at += text.size();
  return value;
}

FailureOr<double> TextCursor::number64() {
  atEnd();
  size_t begin = at;
  StringRef text = line.substr(at).take_while([](char c) { return isWordCharacter(c) || c == '-' || c == '+'; });
  at += text.size();
  uint64_t bits = 0;
  StringRef digits = text;
  if (digits.consume_front("0x")) {
    if (!digits.getAsInteger(16, bits))
      return llvm::bit_cast<double>(bits);
  } else if (double value = 0; !text.empty() && !text.getAsDouble(value)) {
    return value;
  }
  return emitError(locationAt(begin)) << "expected a number, got '" << text << "'";
}
