//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc compile.
//
//===----------------------------------------------------------------------===//
#include "Engine.h"
#include "Gather.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/AsmState.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

namespace {
/// EmitKind, and the IR of the gs dialect.
struct Emission {
  bool mlir = false;
  EmitKind kind = EmitKind::Executable;
};
} // namespace

static LogicalResult readEmission(StringRef text, Emission &emission, std::string &error) {
  static const std::pair<StringRef, EmitKind> kinds[] = {{"exe", EmitKind::Executable},
                                                         {"shared", EmitKind::SharedLibrary},
                                                         {"object", EmitKind::Object},
                                                         {"llvm-ir", EmitKind::LLVMIR}};
  emission = Emission();
  if (text == "mlir") {
    emission.mlir = true;
    return success();
  }
  for (auto [name, kind] : kinds)
    if (name == text) {
      emission.kind = kind;
      return success();
    }
  error = "expected exe, shared, object, llvm-ir or mlir";
  return failure();
}

/// Weights of more elements than this are left out with --elide-weights.
static constexpr int64_t kShownElements = 16;

static LogicalResult emitMLIR(Session &session, ModelOptions &options, StringRef output, bool elide,
                              ModelReport &report) {
  FailureOr<OwningOpRef<ModuleOp>> module =
      sparsifyONNX(options.model, session.context(), options.compile, &report.layers);
  if (failed(module))
    return failure();
  options.compile.phase("writing the module");
  bool complete = true;
  LogicalResult written = writeText(session, output, [&](llvm::raw_ostream &os) {
    if (StringRef(output).ends_with(".mlirbc")) {
      complete = succeeded(writeBytecodeToFile((*module)->getOperation(), os));
      return;
    }
    OpPrintingFlags flags;
    flags.enableDebugInfo(); // Node names are locations.
    if (elide) {
      flags.elideLargeElementsAttrs(kShownElements);
      flags.elideLargeResourceString(kShownElements);
      os << "// Constants of more than " << kShownElements
         << " elements are left out (--elide-weights): this text is to be read, not compiled.\n";
    }
    (*module)->print(os, flags);
    os << "\n";
  });
  if (!complete)
    session.error("the module has no bytecode; write it as text (-o FILE.mlir)");
  return success(succeeded(written) && complete);
}

int mlir::gs::driver::runCompile(Session &session, ArrayRef<StringRef> arguments) {
  ModelOptions options;
  Emission emission;
  std::string output, reportFile;
  int64_t threads = 0;
  bool elide = false, hasEmission = false;
  OptionParser parser(
      "compile", "MODEL.onnx|PRODUCTS.mlir [-o OUT] [--emit=KIND] [--target=NAME|FILE] [options]",
      "Compiles an ONNX model ahead of time. The result holds its weights, compressed where their zeros "
      "form a pattern, and depends on nothing but the C library. A file of products (gs dialect), or any model for "
      "--target=hexagon-hvx, becomes gather kernels: an object and a header, by default.");
  parser.section("Result");
  parser.value("o", "OUT", "File to write. Default: named after the model, in the current folder.", output);
  parser.value(
      "emit", "KIND",
      "exe (default): a program. shared: libX.so with a C interface in X.h. object: the same as one X.o. "
      "llvm-ir: optimised LLVM IR. mlir: the module of the gs dialect with all decisions, for gs-opt (bytecode "
      "if OUT ends in .mlirbc).",
      [&](StringRef text, std::string &error) {
        hasEmission = true;
        return readEmission(text, emission, error);
      });
  parser.number(
      "threads", "N",
      "Threads that the result uses when its user does not say (default: one per core). Layers run in strips with "
      "their neighbours as suits so many.",
      1, kMaxThreads, threads);
  parser.value("report", "R.json", "Write what `gsc explain --json` tells, too.", reportFile);
  parser.flag("elide-weights", "With --emit=mlir: leave large constants out, for reading.", elide);
  options.declare(parser);
  parser.epilog("OUT (exe) --help tells how to run the program. -o - writes IR to standard output.");
  if (std::optional<int> code = parseOrExit(session, parser, arguments))
    return *code;

  const bool forEngine = isEngineTarget(options.compile.target);
  if (forEngine && (hasEmission || threads || elide || !reportFile.empty())) {
    session.error("--emit, --threads, --elide-weights and --report are for processors; for an engine the result is its "
                  "program as text");
    return 1;
  }
  const bool isText = emission.mlir || emission.kind == EmitKind::LLVMIR;
  if (output == "-" && !isText) {
    session.error("only IR can be written to standard output; name a file with -o, or use --emit=llvm-ir or mlir");
    return 1;
  }
  if (elide && !emission.mlir) {
    session.error("--elide-weights has no effect without --emit=mlir; leave it out");
    return 1;
  }
  options.compile.threads = threads;
  if (failed(options.resolve(session, /*runsHere=*/false, /*takesEngine=*/true, /*takesGather=*/true)))
    return 1;
  StringRef stem = llvm::sys::path::stem(options.model);
  if (options.gather && !hasEmission)
    emission.kind = EmitKind::Object;
  if (output.empty())
    output = forEngine       ? (stem + ".gse").str()
             : emission.mlir ? (stem + ".mlir").str()
                             : defaultOutput(emission.kind, stem);
  if (failed(checkWritable(session, "-o", output, options.model)) ||
      failed(checkWritable(session, "--report", reportFile, options.model)))
    return 1;

  if (options.gather) {
    if (threads || elide) {
      session.error((threads ? "--threads" : "--elide-weights") +
                    Twine(" has no effect on gather kernels; leave it out"));
      return 1;
    }
    return compileGather(session, options, {emission.mlir, emission.kind, output, reportFile});
  }
  if (options.onEngine())
    return compileEngine(session, options, output);
  ModelReport report;
  report.model = llvm::sys::path::filename(options.model).str();
  report.target = options.target.name;
  report.forcedDense = options.compile.dense;
  llvm::json::Object seconds;
  if (emission.mlir) {
    if (failed(emitMLIR(session, options, output, elide, report)))
      return session.fail("compiling");
  } else {
    EmitOptions emit;
    emit.kind = emission.kind;
    emit.output = output;
    EmitTimes times;
    FailureOr<CompiledModel> model = compileTo(session, options, emit, threads, &times);
    if (failed(model))
      return session.fail("compiling");
    report.layers = std::move(model->layers);
    seconds = llvm::json::Object{{"import", model->importSeconds}, {"lower", model->lowerSeconds},
                                 {"translate", times.translate},   {"optimize", times.optimize},
                                 {"codegen", times.codegen},       {"link", times.link}};
  }
  session.endPhases();
  explainGains(report);
  if (reportFile.empty())
    return 0;
  return failed(writeText(session, reportFile, [&](llvm::raw_ostream &os) {
    llvm::json::Object object = toJSON(report);
    if (!emission.mlir)
      object["seconds"] = std::move(seconds);
    os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(object)));
  }));
}
