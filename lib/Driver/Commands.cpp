//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the subcommands that compile share.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"
#include "gs/Compiler/Tune.h"
#include "gs/Conversion/GSToVector/Strategy.h"
#include "gs/Target/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;
namespace fs = llvm::sys::fs;

static std::string strategyNames() {
  std::string names;
  for (const Strategy *strategy : allStrategies())
    names += (names.empty() ? "" : ", ") + strategy->name().str();
  return names;
}

void ModelOptions::declare(OptionParser &parser) {
  parser.positional("MODEL.onnx", /*required=*/true, model);
  parser.section("Compiling");
  parser.value(
      "target", "NAME|FILE",
      "Machine to compile for: native (default), a name from `gsc targets`, or a record that `gsc calibrate` "
      "wrote. gse-inorder2 and others are simulated gather/scatter engines; hexagon-hvx takes gather kernels of single "
      "layers.",
      compile.target);
  parser.value(
      "engine-options", "KEY=N,...",
      "For an engine: fused=1 reads indices within the gather, fp32=1 sums halves in float32 where a kernel can, "
      "accumulators=1, 2 (default) or 4 take turns.",
      [this](StringRef text, std::string &error) { return readEngineOptions(text, error); });
  parser.value("shape", "INPUT=1x3x224x224", "Shape of an input, where the file leaves it open. May be repeated.",
               [this](StringRef text, std::string &error) { return compile.import.addShape(text, error); });
  parser.value("dim", "NAME=SIZE", "Size of a symbolic dimension. May be repeated.",
               [this](StringRef text, std::string &error) { return compile.import.addDim(text, error); });
  parser.value(
      "strategy", "NAME",
      "Use this kernel wherever it accepts the layer, instead of the fastest predicted one: " + strategyNames() + ".",
      compile.strategy);
  auto share = [](double &value) {
    return [&value](StringRef text, std::string &error) -> LogicalResult {
      double share = 0;
      if (text.getAsDouble(share) || !(share >= 0 && share <= 1000)) {
        error = ("'" + text + "' is not a share; give a number from 0 to 1000, such as 0.2").str();
        return failure();
      }
      value = share;
      return success();
    };
  };
  parser.value("code-budget", "SHARE",
               "Bytes that straight-line code may add, as a share of all packed weights: 0 for the smallest program. "
               "Default 10: all that makes it faster.",
               share(compile.codeBudget));
  parser.value("transform-budget", "SHARE",
               "Bytes that transformed dense weights (Winograd) may add, as a share of all packed weights. Default "
               "0.28; 4 is all that makes dense 3x3 convolutions faster.",
               share(compile.transformBudget));
  parser.value("chains", "MODE",
               "Whether neighbouring layers run in strips of lines, so that what lies between them stays in the cache: "
               "auto (default: where that is predicted to be faster), always (wherever it is possible) or never. Pools "
               "in the store of the convolution in front of them are left out by never only.",
               [this](StringRef text, std::string &error) -> LogicalResult {
                 if (text != "auto" && text != "always" && text != "never") {
                   error = ("'" + text + "' is none of auto, always and never").str();
                   return failure();
                 }
                 compile.chains = text.str();
                 return success();
               });
  parser.flag("tune",
              "Time the best few kernels of each layer on this machine and take the fastest, instead of trusting the "
              "cost model. Times are remembered.",
              tune);
  parser.value("tune-cache", "FILE",
               "With --tune: file that remembers times (default: gsc/tune.json in XDG_CACHE_HOME or ~/.cache).",
               tuneCache);
  parser.number("jobs", "N", "Threads to compile with (default: one per core). The result does not depend on it.", 1,
                kMaxThreads, jobs);
  parser.flag("dense", "Compute with every weight, as if none were zero.", compile.dense);
}

static LogicalResult runTuning(Session &session, const ModelOptions &options, ModuleOp module);

LogicalResult ModelOptions::readEngineOptions(StringRef text, std::string &error) {
  engineOptions = text.str();
  SmallVector<StringRef> parts;
  text.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    auto [key, value] = part.trim().split('=');
    int64_t number = 0;
    bool isCount = key == "accumulators";
    if (value.getAsInteger(10, number) || (key != "fused" && key != "fp32" && !isCount) ||
        (isCount ? number != 1 && number != 2 && number != 4 : number != 0 && number != 1)) {
      error = ("'" + part + "' is no option of an engine; there are fused=0|1, fp32=0|1 and accumulators=1|2|4").str();
      return failure();
    }
    if (key == "fused")
      engine.fused = number;
    else if (key == "fp32")
      engine.fp32 = number;
    else
      engine.accumulators = number;
  }
  return success();
}

LogicalResult ModelOptions::resolveGather(Session &session, bool allowed) {
  const bool products = isProductModule(model);
  for (const GatherMachine &machine : getGatherMachines())
    if (machine.name == compile.target && (products || !findBuiltinTarget(compile.target)))
      gather = &machine;
  auto fail = [&](const Twine &message) {
    session.error(message);
    return failure();
  };
  if (products && !gather)
    return fail(model + ": a module of products becomes gather kernels; name a machine with gathers: " +
                "--target=hexagon-hvx, aarch64-sve or riscv64-v");
  if (!gather)
    return success();
  if (!allowed)
    return fail("--target=" + compile.target +
                ": this makes kernels of single layers, by `gsc compile`; `gsc explain` " + "tells which");
  if (tune || compile.dense || !compile.strategy.empty())
    return fail((tune            ? "--tune"
                 : compile.dense ? "--dense"
                                 : "--strategy") +
                Twine(" is for whole networks; leave it out with gather kernels"));
  return success();
}

LogicalResult ModelOptions::resolve(Session &session, bool runsHere, bool takesEngine, bool takesGather) {
  auto fail = [&](const Twine &message) {
    session.error(message);
    return failure();
  };
  // What can be known at once is told at once, not after a minute of compiling.
  fs::file_status status;
  if (std::error_code error = fs::status(model, status))
    return fail(model + ": " + error.message() + "; name an ONNX file");
  if (fs::is_directory(status))
    return fail(model + ": is a folder; name an ONNX file");
  if (failed(resolveGather(session, takesGather)))
    return failure();
  if (gather) {
    session.setJobs(jobs);
    compile.phase = [&session, name = llvm::sys::path::filename(model).str()](StringRef phase) {
      session.phase(name + ": " + phase);
    };
    return success();
  }
  if (isEngineTarget(compile.target)) {
    if (!takesEngine)
      return fail("--target=" + compile.target + ": an engine runs in `gsc run`, `gsc explain` and `gsc compile` only");
    if (failed(gse::resolveEngine(compile.target, [&](const Twine &message) { session.error(message); })))
      return failure();
    if (tune || compile.dense)
      return fail((tune ? "--tune" : "--dense") + Twine(" is for processors; leave it out with --target=") +
                  compile.target);
    engine.machine = std::exchange(compile.target, "native");
    engine.strategy = std::exchange(compile.strategy, "");
    runsHere = true; // The host's part does.
  } else if (!engineOptions.empty()) {
    return fail("--engine-options is for gather/scatter engines; add --target=gse-inorder2 or another one of them");
  }
  if (!compile.strategy.empty() && !lookupStrategy(compile.strategy)) {
    SmallVector<StringRef> names;
    for (const Strategy *strategy : allStrategies())
      names.push_back(strategy->name());
    return fail("unknown strategy '" + compile.strategy + "'" + suggestion(compile.strategy, names) + "; there are " +
                strategyNames());
  }
  FailureOr<TargetSpec> resolved = resolveTarget(compile.target, [&](const Twine &message) { session.error(message); });
  if (failed(resolved))
    return failure();
  target = *resolved;
  std::string missing;
  if (runsHere && !hostSupports(target, &missing))
    return fail("this machine cannot run programs for target '" + target.name + "': it lacks " + missing +
                "; use --target=native");
  session.setJobs(jobs);
  if (!tuneCache.empty() && !tune)
    return fail("--tune-cache has no effect without --tune; add it, or leave both out");
  if (tune) {
    if (failed(checkTunable(target, [&](const Twine &message) { session.error(message); })))
      return failure();
    if (tuneCache.empty())
      tuneCache = TuneCache::defaultPath();
    if (tuneCache.empty())
      return fail("--tune: neither XDG_CACHE_HOME nor HOME says where times are remembered; name a file with "
                  "--tune-cache");
    if (failed(TuneCache::makeFolder(tuneCache, [&](const Twine &message) { session.error(message); })) ||
        failed(checkWritable(session, "--tune-cache", tuneCache, model)))
      return failure();
    compile.beforeChoice = [this, &session](ModuleOp module) { return runTuning(session, *this, module); };
  }
  compile.phase = [&session, name = llvm::sys::path::filename(model).str()](StringRef phase) {
    session.phase(name + ": " + phase);
  };
  return success();
}

/// Seconds that a candidate runs; its fastest run counts, which a busy machine disturbs least.
static constexpr const char *kTuneSeconds = "0.1";

FailureOr<double> mlir::gs::driver::timeProgram(Session &session, StringRef program) {
  FailureOr<llvm::json::Object> times =
      runForJSON(session, program, {"--benchmark", "--json", "--threads", "1", "--seconds", kTuneSeconds});
  if (failed(times))
    return failure();
  return 1e3 * times->getNumber("min_ms").value_or(0);
}

/// Times the candidates of every contraction in `module`.
static LogicalResult runTuning(Session &session, const ModelOptions &options, ModuleOp module) {
  TemporaryFile program;
  if (failed(program.create(session, "candidate", "run")))
    return failure();
  TuneCache cache(options.tuneCache, [&](const Twine &message) { session.warning(message); });
  TuneOptions tune;
  tune.scratch = program.path().str();
  auto run = [&](StringRef path) { return timeProgram(session, path); };
  return tuneModule(module, options.compile, options.target, describeMachine(options.target), cache, tune, run,
                    [&](const Twine &message) { session.error(message); });
}

std::optional<int> mlir::gs::driver::parseOrExit(Session &session, OptionParser &parser,
                                                 ArrayRef<StringRef> arguments) {
  std::string error;
  switch (parser.parse(arguments, error)) {
  case OptionParser::Result::Run:
    return std::nullopt;
  case OptionParser::Result::Help:
    return failed(writeStdout(session, [&](llvm::raw_ostream &os) { parser.printHelp(os); }));
  case OptionParser::Result::Error:
    session.error(error);
    return 1;
  }
  return 1;
}

FailureOr<CompiledModel> mlir::gs::driver::compileTo(Session &session, ModelOptions &options, const EmitOptions &emit,
                                                     int threads, EmitTimes *times) {
  auto fail = [&](const Twine &message) { session.error(message); };
  EmitOptions withPhases = emit;
  withPhases.removeOnSignal = true;
  withPhases.phase = options.compile.phase;
  if (failed(checkOutput(options.target, withPhases, fail)))
    return failure();
  FailureOr<CompiledModel> model = compileONNX(options.model, session.context(), options.compile);
  if (failed(model))
    return failure();
  model->info.defaultThreads = threads;
  if (failed(emitModel(*model->module, model->info, options.target, withPhases, fail, times)))
    return failure();
  return model;
}

LogicalResult mlir::gs::driver::compileTemporary(Session &session, ModelOptions &options, TemporaryFile &program,
                                                 std::vector<LayerReport> *layers) {
  if (failed(program.create(session, llvm::sys::path::stem(options.model), "run")))
    return failure();
  EmitOptions emit;
  emit.output = program.path().str();
  FailureOr<CompiledModel> model = compileTo(session, options, emit, /*threads=*/0);
  session.endPhases();
  if (failed(model))
    return failure();
  if (layers)
    *layers = std::move(model->layers);
  return success();
}

std::vector<ModelReport::Other> mlir::gs::driver::nodeTimes(const llvm::json::Object &benchmark) {
  std::vector<ModelReport::Other> times;
  if (const llvm::json::Array *layers = benchmark.getArray("layers"))
    for (const llvm::json::Value &entry : *layers)
      if (const llvm::json::Object *layer = entry.getAsObject())
        times.push_back({layer->getString("node").value_or("").str(), layer->getNumber("median_us").value_or(0)});
  return times;
}
