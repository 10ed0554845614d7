//===- ProbeBarrier.h - The time of a barrier -------------------*- C++ -*-===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_TARGET_CPU_PROBEBARRIER_H
#define GS_LIB_TARGET_CPU_PROBEBARRIER_H

#include <string>

namespace mlir::gs {

/// Microseconds of one barrier of the runtime between two threads that arrive together, the least of several trials; 0
/// if this process has no two cores, or other programs never left them both to it for a trial. If the threads cannot be
/// had, a negative number and the reason in `error`.
double measureBarrier(std::string &error);

} // namespace mlir::gs

#endif // GS_LIB_TARGET_CPU_PROBEBARRIER_H
