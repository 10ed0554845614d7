//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network on two machines: kernels on a simulated gather/scatter engine, everything else on this machine.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_ENGINENETWORK_H
#define GS_COMPILER_ENGINENETWORK_H

#include "gs/Compiler/Compile.h"
#include "gs/Target/GSE/Simulator.h"

namespace mlir::gs {

struct EngineOptions {
  std::string machine;  ///< record, fields replaced if wanted: "gse-inorder2{tcm_bytes=32768}"
  std::string strategy; ///< of the engine, where it accepts a layer; empty: by pattern
  bool fused = false;   ///< read indices within the gather
  bool fp32 = false;    ///< sum products of halves in float32, where a kernel can; other layers stay on the host
  int64_t accumulators = 2;
};

/// True if a target's name is that of an engine.
bool isEngineTarget(StringRef target);

/// One contraction of the network.
struct EngineLayer {
  std::string node, op, shape, pattern, strategy;
  double density = 1;
  double macs = 0;    ///< multiply-adds with every weight, of one launch
  double runs = 1;    ///< launches of one inference
  std::string kernel; ///< symbol in the engine's module; "" if the host runs it
  std::string reason; ///< why the host runs it
};

/// The two parts of a network. Kernels and their constants are in `engine`, in the gse dialect. Launch i of the host's
/// part, a function of the name `launches[i].function` without body, runs `launches[i].kernel`.
struct EngineNetwork {
  struct Launch {
    std::string function, kernel;
    std::vector<int64_t> inputBytes, outputBytes;
  };
  OwningOpRef<ModuleOp> host; ///< LLVM dialect
  OwningOpRef<ModuleOp> engine;
  ModelInfo info;
  std::vector<Launch> launches;
  std::vector<EngineLayer> layers;
};

/// Imports `path` and divides it. `options.target` is the host's record.
FailureOr<EngineNetwork> compileForEngine(StringRef path, MLIRContext *context, const CompileOptions &options,
                                          const EngineOptions &engine);

/// Runs the network in this process, kernels on the simulator with `observer`; `arguments` are those of the executable
/// of a model (`--input NAME=F.npy`, `--output-dir D`). Returns its exit code, and 1 after a fault of the engine, which
/// is a diagnostic of the context.
FailureOr<int> runEngineNetwork(EngineNetwork &network, const TargetSpec &host, ArrayRef<std::string> arguments,
                                gse::Observer *observer, const gse::RunOptions &run, EmitErrorFn emitError);

} // namespace mlir::gs

#endif // GS_COMPILER_ENGINENETWORK_H
