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

/// The first group of a weight without tiles that has columns on both sides of a cut, as a reason why it cannot be cut.
std::string firstGroupAcross(const EngineOp &op, int64_t cut);

/// The joined stream of a weight or of a part of it; groups by the packing of #gs.gather_scatter.
FailureOr<GroupStream> packGroups(const EngineOp &op, ArrayRef<int64_t> columnIndex);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_PACKGROUPS_H
