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
#include <optional>
#include <string>

namespace mlir::gs {

/// Bits of a published baseline: "x86-64-v2", "x86-64-v3", "x86-64-v4"; nothing for another name.
std::optional<uint32_t> baselineFeatures(llvm::StringRef cpu);

/// The bit of LLVM feature `name` (without sign); nothing if the runtime cannot check it.
std::optional<uint32_t> featureBit(llvm::StringRef name);

/// The LLVM names of `bits`, separated by ", ".
std::string featureNames(uint32_t bits);

/// All names that featureBit knows, separated by ", ".
std::string knownFeatures();

/// The bits of the machine this runs on, operating-system support included.
uint32_t hostFeatureBits();

} // namespace mlir::gs

#endif // GS_LIB_TARGET_FEATURETABLE_H
