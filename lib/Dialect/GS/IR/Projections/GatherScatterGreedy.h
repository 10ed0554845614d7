//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fast choices of units in one bundle of #gs.gather_scatter.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_IR_PROJECTIONS_GATHERSCATTERGREEDY_H
#define GS_LIB_DIALECT_GS_IR_PROJECTIONS_GATHERSCATTERGREEDY_H

#include "GatherScatterFlow.h"

namespace mlir::gs::detail {

/// Best units first under the two counts of the pattern (k n per row, n per residue); what is left open is filled along
/// augmenting paths. Marks units of `groups` groups; false if the bundle has no room for so many.
bool chooseByCounts(const BundleScores &scores, int64_t banks, int64_t width, int64_t groups,
                    MutableArrayRef<uint8_t> kept);

/// The published choice: group by group, B times the best unit whose residue and whose row have room in the group.
/// False if a group stays unfinished.
bool chooseByGroups(const BundleScores &scores, int64_t banks, int64_t width, int64_t groups,
                    MutableArrayRef<uint8_t> kept);

} // namespace mlir::gs::detail

#endif // GS_LIB_DIALECT_GS_IR_PROJECTIONS_GATHERSCATTERGREEDY_H
