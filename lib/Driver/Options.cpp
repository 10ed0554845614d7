//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading of command lines.
//
//===----------------------------------------------------------------------===//
#include "Options.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::gs::driver;

void OptionParser::flag(StringRef name, StringRef help, bool &value) {
  options.push_back({name.str(), "", help.str(), current, [&value](StringRef, std::string &) {
                       value = true;
                       return success();
                     }});
}

void OptionParser::value(StringRef name, StringRef placeholder, StringRef help, std::string &value) {
  options.push_back({name.str(), placeholder.str(), help.str(), current, [&value](StringRef text, std::string &error) {
                       if (text.empty()) {
                         error = "the value is empty";
                         return failure();
                       }
                       value = text.str();
                       return success();
                     }});
}

void OptionParser::value(StringRef name, StringRef placeholder, StringRef help, Reader reader) {
  options.push_back({name.str(), placeholder.str(), help.str(), current, std::move(reader)});
}

void OptionParser::number(StringRef name, StringRef placeholder, StringRef help, int64_t least, int64_t most,
                          int64_t &value) {
  options.push_back(
      {name.str(), placeholder.str(), help.str(), current, [&value, least, most](StringRef text, std::string &error) {
         return readNumber(text, least, most, value, error);
       }});
}

void OptionParser::positional(StringRef placeholder, bool required, std::string &value) {
  positionals.push_back({placeholder.str(), required, &value});
}

LogicalResult mlir::gs::driver::readNumber(StringRef text, int64_t least, int64_t most, int64_t &value,
                                           std::string &error) {
  int64_t read;
  if (!text.getAsInteger(10, read) && read >= least && read <= most) {
    value = read;
    return success();
  }
  error = ("expected a whole number from " + Twine(least) + " to " + Twine(most)).str();
  return failure();
}

std::string mlir::gs::driver::suggestion(StringRef typed, ArrayRef<StringRef> candidates) {
  StringRef best;
  unsigned bestDistance = std::max<size_t>(typed.size() / 3, 1) + 1;
  for (StringRef candidate : candidates)
    if (unsigned distance = typed.edit_distance(candidate, true, bestDistance); distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  return best.empty() ? "" : ("; did you mean '" + best + "'?").str();
}

const OptionParser::Option *OptionParser::find(StringRef name, bool shortForm) const {
  for (const Option &option : options)
    if (option.name == name && (option.name.size() == 1) == shortForm)
      return &option;
  return nullptr;
}

OptionParser::Result OptionParser::parse(ArrayRef<StringRef> arguments, std::string &error) {
  const std::string seeHelp = "; see `gsc " + command + " --help`";
  size_t taken = 0;
  bool onlyPositionals = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    StringRef argument = arguments[i];
    if (onlyPositionals || !argument.starts_with("-") || argument == "-") {
      if (taken == positionals.size()) {
        error = "unexpected argument '" + argument.str() + "'" + seeHelp;
        return Result::Error;
      }
      *positionals[taken++].value = argument.str();
      continue;
    }
    if (argument == "--") {
      onlyPositionals = true;
      continue;
    }
    if (argument == "--help" || argument == "-h")
      return Result::Help;
    auto [spelled, text] = argument.split('=');
    bool attached = argument.contains('=');
    bool shortForm = !spelled.starts_with("--");
    const Option *option = find(spelled.drop_front(shortForm ? 1 : 2), shortForm);
    if (!option) {
      std::vector<std::string> known = {"--help"};
      for (const Option &o : options)
        known.push_back(o.spelling());
      SmallVector<StringRef> names(known.begin(), known.end());
      error = "unknown option '" + spelled.str() + "'" + suggestion(spelled, names) + seeHelp;
      return Result::Error;
    }
    if (!option->takesValue() && attached) {
      error = option->spelling() + " takes no value" + seeHelp;
      return Result::Error;
    }
    if (option->takesValue() && !attached) {
      if (i + 1 == arguments.size()) {
        error = option->spelling() + " needs a value (" + option->placeholder + ")" + seeHelp;
        return Result::Error;
      }
      text = arguments[++i];
    }
    std::string reason;
    if (failed(option->reader(text, reason))) {
      error = option->spelling() + (text.empty() ? "" : " " + text.str()) + ": " + reason + seeHelp;
      return Result::Error;
    }
  }
  if (taken < positionals.size() && positionals[taken].required) {
    error = positionals[taken].placeholder + " is missing" + seeHelp;
    return Result::Error;
  }
  return Result::Run;
}

/// `text` in lines of at most `width` characters, all but the first behind `indent` blanks.
static void printWrapped(llvm::raw_ostream &os, StringRef text, unsigned indent, unsigned width) {
  unsigned column = indent;
  bool first = true;
  while (!text.empty()) {
    auto [word, rest] = text.split(' ');
    text = rest;
    if (!first && column + 1 + word.size() > width) {
      os << '\n';
      os.indent(indent);
      column = indent;
      first = true;
    }
    if (!first) {
      os << ' ';
      ++column;
    }
    os << word;
    column += word.size();
    first = false;
  }
  os << '\n';
}

void OptionParser::printHelp(llvm::raw_ostream &os) const {
  constexpr unsigned width = 100, column = 30;
  os << "Usage: gsc " << command << " " << usage << "\n\n";
  printWrapped(os, about, 0, width);
  std::vector<std::string> sections;
  for (const Option &option : options)
    if (!llvm::is_contained(sections, option.section))
      sections.push_back(option.section);
  auto print = [&](const std::string &left, StringRef help) {
    os << "  " << left;
    if (left.size() + 3 > column) {
      os << '\n';
      os.indent(column);
    } else {
      os.indent(column - 2 - left.size());
    }
    printWrapped(os, help, column, width);
  };
  for (const std::string &section : sections) {
    os << "\n" << section << ":\n";
    for (const Option &option : options)
      if (option.section == section)
        print(option.spelling() +
                  (option.takesValue() ? (option.name.size() == 1 ? " " : "=") + option.placeholder : ""),
              option.help);
    if (section == sections.back())
      print("--help", "Print this text.");
  }
  if (sections.empty()) {
    os << "\nOptions:\n";
    print("--help", "Print this text.");
  }
  if (!epilogText.empty())
    os << "\n" << epilogText << "\n";
}
