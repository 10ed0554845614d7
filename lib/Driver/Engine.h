//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Subcommands where the target is a gather/scatter engine.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DRIVER_ENGINE_H
#define GS_LIB_DRIVER_ENGINE_H

#include "Commands.h"
#include "gs/Target/GSE/Statistics.h"

namespace mlir::gs::driver {

/// How cycles are accounted, and what is written about them.
struct EngineOutput {
  gse::TimingLevel level = gse::TimingLevel::Law;
  std::string statsFile, traceFile, pageFile;

  void declare(OptionParser &parser);
  /// Fails, with a diagnostic, if a file cannot be written or the target is no engine.
  LogicalResult check(Session &session, const ModelOptions &options) const;
  LogicalResult write(Session &session, ArrayRef<gse::KernelStatistics> kernels) const;
};

/// Runs the network once: kernels on the simulator, the rest here. `arguments` as for the executable of a model.
int runOnEngine(Session &session, ModelOptions &options, const EngineOutput &output, ArrayRef<std::string> arguments);
/// Tells of each layer where it runs, and its cycles.
int explainEngine(Session &session, ModelOptions &options, const EngineOutput &output, StringRef jsonFile);
/// Writes the engine's program as text, and its constants beside it.
int compileEngine(Session &session, ModelOptions &options, StringRef output);

} // namespace mlir::gs::driver

#endif // GS_LIB_DRIVER_ENGINE_H
