//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels need of the buffers that they read.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_CONVERSION_GSTOVECTOR_PACKINGCHECKS_H
#define GS_LIB_CONVERSION_GSTOVECTOR_PACKINGCHECKS_H

#include "gs/Conversion/GSToVector/Strategy.h"

namespace mlir::gs {

/// Kernels read planes in whole vectors of the target.
LogicalResult verifyPlaneSlack(const Contraction &c, const TargetSpec &spec);

/// Kernels trust the buffers of a packed weight: they must be those that the strategy asks for, and every
/// displacement must be one that a column of this op has at most.
LogicalResult verifyPacking(const Contraction &c, CompressedConstantOp weight, const StorageRequest &request);

} // namespace mlir::gs

#endif // GS_LIB_CONVERSION_GSTOVECTOR_PACKINGCHECKS_H
