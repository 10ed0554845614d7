//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phases of compilation, each a pipeline that gs-opt registers by name.
//
//===----------------------------------------------------------------------===//
#ifndef GS_PIPELINES_PIPELINES_H
#define GS_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::gs {

/// Options of `gs-sparsify`.
struct SparsifyOptions : public PassPipelineOptions<SparsifyOptions> {
  Option<std::string> target{*this, "target", llvm::cl::desc("Target record: name or JSON file"),
                             llvm::cl::init("native")};
  Option<unsigned> vectorBits{*this, "vector-bits",
                              llvm::cl::desc("Width of generated vectors, at most the target's; 0: the target's"),
                              llvm::cl::init(0)};
  Option<std::string> strategy{*this, "strategy", llvm::cl::desc("Force this strategy wherever it accepts the op"),
                               llvm::cl::init("")};
  Option<double> codeBudget{*this, "code-budget",
                            llvm::cl::desc("Bytes that straight-line code may add, as a share of all packed weights"),
                            llvm::cl::init(10)};
  Option<double> transformBudget{
      *this, "transform-budget",
      llvm::cl::desc("Bytes that transformed dense weights may add, as a share of all packed weights"),
      llvm::cl::init(0.28)};
  Option<std::string> chains{
      *this, "chains",
      llvm::cl::desc(
          "Layers that run together, in strips of lines or with the pool behind them: auto (where it is faster), "
          "always or never"),
      llvm::cl::init("auto")};
  Option<int64_t> threads{*this, "threads", llvm::cl::desc("Threads that the network will run on; 0: unknown"),
                          llvm::cl::init(0)};
  Option<bool> dense{*this, "dense", llvm::cl::desc("Look for no pattern: every weight stays dense"),
                     llvm::cl::init(false)};
};

/// Options of the pipelines that generate CPU code: those of `gs-sparsify`, and how kernels become a program.
struct CompileCPUOptions : public SparsifyOptions, public PassPipelineOptions<CompileCPUOptions> {
  using PassPipelineOptions<CompileCPUOptions>::createFromString;
  Option<bool> model{
      *this, "model",
      llvm::cl::desc("Compile a network for the runtime: static arena, threads, C entry point. Without it "
                     "the module is a program of one thread that mlir-runner executes"),
      llvm::cl::init(false)};
  Option<bool> markLayers{*this, "mark-layers", llvm::cl::desc("Mark where each layer begins, for measuring"),
                          llvm::cl::init(false)};
};

/// gs-import-to-linalg: onnx.node -> linalg, tensor, arith on static tensors.
void buildImportToLinalg(OpPassManager &pm);
/// linalg -> gs with patterns, and nothing fused: what an offload to another machine looks at.
void buildFindPatterns(OpPassManager &pm, const SparsifyOptions &options);
/// gs-sparsify: linalg -> gs with pattern, epilogue, layout, strategy and packed weights.
void buildSparsify(OpPassManager &pm, const SparsifyOptions &options);
/// Its two halves, between which `gsc --tune` times candidates: everything that a choice depends on ...
void buildFindStructure(OpPassManager &pm, const SparsifyOptions &options);
/// ... and the choice with the packing that it asks for.
void buildChooseKernels(OpPassManager &pm, const SparsifyOptions &options);
/// gs-lower-to-vector: gs and linalg on tensors -> bufferized vector, scf, memref.
void buildLowerToVector(OpPassManager &pm, const CompileCPUOptions &options);
/// gs-lower-to-llvm: vector, scf, memref -> LLVM dialect.
void buildLowerToLLVM(OpPassManager &pm, const CompileCPUOptions &options);
/// gs-compile-cpu: all of the above in order.
void buildCompileCPU(OpPassManager &pm, const CompileCPUOptions &options);

void registerPipelines();

} // namespace mlir::gs

#endif // GS_PIPELINES_PIPELINES_H
