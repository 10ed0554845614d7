//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of pattern #gs.gather_scatter, packed as the engine reads them.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_PACKGROUPS_H
#define GS_LIB_CONVERSION_GSTOGSE_PACKGROUPS_H

#include "EngineStrategy.h"

namespace mlir::gs {

/// Why groups of this weight cannot be gathered from the machine's sub-banks without conflicts; empty if they can.
std::string refusesGroups(const EngineOp &op, const EngineVariant &variant);

/// The joined stream of a weight; groups by the pattern's own packing.
FailureOr<GroupStream> packGroups(const EngineOp &op, ArrayRef<int64_t> columnIndex);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_PACKGROUPS_H
