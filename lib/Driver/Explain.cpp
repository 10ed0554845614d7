//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc explain.
//
//===----------------------------------------------------------------------===//
#include "Engine.h"
#include "Gather.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

int mlir::gs::driver::runExplain(Session &session, ArrayRef<StringRef> arguments) {
  ModelOptions options;
  std::string jsonFile, htmlFile;
  bool measure = false, refused = false;
  int64_t threads = 1;
  OptionParser parser(
      "explain", "MODEL.onnx [--measure] [--refused] [--html=F] [--json=F] [options]",
      "Tells what would be done with every Conv, MatMul and Gemm of a model: the pattern found in its "
      "zeros, the share of weights that is kept, the kernel that was chosen, its predicted time, and why "
      "the other candidates were refused.");
  parser.section("Report");
  parser.flag("measure", "Compile and run the model, and tell the measured time of every layer, too.", measure);
  parser.number("threads", "N", "With --measure: threads (default 1, as the prediction).", 1, kMaxThreads, threads);
  parser.flag("refused", "List every refused candidate below its layer.", refused);
  parser.value("json", "F", "Write the report as JSON; - is standard output, without the table.", jsonFile);
  parser.value("html", "F",
               "Write the report as one page to look at: a bar per layer, a table to sort, all reasons. - is standard "
               "output, without the table.",
               htmlFile);
  options.declare(parser);
  EngineOutput engine;
  engine.declare(parser);
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;
  // The prediction is one thread's, of a program for any number of them.
  options.compile.threads = threads > 1 ? threads : 0;
  if (failed(options.resolve(session, /*runsHere=*/measure, /*takesEngine=*/true, /*takesGather=*/true)) ||
      failed(engine.check(session, options)) || failed(checkWritable(session, "--json", jsonFile, options.model)) ||
      failed(checkWritable(session, "--html", htmlFile, options.model)))
    return 1;
  if (htmlFile == "-" && jsonFile == "-") {
    session.error("--html and --json cannot both be written to standard output; name a file for one of them");
    return 1;
  }

  if (options.gather) {
    if (measure || refused || !htmlFile.empty()) {
      session.error("--measure, --refused and --html are for whole networks; leave them out with gather kernels");
      return 1;
    }
    return explainGather(session, options, jsonFile);
  }
  if (options.onEngine()) {
    if (measure || refused || !htmlFile.empty()) {
      session.error("--measure, --refused and --html are for processors; for an engine there are --stats, --trace and "
                    "--engine-html");
      return 1;
    }
    return explainEngine(session, options, engine, jsonFile);
  }
  ModelReport report;
  report.model = llvm::sys::path::filename(options.model).str();
  report.target = options.target.name;
  report.forcedDense = options.compile.dense;
  if (measure) {
    options.compile.markLayers = true;
    TemporaryFile program;
    if (failed(compileTemporary(session, options, program, &report.layers)))
      return session.fail("compiling");
    session.phase(report.model + ": measuring");
    FailureOr<llvm::json::Object> times =
        runForJSON(session, program.path(),
                   {"--benchmark", "--layers", "--json", "--seconds", "2", "--threads", std::to_string(threads)});
    if (failed(times))
      return 1;
    report.threads = threads;
    report.measuredUs = 1e3 * times->getNumber("median_ms").value_or(0);
    addMeasurement(report, nodeTimes(*times));
  } else if (failed(sparsifyONNX(options.model, session.context(), options.compile, &report.layers))) {
    return session.fail("explaining");
  }
  session.endPhases();
  explainGains(report);
  if (jsonFile != "-" && htmlFile != "-" &&
      failed(writeStdout(session, [&](llvm::raw_ostream &os) { printReport(report, refused, os); })))
    return 1;
  if (!htmlFile.empty() && failed(writeText(session, htmlFile, [&](llvm::raw_ostream &os) { printHTML(report, os); })))
    return 1;
  if (jsonFile.empty())
    return 0;
  return failed(writeText(session, jsonFile, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", llvm::json::Value(toJSON(report)));
  }));
}
