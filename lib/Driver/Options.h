//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Command lines: an option is declared once, with its help, and read from there.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DRIVER_OPTIONS_H
#define GS_LIB_DRIVER_OPTIONS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"
#include <functional>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::gs::driver {

/// The options of one subcommand.
class OptionParser {
public:
  /// Takes the value of an option; on failure says why in `error`, as a sentence that goes on after "--name VALUE: ".
  using Reader = std::function<LogicalResult(StringRef value, std::string &error)>;

  /// `command` is the subcommand, `usage` what follows it on the usage line, `about` a paragraph for the help.
  OptionParser(StringRef command, StringRef usage, StringRef about) : command(command), usage(usage), about(about) {}

  /// Options declared from here on stand under `title` in the help.
  void section(StringRef title) { current = title.str(); }
  /// `--name`.
  void flag(StringRef name, StringRef help, bool &value);
  /// `--name VALUE` or `--name=VALUE`; of several the last counts. A one-letter name takes one dash.
  void value(StringRef name, StringRef placeholder, StringRef help, std::string &value);
  /// The same, read by `reader`, every time it is given.
  void value(StringRef name, StringRef placeholder, StringRef help, Reader reader);
  /// A whole number in [least, most].
  void number(StringRef name, StringRef placeholder, StringRef help, int64_t least, int64_t most, int64_t &value);
  /// The next argument without a dash.
  void positional(StringRef placeholder, bool required, std::string &value);
  /// Lines at the end of the help.
  void epilog(StringRef text) { epilogText = text.str(); }

  enum class Result { Run, Help, Error };
  /// Reads the arguments. On Error, `error` holds one diagnostic.
  Result parse(ArrayRef<StringRef> arguments, std::string &error);
  void printHelp(llvm::raw_ostream &os) const;

private:
  struct Option {
    std::string name, placeholder, help, section;
    Reader reader;
    bool takesValue() const { return !placeholder.empty(); }
    std::string spelling() const { return (name.size() == 1 ? "-" : "--") + name; }
  };
  struct Positional {
    std::string placeholder;
    bool required;
    std::string *value;
  };
  const Option *find(StringRef name, bool shortForm) const;

  std::string command, usage, about, current = "Options", epilogText;
  std::vector<Option> options;
  std::vector<Positional> positionals;
};

/// The candidate closest to a mistyped name as "; did you mean 'x'?", or "" if none is close.
std::string suggestion(StringRef typed, ArrayRef<StringRef> candidates);

/// Reads a whole decimal number in [least, most].
LogicalResult readNumber(StringRef text, int64_t least, int64_t most, int64_t &value, std::string &error);

} // namespace mlir::gs::driver

#endif // GS_LIB_DRIVER_OPTIONS_H
