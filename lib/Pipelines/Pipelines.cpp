//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The phases of compilation in order, with the reason for the order.
//
//===----------------------------------------------------------------------===//
#include "gs/Pipelines/Pipelines.h"
#include "gs/Conversion/Passes.h"
#include "gs/Dialect/GS/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::gs;

/// The target as passes take it.
static std::string targetOf(const SparsifyOptions &options) {
  std::string target = options.target;
  if (options.vectorBits)
    target += "@" + std::to_string(options.vectorBits);
  return target;
}

/// Candidates are ranked by their time on the target.
static void addDetectPattern(OpPassManager &pm, const SparsifyOptions &options) {
  DetectPatternOptions detect;
  detect.target = targetOf(options);
  pm.addPass(createDetectPattern(detect));
}

void mlir::gs::buildImportToLinalg(OpPassManager &pm) {
  pm.addPass(createConvertONNXToLinalg());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::gs::buildFindPatterns(OpPassManager &pm, const SparsifyOptions &options) {
  pm.addPass(createConvertLinalgToGS());
  pm.addPass(createPropagateTransposes());
  pm.addPass(createCanonicalizerPass());
  if (!options.dense)
    addDetectPattern(pm, options);
}

void mlir::gs::buildFindStructure(OpPassManager &pm, const SparsifyOptions &options) {
  pm.addPass(createConvertLinalgToGS());
  // Transposes around matmuls cancel before elementwise code is looked at, so that biases and activations become
  // direct consumers of the contraction.
  pm.addPass(createPropagateTransposes());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createFuseEpilogue());
  pm.addPass(createCSEPass());
  // Patterns are found on the canonical weight, whatever layout the file had, and on what is left of it when biases and
  // residuals are known.
  if (!options.dense) {
    pm.addPass(createRemoveDeadChannels());
    addDetectPattern(pm, options);
    pm.addPass(createAbsorbPermutations());
  }
  // Planes come before the choice: their geometry is what the cost model sees.
  AssignLayoutOptions layout;
  layout.target = targetOf(options);
  layout.force = options.strategy;
  pm.addPass(createAssignLayout(layout));
}

void mlir::gs::buildChooseKernels(OpPassManager &pm, const SparsifyOptions &options) {
  SelectStrategyOptions select;
  select.target = targetOf(options);
  select.force = options.strategy;
  select.codeBudget = options.codeBudget;
  select.transformBudget = options.transformBudget;
  pm.addPass(createSelectStrategy(select));
  // Strips change what a kernel sees of its neighbours, and with it displacements in packed weights.
  FuseChainsOptions chains;
  chains.target = targetOf(options);
  chains.mode = options.chains;
  chains.threads = options.threads;
  pm.addPass(createFuseChains(chains));
  // What runs in strips writes lines of its own.
  if (options.chains != "never")
    pm.addPass(createFusePools());
  // Packing follows the choice, because the strategy decides the schema.
  CompressWeightsOptions compress;
  compress.target = targetOf(options);
  pm.addPass(createCompressWeights(compress));
}

void mlir::gs::buildSparsify(OpPassManager &pm, const SparsifyOptions &options) {
  buildFindStructure(pm, options);
  buildChooseKernels(pm, options);
}

static void addBufferization(OpPassManager &pm, bool model) {
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion = bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  // Upstream's pass erases the buffer of a result for each argument that takes its place.
  pm.addNestedPass<func::FuncOp>(createDistinctResults());
  bufferization::BufferResultsToOutParamsPassOptions results;
  results.hoistStaticAllocs = true;
  results.addResultAttribute = true;     // tells outputs from inputs later
  results.modifyPublicFunctions = model; // the caller of a network brings the buffers of its outputs
  pm.addPass(bufferization::createBufferResultsToOutParamsPass(results));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::gs::buildLowerToVector(OpPassManager &pm, const CompileCPUOptions &options) {
  pm.addPass(createVerifyLowered());
  // Before reshapes stand between a transpose and its product.
  pm.addPass(createFoldTransposes());
  pm.addPass(createFuseElementwise());
  // When nothing but generic ops stands between two products.
  pm.addPass(createChooseLayouts());
  // When the layouts of a softmax are known, and nothing fuses what it divides by with something else.
  pm.addPass(createSimplifySoftmax());
  pm.addPass(createOrderLoops());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createConvertCheckToFunc());
  // Behind the last CSE, which would undo it.
  pm.addPass(createSplitDestinations());
  addBufferization(pm, options.model);
  // When buffers are known, and who reads them.
  pm.addPass(createWritePlanes());
  pm.addPass(createReuseResiduals());
  // When sums lie over their residuals, which have one layout then.
  pm.addPass(createAlignChannels());
  // Kernels are generated from memrefs: no copy can sneak in between.
  ConvertGSToVectorOptions vector;
  vector.target = targetOf(options);
  // Marks are calls of the runtime, which only networks have.
  vector.markLayers = options.markLayers && options.model;
  pm.addPass(createConvertGSToVector(vector));
  ConvertLinalgToVectorOptions products;
  products.target = targetOf(options);
  pm.addPass(createConvertLinalgToVector(products));
  // Buffers of one step of a recurrent layer are those of the next, and have a place in the arena.
  pm.addNestedPass<func::FuncOp>(bufferization::createBufferLoopHoistingPass());
  pm.addPass(createCopiesToLinalg());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  DistributeThreadsOptions threads;
  threads.single = !options.model;
  threads.target = targetOf(options);
  pm.addNestedPass<func::FuncOp>(createDistributeThreads(threads));
  // While buffers are still allocations of their own, and loops over several dimensions are nests.
  pm.addNestedPass<func::FuncOp>(createHoistAccesses());
  if (options.model)
    pm.addNestedPass<func::FuncOp>(createPlanArena());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // After CSE, so that a view is one value. Without it the network is one function that takes LLVM longer than all
  // kernels together.
  if (options.model)
    pm.addPass(createOutlineLoops());
  // Layers of equal shape share one kernel: weights are arguments.
  pm.addPass(func::createDuplicateFunctionEliminationPass());
}

void mlir::gs::buildLowerToLLVM(OpPassManager &pm, const CompileCPUOptions &options) {
  ExpandMathOptions math;
  math.target = targetOf(options);
  pm.addPass(createExpandMath(math));
  if (options.model) {
    ConvertThreadsToRuntimeOptions runtime;
    runtime.markLayers = options.markLayers;
    pm.addPass(createConvertThreadsToRuntime(runtime));
  }
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  ConvertFuncToLLVMPassOptions func;
  func.useBarePtrCallConv = options.model;
  pm.addPass(createConvertFuncToLLVMPass(func));
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  if (options.model)
    pm.addPass(createEmitEntry());
}

void mlir::gs::buildCompileCPU(OpPassManager &pm, const CompileCPUOptions &options) {
  buildImportToLinalg(pm);
  buildSparsify(pm, options);
  buildLowerToVector(pm, options);
  buildLowerToLLVM(pm, options);
}

void mlir::gs::registerPipelines() {
  PassPipelineRegistration<>("gs-import-to-linalg", "onnx.node to linalg on static tensors", buildImportToLinalg);
  PassPipelineRegistration<SparsifyOptions>(
      "gs-sparsify", "linalg to gs: pattern, epilogue, layout, strategy and packed weights", buildSparsify);
  PassPipelineRegistration<CompileCPUOptions>("gs-lower-to-vector", "gs and linalg to bufferized vector code",
                                              buildLowerToVector);
  PassPipelineRegistration<CompileCPUOptions>("gs-lower-to-llvm", "bufferized vector code to the LLVM dialect",
                                              buildLowerToLLVM);
  PassPipelineRegistration<CompileCPUOptions>("gs-compile-cpu", "onnx, linalg or gs to the LLVM dialect",
                                              buildCompileCPU);
}
