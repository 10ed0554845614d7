//===- EmitLLVM.cpp - LLVM IR and objects ---------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmitInternal.h"
#include "gs/Runtime/gsrt.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include <mutex>

using namespace mlir::gs;

/// Above this, constants are addressed with 64-bit displacements: the small code model reaches 2 GB in all.
static constexpr int64_t kLargeWeights = int64_t(1) << 30;

namespace {
/// What every processor of an architecture has under Linux, and how its functions are called.
struct Baseline {
  const char *cpu, *features, *abi;
};
} // namespace

static Baseline baselineOf(const llvm::Triple &triple) {
  if (triple.isAArch64())
    return {"generic", "", ""};
  if (triple.isRISCV())
    return {"generic-rv64", "+m,+a,+f,+d,+c", "lp64d"};
  if (triple.getArch() == llvm::Triple::hexagon) // Calls of vectors depend on their length.
    return {"hexagonv67", "+hvxv67,+hvx-length128b", ""};
  return {"x86-64", "", ""};
}

/// The least length of scalable vectors, in units of the architecture, as `vscale_range`: vectors of fixed length up to
/// that are operations of such vectors then. Nothing without scalable vectors.
static std::optional<std::pair<unsigned, unsigned>> vscaleRange(const TargetSpec &target) {
  if (target.requiredCpuFeatures & GSRT_CPU_SVE)
    return std::pair(target.vectorBits / 128, 2048 / 128u);
  if (target.requiredCpuFeatures & GSRT_CPU_RVV)
    return std::pair(target.vectorBits / 64, 65536 / 64u);
  return std::nullopt;
}

std::unique_ptr<llvm::TargetMachine> mlir::gs::makeTargetMachine(const TargetSpec &target, const ModelInfo &model,
                                                                 unsigned optLevel, EmitErrorFn emitError) {
  static std::once_flag initialized; // Several threads make machines.
  std::call_once(initialized, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser(); // straight-line code is inline assembly
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeRISCVTargetInfo();
    LLVMInitializeRISCVTarget();
    LLVMInitializeRISCVTargetMC();
    LLVMInitializeRISCVAsmPrinter();
    LLVMInitializeHexagonTargetInfo();
    LLVMInitializeHexagonTarget();
    LLVMInitializeHexagonTargetMC();
    LLVMInitializeHexagonAsmPrinter();
    LLVMInitializeHexagonAsmParser(); // kernels wait for scatters in inline assembly
  });

  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found) {
    emitError("target '" + target.name + "': this LLVM cannot generate code for " + target.triple + " (" + error + ")");
    return nullptr;
  }
  llvm::TargetOptions options;
  // A product and a sum become one fused operation: faster, and rounded once instead of twice.
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  std::optional<llvm::CodeModel::Model> codeModel;
  // AArch64 reaches 4 GB as it is; RISC-V needs the model that addresses relative to the code.
  if (triple.isRISCV() || (triple.isX86() && model.weightBytes > kLargeWeights))
    codeModel = llvm::CodeModel::Medium;
  auto level = optLevel == 0   ? llvm::CodeGenOptLevel::None
               : optLevel == 1 ? llvm::CodeGenOptLevel::Less
               : optLevel == 2 ? llvm::CodeGenOptLevel::Default
                               : llvm::CodeGenOptLevel::Aggressive;
  const Baseline baseline = baselineOf(triple);
  options.MCOptions.ABIName = baseline.abi;
  // The machine is the plain baseline: the exported functions must run on every CPU, in order to refuse it. The code of
  // the network carries the target's features function by function.
  std::unique_ptr<llvm::TargetMachine> machine(found->createTargetMachine(
      triple, baseline.cpu, baseline.features, options, llvm::Reloc::PIC_, codeModel, level));
  if (!machine) {
    emitError("target '" + target.name + "': LLVM has no code generator for " + target.triple);
    return nullptr;
  }
  for (const std::string &cpu : {target.cpu, target.tuneCpu})
    if (!cpu.empty() && !machine->getMCSubtargetInfo()->isCPUStringValid(cpu)) {
      emitError("target '" + target.name + "': LLVM does not know the processor '" + cpu + "'");
      return nullptr;
    }
  return machine;
}

/// Reports the first error of LLVM through the callback instead of ending the process.
namespace {
struct ForwardDiagnostics : llvm::DiagnosticHandler {
  explicit ForwardDiagnostics(std::string &first) : first(first) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() == llvm::DS_Error && first.empty()) {
      llvm::raw_string_ostream os(first);
      llvm::DiagnosticPrinterRawOStream printer(os);
      info.print(printer);
    }
    return true;
  }
  std::string &first;
};
} // namespace

/// Large arrays as bytes: LLVM writes those at once, and others number by number.
static void makeBytes(llvm::Module &module) {
  for (llvm::GlobalVariable &global : llvm::make_early_inc_range(module.globals())) {
    auto *data =
        global.hasInitializer() ? llvm::dyn_cast<llvm::ConstantDataSequential>(global.getInitializer()) : nullptr;
    if (!data || data->isString() || data->getRawDataValues().size() < 4096)
      continue;
    llvm::Constant *bytes = llvm::ConstantDataArray::getRaw(data->getRawDataValues(), data->getRawDataValues().size(),
                                                            llvm::Type::getInt8Ty(module.getContext()));
    auto *replacement =
        new llvm::GlobalVariable(module, bytes->getType(), global.isConstant(), global.getLinkage(), bytes, "", &global,
                                 global.getThreadLocalMode(), global.getAddressSpace());
    replacement->copyAttributesFrom(&global);
    replacement->takeName(&global);
    global.replaceAllUsesWith(replacement);
    global.eraseFromParent();
  }
}

std::unique_ptr<llvm::Module> mlir::gs::translateModule(ModuleOp module, const ModelInfo &model,
                                                        const TargetSpec &target, llvm::TargetMachine &machine,
                                                        llvm::LLVMContext &context, EmitErrorFn emitError) {
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  std::unique_ptr<llvm::Module> result = mlir::translateModuleToLLVMIR(module, context, model.name);
  if (!result) {
    emitError("the lowered module cannot be translated to LLVM IR; an operation outside the LLVM dialect is left");
    return nullptr;
  }
  result->setTargetTriple(machine.getTargetTriple());
  result->setDataLayout(machine.createDataLayout());

  for (llvm::Function &function : *result) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", target.cpu);
    if (!target.tuneCpu.empty())
      function.addFnAttr("tune-cpu", target.tuneCpu);
    if (!target.features.empty())
      function.addFnAttr("target-features", target.features);
    function.addFnAttr("prefer-vector-width", std::to_string(target.vectorBits));
    function.addFnAttr("min-legal-vector-width", std::to_string(target.vectorBits));
    if (auto range = vscaleRange(target))
      function.addFnAttr(llvm::Attribute::getWithVScaleRangeArgs(context, range->first, range->second));
    function.addFnAttr("no-trapping-math", "true");
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  // Weights and tables are loaded as whole vectors.
  for (llvm::GlobalVariable &global : result->globals())
    if (!global.isDeclaration() && global.getValueType()->isArrayTy() &&
        result->getDataLayout().getTypeAllocSize(global.getValueType()) >= 64 &&
        global.getAlign().valueOrOne() < llvm::Align(64))
      global.setAlignment(llvm::Align(64));
  // Objects carry the convention of calls, which the linker compares.
  if (machine.getTargetTriple().isRISCV())
    result->addModuleFlag(llvm::Module::Error, "target-abi",
                          llvm::MDString::get(context, baselineOf(machine.getTargetTriple()).abi));
  makeBytes(*result);
  return result;
}

void mlir::gs::optimizeModule(llvm::Module &module, llvm::TargetMachine &machine, unsigned optLevel) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = optLevel > 1;
  tuning.SLPVectorization = optLevel > 1;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  auto level = optLevel == 0   ? llvm::OptimizationLevel::O0
               : optLevel == 1 ? llvm::OptimizationLevel::O1
               : optLevel == 2 ? llvm::OptimizationLevel::O2
                               : llvm::OptimizationLevel::O3;
  llvm::ModulePassManager passes =
      optLevel == 0 ? builder.buildO0DefaultPipeline(level) : builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
}

llvm::LogicalResult mlir::gs::writeObject(llvm::Module &module, llvm::TargetMachine &machine,
                                          llvm::raw_pwrite_stream &os, EmitErrorFn emitError) {
  std::string error;
  module.getContext().setDiagnosticHandler(std::make_unique<ForwardDiagnostics>(error));
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, llvm::CodeGenFileType::ObjectFile)) {
    emitError("LLVM cannot write objects for " + module.getTargetTriple().str());
    return llvm::failure();
  }
  passes.run(module);
  if (!error.empty()) {
    emitError("code generation failed: " + error);
    return llvm::failure();
  }
  return llvm::success();
}
