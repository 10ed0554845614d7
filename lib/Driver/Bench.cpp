//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc bench.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

/// "1,2,4".
static LogicalResult readThreads(StringRef text, SmallVectorImpl<int64_t> &threads, std::string &error) {
  threads.clear();
  for (StringRef part : llvm::split(text, ',')) {
    int64_t count;
    if (failed(readNumber(part.trim(), 1, kMaxThreads, count, error))) {
      error += ", or several separated by commas";
      return failure();
    }
    threads.push_back(count);
  }
  return success();
}

static void print(llvm::raw_ostream &os, const llvm::json::Object &result) {
  if (const llvm::json::Array *layers = result.getArray("layers")) {
    double total = 1e3 * result.getNumber("median_ms").value_or(0);
    bool waits = !layers->empty() && layers->front().getAsObject() && layers->front().getAsObject()->get("waits_us");
    os << "\n     min us   median us   share  node" << (waits ? "; us that threads wait for each other" : "") << "\n";
    for (const llvm::json::Value &entry : *layers)
      if (const llvm::json::Object *layer = entry.getAsObject()) {
        double median = layer->getNumber("median_us").value_or(0);
        os << llvm::format("%11.1f %11.1f %5.1f %%  ", layer->getNumber("min_us").value_or(0), median,
                           total > 0 ? 100 * median / total : 0.0)
           << layer->getString("node").value_or("");
        if (const llvm::json::Array *waits = layer->getArray("waits_us"))
          for (auto [thread, wait] : llvm::enumerate(*waits))
            os << (thread ? ", " : "; ") << llvm::format("%.1f", wait.getAsNumber().value_or(0));
        os << "\n";
      }
  }
  int64_t threads = result.getInteger("threads").value_or(0);
  os << llvm::format("%2d %-8s", int(threads), threads == 1 ? "thread" : "threads")
     << llvm::format("min %9.3f ms   median %9.3f ms   %d runs\n", result.getNumber("min_ms").value_or(0),
                     result.getNumber("median_ms").value_or(0), int(result.getInteger("runs").value_or(0)));
}

int mlir::gs::driver::runBench(Session &session, ArrayRef<StringRef> arguments) {
  ModelOptions options;
  SmallVector<int64_t> threads = {1};
  std::string seconds, jsonFile;
  std::vector<std::string> inputs;
  OptionParser parser("bench", "MODEL.onnx [--threads=1,2] [--seconds=S] [--layers] [--json=F] [options]",
                      "Compiles a model into a temporary file and times it: minimum and median of one inference after "
                      "warming up. Inputs that are not given are random.");
  parser.section("Measuring");
  parser.value("threads", "N[,N...]", "Numbers of threads, one after the other (default 1).",
               [&](StringRef text, std::string &error) { return readThreads(text, threads, error); });
  parser.value("seconds", "S", "Seconds to measure each (default 3).", [&](StringRef text, std::string &error) {
    double value;
    if (text.getAsDouble(value) || !(value > 0 && value <= 86400)) {
      error = "expected a number above 0 and up to 86400";
      return failure();
    }
    seconds = text.str();
    return success();
  });
  parser.flag("layers", "Time every node, too. Marks between nodes cost a little.", options.compile.markLayers);
  parser.value("input", "NAME=F.npy", "Read an input from a NumPy file. May be repeated.",
               [&](StringRef text, std::string &) {
                 inputs.push_back("--input");
                 inputs.push_back(text.str());
                 return success();
               });
  parser.value("json", "F", "Write the results as JSON; - is standard output.", jsonFile);
  options.declare(parser);
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;
  TemporaryFile program;
  if (failed(options.resolve(session, /*runsHere=*/true)) ||
      failed(checkWritable(session, "--json", jsonFile, options.model)))
    return 1;
  if (failed(compileTemporary(session, options, program)))
    return session.fail("compiling");

  llvm::json::Array results;
  for (int64_t count : threads) {
    std::vector<std::string> command = {"--benchmark", "--json", "--threads", std::to_string(count)};
    if (!seconds.empty())
      command.insert(command.end(), {"--seconds", seconds});
    if (options.compile.markLayers)
      command.push_back("--layers");
    command.insert(command.end(), inputs.begin(), inputs.end());
    session.phase(llvm::sys::path::filename(options.model) + ": measuring on " + Twine(count) +
                  (count == 1 ? " thread" : " threads"));
    FailureOr<llvm::json::Object> result = runForJSON(session, program.path(), command);
    session.endPhases();
    if (failed(result))
      return 1;
    if (jsonFile != "-" && failed(writeStdout(session, [&](llvm::raw_ostream &os) { print(os, *result); })))
      return 1;
    results.push_back(std::move(*result));
  }
  if (jsonFile.empty())
    return 0;
  llvm::json::Object object{{"model", llvm::json::fixUTF8(llvm::sys::path::filename(options.model))},
                            {"target", llvm::json::fixUTF8(options.target.name)},
                            {"results", std::move(results)}};
  return failed(writeText(session, jsonFile, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(object)));
  }));
}
