//===- TargetRegistry.h - Look-up of target records -------------*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Built-in target records (Targets.def), records read from JSON files, and the
// record that fits the host.
//
//===----------------------------------------------------------------------===//
#ifndef GS_TARGET_TARGETREGISTRY_H
#define GS_TARGET_TARGETREGISTRY_H

#include "gs/Target/TargetSpec.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/LogicalResult.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::gs {

/// Receives one diagnostic: a single line with cause and remedy, without "error:" and without a newline.
using TargetErrorFn = llvm::function_ref<void(const llvm::Twine &)>;

/// All built-in records, in the order of Targets.def.
llvm::ArrayRef<TargetSpec> getBuiltinTargets();

/// The record called `name`, or null.
const TargetSpec *findBuiltinTarget(llvm::StringRef name);

/// The record for this machine: a built-in one for a known processor, else the widest of `x86-64-v4` and `x86-64-v3`
/// that the CPU runs. `cores` is that of the host. Fails, with a diagnostic, on a CPU without AVX2 and FMA.
llvm::FailureOr<TargetSpec> detectHostTarget(TargetErrorFn emitError);

/// Resolve the value of `--target`: "native", a built-in name, or the path of a JSON record. Any value that contains
/// '/' or ends in ".json" is taken as a path. A suffix `@BITS` narrows the vectors of generated code ("zen4@256").
llvm::FailureOr<TargetSpec> resolveTarget(llvm::StringRef nameOrFile, TargetErrorFn emitError);

/// Read a record from JSON text. `origin` (a file name) leads the diagnostics. Unknown keys, wrong kinds and values
/// out of range are errors; a key "base" names a built-in record that fills in what the file leaves out.
llvm::FailureOr<TargetSpec> parseTarget(llvm::StringRef json, llvm::StringRef origin, TargetErrorFn emitError);

/// Write `spec` as JSON that parseTarget accepts; keys in the order of TargetSpec.
void printTarget(const TargetSpec &spec, llvm::raw_ostream &os);

/// Check the record's own consistency and derive `requiredCpuFeatures`.
llvm::LogicalResult finalizeTarget(TargetSpec &spec, llvm::StringRef origin, TargetErrorFn emitError);

/// True if the host runs code generated for `spec`; otherwise `missing` names the features it lacks.
bool hostSupports(const TargetSpec &spec, std::string *missing = nullptr);

/// Measure the facts of the host (a few seconds, one core) and return them as a record named `name`. Facts that
/// cannot be measured here keep the values of the detected record; `basis` says which were measured.
llvm::FailureOr<TargetSpec> calibrateHost(llvm::StringRef name, TargetErrorFn emitError,
                                          llvm::function_ref<void(llvm::StringRef)> progress);

} // namespace mlir::gs

#endif // GS_TARGET_TARGETREGISTRY_H
