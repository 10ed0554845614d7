//===- EmitInternal.h - Steps of the emission ----------------- -*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_COMPILER_EMITINTERNAL_H
#define GS_LIB_COMPILER_EMITINTERNAL_H

#include "gs/Compiler/Emit.h"
#include "gs/Compiler/OutputFile.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"
#include <chrono>
#include <memory>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
class raw_pwrite_stream;
} // namespace llvm

namespace mlir::gs {

/// Adds the time from its construction to its end to a number of seconds.
class StepTimer {
public:
  explicit StepTimer(double &seconds) : seconds(seconds) {}
  ~StepTimer() { seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }

private:
  double &seconds;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

//===--- EmitInterface.cpp ------------------------------------------------===//

/// Adds the gsrt_model descriptor, the exported functions PREFIX_* and, for an executable, what its main looks for.
/// Everything else in the module becomes internal.
llvm::LogicalResult addInterface(llvm::Module &module, const ModelInfo &model, const TargetSpec &target,
                                 llvm::StringRef prefix, bool executable, EmitErrorFn emitError);

//===--- EmitHeader.cpp ---------------------------------------------------===//

/// The C header of the exported functions.
std::string renderHeader(const ModelInfo &model, const TargetSpec &target, llvm::StringRef prefix);

//===--- EmitLLVM.cpp -----------------------------------------------------===//

/// The code generator for `target`, and nothing if LLVM does not know it.
std::unique_ptr<llvm::TargetMachine> makeTargetMachine(const TargetSpec &target, const ModelInfo &model,
                                                       unsigned optLevel, EmitErrorFn emitError);

/// Translates the LLVM dialect and sets triple, layout and per-function target attributes.
std::unique_ptr<llvm::Module> translateModule(ModuleOp module, const ModelInfo &model, const TargetSpec &target,
                                              llvm::TargetMachine &machine, llvm::LLVMContext &context,
                                              EmitErrorFn emitError);

/// Runs LLVM's pipeline of `optLevel`.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine, unsigned optLevel);

/// Writes the object of `module`.
llvm::LogicalResult writeObject(llvm::Module &module, llvm::TargetMachine &machine, llvm::raw_pwrite_stream &os,
                                EmitErrorFn emitError);

//===--- EmitParts.cpp ----------------------------------------------------===//

/// A module cut into the network with its constants, and parts of several kernels each, which refer to each other by
/// hidden symbols.
class EmitParts {
public:
  explicit EmitParts(ModuleOp module);

  /// The network: entry, constants and declarations of the kernels.
  ModuleOp network() const { return *modules.front(); }
  /// Gives what several parts use names that the linker sees.
  void shareNames(llvm::Module &module) const;
  /// Objects of the kernels, made on the threads of the context. Seconds are summed over threads.
  llvm::LogicalResult emitKernels(const ModelInfo &model, const TargetSpec &target, unsigned optLevel,
                                  EmitErrorFn emitError, EmitTimes &spent, std::vector<std::string> &objects) const;

private:
  /// OwningOpRef has no const access to what it owns.
  mutable std::vector<OwningOpRef<ModuleOp>> modules;
  std::vector<std::string> shared; ///< symbols that several parts use
};

//===--- Link.cpp ---------------------------------------------------------===//

/// Finds the archives of the runtime for `target`.
llvm::LogicalResult findRuntime(const TargetSpec &target, const EmitOptions &options, std::string &runtime,
                                std::string &runtimeMain, EmitErrorFn emitError);

/// Finds the archive with the main of programs of gather kernels.
llvm::LogicalResult findGatherMain(const TargetSpec &target, const EmitOptions &options, std::string &archive,
                                   EmitErrorFn emitError);

/// Links such a program.
llvm::LogicalResult linkGatherProgram(llvm::StringRef object, const TargetSpec &target, const EmitOptions &options,
                                      llvm::StringRef result, EmitErrorFn emitError);

/// Fails, with a diagnostic, if linkModel would find no linker or no runtime.
llvm::LogicalResult checkLinker(const TargetSpec &target, const EmitOptions &options, EmitErrorFn emitError);

/// Links `objects` with the runtime into `result`, a file of `kind`. Programs for another architecture than this one
/// are static: they run on machines, and under emulators, that have no C library of ours.
llvm::LogicalResult linkModel(EmitKind kind, llvm::ArrayRef<std::string> objects, llvm::StringRef soName,
                              llvm::StringRef prefix, const TargetSpec &target, const EmitOptions &options,
                              llvm::StringRef result, EmitErrorFn emitError);

} // namespace mlir::gs

#endif // GS_LIB_COMPILER_EMITINTERNAL_H
