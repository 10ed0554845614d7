//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc run.
//
//===----------------------------------------------------------------------===//
#include "Engine.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

int mlir::gs::driver::runRun(Session &session, ArrayRef<StringRef> arguments) {
  ModelOptions options;
  std::vector<std::string> programArguments;
  OptionParser parser("run", "MODEL.onnx [--input=NAME=F.npy]... [--output-dir=D] [options]",
                      "Compiles a model into a temporary file, runs it once and prints its outputs, or writes them as "
                      "NumPy files. To run a model more than once, use `gsc compile`.");
  auto pass = [&](StringRef option) {
    return [&programArguments, option](StringRef text, std::string &) {
      programArguments.push_back(option.str());
      programArguments.push_back(text.str());
      return success();
    };
  };
  int64_t threads = 0;
  parser.section("Running");
  parser.value("input", "NAME=F.npy", "Read an input from a NumPy file; once for every input.", pass("--input"));
  parser.value("output-dir", "D", "Write every output to D/NAME.npy; without it, print a summary.",
               pass("--output-dir"));
  parser.number("threads", "N", "Threads (default: one per core).", 1, kMaxThreads, threads);
  options.declare(parser);
  EngineOutput engine;
  engine.declare(parser);
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;
  options.compile.threads = threads;
  TemporaryFile program;
  if (failed(options.resolve(session, /*runsHere=*/true, /*takesEngine=*/true)) ||
      failed(engine.check(session, options)))
    return 1;
  if (options.onEngine())
    return runOnEngine(session, options, engine, programArguments);
  if (failed(compileTemporary(session, options, program)))
    return session.fail("compiling");
  if (threads) {
    programArguments.push_back("--threads");
    programArguments.push_back(std::to_string(threads));
  }
  return runProgram(session, program.path(), programArguments);
}
