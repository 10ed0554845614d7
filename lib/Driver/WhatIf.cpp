//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc whatif.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/WhatIf.h"
#include "Commands.h"
#include "Patterns.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

/// Splits at commas that stand in no brackets: patterns have commas of their own.
static SmallVector<StringRef> splitList(StringRef text) {
  SmallVector<StringRef> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && StringRef("<[(").contains(text[i]))
      ++depth;
    else if (i < text.size() && StringRef(">])").contains(text[i]))
      --depth;
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      parts.push_back(text.slice(begin, i).trim());
      begin = i + 1;
    }
  }
  return parts;
}

/// Reads one sparsity, "0.9", or a range, "0.5:0.95" (six equal steps of density in logarithm) or "0.5:0.95:4".
static LogicalResult readSparsities(StringRef text, std::vector<double> &result, std::string &error) {
  result.clear();
  for (StringRef part : splitList(text)) {
    SmallVector<StringRef, 3> range;
    part.split(range, ':');
    double from = 0, to = 0;
    int64_t count = 6;
    if (range.size() > 3 || range[0].getAsDouble(from) || (range.size() > 1 && range[1].getAsDouble(to)) ||
        (range.size() > 2 && (range[2].getAsInteger(10, count) || count < 2 || count > 100))) {
      error = ("'" + part + "' is neither a sparsity such as 0.9 nor a range such as 0.5:0.95 or 0.5:0.95:4").str();
      return failure();
    }
    if (range.size() == 1)
      to = from;
    if (!(from > 0 && to < 1 && from <= to)) {
      error = ("'" + part + "': sparsities lie between 0 and 1, both excluded, the smaller one first").str();
      return failure();
    }
    if (range.size() == 1) {
      result.push_back(from);
      continue;
    }
    // Equal ratios of what is kept; the ends are exact, the steps between are rounded to tenths of a percent.
    for (int64_t i = 0; i < count; ++i) {
      double share = double(i) / double(count - 1);
      double sparsity = 1 - std::pow(1 - from, 1 - share) * std::pow(1 - to, share);
      result.push_back(i == 0 ? from : i == count - 1 ? to : std::round(sparsity * 1000) / 1000);
    }
  }
  llvm::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return success();
}

int mlir::gs::driver::runWhatIf(Session &session, ArrayRef<StringRef> arguments) {
  ModelOptions options;
  std::vector<std::string> patterns = defaultWhatIfPatterns();
  WhatIfOptions whatIf;
  whatIf.sparsities = defaultWhatIfSparsities();
  std::string jsonFile, htmlFile, recipeFile;
  double energy = 0.9;
  bool measure = false;
  OptionParser parser("whatif", "MODEL.onnx [--patterns=P,...] [--sparsity=S,...] [--measure] [--html=F] [options]",
                      "Tells what pruning would bring before anyone trains: every layer is pruned on trial to each "
                      "pattern and sparsity, with its predicted time, the bytes of its packed weights and the share of "
                      "the weights' energy (sum of squares) that is kept.");
  parser.section("Questions");
  parser.value("patterns", "P,...",
               "Patterns as in the IR, such as block<4x1>,nm<2 : 4>. Default: " + llvm::join(patterns, ", ") + ".",
               [&](StringRef text, std::string &) {
                 patterns.clear();
                 for (StringRef part : splitList(text))
                   patterns.push_back(part.str());
                 return success();
               });
  parser.value("sparsity", "S,...",
               "Shares of weights to prune: numbers, or ranges such as 0.5:0.95 (six steps) or 0.5:0.95:4. Default: "
               "0.5:0.95.",
               [&](StringRef text, std::string &error) { return readSparsities(text, whatIf.sparsities, error); });
  parser.flag("measure", "Compile and time the best few choices of every layer on this machine.", measure);
  parser.section("Answers");
  parser.value("html", "F", "Write one page with plots; - is standard output, without the table.", htmlFile);
  parser.value("json", "F", "Write all numbers as JSON; - is standard output, without the table.", jsonFile);
  parser.value("recipe", "F", "Write the fastest choice per layer that keeps --energy as YAML, for gsc prune.",
               recipeFile);
  parser.value("energy", "SHARE", "Energy that the recipe keeps at least, as the mean over layers (default 0.9).",
               [&](StringRef text, std::string &error) -> LogicalResult {
                 if (text.getAsDouble(energy) || !(energy >= 0 && energy <= 1)) {
                   error = ("'" + text + "' is not a share; give a number from 0 to 1, such as 0.9").str();
                   return failure();
                 }
                 return success();
               });
  options.declare(parser);
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;
  std::pair<StringRef, StringRef> files[] = {{"--json", jsonFile}, {"--html", htmlFile}, {"--recipe", recipeFile}};
  if (failed(options.resolve(session, /*runsHere=*/measure)))
    return 1;
  for (auto [option, file] : files)
    if (failed(checkWritable(session, option, file, options.model)))
      return 1;
  if (llvm::count_if(files, [](auto file) { return file.second == "-"; }) > 1) {
    session.error(
        "only one of --json, --html and --recipe can be written to standard output; name files for the others");
    return 1;
  }
  for (StringRef name : patterns) {
    PatternAttrInterface pattern = parsePattern(session, "--patterns", name);
    if (!pattern)
      return 1;
    whatIf.patterns.push_back(pattern);
  }

  TemporaryFile program;
  if (measure) {
    if (failed(program.create(session, "candidate", "run")))
      return 1;
    whatIf.scratch = program.path().str();
    whatIf.run = [&](StringRef path) { return timeProgram(session, path); };
  }
  FailureOr<WhatIfReport> report = whatIfONNX(options.model, session.context(), options.compile, options.target, whatIf,
                                              [&](const Twine &message) { session.error(message); });
  if (failed(report))
    return session.fail("whatif");
  session.endPhases();
  report->model = llvm::sys::path::filename(options.model).str();
  if (llvm::none_of(files, [](auto file) { return file.second == "-"; }) &&
      failed(writeStdout(session, [&](llvm::raw_ostream &os) { printWhatIf(*report, os); })))
    return 1;
  if (!htmlFile.empty() &&
      failed(writeText(session, htmlFile, [&](llvm::raw_ostream &os) { printWhatIfHTML(*report, os); })))
    return 1;
  if (!recipeFile.empty()) {
    std::vector<WhatIfChoice> front = report->front();
    const WhatIfChoice *best = &front.front();
    for (const WhatIfChoice &choice : front)
      if (choice.energy >= energy)
        best = &choice;
    if (failed(writeText(session, recipeFile, [&](llvm::raw_ostream &os) { printRecipe(*report, *best, os); })))
      return 1;
  }
  if (jsonFile.empty())
    return 0;
  return failed(writeText(session, jsonFile, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0}\n", llvm::json::Value(toJSON(*report)));
  }));
}
