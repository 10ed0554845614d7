//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library behind gsc: an ONNX file in, a compiled model out.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_COMPILE_H
#define GS_COMPILER_COMPILE_H

#include "gs/Compiler/Emit.h"
#include "gs/Compiler/Report.h"
#include "gs/Import/ONNX/ONNXImporter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <functional>

namespace mlir::gs {

struct CompileOptions {
  onnx::ImportOptions import;
  std::string target = "native"; ///< Name of a target record or path of a JSON record.
  double codeBudget = 10;        ///< Bytes that straight-line code may add, as a share of all packed weights.
  double transformBudget = 0.28; ///< Bytes that transformed dense weights may add, as a share of all packed weights.
  std::string strategy;          ///< Force this strategy wherever it accepts the op; empty: the cost model decides.
  std::string chains = "auto";   ///< Layers in one kernel with their neighbours: "auto", "always" or "never".
  int64_t threads = 0;           ///< That the network will mostly run on; 0: unknown.
  bool dense = false;            ///< Look for no pattern.
  bool markLayers = false;       ///< Generate marks at layer boundaries, for measuring.
  /// Called on the module of the gs dialect when patterns are known and nothing is fused yet: takes out what another
  /// machine runs, and returns the module that it put it into. May be empty.
  std::function<FailureOr<ModuleOp>(ModuleOp)> offload;
  /// Called on the module of the gs dialect when patterns and layouts are known, and before kernels are chosen: what it
  /// writes on ops as `gs.measured` overrules predictions. May be empty.
  std::function<LogicalResult(ModuleOp)> beforeChoice;
  std::function<void(StringRef)> phase; ///< Told the name of each phase when it begins; may be empty.
};

/// What is known of a network after compilation.
struct CompiledModel {
  OwningOpRef<ModuleOp> module; ///< LLVM dialect
  ModelInfo info;
  std::vector<LayerReport> layers;
  double importSeconds = 0, lowerSeconds = 0;
};

/// Dialects that compilation needs, with their extensions.
void registerCompilerDialects(DialectRegistry &registry);

/// Imports `path` and lowers it for the target. Diagnostics go through the context's engine.
FailureOr<CompiledModel> compileONNX(StringRef path, MLIRContext *context, const CompileOptions &options);

/// The module of the gs dialect with patterns and layouts, before kernels are chosen.
FailureOr<OwningOpRef<ModuleOp>> findStructureONNX(StringRef path, MLIRContext *context, const CompileOptions &options,
                                                   std::vector<LayerReport> *layers = nullptr);

/// Only the front: the module of the gs dialect with strategies and packed weights, for `--emit=mlir` and explain.
FailureOr<OwningOpRef<ModuleOp>> sparsifyONNX(StringRef path, MLIRContext *context, const CompileOptions &options,
                                              std::vector<LayerReport> *layers = nullptr);

/// Lowers a module of the gs dialect with one function `main_graph`, patterns and layouts known, to the LLVM dialect,
/// in place. `info` gets inputs, outputs, layers and sizes.
LogicalResult compileModule(ModuleOp module, const CompileOptions &options, ModelInfo &info);

} // namespace mlir::gs

#endif // GS_COMPILER_COMPILE_H
