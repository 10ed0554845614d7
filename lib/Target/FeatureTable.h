//===- FeatureTable.h - CPU features by name and bit ------------*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The features that the runtime checks at start (GSRT_CPU_*), under LLVM's names.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_FEATURETABLE_H
#define GS_LIB_TARGET_FEATURETABLE_H

#include "gs/Runtime/gsrt.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"
#include <optional>
#include <string>

namespace mlir::gs {

/// An instruction set that records may describe.
struct InstructionSet {
  llvm::Triple::ArchType arch;
  llvm::StringLiteral triple; ///< the one supported
  llvm::StringLiteral cpus;   ///< baselines, for diagnostics
};

/// The instruction set of `triple`, or null if programs for it cannot be made.
const InstructionSet *findInstructionSet(const llvm::Triple &triple);

/// The triples of all instruction sets, separated by ", ".
std::string knownTriples();

/// Bits of a published baseline: "x86-64-v2", "x86-64-v3", "x86-64-v4", "generic" (AArch64), "generic-rv64"; nothing
/// for another name.
std::optional<uint32_t> baselineFeatures(llvm::Triple::ArchType arch, llvm::StringRef cpu);

/// The bit of LLVM feature `name` (without sign), 0 if every machine of the architecture that runs Linux has it;
/// nothing if the runtime cannot check it.
std::optional<uint32_t> featureBit(llvm::Triple::ArchType arch, llvm::StringRef name);

/// The bits that vectors of `vectorBits` need.
uint32_t vectorFeatures(llvm::Triple::ArchType arch, unsigned vectorBits, uint32_t features);

/// The names of `bits`, separated by ", ".
std::string featureNames(uint32_t bits);

/// All names that featureBit knows, separated by ", ".
std::string knownFeatures(llvm::Triple::ArchType arch);

/// The bits of the machine this runs on, operating-system support included.
uint32_t hostFeatureBits();

} // namespace mlir::gs

#endif // GS_LIB_TARGET_FEATURETABLE_H
