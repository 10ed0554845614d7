//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The subcommands of gsc and the options that several of them take.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DRIVER_COMMANDS_H
#define GS_LIB_DRIVER_COMMANDS_H

#include "Options.h"
#include "Session.h"
#include "gs/Compiler/EngineNetwork.h"
#include "gs/Compiler/GatherKernels.h"
#include "gs/Target/TargetSpec.h"

namespace mlir::gs::driver {

/// One subcommand: `run` takes the arguments behind its name and returns the exit code.
struct Command {
  StringRef name, summary;
  int (*run)(Session &session, ArrayRef<StringRef> arguments);
};

int runCompile(Session &session, ArrayRef<StringRef> arguments);
int runRun(Session &session, ArrayRef<StringRef> arguments);
int runBench(Session &session, ArrayRef<StringRef> arguments);
int runExplain(Session &session, ArrayRef<StringRef> arguments);
int runPrune(Session &session, ArrayRef<StringRef> arguments);
int runWhatIf(Session &session, ArrayRef<StringRef> arguments);
int runTargets(Session &session, ArrayRef<StringRef> arguments);
int runCalibrate(Session &session, ArrayRef<StringRef> arguments);

/// The model and how it is compiled: what all subcommands that compile have in common.
struct ModelOptions {
  std::string model;
  CompileOptions compile;
  TargetSpec target; ///< after resolve()
  EngineOptions engine;
  const GatherMachine *gather = nullptr; ///< the result is gather kernels of single layers for this machine
  int64_t jobs = 0;                      ///< threads of the compiler; 0: one per core
  bool tune = false;
  std::string tuneCache;     ///< empty: the default place
  std::string engineOptions; ///< as given

  LogicalResult readEngineOptions(StringRef text, std::string &error);
  /// Declares MODEL and the options of compiling.
  void declare(OptionParser &parser);
  /// Checks the model's file, the strategy and the target. On failure a diagnostic was printed. A subcommand that
  /// cannot do with a gather/scatter engine as the target leaves `takesEngine` false, with gather kernels
  /// `takesGather`.
  LogicalResult resolve(Session &session, bool runsHere, bool takesEngine = false, bool takesGather = false);
  /// Sets `gather` if that is what the target, or the kind of file, asks for.
  LogicalResult resolveGather(Session &session, bool allowed);
  /// Whether the target is a gather/scatter engine. `target` is the host's record then.
  bool onEngine() const { return !engine.machine.empty(); }
};

/// The threads of a program: 0 leaves the choice to the program.
constexpr int64_t kMaxThreads = 256;

/// Parses, and prints the help or the diagnostic. Returns the exit code if the subcommand ends here.
std::optional<int> parseOrExit(Session &session, OptionParser &parser, ArrayRef<StringRef> arguments);

/// Imports, lowers and emits; phases are told to the session.
FailureOr<CompiledModel> compileTo(Session &session, ModelOptions &options, const EmitOptions &emit, int threads,
                                   EmitTimes *times = nullptr);

/// Microseconds of the fastest run of `program` on one thread, in a moment of measuring.
FailureOr<double> timeProgram(Session &session, StringRef program);

/// An executable in a temporary file.
LogicalResult compileTemporary(Session &session, ModelOptions &options, TemporaryFile &program,
                               std::vector<LayerReport> *layers = nullptr);

/// Times of the nodes in what `--benchmark --layers --json` printed.
std::vector<ModelReport::Other> nodeTimes(const llvm::json::Object &benchmark);

} // namespace mlir::gs::driver

#endif // GS_LIB_DRIVER_COMMANDS_H
