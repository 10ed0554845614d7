//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gsc run, explain and compile where the target is a gather/scatter engine.
//
//===----------------------------------------------------------------------===//
#include "Engine.h"
#include "gs/Target/GSE/Text.h"
#include "gs/Target/GSE/Timing.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::gs;
using namespace mlir::gs::driver;

void EngineOutput::declare(OptionParser &parser) {
  parser.section("Gather/scatter engine (--target=gse-...)");
  parser.value("timing", "LEVEL", "How cycles are accounted: law (default), program or scoreboard.",
               [this](StringRef text, std::string &error) -> LogicalResult {
                 std::optional<gse::TimingLevel> named = gse::timingLevelNamed(text);
                 if (!named || *named == gse::TimingLevel::None) {
                   error = ("'" + text + "' is no level; there are law, program and scoreboard").str();
                   return failure();
                 }
                 level = *named;
                 return success();
               });
  parser.value("stats", "F.json", "Write cycles, stalls, bytes and accesses by sub-bank of every kernel.", statsFile);
  parser.value("trace", "F.json", "Write what happened when, for Perfetto or chrome://tracing.", traceFile);
  parser.value("engine-html", "F", "Write one page: timeline, heat map of the sub-banks, where cycles go.", pageFile);
}

LogicalResult EngineOutput::check(Session &session, const ModelOptions &options) const {
  for (auto [option, file] :
       {std::pair<StringRef, StringRef>{"--stats", statsFile}, {"--trace", traceFile}, {"--engine-html", pageFile}}) {
    if (!file.empty() && !options.onEngine()) {
      session.error(option + " is for gather/scatter engines; add --target=gse-inorder2 or another one of them");
      return failure();
    }
    if (failed(checkWritable(session, option, file, options.model)))
      return failure();
  }
  return success();
}

LogicalResult EngineOutput::write(Session &session, ArrayRef<gse::KernelStatistics> kernels) const {
  auto file = [&](StringRef path, auto print) {
    return path.empty() ? success() : writeText(session, path, [&](llvm::raw_ostream &os) { print(os); });
  };
  return success(succeeded(file(statsFile, [&](llvm::raw_ostream &os) { gse::printJson(kernels, level, os); })) &&
                 succeeded(file(traceFile, [&](llvm::raw_ostream &os) { gse::printTrace(kernels, level, os); })) &&
                 succeeded(file(pageFile, [&](llvm::raw_ostream &os) { gse::printPage(kernels, level, os); })));
}

namespace {
/// Cycles, and which kernel is running for those who wait.
class ProgressTiming : public gse::Timing {
public:
  ProgressTiming(gse::TimingLevel level, const EngineNetwork &network, std::function<void(StringRef)> phase)
      : Timing(level), phase(std::move(phase)) {
    for (const EngineLayer &layer : network.layers)
      if (!layer.kernel.empty()) {
        names[layer.kernel] = layer.node;
        total += int64_t(layer.runs);
      }
  }
  void beginKernel(gse::KernelOp kernel, const gse::EngineSpec &spec) override {
    if (phase)
      phase(llvm::formatv("simulating kernel {0} of {1}: {2}", ++started, total, names.lookup(kernel.getSymName()))
                .str());
    Timing::beginKernel(kernel, spec);
  }

private:
  llvm::StringMap<std::string> names; ///< of nodes, by kernel
  std::function<void(StringRef)> phase;
  int64_t total = 0, started = 0;
};
} // namespace

/// Cycles of each kernel, all its launches together.
static llvm::StringMap<double> cyclesByKernel(ArrayRef<gse::KernelStatistics> kernels) {
  llvm::StringMap<double> cycles;
  for (const gse::KernelStatistics &kernel : kernels)
    cycles[kernel.total.name] += kernel.total.cycles;
  return cycles;
}

/// What ran where, in one sentence.
static void printShare(const EngineNetwork &network, StringRef machine, ArrayRef<gse::KernelStatistics> kernels,
                       llvm::raw_ostream &os) {
  double all = 0, engine = 0, cycles = 0;
  int64_t layers = 0;
  for (const EngineLayer &layer : network.layers) {
    all += layer.macs * layer.runs;
    engine += layer.kernel.empty() ? 0 : layer.macs * layer.runs;
    layers += !layer.kernel.empty();
  }
  for (const gse::KernelStatistics &kernel : kernels)
    cycles += kernel.total.cycles;
  os << layers << " of " << network.layers.size() << " layers, "
     << llvm::format("%.1f", all > 0 ? 100 * engine / all : 0.0) << " % of the multiply-adds, ran on " << machine
     << ": " << llvm::format("%.0f", cycles) << " cycles";
  if (!kernels.empty() && kernels.front().engine.clockMHz > 0)
    os << llvm::format(", %.3f ms at %.2f GHz", cycles / (1e3 * double(kernels.front().engine.clockMHz)),
                       double(kernels.front().engine.clockMHz) / 1e3);
  os << "; the host ran the rest.\n";
  gse::Statistics sum;
  for (const gse::KernelStatistics &kernel : kernels)
    sum.add(kernel.total);
  if (sum.nominalDensity() >= 0 && sum.achievedDensity() >= 0)
    os << llvm::format("Of their multiply-adds %.1f %% are kept, %.1f %% were done (padding included).\n",
                       100 * sum.nominalDensity(), 100 * sum.achievedDensity());
}

/// Which layers the host ran and why, for who does not ask `gsc explain`.
static void printHostLayers(const EngineNetwork &network, llvm::raw_ostream &os) {
  for (const EngineLayer &layer : network.layers)
    if (layer.kernel.empty())
      os << "on the host: " << layer.node << ": " << layer.reason << "\n";
}

int mlir::gs::driver::runOnEngine(Session &session, ModelOptions &options, const EngineOutput &output,
                                  ArrayRef<std::string> arguments) {
  FailureOr<EngineNetwork> network =
      compileForEngine(options.model, session.context(), options.compile, options.engine);
  if (failed(network))
    return session.fail("compiling");
  ProgressTiming timing(output.level, *network, options.compile.phase);
  llvm::outs().flush();
  FailureOr<int> code = runEngineNetwork(*network, options.target, arguments, &timing, {},
                                         [&](const Twine &message) { session.error(message); });
  session.endPhases();
  fflush(stdout);
  if (failed(code) || *code)
    return session.hadError() || succeeded(code) ? 1 : session.fail("running");
  if (failed(output.write(session, timing.kernels())))
    return 1;
  return failed(writeStdout(session, [&](llvm::raw_ostream &os) {
    printShare(*network, options.engine.machine, timing.kernels(), os);
    printHostLayers(*network, os);
  }));
}

int mlir::gs::driver::explainEngine(Session &session, ModelOptions &options, const EngineOutput &output,
                                    StringRef jsonFile) {
  FailureOr<EngineNetwork> network =
      compileForEngine(options.model, session.context(), options.compile, options.engine);
  if (failed(network))
    return session.fail("explaining");
  // Cycles depend on the mask, not on activations: each kernel runs once, on zeros.
  ProgressTiming timing(output.level, *network, options.compile.phase);
  for (const EngineNetwork::Launch &launch : network->launches) {
    std::vector<std::vector<char>> zeros, results;
    for (int64_t bytes : launch.inputBytes)
      zeros.emplace_back(size_t(bytes));
    for (int64_t bytes : launch.outputBytes)
      results.emplace_back(size_t(bytes));
    SmallVector<ArrayRef<char>> inputs(zeros.begin(), zeros.end());
    if (failed(gse::runKernel(network->engine->lookupSymbol<gse::KernelOp>(launch.kernel), inputs, results, &timing)))
      return session.fail("simulating");
  }
  session.endPhases();
  llvm::StringMap<double> cycles = cyclesByKernel(timing.kernels());
  if (failed(output.write(session, timing.kernels())))
    return 1;
  auto cyclesOf = [&](const EngineLayer &layer) { return cycles.lookup(layer.kernel) * layer.runs; };
  // Padding lanes are stored and computed like weights.
  llvm::StringMap<double> stored;
  for (const gse::KernelStatistics &kernel : timing.kernels())
    stored[kernel.total.name] = kernel.total.achievedDensity();
  auto storedOf = [&](const EngineLayer &layer) { return stored.lookup(layer.kernel); };
  auto table = [&](llvm::raw_ostream &os) {
    os << llvm::sys::path::filename(options.model) << " for " << options.engine.machine << "\n\n";
    size_t width = 4, patterns = 7;
    auto patternOf = [](const EngineLayer &layer) {
      StringRef text = layer.pattern;
      text.consume_front("#gs.");
      return text;
    };
    for (const EngineLayer &layer : network->layers) {
      width = std::min<size_t>(40, std::max(width, layer.node.size()));
      patterns = std::max(patterns, patternOf(layer).size());
    }
    os << llvm::left_justify("node", width) << "  " << llvm::left_justify("weight", 16)
       << llvm::left_justify("pattern", patterns) << "    kept   stored  " << llvm::left_justify("strategy", 22)
       << "launches      cycles\n";
    for (const EngineLayer &layer : network->layers) {
      os << llvm::left_justify(StringRef(layer.node).take_back(width), width) << "  "
         << llvm::left_justify(layer.shape, 16) << llvm::left_justify(patternOf(layer), patterns)
         << llvm::format(" %5.1f %%  ", 100 * layer.density);
      if (layer.kernel.empty())
        os << "         host: " << layer.reason << "\n";
      else
        os << llvm::format("%5.1f %%  ", 100 * storedOf(layer))
           << llvm::left_justify(StringRef(layer.strategy).split(' ').first, 20)
           << llvm::format("%10.0f%12.0f\n", layer.runs, cyclesOf(layer));
    }
    os << "\n";
    // Launches of a loop are one here.
    std::vector<gse::KernelStatistics> all;
    double total = 0;
    for (const EngineLayer &layer : network->layers)
      total += layer.kernel.empty() ? 0 : cyclesOf(layer);
    all.emplace_back();
    if (!timing.kernels().empty())
      all.front().engine = timing.kernels().front().engine;
    gse::Statistics &sum = all.front().total;
    sum.cycles = total;
    llvm::StringMap<double> runs;
    for (const EngineLayer &layer : network->layers)
      runs[layer.kernel] = layer.runs;
    for (const gse::KernelStatistics &kernel : timing.kernels()) {
      gse::Statistics times;
      auto count = int64_t(runs.lookup(kernel.total.name));
      times.elements = kernel.total.elements * count;
      times.nonzeros = kernel.total.nonzeros * count;
      times.multiplyAddLanes = kernel.total.multiplyAddLanes * count;
      sum.add(times);
    }
    printShare(*network, options.engine.machine, all, os);
  };
  if (jsonFile != "-" && failed(writeStdout(session, table)))
    return 1;
  if (jsonFile.empty())
    return 0;
  llvm::json::Array layers;
  auto utf8 = [](StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); };
  for (const EngineLayer &layer : network->layers) {
    bool host = layer.kernel.empty();
    layers.push_back(llvm::json::Object{{"node", utf8(layer.node)},
                                        {"op", layer.op},
                                        {"shape", layer.shape},
                                        {"pattern", layer.pattern},
                                        {"density", layer.density},
                                        {"stored_density", host ? llvm::json::Value(nullptr) : storedOf(layer)},
                                        {"macs", layer.macs},
                                        {"launches", layer.runs},
                                        {"on", host ? "host" : "engine"},
                                        {"strategy", layer.strategy},
                                        {"reason", utf8(layer.reason)},
                                        {"cycles", host ? llvm::json::Value(nullptr) : cyclesOf(layer)}});
  }
  return failed(writeText(session, jsonFile, [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n",
                        llvm::json::Value(llvm::json::Object{{"model", utf8(llvm::sys::path::filename(options.model))},
                                                             {"target", options.engine.machine},
                                                             {"timing", gse::nameOf(output.level)},
                                                             {"layers", std::move(layers)}}));
  }));
}

int mlir::gs::driver::compileEngine(Session &session, ModelOptions &options, StringRef output) {
  FailureOr<EngineNetwork> network =
      compileForEngine(options.model, session.context(), options.compile, options.engine);
  if (failed(network))
    return session.fail("compiling");
  if (network->launches.empty()) {
    session.error(options.model + ": the engine runs none of its layers; `gsc explain --target=" +
                  options.engine.machine + "` tells why");
    return 1;
  }
  // The constants lie beside the program, which names them without a folder.
  llvm::SmallString<128> sidePath(output);
  llvm::sys::path::replace_extension(sidePath, ".bin");
  if (sidePath == output || failed(checkWritable(session, "-o", sidePath, options.model))) {
    if (!session.hadError())
      session.error("-o " + output + ": the constants are written to " + sidePath +
                    "; give the program another ending");
    return 1;
  }
  std::string text, side;
  llvm::raw_string_ostream os(text);
  if (failed(gse::printProgram(*network->engine, os, side, llvm::sys::path::filename(sidePath))))
    return session.fail("compiling");
  session.endPhases();
  return failed(writeText(session, sidePath, [&](llvm::raw_ostream &file) { file << side; })) ||
         failed(writeText(session, output, [&](llvm::raw_ostream &file) { file << text; }));
}
