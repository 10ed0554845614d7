//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Launches of kernels in the host's part of a network.
//
//===----------------------------------------------------------------------===//
#ifndef GS_CONVERSION_GSTOGSE_LAUNCHES_H
#define GS_CONVERSION_GSTOGSE_LAUNCHES_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::gs {

/// Lets `gse.launch` bufferize to a call of the function that gse-outline-launches made for it: inputs, then results,
/// all contiguous buffers.
void registerLaunchBufferization(DialectRegistry &registry);

} // namespace mlir::gs

#endif // GS_CONVERSION_GSTOGSE_LAUNCHES_H
