//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rows of any mask, for kernels that know no pattern.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOGSE_PACKROWS_H
#define GS_LIB_CONVERSION_GSTOGSE_PACKROWS_H

#include "EngineStrategy.h"

namespace mlir::gs {

/// Why rows of this op cannot be executed weight by weight; empty if they can.
std::string refusesRows(const EngineOp &op, const EngineVariant &variant);

/// Columns that a row keeps, ascending.
std::vector<int64_t> keptColumns(const EngineOp &op, int64_t row);

/// Fills lanes up to the number of banks, and those of index -1, with zeros that read one of the zeros behind the
/// vector, each in a sub-bank that no other lane of the group asks if there is one.
void fillLanes(const EngineOp &op, SmallVectorImpl<GroupWriter::Lane> &lanes);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOGSE_PACKROWS_H
