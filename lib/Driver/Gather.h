//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Subcommands where the result is gather kernels of single layers.
//
//===----------------------------------------------------------------------===//
#ifndef GS_LIB_DRIVER_GATHER_H
#define GS_LIB_DRIVER_GATHER_H

#include "Commands.h"

namespace mlir::gs::driver {

/// What `gsc compile` writes.
struct GatherOutput {
  bool mlir = false; ///< the module of the gs dialect
  EmitKind kind = EmitKind::Object;
  std::string file, reportFile;
};

/// Writes the kernels; notes tell which layers have none.
int compileGather(Session &session, ModelOptions &options, const GatherOutput &output);
/// Lists them, and says of the other layers why they have none.
int explainGather(Session &session, ModelOptions &options, StringRef jsonFile);

} // namespace mlir::gs::driver

#endif // GS_LIB_DRIVER_GATHER_H
