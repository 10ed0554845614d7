//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line of gsc.
//
//===----------------------------------------------------------------------===//
#ifndef GS_DRIVER_DRIVER_H
#define GS_DRIVER_DRIVER_H

namespace mlir::gs {

/// Runs `gsc` with these arguments. Returns the exit code: 0, or 1 after exactly one diagnostic on standard error.
int runDriver(int argc, const char *const *argv);

} // namespace mlir::gs

#endif // GS_DRIVER_DRIVER_H
