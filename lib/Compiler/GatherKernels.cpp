//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a network or a module of products to gather kernels in the LLVM dialect.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/GatherKernels.h"
#include "ReportInternal.h"
#include "gs/Conversion/GSToGather/Passes.h"
#include "gs/Dialect/GS/IR/GSDialect.h"
#include "gs/Pipelines/Pipelines.h"
#include "gs/Runtime/gsrt.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::gs;

bool mlir::gs::isProductModule(StringRef path) { return path.ends_with(".mlir") || path.ends_with(".mlirbc"); }

static LogicalResult runPasses(ModuleOp module, function_ref<void(OpPassManager &)> add) {
  PassManager pm(module.getContext());
  pm.enableVerifier(false);
  add(pm);
  return success(succeeded(pm.run(module)) && succeeded(verify(module)));
}

static void begin(const CompileOptions &options, StringRef phase) {
  if (options.phase)
    options.phase(phase);
}

static TensorInfo describe(Type type, bool wide) {
  auto tensor = cast<RankedTensorType>(type);
  Type element = tensor.getElementType();
  int32_t dtype = element.isF16()                 ? GSRT_F16
                  : element.isF32()               ? GSRT_F32
                  : element.isF64()               ? GSRT_F64
                  : element.isInteger(16) && wide ? GSRT_I32
                  : element.isInteger(16)         ? GSRT_I16
                                                  : GSRT_I32;
  return {"", dtype, std::vector<int64_t>(tensor.getShape())};
}

/// What the kernels of `module` are. Functions that are no product remain for the conversion to refuse.
static void listKernels(ModuleOp module, bool wide, std::vector<GatherKernel> &kernels) {
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    Operation *product = nullptr;
    function.walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        product = op;
    });
    if (!product || product->getNumResults() != 1)
      continue;
    GatherKernel kernel;
    kernel.name = function.getName().str();
    if (auto node = function->getAttrOfType<StringAttr>("gs.node"))
      kernel.node = node.str();
    if (auto scales = function->getAttrOfType<DenseF64ArrayAttr>("gs.scale"))
      kernel.scales.assign(scales.asArrayRef().begin(), scales.asArrayRef().end());
    kernel.op = isa<ConvOp>(product) ? "Conv" : "MatMul";
    Type weight = product->getOperand(0).getType();
    if (auto packed = dyn_cast<CompressedType>(weight))
      weight = packed.getLogical();
    kernel.shape = shapeText(weight);
    if (PatternAttrInterface pattern = getPattern(weight))
      llvm::raw_string_ostream(kernel.pattern) << pattern;
    if (auto density = function->getAttrOfType<FloatAttr>("gs.density"))
      kernel.density = density.getValueAsDouble();
    else if (auto constant = product->getOperand(0).getDefiningOp<ConstantOp>())
      if (FailureOr<Weight> read = constant.getWeight(); succeeded(read))
        kernel.density = read->density();
    kernel.input = describe(product->getOperand(1).getType(), false);
    kernel.output = describe(product->getResult(0).getType(), wide);
    kernels.push_back(std::move(kernel));
  }
}

FailureOr<GatherProgram> mlir::gs::findGatherKernels(StringRef path, MLIRContext *context,
                                                     const CompileOptions &options, const GatherMachine &machine) {
  GatherProgram program;
  program.machine = &machine;
  begin(options, "reading");
  if (isProductModule(path)) {
    program.module = parseSourceFile<ModuleOp>(path, context);
    if (!program.module)
      return failure();
    listKernels(*program.module, /*wide=*/false, program.kernels);
    return program;
  }
  program.module = onnx::importONNXFile(path, context, options.import);
  if (!program.module)
    return failure();
  SparsifyOptions sparsify; // Patterns do not depend on the machine's record.
  ExtractGatherKernelsOptions extract;
  extract.machine = machine.name.str();
  begin(options, "finding patterns");
  if (failed(runPasses(*program.module, [&](OpPassManager &pm) {
        buildImportToLinalg(pm);
        buildFindPatterns(pm, sparsify);
        pm.addPass(createExtractGatherKernels(extract));
      })))
    return failure();
  listKernels(*program.module, /*wide=*/true, program.kernels);
  if (auto list = (*program.module)->getAttrOfType<ArrayAttr>("gs.left_out"))
    for (auto pair : list.getAsRange<ArrayAttr>())
      program.leftOut.emplace_back(cast<StringAttr>(pair[0]).str(), cast<StringAttr>(pair[1]).str());
  return program;
}

LogicalResult mlir::gs::lowerGatherKernels(GatherProgram &program, const CompileOptions &options) {
  begin(options, "generating kernels");
  ModuleOp module = *program.module;
  ConvertGSToGatherOptions convert;
  convert.machine = program.machine->name.str();
  convert.wideSums = llvm::any_of(program.kernels, [](const GatherKernel &kernel) { return !kernel.scales.empty(); });
  if (failed(runPasses(module, [&](OpPassManager &pm) { pm.addPass(createConvertGSToGather(convert)); })))
    return failure();
  for (func::FuncOp function : module.getOps<func::FuncOp>())
    if (llvm::none_of(program.kernels, [&](const GatherKernel &k) { return k.name == function.getName(); }))
      return function.emitError() << "function '" << function.getName()
                                  << "' is no product or convolution of its argument; leave it out";
  module->removeAttr("gs.left_out");
  return runPasses(module, [](OpPassManager &pm) {
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    pm.addPass(memref::createExpandStridedMetadataPass());
    pm.addPass(createSCFToControlFlowPass());
    pm.addPass(createConvertVectorToLLVMPass());
    pm.addPass(createFinalizeMemRefToLLVMConversionPass());
    ConvertFuncToLLVMPassOptions func;
    func.useBarePtrCallConv = true;
    pm.addPass(createConvertFuncToLLVMPass(func));
    pm.addPass(createArithToLLVMConversionPass());
    pm.addPass(createConvertControlFlowToLLVMPass());
    pm.addPass(createConvertIndexToLLVMPass());
    pm.addPass(createReconcileUnrealizedCastsPass());
  });
}
