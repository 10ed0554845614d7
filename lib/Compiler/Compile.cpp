//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From an ONNX file to the LLVM dialect.
//
//===----------------------------------------------------------------------===//
#include "gs/Compiler/Compile.h"
#include "gs/Conversion/GSToGSE/Launches.h"
#include "gs/Dialect/Check/IR/CheckDialect.h"
#include "gs/Dialect/GS/IR/Contraction.h"
#include "gs/Dialect/GSE/IR/GSEDialect.h"
#include "gs/Dialect/ONNX/IR/ONNXDialect.h"
#include "gs/Pipelines/Pipelines.h"
#include "gs/Runtime/gsrt.h"
#include "gs/Target/TargetRegistry.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <chrono>

using namespace mlir;
using namespace mlir::gs;

void mlir::gs::registerCompilerDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registry.insert<GSDialect, gse::GSEDialect, onnx::ONNXDialect, check::CheckDialect>();
  registerLaunchBufferization(registry);
}

static double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// gsrt_dtype of an element type; 0 if the runtime has none.
static int32_t dtypeOf(Type type) {
  if (type.isF32())
    return GSRT_F32;
  if (type.isF64())
    return GSRT_F64;
  if (type.isF16())
    return GSRT_F16;
  if (type.isBF16())
    return GSRT_BF16;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return 0;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return GSRT_BOOL;
  case 8:
    return isUnsigned ? GSRT_U8 : GSRT_I8;
  case 16:
    return isUnsigned ? GSRT_U16 : GSRT_I16;
  case 32:
    return isUnsigned ? GSRT_U32 : GSRT_I32;
  case 64:
    return isUnsigned ? GSRT_U64 : GSRT_I64;
  default:
    return 0;
  }
}

/// Names, types and shapes of the network function, while its signature still is that of the model.
static LogicalResult describe(func::FuncOp function, ModelInfo &info) {
  auto add = [&](Type type, Attribute name, const char *what, unsigned i,
                 std::vector<TensorInfo> &list) -> LogicalResult {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !tensor.hasStaticShape() || !dtypeOf(tensor.getElementType()))
      return function.emitError() << what << " #" << i << " has type " << type
                                  << ", which a compiled model cannot have; it needs a static shape and a numeric type";
    auto text = dyn_cast_or_null<StringAttr>(name);
    list.push_back({text ? text.str() : (what + Twine(i)).str(), dtypeOf(tensor.getElementType()),
                    std::vector<int64_t>(tensor.getShape().begin(), tensor.getShape().end())});
    return success();
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (failed(add(function.getArgument(i).getType(), function.getArgAttr(i, "onnx.name"), "input", i, info.inputs)))
      return failure();
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    if (failed(add(function.getResultTypes()[i], function.getResultAttr(i, "onnx.name"), "output", i, info.outputs)))
      return failure();
  return success();
}

/// Verifying large constants again after each of dozens of passes takes a fifth of the time. Without assertions, the
/// verifier runs where one phase hands its module to the next.
#ifdef NDEBUG
static constexpr bool verifyEveryPass = false;
#else
static constexpr bool verifyEveryPass = true;
#endif

static void begin(const CompileOptions &options, StringRef phase) {
  if (options.phase)
    options.phase(phase);
}

namespace {
/// Large constants live in the context. This frees those of one compilation as soon as its module no longer names them:
/// dense weights whose packed form has taken their place.
class ConstantScope {
public:
  explicit ConstantScope(MLIRContext *context)
      : blobs(DenseResourceElementsHandle::getManagerInterface(context).getBlobManager()) {
    blobs.getBlobMap([&](const auto &entries) {
      for (const auto &entry : entries)
        foreign.insert(entry.getKey());
    });
  }

  /// The constants of another module are not ours to free.
  void keepOf(ModuleOp other) { collect(other, foreign); }

  void freeUnused(ModuleOp module) {
    llvm::StringSet<> used;
    collect(module, used);
    SmallVector<std::string> unused;
    blobs.getBlobMap([&](const auto &entries) {
      for (const auto &entry : entries)
        if (!used.contains(entry.getKey()) && !foreign.contains(entry.getKey()) && entry.getValue().getBlob())
          unused.push_back(entry.getKey().str());
    });
    for (const std::string &key : unused)
      blobs.update(key, AsmResourceBlob());
  }

private:
  static void collect(ModuleOp module, llvm::StringSet<> &keys) {
    AttrTypeWalker walker;
    walker.addWalk([&](DenseResourceElementsAttr elements) { keys.insert(elements.getRawHandle().getKey()); });
    module->walk([&](Operation *op) { walker.walk(op->getAttrDictionary()); });
  }

  DialectResourceBlobManager &blobs;
  llvm::StringSet<> foreign; ///< constants of other modules in the context
};
} // namespace

/// Runs the passes that `build` adds, and verifies what they leave.
static LogicalResult runPhase(ModuleOp module, llvm::function_ref<void(OpPassManager &)> build) {
  PassManager pm(module.getContext());
  pm.enableVerifier(verifyEveryPass);
  build(pm);
  return success(succeeded(pm.run(module)) && succeeded(verify(module)));
}

template <typename Options> static void setOptions(Options &pipeline, const CompileOptions &options) {
  pipeline.target = options.target;
  pipeline.strategy = options.strategy;
  pipeline.codeBudget = options.codeBudget;
  pipeline.transformBudget = options.transformBudget;
  pipeline.chains = options.chains;
  pipeline.threads = options.threads;
  pipeline.dense = options.dense;
}

/// Import and everything up to patterns and layouts. `info`, `layers` and `importSeconds` may be null.
static FailureOr<OwningOpRef<ModuleOp>> findStructure(StringRef path, MLIRContext *context,
                                                      const CompileOptions &options, ConstantScope &constants,
                                                      ModelInfo *info, std::vector<LayerReport> *layers,
                                                      double *importSeconds) {
  auto start = std::chrono::steady_clock::now();
  begin(options, "importing the model");
  OwningOpRef<ModuleOp> module = onnx::importONNXFile(path, context, options.import);
  if (!module)
    return failure();
  if (importSeconds)
    *importSeconds = secondsSince(start);
  if (layers)
    *layers = listLayers(*module);
  begin(options, "converting its nodes");
  if (failed(runPhase(*module, buildImportToLinalg)))
    return failure();
  auto function = module->lookupSymbol<func::FuncOp>("main_graph");
  if (!function)
    return module->emitError("has no function 'main_graph'");
  if (info && failed(describe(function, *info)))
    return failure();
  begin(options, "finding patterns");
  SparsifyOptions sparsify;
  setOptions(sparsify, options);
  // What another machine takes must not be fused with what stays here.
  if (options.offload) {
    if (failed(runPhase(*module, [&](OpPassManager &pm) { buildFindPatterns(pm, sparsify); })))
      return failure();
    FailureOr<ModuleOp> taken = options.offload(*module);
    if (failed(taken))
      return failure();
    constants.keepOf(*taken);
  }
  if (failed(runPhase(*module, [&](OpPassManager &pm) { buildFindStructure(pm, sparsify); })))
    return failure();
  constants.freeUnused(*module);
  return module;
}

/// Import and everything up to packed weights. `info`, `layers` and `importSeconds` may be null.
static FailureOr<OwningOpRef<ModuleOp>> front(StringRef path, MLIRContext *context, const CompileOptions &options,
                                              ModelInfo *info, std::vector<LayerReport> *layers,
                                              double *importSeconds) {
  ConstantScope constants(context);
  FailureOr<OwningOpRef<ModuleOp>> found =
      findStructure(path, context, options, constants, info, layers, importSeconds);
  if (failed(found))
    return failure();
  OwningOpRef<ModuleOp> module = std::move(*found);
  if (options.beforeChoice && failed(options.beforeChoice(*module)))
    return failure();
  begin(options, "choosing kernels and packing weights");
  SparsifyOptions sparsify;
  setOptions(sparsify, options);
  if (failed(runPhase(*module, [&](OpPassManager &pm) { buildChooseKernels(pm, sparsify); })))
    return failure();
  constants.freeUnused(*module);
  if (layers) {
    fillLayers(*module, *layers);
    FailureOr<TargetSpec> target =
        resolveTarget(options.target, [&](const Twine &text) { module->emitError() << text; });
    if (failed(target))
      return failure();
    fillRoofs(*module, *target, *layers);
  }
  return module;
}

/// From packed weights to the LLVM dialect.
static LogicalResult lower(ModuleOp module, const CompileOptions &options, ModelInfo &info) {
  begin(options, "generating kernels");
  CompileCPUOptions cpu;
  setOptions(cpu, options);
  cpu.model = true;
  cpu.markLayers = options.markLayers;
  if (failed(runPhase(module, [&](OpPassManager &pm) {
        buildLowerToVector(pm, cpu);
        buildLowerToLLVM(pm, cpu);
      })))
    return failure();
  if (auto arena = module->getAttrOfType<IntegerAttr>("gs.arena_bytes"))
    info.arenaBytes = arena.getInt();
  if (auto names = module->getAttrOfType<ArrayAttr>("gs.layers"))
    for (Attribute name : names)
      info.layers.push_back(cast<StringAttr>(name).str());
  // What our passes told each other in attributes of arguments has no translation.
  module.walk([](FunctionOpInterface function) {
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      for (NamedAttribute attr : SmallVector<NamedAttribute>(function.getArgAttrs(i)))
        if (!isa_and_nonnull<LLVM::LLVMDialect>(attr.getNameDialect()))
          function.removeArgAttr(i, attr.getName());
  });
  // A call costs nothing beside a kernel, and one function of all kernels costs LLVM more than its share.
  module.walk([](LLVM::LLVMFuncOp function) {
    if (!function.isExternal() && function->hasAttr("gs.kernel"))
      function.setNoInline(true);
  });
  module.walk([&](LLVM::GlobalOp global) {
    if (auto elements = dyn_cast_or_null<ElementsAttr>(global.getValueOrNull()))
      info.weightBytes += elements.getNumElements() * elements.getElementType().getIntOrFloatBitWidth() / 8;
  });
  return success();
}

LogicalResult mlir::gs::compileModule(ModuleOp module, const CompileOptions &options, ModelInfo &info) {
  auto function = module.lookupSymbol<func::FuncOp>("main_graph");
  if (!function)
    return module.emitError("has no function 'main_graph'");
  SparsifyOptions sparsify;
  setOptions(sparsify, options);
  if (failed(describe(function, info)) ||
      failed(runPhase(module, [&](OpPassManager &pm) { buildChooseKernels(pm, sparsify); })))
    return failure();
  return lower(module, options, info);
}

FailureOr<OwningOpRef<ModuleOp>> mlir::gs::findStructureONNX(StringRef path, MLIRContext *context,
                                                             const CompileOptions &options,
                                                             std::vector<LayerReport> *layers) {
  ConstantScope constants(context);
  return findStructure(path, context, options, constants, nullptr, layers, nullptr);
}

FailureOr<OwningOpRef<ModuleOp>> mlir::gs::sparsifyONNX(StringRef path, MLIRContext *context,
                                                        const CompileOptions &options,
                                                        std::vector<LayerReport> *layers) {
  return front(path, context, options, nullptr, layers, nullptr);
}

FailureOr<CompiledModel> mlir::gs::compileONNX(StringRef path, MLIRContext *context, const CompileOptions &options) {
  CompiledModel result;
  auto start = std::chrono::steady_clock::now();
  FailureOr<OwningOpRef<ModuleOp>> module =
      front(path, context, options, &result.info, &result.layers, &result.importSeconds);
  if (failed(module))
    return failure();
  result.info.name = llvm::sys::path::stem(path).str();
  if (failed(lower(**module, options, result.info)))
    return failure();
  result.module = std::move(*module);
  result.lowerSeconds = secondsSince(start) - result.importSeconds;
  return result;
}
