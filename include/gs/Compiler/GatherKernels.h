//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gather kernels of single layers: functions for a machine that does not run whole networks.
//
//===----------------------------------------------------------------------===//
#ifndef GS_COMPILER_GATHERKERNELS_H
#define GS_COMPILER_GATHERKERNELS_H

#include "gs/Compiler/Compile.h"
#include "gs/Target/GatherMachine.h"

namespace mlir::gs {

/// One kernel: void NAME(const T *x, U *y).
struct GatherKernel {
  std::string name;           ///< a C identifier; the prefix of the file comes in front of it
  std::string node;           ///< of the network; "" if there is none
  std::string op;             ///< "Conv" or "MatMul"
  std::string shape;          ///< of the weight
  std::string pattern;        ///< "#gs.gather_scatter<...>"
  double density = 1;         ///< of the weight
  std::vector<double> scales; ///< what a step of a row of fixed-point weights is worth; empty: weights are the module's
  TensorInfo input, output;   ///< row-major
};

struct GatherProgram {
  OwningOpRef<ModuleOp> module; ///< the gs dialect, then the LLVM dialect
  const GatherMachine *machine = nullptr;
  std::vector<GatherKernel> kernels;
  std::vector<std::pair<std::string, std::string>> leftOut; ///< nodes without a kernel, and why
};

/// True if `path` is a module in text or bytecode, whose functions are products, and no network.
bool isProductModule(StringRef path);

/// Products of a module, or the layers of a network that the machine can gather for: `module` in the gs dialect.
FailureOr<GatherProgram> findGatherKernels(StringRef path, MLIRContext *context, const CompileOptions &options,
                                           const GatherMachine &machine);

/// From there to the LLVM dialect.
LogicalResult lowerGatherKernels(GatherProgram &program, const CompileOptions &options);

/// The target record that stands for the machine where code is generated.
TargetSpec recordOf(const GatherMachine &machine);

/// Fails, with a diagnostic, if nothing can link a program or the output cannot be written.
llvm::LogicalResult checkGatherOutput(const GatherMachine &machine, const EmitOptions &options, EmitErrorFn emitError);

/// Writes an object with a header beside it, a program that runs one kernel, or LLVM IR. Not a shared library.
llvm::LogicalResult emitGatherKernels(const GatherProgram &program, const EmitOptions &options, EmitErrorFn emitError);

} // namespace mlir::gs

#endif // GS_COMPILER_GATHERKERNELS_H
