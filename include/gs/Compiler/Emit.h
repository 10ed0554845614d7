//===- Emit.h - From the LLVM dialect to a program ------------ -*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last phase: an MLIR module in the LLVM dialect and a description of its
// tensors become LLVM IR, an object, a shared library or an executable.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_EMIT_H
#define GS_COMPILER_EMIT_H

#include "gs/Target/TargetSpec.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/LogicalResult.h"
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace mlir::gs {

/// Receives one diagnostic: a single line with cause and remedy, without "error:" and without a newline.
using EmitErrorFn = llvm::function_ref<void(const llvm::Twine &)>;

/// Symbol of the network function in the module:
///   void gs_main_graph(void *const *inputs, void *const *outputs, void *arena, int64_t tid, int64_t nthreads,
///                      void *barrier)
inline constexpr llvm::StringLiteral kEntrySymbol = "gs_main_graph";

/// One input or output of the network.
struct TensorInfo {
  std::string name;
  int32_t dtype = 0;          ///< A gsrt_dtype (the numbers of ONNX TensorProto.DataType).
  std::vector<int64_t> shape; ///< Row-major extents, all known.
};

/// What the compiled model says of itself (`gsrt_model`).
struct ModelInfo {
  std::string name;                ///< As the user knows it.
  std::vector<TensorInfo> inputs;  ///< In the order of the entry's `inputs`.
  std::vector<TensorInfo> outputs; ///< In the order of the entry's `outputs`.
  int64_t arenaBytes = 0;          ///< Static arena for activations.
  int64_t weightBytes = 0;         ///< Bytes of constants in the image.
  int32_t defaultThreads = 0;      ///< 0: all cores.
  std::vector<std::string> layers; ///< Names for gsrt_layer marks; empty when the code has none.
};

/// What `--emit` asks for.
enum class EmitKind {
  Executable,    ///< A program with `--input`, `--benchmark`, `--describe`.
  SharedLibrary, ///< libX.so exporting X_*, and X.h beside it.
  Object,        ///< One relocatable X.o with the runtime inside, defining X_* only, and X.h beside it.
  LLVMIR,        ///< Optimised LLVM IR as text.
};

struct EmitOptions {
  EmitKind kind = EmitKind::Executable;
  std::string output;          ///< Path of the result; "-" is standard output, for LLVMIR.
  unsigned optLevel = 3;       ///< 0 to 3, of LLVM.
  bool removeOnSignal = false; ///< Signals remove what is half-written. Installs signal handlers: for tools only.
  std::function<void(llvm::StringRef)> phase; ///< Told the name of each phase when it begins; may be empty.
  std::string runtimeDir; ///< Folder of libGSRuntime.a; empty: GSC_RUNTIME_DIR, else ../lib of this program.
};

/// Seconds each step took; for reports.
struct EmitTimes {
  double translate = 0, optimize = 0, codegen = 0, link = 0;
};

/// `name` as a C identifier: with every character that C does not allow as '_', never empty and never with a
/// digit first.
std::string cIdentifier(llvm::StringRef name);

/// The X of the exported functions X_* and of the header X.h: that of the file libX.so or X.o that is written.
std::string exportPrefix(EmitKind kind, llvm::StringRef output);

/// Where a result goes when the user names no output: "NAME", "libX.so", "X.o" or "NAME.ll" in the current folder.
std::string defaultOutput(EmitKind kind, llvm::StringRef modelName);

/// Fails, with a diagnostic, if `output` cannot be written or nothing can link it. Called before the long work.
llvm::LogicalResult checkOutput(const TargetSpec &target, const EmitOptions &options, EmitErrorFn emitError);

/// Emit `module` for `target`. The module must be in the LLVM dialect and define kEntrySymbol; it is not changed. Files
/// take their names when they are complete; a failure leaves none.
llvm::LogicalResult emitModel(ModuleOp module, const ModelInfo &model, const TargetSpec &target,
                              const EmitOptions &options, EmitErrorFn emitError, EmitTimes *times = nullptr);

} // namespace mlir::gs

#endif // GS_COMPILER_EMIT_H
