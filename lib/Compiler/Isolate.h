//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One contraction as a program of its own, to be timed; private to the library.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_COMPILER_ISOLATE_H
#define GS_LIB_COMPILER_ISOLATE_H

#include "gs/Compiler/Tune.h"
#include "gs/Dialect/GS/IR/GSDialect.h"

namespace mlir::gs {

/// A module whose network is the contraction of `op` alone, on inputs instead of the values around it. Without
/// `choice` it has no strategy.
OwningOpRef<ModuleOp> isolate(Operation *op, StrategyAttr choice);

/// Compiles an isolated contraction to the file `scratch` and returns microseconds of one inference.
FailureOr<double> timeAlone(OwningOpRef<ModuleOp> module, const CompileOptions &compile, const TargetSpec &target,
                            StringRef scratch, RunProgramFn run, EmitErrorFn emitError);

} // namespace mlir::gs

#endif // GS_LIB_COMPILER_ISOLATE_H
