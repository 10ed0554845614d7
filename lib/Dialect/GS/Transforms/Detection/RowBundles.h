//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bundles of rows whose residues balance each other.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_ROWBUNDLES_H
#define GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_ROWBUNDLES_H

#include "Detection.h"

namespace mlir::gs::detection {

/// An order of the rows in which bundles of `banks / width` neighbours store little for GS(banks, width): rows with
/// as many weights stand together, and of those the ones whose residues mod `banks` balance. Exact where few bundles
/// have rows with equally many weights, else by exchanging rows. Empty where no order is worth a look.
SmallVector<int64_t> balanceBundles(const Layer &layer, int64_t banks, int64_t width);

} // namespace mlir::gs::detection

#endif // GS_LIB_DIALECT_GS_TRANSFORMS_DETECTION_ROWBUNDLES_H
