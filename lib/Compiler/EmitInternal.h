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
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"
#include <memory>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
class raw_pwrite_stream;
} // namespace llvm

namespace mlir::gs {

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

//===--- OutputFile.cpp ---------------------------------------------------===//

/// A file under construction: a temporary beside its final name, removed unless committed.
class OutputFile {
public:
  OutputFile() = default;
  OutputFile(OutputFile &&other) : finalPath(std::move(other.finalPath)), temporary(std::move(other.temporary)) {
    other.temporary.clear();
  }
  ~OutputFile();

  /// Makes the (empty) temporary for `path`. What exists under `path` and is no regular file (a device, a pipe) is
  /// written to at the end instead of being replaced; its temporary lies in the system's folder for them.
  llvm::LogicalResult create(llvm::StringRef path, EmitErrorFn emitError);
  /// Fills the temporary by `write`.
  llvm::LogicalResult write(llvm::function_ref<llvm::LogicalResult(llvm::raw_pwrite_stream &)> write,
                            EmitErrorFn emitError);
  /// Gives the temporary its final name.
  llvm::LogicalResult commit(EmitErrorFn emitError);
  /// Path of the temporary.
  llvm::StringRef path() const { return temporary; }
  /// Path of the result.
  llvm::StringRef target() const { return finalPath; }

private:
  std::string finalPath;
  std::string temporary;
};

//===--- Link.cpp ---------------------------------------------------------===//

/// Finds the archives of the runtime.
llvm::LogicalResult findRuntime(const EmitOptions &options, std::string &runtime, std::string &runtimeMain,
                                EmitErrorFn emitError);

/// Links `object` with the runtime into `result`, a file of `kind`.
llvm::LogicalResult linkModel(EmitKind kind, llvm::StringRef object, llvm::StringRef soName, llvm::StringRef prefix,
                              const EmitOptions &options, llvm::StringRef result, EmitErrorFn emitError);

} // namespace mlir::gs

#endif // GS_LIB_COMPILER_EMITINTERNAL_H
